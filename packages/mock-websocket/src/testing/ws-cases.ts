/** What these cases use of a socket in the style of `ws`; that of `ws` has it, and so has ours. */
export interface WsSocket {
  readonly readyState: number;
  readonly isPaused: boolean;
  binaryType: string;
  on(event: string, listener: (...args: never[]) => void): unknown;
  once(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  listenerCount(event: string): number;
  send(data: unknown, ...more: unknown[]): void;
  ping(data?: unknown, mask?: boolean, sent?: (error?: Error) => void): void;
  pong(data?: unknown, mask?: boolean, sent?: (error?: Error) => void): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** A conversation between two ends of the style of `ws`, and what each is told. */
export interface WsCase {
  readonly name: string;
  /** The server's end, right after it was accepted. */
  readonly server?: (socket: WsSocket, log: (line: string) => void) => void;
  /** The client's end, right after it opened. */
  readonly client: (socket: WsSocket, log: (line: string) => void) => void;
  readonly expected: { readonly client: readonly string[]; readonly server: readonly string[] };
}

/** Every event of a socket, each with the state at that moment. */
export function follow(socket: WsSocket, log: (line: string) => void): void {
  const note = (line: string): void => log(`${socket.readyState} ${line}`);
  socket.on("message", ((data: unknown, isBinary: boolean) => note(`message ${shown(data)} ${isBinary}`)) as never);
  socket.on("ping", ((data: unknown) => note(`ping ${shown(data)}`)) as never);
  socket.on("pong", ((data: unknown) => note(`pong ${shown(data)}`)) as never);
  socket.on("close", ((code: number, reason: unknown) => note(`close ${code} ${shown(reason)}`)) as never);
}

/** An attempt that a server refuses with status 503 and `Retry-After: 3`, and what the client is told. */
export interface RefusalCase {
  readonly name: string;
  readonly client: (socket: WsSocket, log: (line: string) => void) => void;
  readonly expected: readonly string[];
}

interface Request {
  abort(): void;
  destroy(): void;
}

interface Response {
  readonly statusCode?: number;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** What ends an attempt from within `unexpected-response`. */
function refused(end: (socket: WsSocket, request: Request) => void): RefusalCase["client"] {
  return (socket, log) => {
    const heard = (request: Request, { statusCode, headers }: Response): void => {
      log(`${socket.readyState} unexpected-response ${statusCode} ${headers["retry-after"]}`);
      end(socket, request);
      log(`${socket.readyState} left`);
    };
    socket.on("unexpected-response", heard as never);
    socket.on("error", (() => log("error")) as never);
  };
}

export const refusalCases: readonly RefusalCase[] = [
  {
    name: "a refusal that nobody listens to is an error that names the status",
    client: (socket, log) => socket.on("error", ((error: Error) => log(error.message)) as never),
    expected: ["Unexpected server response: 503", "3 close 1006 Buffer "],
  },
  {
    name: "whoever listens to a refusal hears status and headers, and may end the attempt by the socket",
    client: refused((socket) => socket.terminate()),
    expected: ["0 unexpected-response 503 3", "2 left", "error", "3 close 1006 Buffer "],
  },
  {
    name: "the attempt may be ended by its close, too",
    client: refused((socket) => socket.close()),
    expected: ["0 unexpected-response 503 3", "2 left", "error", "3 close 1006 Buffer "],
  },
];

function shown(data: unknown): string {
  if (data instanceof ArrayBuffer) return `ArrayBuffer ${new Uint8Array(data).join(",")}`;
  return data instanceof Uint8Array ? `${data.constructor.name} ${new TextDecoder().decode(data)}` : typeof data;
}

export const wsCases: readonly WsCase[] = [
  {
    name: "text comes as a Buffer, too, and isBinary tells it from bytes",
    client: (socket) => {
      socket.send("grüße");
      socket.send(Uint8Array.of(97, 98));
      socket.send(Uint8Array.of(99), { binary: false });
      socket.send("d", { binary: true, compress: false });
      socket.close(1000, "done");
    },
    expected: {
      client: ["3 close 1000 Buffer done"],
      server: [
        ...["1 message Buffer grüße false", "1 message Buffer ab true", "1 message Buffer c false"],
        ...["1 message Buffer d true", "3 close 1000 Buffer done"],
      ],
    },
  },
  {
    name: "binaryType arraybuffer is for bytes only",
    server: (socket) => {
      socket.binaryType = "arraybuffer";
    },
    client: (socket) => {
      socket.send("text");
      socket.send(Uint8Array.of(1));
      socket.close(1000);
    },
    expected: {
      client: ["3 close 1000 Buffer "],
      server: ["1 message Buffer text false", "1 message ArrayBuffer 1 true", "3 close 1000 Buffer "],
    },
  },
  {
    name: "a callback is called once its message has left",
    client: (socket, log) => {
      socket.send("one", (error?: Error) => log(`${socket.readyState} sent one ${error ?? "well"}`));
      socket.send("two", { binary: false }, (error?: Error) => {
        log(`${socket.readyState} sent two ${error ?? "well"}`);
        socket.close(1000);
      });
    },
    expected: {
      client: ["1 sent one well", "1 sent two well", "3 close 1000 Buffer "],
      server: ["1 message Buffer one false", "1 message Buffer two false", "3 close 1000 Buffer "],
    },
  },
  {
    name: "what is sent too late is told to its callback",
    client: (socket, log) => {
      socket.close(1000);
      socket.send("late", (error?: Error) => log(`${error instanceof Error}`));
      socket.ping("late", true, (error?: Error) => log(`${error instanceof Error}`));
    },
    expected: { client: ["true", "true", "3 close 1000 Buffer "], server: ["3 close 1000 Buffer "] },
  },
  {
    name: "pings are answered by themselves, in order with messages",
    client: (socket) => {
      socket.send("before");
      socket.ping("p");
      socket.send("after");
      socket.once("pong", () => socket.close(1000));
    },
    expected: {
      client: ["1 pong Buffer p", "3 close 1000 Buffer "],
      server: [
        ...["1 message Buffer before false", "1 ping Buffer p", "1 message Buffer after false"],
        "3 close 1000 Buffer ",
      ],
    },
  },
  {
    name: "a pong that nobody asked for is told, and not answered",
    client: (socket) => {
      socket.pong("q");
      socket.close(1000);
    },
    expected: { client: ["3 close 1000 Buffer "], server: ["1 pong Buffer q", "3 close 1000 Buffer "] },
  },
  {
    name: "a ping of more than 125 bytes is an exception and sends nothing",
    client: (socket, log) => {
      try {
        socket.ping("x".repeat(126));
      } catch (error) {
        log((error as Error).name);
      }
      socket.close(1000);
    },
    expected: { client: ["RangeError", "3 close 1000 Buffer "], server: ["3 close 1000 Buffer "] },
  },
  {
    name: "what was under way when this end began to close is told",
    server: (socket) => {
      socket.on("message", () => socket.send("answer"));
    },
    client: (socket) => {
      socket.send("question", () => socket.close(1000));
    },
    expected: {
      client: ["2 message Buffer answer false", "3 close 1000 Buffer "],
      server: ["1 message Buffer question false", "3 close 1000 Buffer "],
    },
  },
  {
    name: "terminate is 1006 at both ends",
    client: (socket) => socket.terminate(),
    expected: { client: ["3 close 1006 Buffer "], server: ["3 close 1006 Buffer "] },
  },
  {
    name: "a server may close with the codes of the protocol, and with no others",
    server: (socket, log) => {
      for (const code of [999, 1004, 1005, 1006, 1015, 2999, 5000]) {
        try {
          socket.close(code);
        } catch {
          log(`${code} refused`);
        }
      }
      socket.close(1012, "restart");
    },
    client: () => {},
    expected: {
      client: ["3 close 1012 Buffer restart"],
      server: [
        ...[999, 1004, 1005, 1006, 1015, 2999, 5000].map((code) => `${code} refused`),
        "3 close 1012 Buffer restart",
      ],
    },
  },
  {
    name: "once is called once, off removes, and others stay",
    server: (socket, log) => {
      const removed = (): void => log("removed");
      socket.on("message", removed);
      socket.once("message", () => log("once"));
      socket.off("message", removed);
      log(`${socket.listenerCount("message")}`);
    },
    client: (socket) => {
      socket.send("a");
      socket.send("b");
      socket.close(1000);
    },
    expected: {
      client: ["3 close 1000 Buffer "],
      server: ["2", "1 message Buffer a false", "once", "1 message Buffer b false", "3 close 1000 Buffer "],
    },
  },
  {
    name: "a paused socket is told nothing until it resumes",
    server: (socket, log) => {
      socket.pause();
      log(`paused ${socket.isPaused}`);
      setTimeout(() => {
        socket.resume();
        log(`paused ${socket.isPaused}`);
      }, 0);
    },
    client: (socket) => {
      socket.send("a");
      socket.close(1000);
    },
    expected: {
      client: ["3 close 1000 Buffer "],
      server: ["paused true", "paused false", "1 message Buffer a false", "3 close 1000 Buffer "],
    },
  },
];
