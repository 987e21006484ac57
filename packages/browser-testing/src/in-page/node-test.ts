// In the place of node:test: gathers tests, and runs them when the page is told to.

/** How a test ended: with the text of its error, or null. */
export interface PageTestResult {
  readonly name: string;
  readonly error: string | null;
}

type Method = (...args: never[]) => unknown;

/** The part of Node's test context that the tests use. */
class PageTestContext {
  readonly #cleanUp: (() => unknown)[] = [];
  readonly mock = {
    method: (object: Record<string, Method>, name: string, replacement: Method): void => {
      const original = object[name]!;
      object[name] = replacement;
      this.after(() => {
        object[name] = original;
      });
    },
  };

  after(run: () => unknown): void {
    this.#cleanUp.push(run);
  }

  async end(): Promise<void> {
    for (const run of this.#cleanUp) await run();
  }
}

type TestFunction = (t: PageTestContext) => unknown;

const tests: { readonly name: string; readonly run: TestFunction }[] = [];

export function test(name: string, run: TestFunction): void {
  tests.push({ name, run });
}

export function it(name: string, run: TestFunction): void {
  test(name, run);
}

export function describe(_name: string, run: () => void): void {
  run();
}

/** Runs what was gathered, one test after another. */
async function runTests(): Promise<PageTestResult[]> {
  const results: PageTestResult[] = [];
  for (const { name, run } of tests) {
    const context = new PageTestContext();
    try {
      await run(context);
      results.push({ name, error: null });
    } catch (error) {
      results.push({ name, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    } finally {
      await context.end();
    }
  }
  return results;
}

Object.assign(globalThis, { runTests });
