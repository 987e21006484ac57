import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { busySeconds } from "./calm.mjs";
import { Child } from "./child.mjs";

/** One run of one system: a server and a client in fresh processes, and what the run cost them. */
export class Pair {
  /** @type {Child} */ server;
  /** @type {Child} */ client;
  #profileTo;

  /**
   * Starts both, runs `use` and ends both, whatever happens.
   *
   * @param {{server: string, client: string, profileTo?: string, env?: object}} options names of files in `systems/`
   * @param {(pair: Pair) => Promise<object>} use
   */
  static async with({ server, client, profileTo, env }, use) {
    const pair = new Pair();
    pair.#profileTo = profileTo;
    try {
      pair.server = await Child.start(server, { env });
      pair.client = await Child.start(client, { env });
      return await use(pair);
    } finally {
      await Promise.all([pair.client?.stop(), pair.server?.stop()]);
    }
  }

  /** Server up, client connected. */
  async connect(serverOptions = {}, clientOptions = {}) {
    const { port } = await this.server.call("start", serverOptions);
    await this.client.call("connect", { port, ...clientOptions });
  }

  /** What `run` gives, and what happened to both processes and to the machine meanwhile. */
  async measure(run) {
    await Promise.all([this.#begin(this.server, "server"), this.#begin(this.client, "client")]);
    const before = busySeconds();
    const result = await run();
    const busy = busySeconds() - before;
    const [server, client] = await Promise.all([this.server.call("endMeasuring"), this.client.call("endMeasuring")]);
    return {
      ...result,
      serverCpuSeconds: server.cpuSeconds,
      clientCpuSeconds: client.cpuSeconds,
      serverGrowthMib: server.rssGrowth / 2 ** 20,
      clientGrowthMib: client.rssGrowth / 2 ** 20,
      /** CPU seconds that other processes of the machine took: how noisy the run was. */
      othersCpuSeconds: Math.max(0, busy - server.cpuSeconds - client.cpuSeconds),
    };
  }

  #begin(child, role) {
    const profileTo = this.#profileTo && `${this.#profileTo}-${role}.cpuprofile`;
    return child.call("beginMeasuring", { profileTo });
  }
}

/** The folder for profiles, made when it is first needed. */
export function profilePath(folder, name) {
  mkdirSync(folder, { recursive: true });
  return join(folder, name.replaceAll(/[^\w.-]+/g, "-"));
}
