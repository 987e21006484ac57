import { type PlayOptions, play, type Replay } from "./play.js";
import type { Action, Script } from "./script.js";

/** Whether a replay shows what is looked for. */
export type Fails = (replay: Replay) => boolean | Promise<boolean>;

/**
 * Cuts a script that fails down: first to a prefix that fails while the one shorter by an action does not, then by every action that
 * it fails without. Null if it does not fail.
 *
 * @param fails must answer the same each time
 */
export async function minimise(script: Script, fails: Fails, options: PlayOptions = {}): Promise<Script | null> {
  const search = new Search(script, fails, options);
  if (!(await search.failsWith(script.actions))) return null;
  const prefix = await search.prefix(script.actions);
  return { ...script, actions: await search.withoutNeedless(prefix) };
}

class Search {
  readonly #script: Script;
  readonly #fails: Fails;
  readonly #options: PlayOptions;

  constructor(script: Script, fails: Fails, options: PlayOptions) {
    this.#script = script;
    this.#fails = fails;
    this.#options = options;
  }

  async failsWith(actions: readonly Action[]): Promise<boolean> {
    return this.#fails(await play({ ...this.#script, actions }, this.#options));
  }

  /** By halves: as many replays as the number of actions has binary digits. */
  async prefix(actions: readonly Action[]): Promise<readonly Action[]> {
    let passing = 0;
    let failing = actions.length;
    while (failing - passing > 1) {
      const middle = Math.floor((passing + failing) / 2);
      if (await this.failsWith(actions.slice(0, middle))) failing = middle;
      else passing = middle;
    }
    return actions.slice(0, failing);
  }

  /** In larger pieces first, until no single action can be left out. */
  async withoutNeedless(actions: readonly Action[]): Promise<readonly Action[]> {
    let left = actions;
    for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      let at = 0;
      while (at < left.length) {
        const shorter = left.toSpliced(at, size);
        if (shorter.length > 0 && (await this.failsWith(shorter))) left = shorter;
        else at += size;
      }
    }
    return left;
  }
}
