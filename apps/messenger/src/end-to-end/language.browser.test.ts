import assert from "node:assert/strict";
import { test } from "node:test";
import { de } from "../page/texts/de.js";
import { en } from "../page/texts/en.js";
import { message, type Page, person, startServer } from "./support.js";

/** Every text of a language, also those with something to fill in. */
function textsOf(words: object): string[] {
  return Object.values(words).flatMap((word: unknown) => {
    if (typeof word === "string") return [word];
    if (typeof word === "function") return [word("Bernd", "100 MB"), word(1), word(3)];
    return textsOf(word as object);
  });
}

const german = new Set(textsOf(de));
/** What only English says. */
const english = new Set(textsOf(en).filter((text) => !german.has(text)));

/** Short ones only as a whole: "on" is also in German words. */
function isEnglish(word: string): boolean {
  return english.has(word) || [...english].some((text) => text.length > 8 && word.includes(text));
}

/** What somebody sees or hears of the page: texts, labels, placeholders. */
async function wordsOf(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    const words = [document.title];
    while (walker.nextNode() !== null) words.push(walker.currentNode.textContent ?? "");
    for (const element of document.querySelectorAll("*")) {
      for (const name of ["aria-label", "title", "placeholder", "alt"]) words.push(element.getAttribute(name) ?? "");
    }
    return words;
  });
  return texts.map((text) => text.trim()).filter((text) => text !== "");
}

test("who wants German gets German, and no word of English", async (t) => {
  const server = await startServer(t);
  const seen = new Set<string>();
  const look = async (page: Page) => {
    const words = await wordsOf(page);
    assert.deepEqual(words.filter(isEnglish), []);
    for (const word of words) if (german.has(word)) seen.add(word);
  };
  const options = { locale: "de-DE" };
  const anna = await person(t, server, "Anna", options);
  assert.equal(await anna.evaluate(() => document.documentElement.lang), "de");
  await anna.getByRole("heading", { name: de.list.emptyTitle }).waitFor();
  await look(anna);
  await anna.getByRole("button", { name: de.list.haveLink }).click();
  await anna.getByLabel(de.accept.link).fill("kein Link");
  await look(anna);
  await anna.keyboard.press("Escape");
  await anna.getByRole("button", { name: de.list.settings }).click();
  await look(anna);
  await anna.getByRole("button", { name: de.settings.about }).click();
  await anna.getByRole("heading", { name: de.about.protects, exact: true }).waitFor();
  await look(anna);
  await anna.keyboard.press("Escape");
  await anna.getByRole("button", { name: de.list.invite }).last().click();
  const link = await anna.getByLabel(de.invite.link).inputValue();
  await look(anna);

  const bernd = await anna
    .context()
    .browser()!
    .newContext(options)
    .then((context) => context.newPage());
  t.after(() => bernd.context().close());
  await bernd.goto(link);
  await bernd.locator("#name").fill("Bernd");
  await look(bernd);
  await bernd.locator("#name").press("Enter");
  await bernd.getByRole("textbox", { name: de.composer.label }).fill("Guten Tag");
  await bernd.keyboard.press("Enter");
  await message(bernd, "Guten Tag").getByRole("img", { name: de.status.delivered }).waitFor();
  await look(bernd);
  await message(anna, "Guten Tag").waitFor();
  await anna.getByRole("button", { name: de.contact.details("Bernd") }).click();
  await anna.getByRole("button", { name: de.safety.confirm }).click();
  await anna.getByText(de.safety.isVerified).waitFor();
  await look(anna);
  await anna.keyboard.press("Escape");
  await server.stop();
  await anna.getByText(de.connection.waiting).waitFor();
  await look(anna);
  assert.ok(seen.size >= 60, `only ${seen.size} texts were looked at`);
});
