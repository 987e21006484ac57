import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openPage } from "browser-testing";
import { startServer } from "./support.test.js";

// The page of examples/browser, used as its reader would.

const program = fileURLToPath(new URL("../../../examples/browser/server.mjs", import.meta.url));

async function startExample(t: TestContext): Promise<string> {
  const env = { ...process.env, PORT: "0" };
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "inherit"] });
  t.after(async () => {
    const ended = once(child, "close");
    child.kill("SIGTERM");
    await ended;
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  return /http\S+/.exec(line)![0];
}

const state = (name: string) => `#state[data-state="${name}"]`;

test("the example connects, echoes, pauses, cuts and cancels a file, and says what is wrong", async (t) => {
  const address = await startExample(t);
  const page = await openPage(t);
  await page.goto(address);
  await page.click("#open");
  await page.waitForSelector(state("open"));
  await page.fill("#send input", "<b>hello</b>");
  await page.press("#send input", "Enter");
  await page.getByText("echo: <b>hello</b>").waitFor();

  /** Drops a file and presses a button before anything of it can have left. */
  const dropAndPress = (button: string) =>
    page.evaluate((id) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([new Uint8Array(4_000_000)], "large.bin"));
      document.getElementById("drop")!.dispatchEvent(new DragEvent("drop", { dataTransfer }));
      document.getElementById(id)!.click();
    }, button);

  await dropAndPress("pause");
  await page.getByText("Go on").waitFor();
  await dropAndPress("send");
  await page.getByText("large.bin was not sent: one file at a time").waitFor();
  await page.click("#cut");
  await page.getByText("connected, nothing was lost").waitFor();
  await page.click("#pause");
  await page.getByText("4000000 bytes arrived").waitFor();
  await page.getByText("4.0 MB sent").waitFor();

  await dropAndPress("cancel");
  await page.getByText("cancelled").waitFor();

  await page.click("#close");
  await page.waitForSelector(state("closed"));
  await dropAndPress("send");
  await page.getByText("large.bin was not sent: connect first").waitFor();

  await page.fill("input[name=token]", "wrong");
  await page.click("#open");
  await page.waitForSelector(state("failed"));
  const told = (await page.textContent("#state")) ?? "";
  assert.match(told, /^UNAUTHORIZED/);
  assert.doesNotMatch(told, /wrong/);

  // A server of another origin, as the field "Server" lets the reader choose.
  const other = await startServer(t);
  await page.fill("input[name=host]", `127.0.0.1:${other.port}`);
  await page.fill("input[name=token]", "secret");
  await page.click("#open");
  await page.waitForSelector(state("open"));
});
