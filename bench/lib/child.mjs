import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const host = fileURLToPath(new URL("host.mjs", import.meta.url));
const systems = new URL("../systems/", import.meta.url);

/** How long one action may take before its process is given up, in milliseconds. */
const actionTimeoutMs = 60_000;

/** How long a process that was told to end may go on with what it does, in milliseconds. */
const stopTimeoutMs = 5000;

/** A process that runs one system, driven by calls. */
export class Child {
  #process;
  #name;
  #nextId = 0;
  /** @type {Map<number, {resolve(value: unknown): void, reject(error: Error): void}>} */
  #calls = new Map();

  /**
   * @param {string} name file of `systems/`, without its ending
   * @param {{execArgv?: string[], env?: Record<string, string>}} [options] more for its Node
   * @returns {Promise<Child>}
   */
  static async start(name, options) {
    const child = new Child(name, options);
    await child.#ready;
    return child;
  }

  constructor(name, { execArgv = [], env = {} } = {}) {
    this.#name = name;
    this.#process = fork(host, [fileURLToPath(new URL(`${name}.mjs`, systems))], {
      execArgv: ["--expose-gc", ...execArgv],
      // Plain is plain: who masks with compiled code says so.
      env: { ...process.env, WS_NO_BUFFER_UTIL: "1", ...env },
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#calls.set(-1, { resolve, reject });
    });
    this.#process.on("message", ({ id = -1, result, error }) => {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(`${this.#name}: ${error}`));
    });
    this.#process.on("exit", (code, signal) => {
      const error = new Error(`${this.#name} ended with ${signal ?? code}`);
      for (const call of this.#calls.values()) call.reject(error);
      this.#calls.clear();
    });
  }

  #ready;

  /** Runs one action of the system and resolves to its result. */
  call(action, argument = {}) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#process.kill("SIGKILL");
        reject(new Error(`${this.#name}: ${action} took longer than ${actionTimeoutMs} ms`));
      }, actionTimeoutMs);
      const settle = (how) => (value) => {
        clearTimeout(timer);
        how(value);
      };
      this.#calls.set(id, { resolve: settle(resolve), reject: settle(reject) });
      this.#process.send({ id, action, argument }, (error) => error && this.#calls.get(id)?.reject(error));
    });
  }

  /** Ends the process. */
  stop() {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return Promise.resolve();
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), stopTimeoutMs);
    return gone.then(() => clearTimeout(timer));
  }
}
