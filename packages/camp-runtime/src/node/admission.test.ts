import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, type TestContext, test } from "node:test";
import type { WebSocket } from "ws";
import { Admission, type AdmissionConfig } from "./admission.js";
import type { AdmittedUpgrade, Connection, Dialect, Running } from "./dialect.js";
import { endsWithItsConnection, FakeEngine } from "./fake-engine.test.js";
import { takeUpgrades } from "./http-host.js";
import { Quotas } from "./quotas.js";
import { answerOf, headOf, type RawAnswer, send, upgradeRequest } from "./raw-upgrade.test.js";
import { type Refusal, refusals } from "./refusal.js";
import { Registry } from "./registry.js";
import type { Parameters } from "./upgrade-request.js";
import type { TokenValidator, ValidationContext } from "./validation.js";
import { VirtualClocks } from "./virtual-clocks.test.js";

const token = "s3cret+/=token";
const authorization = `authorization=${encodeURIComponent(`Bearer ${token}`)}`;
const target = (id: string) => `/camp?${authorization}&id=${id}`;

class ProbedEngine extends FakeEngine {
  readonly #events: string[];

  constructor(events: string[]) {
    super();
    this.#events = events;
  }

  override probe(): void {
    super.probe();
    this.#events.push("probe");
  }
}

interface FakeSession extends Omit<AdmittedUpgrade<string>, "judge" | "closed">, Connection {
  readonly messages: string[];
}

/** A dialect whose ids are words and whose sessions only keep what they hear. */
class FakeDialect implements Dialect<FakeSession> {
  readonly name = "fake";
  readonly subprotocol = "fake";
  readonly idName = "id";
  readonly messageBytesMax = 100;
  readonly waitingSessions = 0;
  readonly events: string[] = [];

  readSessionId(parameters: Parameters): string | Refusal {
    return parameters.named("id")[0] ?? refusals.badSessionId;
  }

  open(upgrade: AdmittedUpgrade<string>, connection: Connection): Running<FakeSession> {
    const session = { ...upgrade, ...connection, messages: [] as string[] };
    const { webSocket } = connection;
    webSocket.pause();
    webSocket.on("message", (data) => session.messages.push(String(data)));
    webSocket.on("close", () => upgrade.closed());
    const engine = new ProbedEngine(this.events);
    const start = () => {
      this.events.push("start");
      webSocket.resume();
    };
    return {
      session,
      engine,
      start,
      ...endsWithItsConnection,
    };
  }
}

type Options = Partial<AdmissionConfig<FakeSession>> & { validate?: TokenValidator["validate"] };

/** An admission behind an HTTP server, with time that stands still. */
async function setUp(t: TestContext, options: Options = {}) {
  const clocks = new VirtualClocks();
  const registry = new Registry<FakeSession>(clocks);
  const dialect = new FakeDialect();
  const told: { status: number; id: string | null; error?: Error }[] = [];
  const admission = new Admission<FakeSession>({
    dialects: [dialect],
    registry,
    validator: { validate: options.validate ?? (() => true) },
    deadlines: clocks,
    maxSessions: 100,
    quotas: new Quotas({ maxSessionsPerAddress: undefined, maxSessionsPerToken: Number.MAX_SAFE_INTEGER }),
    trustProxy: 0,
    maxPendingUpgrades: 100,
    validateTimeoutMs: 10_000,
    origins: undefined,
    admitted: (session) => dialect.events.push(`admitted ${session.id}`),
    refused: ({ status }, id, error) => told.push({ status, id, ...(error && { error }) }),
    openingFailed: (error) => assert.fail(error),
    ...options,
  });
  const server = createServer();
  takeUpgrades(server, undefined, (...upgrade) => admission.handle(...upgrade));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  t.after(() => {
    for (const { webSocket } of registry.sessions.values()) webSocket.terminate();
    server.close();
  });
  const request = (path: string, headers?: Record<string, string | undefined>) =>
    send(port, upgradeRequest(path, headers));
  const ask = async (path: string, headers?: Record<string, string | undefined>) =>
    answerOf(await request(path, headers));
  const enter = async (path: string, headers?: Record<string, string | undefined>) => {
    const socket = await request(path, headers);
    t.after(() => socket.destroy());
    return { socket, ...(await headOf(socket)) };
  };
  return { admission, clocks, registry, dialect, told, port, request, ask, enter };
}

/** A validator that answers when the test says so. */
function slowValidator() {
  const calls: { token: string; context: ValidationContext; answer: (admits: boolean) => void }[] = [];
  let called = (): void => {};
  return {
    calls,
    validate: (given: string, context: ValidationContext) =>
      new Promise<boolean>((answer) => {
        calls.push({ token: given, context, answer });
        called();
      }),
    /** Resolves once so many calls are waiting. */
    async waiting(count: number): Promise<void> {
      while (calls.length < count) await new Promise<void>((resolve) => (called = resolve));
    },
  };
}

/** A refusal must be a whole answer that says what to do and nothing of the token. */
function assertRefused(answer: RawAnswer, status: number): void {
  assert.equal(answer.status, status);
  assert.equal(answer.headers.connection, "close");
  assert.equal(Number(answer.headers["content-length"]), Buffer.byteLength(answer.body));
  assert.ok(answer.body.length > 10);
  const whole = JSON.stringify(answer);
  assert.ok(!whole.includes(token) && !whole.includes(encodeURIComponent(token)));
}

describe("an upgrade without fault", () => {
  test("is admitted, and hears nothing before whoever cares was told", async (t) => {
    const { enter, dialect, registry } = await setUp(t);
    const { status } = await enter(target("a"));
    assert.equal(status, 101);
    assert.deepEqual(dialect.events, ["admitted a", "start"]);
    assert.deepEqual([...registry.sessions.keys()], ["a"]);
  });

  test("loses no byte that came together with its request", async (t) => {
    const { port, registry } = await setUp(t);
    const frame = Buffer.from([0x82, 0x82, 0, 0, 0, 0, 0x68, 0x69]); // "hi", masked with zeros
    const socket = await send(port, Buffer.concat([Buffer.from(upgradeRequest(target("a"))), frame]));
    t.after(() => socket.destroy());
    await once(socket, "data");
    const session = registry.sessions.get("a")!;
    if (session.messages.length === 0) await once(session.webSocket, "message");
    assert.deepEqual(session.messages, ["hi"]);
  });

  test("leaves its id free when its session has ended", async (t) => {
    const { enter, registry } = await setUp(t);
    const { socket } = await enter(target("a"));
    const { webSocket } = registry.sessions.get("a")!;
    socket.destroy();
    await once(webSocket, "close");
    assert.equal(registry.size, 0);
    assert.equal((await enter(target("a"))).status, 101);
  });

  test("remembers how it was asked for, without credentials", async (t) => {
    const { enter, registry } = await setUp(t);
    await enter(`${target("a")}&room=7&Authorization2=x`, {
      Origin: "https://example.com",
      Cookie: "session=secret",
      Authorization: "Bearer other",
      "X-Custom": "yes",
      "Sec-WebSocket-Protocol": "fake",
    });
    const { info, remoteAddress } = registry.sessions.get("a")!;
    assert.equal(info.path, "/camp");
    assert.equal(info.query.toString(), "id=a&room=7&Authorization2=x");
    assert.equal(info.origin, "https://example.com");
    assert.equal(info.subprotocol, "fake");
    assert.equal(info.headers["x-custom"], "yes");
    assert.equal(info.headers.cookie, undefined);
    assert.equal(info.headers.authorization, undefined);
    assert.equal(remoteAddress, "127.0.0.1");
  });
});

describe("the subprotocol", () => {
  const cases: [offered: string | undefined, selected: string | undefined][] = [
    [undefined, undefined],
    ["fake", "fake"],
    ["other, fake", "fake"],
    ["other", undefined],
    ["FAKE", undefined],
  ];
  for (const [offered, selected] of cases) {
    test(`offered ${offered ?? "nothing"}: the answer names ${selected ?? "none"}`, async (t) => {
      const { enter } = await setUp(t);
      const { status, headers } = await enter(target("a"), { "Sec-WebSocket-Protocol": offered });
      assert.equal(status, 101);
      assert.equal(headers["sec-websocket-protocol"], selected);
    });
  }
});

describe("the token", () => {
  const accepted: [how: string, query: string, headers?: Record<string, string>][] = [
    ["as the parameter", authorization],
    ["as the parameter in capitals", authorization.replace("authorization", "AUTHORIZATION")],
    ["with a plus for the blank", `authorization=Bearer+${encodeURIComponent(token)}`],
    ["with a small letter in the scheme", `authorization=bearer%20${encodeURIComponent(token)}`],
    ["as a header", "", { Authorization: `Bearer ${token}` }],
    ["as the parameter, whatever the header says", authorization, { Authorization: "Basic x" }],
  ];
  for (const [how, query, headers] of accepted) {
    test(`is accepted ${how}`, async (t) => {
      const tokens: string[] = [];
      const { enter } = await setUp(t, { validate: (given) => tokens.push(given) > 0 });
      assert.equal((await enter(`/?id=a&${query}`, headers)).status, 101);
      assert.deepEqual(tokens, [token]);
    });
  }

  const refused: [how: string, query: string, headers?: Record<string, string>][] = [
    ["is missing", ""],
    ["is empty", "authorization="],
    ["has no scheme", `authorization=${encodeURIComponent(token)}`],
    ["has another scheme", `authorization=Basic%20${encodeURIComponent(token)}`],
    ["is only a scheme", "authorization=Bearer"],
    ["is blank", "authorization=Bearer%20%20"],
    ["is given twice", `${authorization}&${authorization}`],
    ["is given in two spellings", `${authorization}&Authorization=Bearer%20x`],
    ["is malformed as the parameter but not as the header", "authorization=x", { Authorization: `Bearer ${token}` }],
    ["is a header of another scheme", "", { Authorization: `Basic ${token}` }],
    ["is a header given twice", "", { Authorization: `Bearer ${token}\r\nAuthorization: Bearer ${token}` }],
  ];
  for (const [how, query, headers] of refused) {
    test(`is asked for with 401 if it ${how}`, async (t) => {
      const { ask } = await setUp(t, { validate: () => assert.fail("called") });
      const answer = await ask(`/?id=a&${query}`, headers);
      assertRefused(answer, 401);
      assert.equal(answer.headers["www-authenticate"], "Bearer");
    });
  }
});

describe("the validator", () => {
  test("is told who asks", async (t) => {
    const { calls, validate, waiting } = slowValidator();
    const { enter } = await setUp(t, { validate });
    const entered = enter(target("a"), { Origin: "https://example.com" });
    await waiting(1);
    const { context } = calls[0]!;
    assert.equal(calls[0]!.token, token);
    assert.equal(context.sessionId, "a");
    assert.equal(context.path, "/camp");
    assert.equal(context.origin, "https://example.com");
    assert.equal(context.remoteAddress, "127.0.0.1");
    assert.equal(context.signal.aborted, false);
    calls[0]!.answer(true);
    assert.equal((await entered).status, 101);
    assert.equal(context.signal.aborted, false);
  });

  for (const answer of [false, 1, "true", {}, null, undefined, [true], Promise.resolve(1)]) {
    test(`admits nobody with ${answer instanceof Promise ? "a promise of 1" : JSON.stringify(answer)}`, async (t) => {
      const { ask, registry } = await setUp(t, { validate: () => answer as never });
      assertRefused(await ask(target("a")), 401);
      assert.equal(registry.size, 0);
    });
  }

  const failures: [how: string, validate: () => never | Promise<never>][] = [
    [
      "throws",
      () => {
        throw new Error(`no ${token}`);
      },
    ],
    ["rejects", () => Promise.reject(new Error(`no ${encodeURIComponent(token)}`))],
    [
      "throws what is no error",
      () => {
        throw token;
      },
    ],
    ["rejects with nothing", () => Promise.reject()],
  ];
  for (const [how, validate] of failures) {
    test(`that ${how} is answered with 500, and told of without the token`, async (t) => {
      const { ask, told, registry } = await setUp(t, { validate });
      assertRefused(await ask(target("a")), 500);
      assert.equal(registry.size, 0);
      const [{ status, id, error } = assert.fail()] = told;
      assert.deepEqual([status, id], [500, "a"]);
      assert.match(error!.message, /^validate\(\) failed: /);
      const whole = `${error!.message}${error!.stack}${JSON.stringify(error)}`;
      assert.ok(!whole.includes(token) && !whole.includes(encodeURIComponent(token)));
    });
  }

  test("that takes too long is answered with 500 and told to stop", async (t) => {
    const { calls, validate, waiting } = slowValidator();
    const { request, clocks, registry, told } = await setUp(t, { validate, validateTimeoutMs: 700 });
    const socket = await request(target("a"));
    await waiting(1);
    clocks.pass(699);
    assert.equal(calls[0]!.context.signal.aborted, false);
    clocks.pass(1);
    assert.equal(calls[0]!.context.signal.aborted, true);
    assertRefused(await answerOf(socket), 500);
    assert.match(told[0]!.error!.message, /no answer within 700 ms/);
    calls[0]!.answer(true);
    await calls[0]!.context.signal.reason;
    assert.equal(registry.size, 0);
    assert.equal(clocks.pending, 0);
  });
});

describe("a client that leaves while its token is validated", () => {
  const ways: [how: string, leave: (socket: Awaited<ReturnType<typeof send>>) => void][] = [
    ["says goodbye", (socket) => socket.end()],
    ["closes", (socket) => socket.destroy()],
    ["resets the connection", (socket) => socket.resetAndDestroy()],
  ];
  for (const [how, leave] of ways) {
    test(`and ${how} is not admitted and leaves nothing behind`, async (t) => {
      const { calls, validate, waiting } = slowValidator();
      const { request, enter, clocks, registry, dialect } = await setUp(t, { validate, maxPendingUpgrades: 1 });
      const socket = await request(target("a"));
      await waiting(1);
      const { signal } = calls[0]!.context;
      leave(socket);
      if (!signal.aborted) await once(signal, "abort");
      calls[0]!.answer(true);
      assert.equal(clocks.pending, 0);
      // Its place is free for the next, and so is its id.
      const next = enter(target("a"));
      await waiting(2);
      calls[1]!.answer(true);
      assert.equal((await next).status, 101);
      assert.deepEqual(dialect.events, ["admitted a", "start"]);
      assert.equal(registry.size, 1);
    });
  }
});

describe("an id in use", () => {
  test("is answered with 409, and whoever has it is asked for a sign of life", async (t) => {
    const { ask, enter, dialect, told } = await setUp(t);
    await enter(target("a"));
    const answer = await ask(target("a"));
    assertRefused(answer, 409);
    assert.equal(answer.headers["retry-after"], "2");
    assert.deepEqual(dialect.events, ["admitted a", "start", "probe"]);
    assert.deepEqual(told, [{ status: 409, id: "a" }]);
  });

  test("is free again if whoever has it shows no life", async (t) => {
    const { ask, enter, clocks, registry } = await setUp(t);
    await enter(target("a"));
    await ask(target("a"));
    const { webSocket } = registry.sessions.get("a")!;
    clocks.pass(2000);
    webSocket.terminate();
    await once(webSocket, "close");
    assert.equal((await enter(target("a"))).status, 101);
  });

  test("is not told to who has no valid token", async (t) => {
    const { ask, enter, dialect } = await setUp(t, { validate: (given) => given === token });
    await enter(target("a"));
    assertRefused(await ask("/?authorization=Bearer%20wrong&id=a"), 401);
    assert.ok(!dialect.events.includes("probe"));
  });

  test("is given to one of many that ask at the same time", async (t) => {
    const { calls, validate, waiting } = slowValidator();
    const { request, registry } = await setUp(t, { validate });
    const sockets = await Promise.all(Array.from({ length: 5 }, () => request(target("a"))));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    const answers = sockets.map((socket) => headOf(socket));
    await waiting(5);
    for (const { answer } of calls) answer(true);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [101, 409, 409, 409, 409]);
    assert.equal(registry.size, 1);
  });
});

describe("origins", () => {
  const origins = new Set(["https://example.com"]);
  test("on the list may connect", async (t) => {
    const { enter } = await setUp(t, { origins });
    assert.equal((await enter(target("a"), { Origin: "https://example.com" })).status, 101);
  });
  test("are no matter for clients that have none", async (t) => {
    const { enter } = await setUp(t, { origins });
    assert.equal((await enter(target("a"))).status, 101);
  });
  for (const Origin of ["https://example.org", "http://example.com", "https://example.com:444", "null", ""]) {
    test(`such as "${Origin}" that are not on the list get 403`, async (t) => {
      const { ask } = await setUp(t, { origins, validate: () => assert.fail("called") });
      assertRefused(await ask(target("a"), { Origin }), 403);
    });
  }
});

describe("limits", () => {
  test("no more sessions than allowed, also if more were validated at a time", async (t) => {
    const { calls, validate, waiting } = slowValidator();
    const { request, ask, registry } = await setUp(t, { validate, maxSessions: 2 });
    const sockets = await Promise.all(["a", "b", "c"].map((id) => request(target(id))));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    const answers = sockets.map((socket) => headOf(socket));
    await waiting(3);
    for (const { answer } of calls) answer(true);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [101, 101, 503]);
    assert.equal(registry.size, 2);
    const answer = await ask(target("d"));
    assertRefused(answer, 503);
    assert.ok(Number(answer.headers["retry-after"]) > 0);
    assert.equal(calls.length, 3);
  });

  test("no more upgrades at a time than allowed", async (t) => {
    const { calls, validate, waiting } = slowValidator();
    const { request, ask } = await setUp(t, { validate, maxPendingUpgrades: 2 });
    const sockets = await Promise.all(["a", "b"].map((id) => request(target(id))));
    await waiting(2);
    assertRefused(await ask(target("c")), 503);
    for (const { answer } of calls) answer(false);
    for (const socket of sockets) assertRefused(await answerOf(socket), 401);
  });

  test("messages larger than the dialect's largest are not taken", async (t) => {
    const { enter, registry } = await setUp(t);
    const { socket } = await enter(target("a"));
    const { webSocket } = registry.sessions.get("a")!;
    const closed = new Promise<void>((resolve) => webSocket.once("error", () => resolve()));
    socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 101, 0, 0, 0, 0]));
    await closed;
    assert.deepEqual(registry.sessions.get("a")?.messages ?? [], []);
  });
});

describe("an admission that drains", () => {
  test("refuses whoever comes and whoever waits for the validator", async (t) => {
    const { calls, validate, waiting } = slowValidator();
    const { admission, request, ask, clocks } = await setUp(t, { validate });
    const socket = await request(target("a"));
    await waiting(1);
    admission.drain();
    assert.equal(calls[0]!.context.signal.aborted, true);
    assertRefused(await answerOf(socket), 503);
    assertRefused(await ask(target("b")), 503);
    assert.equal(calls.length, 1);
    assert.equal(clocks.pending, 0);
  });
});

describe("the order of the checks", () => {
  const faults = { Origin: "https://example.org" };
  const origins = new Set(["https://example.com"]);
  const cases: [status: number, options: Options, path: string, headers?: Record<string, string>][] = [
    [503, { maxSessions: 0, origins }, "/", faults],
    [503, { maxPendingUpgrades: 0, origins }, "/", faults],
    [403, { origins }, "/", faults],
    [401, { origins }, "/"],
    [400, { validate: () => assert.fail("called") }, `/?${authorization}`],
    [401, { validate: () => false }, target("taken")],
    [
      500,
      {
        validate: () => {
          throw new Error("broken");
        },
      },
      target("taken"),
    ],
  ];
  for (const [status, options, path, headers] of cases) {
    test(`${status} comes before what else is wrong with ${JSON.stringify(path.replace(authorization, "…"))}`, async (t) => {
      const { ask, registry } = await setUp(t, options);
      const engine = new FakeEngine();
      const session = { id: "taken", webSocket: { terminate() {} } as WebSocket } as unknown as FakeSession;
      registry.add({ session, engine, start() {}, ...endsWithItsConnection });
      assertRefused(await ask(path, headers), status);
      assert.equal(engine.probes, 0);
    });
  }
});

describe("a request that ws does not like", () => {
  const cases: [what: string, status: number, headers: Record<string, string | undefined>][] = [
    ["another version", 400, { "Sec-WebSocket-Version": "7" }],
    ["no version", 400, { "Sec-WebSocket-Version": undefined }],
    ["no key", 400, { "Sec-WebSocket-Key": undefined }],
    ["a malformed key", 400, { "Sec-WebSocket-Key": "x" }],
    ["another protocol", 400, { Upgrade: "h2c" }],
    ["malformed subprotocols", 400, { "Sec-WebSocket-Protocol": "a,,b" }],
  ];
  for (const [what, status, headers] of cases) {
    test(`because of ${what} gets a whole answer and no session`, async (t) => {
      const { ask, registry } = await setUp(t);
      assertRefused(await ask(target("a"), headers), status);
      assert.equal(registry.size, 0);
    });
  }
});

describe("a request target of any kind", () => {
  const targets: [target: string, status: number][] = [
    ["//", 401],
    ["//?", 401],
    ["/%", 401],
    ["/?%", 401],
    [`/?%=%&${authorization}`, 400],
    ["http://", 401],
    ["http://[", 401],
    ["*", 401],
    ["?", 400], // these two Node's own parser refuses
    ["/\u00ff?\u00ff=\u00ff", 400],
  ];
  for (const [path, status] of targets) {
    test(`"${path.replace(authorization, "…")}" is answered with ${status}`, async (t) => {
      const { port } = await setUp(t);
      const answer = await answerOf(await send(port, Buffer.from(upgradeRequest(path), "latin1")));
      assert.equal(answer.status, status);
    });
  }

  for (const path of [`http://proxy.example:80/camp?${authorization}&id=a`, `//x/../camp?${authorization}&id=a`]) {
    test(`"${path.replace(authorization, "…")}" is admitted`, async (t) => {
      const { enter } = await setUp(t);
      assert.equal((await enter(path)).status, 101);
    });
  }
});

describe("two admissions that share a path by mistake", () => {
  test("are told of it, and nothing crashes", async (t) => {
    const failures: Error[] = [];
    const openingFailed = (error: Error) => failures.push(error);
    const first = await setUp(t, { openingFailed });
    const second = await setUp(t, { openingFailed });
    const server = createServer();
    takeUpgrades(server, undefined, (...upgrade) => {
      first.admission.handle(...upgrade);
      second.admission.handle(...upgrade);
    });
    server.listen(0, "127.0.0.1");
    t.after(() => server.close());
    await once(server, "listening");
    const socket = await send((server.address() as AddressInfo).port, upgradeRequest(target("a")));
    await once(socket.resume(), "end");
    socket.destroy();
    assert.match(String(failures[0]?.cause), /more than once/);
    assert.equal(second.registry.size, 0);
  });
});
