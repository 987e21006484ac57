import { CAMP_MAX_FRAME, SID_MAX } from "camp-protocol";
import type { BufferBudget, SessionSettings } from "camp-session";
import type { AdmittedUpgrade, Dialect, Running } from "./dialect.js";
import type { HookSource } from "./extensions.js";
import { type Refusal, refusals } from "./refusal.js";
import type { ClockSource } from "./session.js";
import { type CampNodeSession, createCampSession } from "./session.js";
import type { Parameters } from "./upgrade-request.js";
import { WsTransport } from "./ws-transport.js";

/** What the CAMP sessions of a server share. */
export interface CampDialectConfig {
  readonly settings: SessionSettings;
  readonly extensions: HookSource<CampNodeSession>;
  readonly deadlines: ClockSource;
  readonly budget: BufferBudget;
}

/** Successive multiples of the golden ratio, without their whole part, fall evenly into 0 … 1 however many there are. */
const goldenRatio = 0.618_033_988_749_895;

/** CAMP v1 as a server speaks it (camp-v1 section 2). */
export class CampDialect implements Dialect<CampNodeSession> {
  readonly name = "camp";
  readonly subprotocol = "camp";
  readonly messageBytesMax = CAMP_MAX_FRAME;
  readonly #config: CampDialectConfig;
  /** Where in the interval the heartbeats of the next session fall. */
  #phase = 0;

  constructor(config: CampDialectConfig) {
    this.#config = config;
  }

  readSessionId(parameters: Parameters): bigint | Refusal {
    const own = parameters.named("x-camp-sid");
    const given = own.length > 0 ? own : parameters.named("x-cryo-sid");
    const [text] = given;
    if (text === undefined || given.some((other) => other !== text)) return refusals.badSessionId;
    if (!/^\d{1,20}$/.test(text)) return refusals.badSessionId;
    const id = BigInt(text);
    return id <= SID_MAX ? id : refusals.badSessionId;
  }

  open({ id, webSocket, socket, remoteAddress, info, onClosed }: AdmittedUpgrade<bigint>): Running<CampNodeSession> {
    this.#phase = (this.#phase + goldenRatio) % 1;
    const { session, engine } = createCampSession({
      ...this.#config,
      id,
      role: "server",
      type: "client",
      reconnects: false,
      phase: this.#phase,
      remoteAddress,
      info,
      onClosed,
    });
    const transport = new WsTransport(webSocket, socket, "server");
    transport.drive(engine);
    engine.attach(transport);
    return { session, engine, start: () => transport.start() };
  }
}
