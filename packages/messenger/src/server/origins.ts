/** Names that lead to this machine and nowhere else. */
const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

/** The page origins that may connect, and the dialled origins that a registration may sign. */
export class Origins {
  /** For the upgrade's `Origin` check. */
  readonly pages: readonly string[];
  readonly #dialled: ReadonlySet<string>;

  /**
   * @param given origins such as `https://chat.example`
   * @param port of this server, for the names of the machine itself
   * @throws {TypeError} for what is no origin of a page
   */
  constructor(given: readonly string[], port: number) {
    const own = loopbackNames.map((name) => new URL(`http://${name}:${port}`).origin);
    this.pages = [...new Set([...given.map(checkOrigin), ...own])];
    this.#dialled = new Set(this.pages.map((origin) => new URL(origin.replace(/^http/, "ws")).origin));
  }

  /** Whether somebody at this address of a socket may register with this origin, over a connection without channel binding. */
  admits(origin: string, remoteAddress: string): boolean {
    if (!this.#dialled.has(origin)) return false;
    if (origin.startsWith("wss:")) return true;
    return loopbackNames.includes(new URL(origin).hostname) && isLoopback(remoteAddress);
  }
}

function checkOrigin(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol) || url.origin !== given) {
    throw new TypeError(
      `an origin is written like https://chat.example, without a path or a slash at its end: ${given}`,
    );
  }
  return given;
}

function isLoopback(address: string): boolean {
  return address === "::1" || /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(address);
}
