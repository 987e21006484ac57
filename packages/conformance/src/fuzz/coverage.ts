import { type Profiler, Session } from "node:inspector";

/** One for the process, and for good: what was compiled before counting began, or after it ended, has no counters. */
let counting: Session | null = null;

function startCounting(): Session {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });
  return session;
}

/**
 * Which paths through some files were taken, told by the engine's own block coverage: nothing is instrumented, so what is
 * fuzzed is what is shipped.
 */
export class Coverage {
  readonly #session: Session;
  readonly #files: RegExp;
  readonly #seen = new Set<string>();

  /** @param files matches the URLs of the modules that count */
  constructor(files: RegExp) {
    counting ??= startCounting();
    this.#session = counting;
    this.#files = files;
    this.#take();
  }

  /** How many different paths there were so far. */
  get paths(): number {
    return this.#seen.size;
  }

  /** Runs something and tells whether it took a path through a function that nothing before it took. */
  isNew(run: () => void): boolean {
    const before = this.#seen.size;
    run();
    for (const path of this.#take()) this.#seen.add(path);
    return this.#seen.size > before;
  }

  /** The functions that ran since the last call, each with the blocks that it left out. */
  #take(): string[] {
    let scripts: readonly Profiler.ScriptCoverage[] = [];
    // The answer comes before `post` returns: the inspector runs on this thread.
    this.#session.post("Profiler.takePreciseCoverage", (error, coverage) => {
      if (error !== null) throw error;
      scripts = coverage.result;
    });
    return scripts
      .filter(({ url }) => this.#files.test(url))
      .flatMap(({ url, functions }) =>
        functions.filter(({ ranges }) => ranges[0]!.count > 0).map(({ ranges }) => url + JSON.stringify(ranges)),
      );
  }
}
