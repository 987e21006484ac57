/** What a WebSocket of any kind has: the mock's, that of `ws` and that of browsers are compared through it. */
export interface AnySocket extends EventTarget {
  readonly readyState: number;
  readonly protocol: string;
  readonly bufferedAmount: number;
  binaryType: string;
  send(data: string | ArrayBuffer | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

export type AnySocketClass = new (url: string, protocols?: string | readonly string[]) => AnySocket;

/** The end of the connection that a case talks to. */
export interface AnyServerSocket {
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}

/** What the server does with a connection, by the path of its URL. */
export const servers: Readonly<Record<string, (socket: AnyServerSocket) => void>> = {
  "/echo": (socket) => socket.addEventListener("message", ({ data }) => socket.send(data as string)),
  "/greets": (socket) => {
    for (const text of ["one", "two", "three"]) socket.send(text);
    socket.close(4001, "enough");
  },
  "/bytes": (socket) => socket.send(Uint8Array.of(1, 2, 3)),
  "/closes": (socket) => socket.close(),
  "/dies": (socket) => socket.addEventListener("message", () => socket.terminate()),
};

/** A case: what a client does, by event. It ends with the `close` event. */
interface Case {
  readonly name: string;
  readonly path: string;
  readonly protocols?: readonly string[];
  readonly start?: (socket: AnySocket) => void;
  readonly open?: (socket: AnySocket, log: string[]) => void;
  readonly message?: (socket: AnySocket, data: unknown) => void;
  /** What happens, with the state at that moment. */
  readonly expected: readonly string[];
  /** On `ws`, where that differs; why stands beside it. */
  readonly onWs?: readonly string[];
}

export const cases: readonly Case[] = [
  {
    name: "text comes back, then the client closes with a code and a reason",
    path: "/echo",
    open: (socket) => socket.send("hällo"),
    message: (socket) => socket.close(3000, "grüße"),
    expected: ["1 open ", "1 message hällo", "3 close 3000 grüße clean"],
  },
  {
    name: "what the server sent before it closed arrives first, in order",
    path: "/greets",
    expected: ["1 open ", "1 message one", "1 message two", "1 message three", "3 close 4001 enough clean"],
  },
  {
    name: "bytes arrive as an ArrayBuffer when asked for",
    path: "/bytes",
    start: (socket) => {
      socket.binaryType = "arraybuffer";
    },
    message: (socket) => socket.close(1000),
    expected: ["1 open ", "1 message ArrayBuffer 1,2,3", "3 close 1000  clean"],
  },
  {
    name: "bytes come back from a view into a larger buffer, empty ones too",
    path: "/echo",
    start: (socket) => {
      socket.binaryType = "arraybuffer";
    },
    open: (socket) => {
      socket.send(Uint8Array.of(0, 1, 2, 3).subarray(1, 3));
      socket.send(new ArrayBuffer(0));
      socket.send("");
    },
    message: (socket, data) => {
      if (data === "") socket.close(1000);
    },
    expected: ["1 open ", "1 message ArrayBuffer 1,2", "1 message ArrayBuffer ", "1 message ", "3 close 1000  clean"],
  },
  {
    name: "closing without a code is 1005 at both ends",
    path: "/echo",
    open: (socket) => socket.close(),
    expected: ["1 open ", "3 close 1005  clean"],
  },
  {
    name: "a server that closes without a code is 1005",
    path: "/closes",
    expected: ["1 open ", "3 close 1005  clean"],
  },
  {
    name: "a server that is gone without a word is 1006",
    path: "/dies",
    open: (socket) => socket.send("die"),
    expected: ["1 open ", "3 close 1006  not clean"],
  },
  {
    name: "closing twice counts once, and what is sent while closing is lost without an exception",
    path: "/echo",
    open: (socket, log) => {
      socket.close(4000, "first");
      socket.close(4001, "second");
      const before = socket.bufferedAmount;
      socket.send("late");
      log.push(`${socket.readyState} more buffered: ${socket.bufferedAmount > before}`);
    },
    expected: ["1 open ", "2 more buffered: true", "3 close 4000 first clean"],
  },
  {
    name: "sending before it is open is an exception",
    path: "/echo",
    start: (socket) => {
      try {
        socket.send("early");
      } catch {
        socket.close();
      }
    },
    expected: ["3 error ", "3 close 1006  not clean"],
    // It tells of the error before it counts as closed.
    onWs: ["2 error ", "3 close 1006  not clean"],
  },
  {
    name: "a refused connection is an error, then 1006",
    path: "/nobody",
    expected: ["3 error ", "3 close 1006  not clean"],
    // It tells of the error before it counts as closed.
    onWs: ["2 error ", "3 close 1006  not clean"],
  },
  {
    name: "codes and reasons out of range are exceptions and close nothing",
    path: "/echo",
    open: (socket, log) => {
      for (const [code, reason] of [[999], [2999], [5000], [1000, "x".repeat(124)], [1000, "ü".repeat(62)]] as const) {
        const before = socket.readyState;
        log.push(`${before} ${thrown(() => socket.close(code, reason))} ${socket.readyState}`);
      }
      socket.close(4999, "ü".repeat(61));
    },
    expected: [
      "1 open ",
      ...Array.from({ length: 3 }, () => "1 InvalidAccessError 1"),
      ...Array.from({ length: 2 }, () => "1 SyntaxError 1"),
      `3 close 4999 ${"ü".repeat(61)} clean`,
    ],
  },
  {
    name: "the subprotocol is the one that the server chose",
    path: "/echo",
    protocols: ["b", "a"],
    open: (socket, log) => {
      log.push(`${socket.readyState} protocol ${socket.protocol}`);
      socket.close(1000);
    },
    expected: ["1 open ", "1 protocol b", "3 close 1000  clean"],
  },
];

/** Runs one case to its `close` event; what happened, each with the state at that moment. */
export function play(
  Class: AnySocketClass,
  origin: string,
  { path, protocols, start, open, message }: Case,
): Promise<string[]> {
  return new Promise((resolve) => {
    const log: string[] = [];
    const socket = protocols === undefined ? new Class(origin + path) : new Class(origin + path, protocols);
    const note = (what: string, detail = ""): void => {
      log.push(`${socket.readyState} ${what} ${detail}`);
    };
    socket.addEventListener("open", () => {
      note("open");
      open?.(socket, log);
    });
    socket.addEventListener("message", (event) => {
      const { data } = event as MessageEvent<unknown>;
      note("message", textOf(data));
      message?.(socket, data);
    });
    socket.addEventListener("error", () => note("error"));
    socket.addEventListener("close", (event) => {
      const { code, reason, wasClean } = event as CloseEvent;
      note("close", `${code} ${reason} ${wasClean ? "clean" : "not clean"}`);
      resolve(log);
    });
    start?.(socket);
  });
}

/** What the constructor throws for each of these, or undefined. */
export function constructed(Class: AnySocketClass, origin: string): Record<string, string> {
  const given: Record<string, [string, (string | string[])?]> = {
    "no URL": ["ws://["],
    "another scheme": ["ftp://127.0.0.1/"],
    "a fragment": [`${origin}/echo#part`],
    "a subprotocol twice": [`${origin}/echo`, ["a", "a"]],
    "a subprotocol that is no token": [`${origin}/echo`, "a b"],
  };
  return Object.fromEntries(Object.entries(given).map(([what, args]) => [what, thrown(() => new Class(...args))]));
}

function thrown(run: () => unknown): string {
  try {
    run();
    return "nothing";
  } catch (error) {
    return (error as Error).name;
  }
}

function textOf(data: unknown): string {
  return data instanceof ArrayBuffer ? `ArrayBuffer ${new Uint8Array(data).join(",")}` : String(data);
}
