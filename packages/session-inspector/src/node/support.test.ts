import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type OpenPageOptions, openPage } from "browser-testing";
import { Recorder } from "session-recorder";
import { createHandler } from "./handler.js";

export type Page = Awaited<ReturnType<typeof openPage>>;

const token = "a-token-that-nobody-may-see";

/** The page on a handler, with whatever the test makes of its steps. Its faults fail the test. */
async function openOn(t: TestContext, handler: Parameters<typeof createServer>[1], options: OpenPageOptions) {
  const server = createServer(handler!).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const faults: string[] = [];
  const view = await openPage(t, {
    server: { origin: `http://127.0.0.1:${port}`, port },
    path: `/#${token}`,
    ...options,
  });
  view.on("pageerror", (error) => faults.push(String(error)));
  t.after(() => assert.deepEqual(faults, []));
  return view;
}

/** A page whose steps the test writes, line by line, as a server may or a hostile one might. */
export async function openScripted(t: TestContext, options: OpenPageOptions = {}) {
  const own = createHandler({ recorder: new Recorder({ now: () => 0 }), token, names: [] });
  const connections: ServerResponse[] = [];
  let arrived = (): void => {};
  const view = await openOn(
    t,
    (request, response) => {
      if (request.url !== "/steps") return own(request, response);
      response.writeHead(200, { "content-type": "application/x-ndjson" });
      response.flushHeaders();
      connections.push(response);
      arrived();
    },
    options,
  );
  return {
    view,
    token,
    /** The connection of this number, from 0, as soon as it is there. */
    async connection(number: number): Promise<ServerResponse> {
      while (connections.length <= number) await new Promise<void>((resolve) => (arrived = resolve));
      return connections[number]!;
    },
  };
}

/** A page on a recorder that the test feeds. */
export async function openRecorded(t: TestContext, recorder: Recorder) {
  return openOn(t, createHandler({ recorder, token, names: [] }), {});
}

export const header = JSON.stringify({ recording: 1, payloads: false });

export function rowLine(row: number, more: object = {}): string {
  return JSON.stringify({ handler: "row", row, role: "server", dialect: "camp", session: `…${row}`, atMs: 0, ...more });
}

/** A step of a row; by default a message that came in. */
export function stepLine(row: number, number: number, more: object = {}): string {
  const frame = more && "event" in more ? {} : { direction: "in", frame: "utf8data ack=1 payload=5B", bytes: 5 };
  return JSON.stringify({ row, handler: "receive", number, atMs: number, ...frame, ...more });
}

export function write(to: ServerResponse, ...lines: string[]): void {
  to.write(`${lines.join("\n")}\n`);
}

/** The box of a step in the picture. */
export const box = (view: Page, number: number) => view.locator(`[data-node]:has(.stree-index:text-is("${number}"))`);

export const standing = (view: Page) => view.locator(".stree-bar output");

/** A figure above the picture. */
export const figure = (view: Page, name: string) =>
  view.locator(".counters div", { has: view.getByText(name, { exact: true }) }).locator("dd");

export const detail = (view: Page) => view.getByRole("region", { name: "The chosen step" });
