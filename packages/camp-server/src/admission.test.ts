import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { camp as connect } from "camp-client-node";
import { ConnectError, type ICAMPWebsocketServerOptions, type ITokenValidator } from "./index.js";
import {
  type Answer,
  ask,
  asking,
  join,
  nextSession,
  RawClient,
  type RawOptions,
  slowValidator,
  start,
  token,
} from "./support.test.js";

const bearer = `authorization=Bearer%20${encodeURIComponent(token)}`;

interface Case {
  readonly what: string;
  readonly status: number;
  readonly request: RawOptions;
  readonly options?: ICAMPWebsocketServerOptions;
  readonly validate?: ITokenValidator["validate"];
  /** Headers that the answer must have. */
  readonly headers?: Readonly<Record<string, string>>;
}

const cases: Case[] = [
  { what: "x-camp-sid", status: 101, request: { query: `${bearer}&x-camp-sid=1` } },
  { what: "x-CAMP-sid", status: 101, request: { query: `${bearer}&x-CAMP-sid=1` } },
  { what: "both spellings", status: 101, request: { query: `${bearer}&x-camp-sid=1&x-CAMP-sid=1` } },
  { what: "x-cryo-sid", status: 101, request: { query: `${bearer}&x-cryo-sid=1` } },
  { what: "capitals", status: 101, request: { query: `${bearer.toUpperCase()}&X-CAMP-SID=1` }, validate: () => true },
  { what: "a header", status: 101, request: { query: "x-camp-sid=1", headers: { Authorization: `Bearer ${token}` } } },
  {
    what: "the subprotocol",
    status: 101,
    request: { query: asking(1n), protocols: ["other", "camp"] },
    headers: { "sec-websocket-protocol": "camp" },
  },
  { what: "no token", status: 401, request: { query: "x-camp-sid=1" } },
  { what: "a token without Bearer", status: 401, request: { query: `authorization=${token}&x-camp-sid=1` } },
  { what: "two tokens", status: 401, request: { query: `${bearer}&${bearer}&x-camp-sid=1` } },
  { what: "a wrong token", status: 401, request: { query: asking(1n, "wrong") } },
  { what: "no id", status: 400, request: { query: bearer } },
  { what: "an id that is no number", status: 400, request: { query: asking("one") } },
  { what: "an id below 0", status: 400, request: { query: asking("-1") } },
  { what: "an id beyond 64 bits", status: 400, request: { query: asking(2n ** 64n) } },
  { what: "ids that differ", status: 400, request: { query: `${bearer}&x-camp-sid=1&x-CAMP-sid=2` } },
  {
    what: "another origin",
    status: 403,
    request: { query: asking(1n), headers: { Origin: "https://evil.example" } },
    options: { origins: ["https://example.com"] },
  },
  {
    what: "an allowed origin",
    status: 101,
    request: { query: asking(1n), headers: { Origin: "https://example.com" } },
    options: { origins: ["https://example.com"] },
  },
  {
    what: "a validator that throws",
    status: 500,
    request: { query: asking(1n) },
    validate: (given) => {
      throw new Error(`database down, token ${given}`);
    },
  },
  {
    what: "a validator that hangs",
    status: 500,
    request: { query: asking(1n) },
    options: { validateTimeoutMs: 1 },
    validate: () => new Promise(() => {}),
  },
  {
    what: "a validator that gives something truthy",
    status: 401,
    request: { query: asking(1n) },
    validate: async () => "yes" as unknown as boolean,
  },
  { what: "another path", status: 404, request: { path: "/other", query: asking(1n) }, options: { path: "/camp" } },
];

function assertAnswer(answer: Answer, { status, headers = {} }: Pick<Case, "status" | "headers">): void {
  assert.equal(answer.status, status);
  for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers[name], value);
  if (status === 101) return;
  assert.equal(Number(answer.headers["content-length"]), answer.body.length);
  assert.equal(answer.headers.connection, "close");
  assert.ok(!JSON.stringify(answer).includes(token));
}

describe("an upgrade", () => {
  for (const { what, status, request, options, validate, headers } of cases) {
    test(`with ${what} is answered with ${status}`, async (t) => {
      const server = await start(t, options, validate ?? (async (given) => given === token));
      assertAnswer(await ask(t, server, request), { status, ...(headers && { headers }) });
      assert.equal(server.sessions.size, status === 101 ? 1 : 0);
    });
  }

  test("beyond the session limit is answered with 503 until a session ends", async (t) => {
    const server = await start(t, { maxSessions: 1 });
    const { client, session } = await join(t, server);
    const answer = await ask(t, server, { query: asking(2n) });
    assertAnswer(answer, { status: 503 });
    assert.ok(Number(answer.headers["retry-after"]) > 0);
    const closed = once(session, "closed");
    await client.Close("done");
    await closed;
    assert.equal((await ask(t, server, { query: asking(2n) })).status, 101);
  });

  test("tells its session how it was asked for, without credentials", async (t) => {
    const server = await start(t);
    const accepted = nextSession(server);
    await ask(t, server, {
      path: "/rooms",
      query: `${asking(7n)}&room=blue`,
      headers: { Origin: "https://example.com", Cookie: "secret=1" },
      protocols: ["camp"],
    });
    const session = await accepted;
    assert.equal(session.id, 7n);
    assert.equal(session.remoteAddress, "127.0.0.1");
    const { path, query, headers, origin, subprotocol } = session.info;
    assert.deepEqual([path, origin, subprotocol], ["/rooms", "https://example.com", "camp"]);
    assert.deepEqual([...query], [["room", "blue"]]);
    assert.equal(headers.cookie, undefined);
  });

  test("is announced to the server's first frame: ENDPOINT_INFO with number 0", async (t) => {
    const server = await start(t);
    const client = await RawClient.open(t, server, 1n);
    assert.deepEqual(await client.next("endpoint_info"), {
      sid: 1n,
      type: "endpoint_info",
      ack: 0,
      version: 1,
      features: 1n | (0b111n << 32n),
    });
  });
});

describe("an id", () => {
  test("that several ask for while the validator runs is given to one of them", async (t) => {
    const { validate, asked, answer } = slowValidator();
    const server = await start(t, {}, validate);
    const answers = [1, 2, 3].map(() => ask(t, server, { query: asking(1n) }));
    await asked(3);
    answer(true);
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assert.deepEqual(statuses.sort(), [101, 409, 409]);
    assert.equal(server.sessions.size, 1);
  });

  test("whose session shows no life is free again two seconds after it was asked for", async (t) => {
    const server = await start(t);
    const accepted = nextSession(server);
    const silent = await RawClient.open(t, server, 1n);
    const session = await accepted;
    await silent.introduce(session);
    const closed = once(session, "closed");
    const answer = await ask(t, server, { query: asking(1n) });
    assertAnswer(answer, { status: 409, headers: { "retry-after": "2" } });
    await silent.next("ping_pong");
    assert.deepEqual(await closed, [4001, "no sign of life"]);
    assert.equal((await ask(t, server, { query: asking(1n) })).status, 101);
  });

  test("is free as soon as its session has told of its end", async (t) => {
    const server = await start(t);
    const { client, session } = await join(t, server);
    const free = new Promise((resolve) => session.on("closed", () => resolve(server.sessions.has(session.id))));
    await client.Close("done");
    assert.equal(await free, false);
  });
});

describe("a client of ours", () => {
  const refusals: [status: number, code: string, options: ICAMPWebsocketServerOptions, validate: () => boolean][] = [
    [401, "UNAUTHORIZED", {}, () => false],
    [403, "FORBIDDEN", { origins: ["https://example.com"] }, () => true],
    [
      500,
      "UNAVAILABLE",
      {},
      () => {
        throw new Error("broken");
      },
    ],
  ];
  for (const [status, code, options, validate] of refusals) {
    test(`learns of a refusal with ${status} as ${code}`, async (t) => {
      const server = await start(t, options, validate);
      const attempt = connect(`127.0.0.1:${server.port}`, token, {
        timeout: 1000, // an answer of 500 may change, so it is asked for until then
        headers: { Origin: "https://evil.example" },
      });
      await assert.rejects(attempt, (error) => {
        assert.ok(error instanceof ConnectError);
        assert.deepEqual([error.code, error.status], [code, status]);
        assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes(token));
        return true;
      });
    });
  }
});
