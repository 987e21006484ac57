import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type OpenPageOptions, openPage } from "browser-testing";
import { type MessengerServing, serveMessenger } from "messenger/server";
import { createPages } from "../server/pages.js";

// What the tests of this folder share: a server, and people with a browser each.

export type Page = Awaited<ReturnType<typeof openPage>>;

const pages = createPages({ folder: fileURLToPath(new URL("../bundle", import.meta.url)), token: "messenger" });

/** A messenger that can be stopped and started again where it was. */
export class Server {
  readonly #dataDir: string;
  #serving: MessengerServing | null = null;
  #port = 0;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  get port(): number {
    return this.#port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#serving = await serveMessenger({ dataDir: this.#dataDir, port: this.#port, host: "127.0.0.1", pages });
    this.#port = this.#serving.port;
  }

  async stop(): Promise<void> {
    await this.#serving?.close();
    this.#serving = null;
  }
}

export async function startServer(t: TestContext): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), "messenger-e2e-"));
  const server = new Server(dataDir);
  await server.start();
  t.after(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return server;
}

/** Somebody with a browser of their own, who has opened a page and said a name. */
export async function person(
  t: TestContext,
  server: Server,
  name: string,
  {
    path = "/",
    ...options
  }: Pick<OpenPageOptions, "path" | "colorScheme" | "viewport" | "locale" | "permissions" | "browser"> = {},
): Promise<Page> {
  const page = await openPage(t, { server, path, ...options });
  await page.locator("#name").fill(name);
  await page.locator("#name").press("Enter");
  return page;
}

/** A link, as it stands in the dialog, which stays open. */
export async function invite(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Invite somebody" }).last().click();
  return page.getByLabel("Invitation link").inputValue();
}

/** Two who have become contacts by a link. */
export async function pair(t: TestContext, server: Server, options: Parameters<typeof person>[3] = {}) {
  const alice = await person(t, server, "Alice", options);
  const link = await invite(alice);
  const bob = await person(t, server, "Bob", { ...options, path: new URL(link).pathname + new URL(link).hash });
  await field(alice).waitFor();
  await field(bob).waitFor();
  return { alice, bob, link };
}

export function field(page: Page) {
  return page.getByRole("textbox", { name: "Your message" });
}

export async function write(page: Page, text: string): Promise<void> {
  await field(page).fill(text);
  await field(page).press("Enter");
}

/** Types and sends faster than any of it can be sent, and goes on typing. */
export async function writeAtOnce(page: Page, texts: readonly string[], begun: string): Promise<void> {
  await field(page).evaluate(
    (field: HTMLTextAreaElement, { texts, begun }) => {
      const type = (text: string) => {
        field.value = text;
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      };
      for (const text of texts) {
        type(text);
        field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      }
      type(begun);
    },
    { texts, begun },
  );
}

/** A message of the conversation that is open. */
export function message(page: Page, text: string | RegExp) {
  return page.getByRole("log").getByRole("article").filter({ hasText: text });
}

/** How far one of one's own messages has come. */
export function status(page: Page, text: string, name: string) {
  return message(page, text).getByRole("img", { name, exact: true });
}
