// The only names of the platform that this folder may use: what Node and browsers have in common.
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: "abort", listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare var AbortController: { new (): AbortController };
declare var AbortSignal: { any(signals: readonly AbortSignal[]): AbortSignal };

interface URLSearchParams {
  append(name: string, value: string): void;
  keys(): IterableIterator<string>;
  toString(): string;
}
declare var URLSearchParams: { new (query: string): URLSearchParams };

interface URL {
  protocol: string;
  hash: string;
  search: string;
  readonly host: string;
  readonly searchParams: URLSearchParams;
}
declare var URL: { new (url: string): URL };
