import { CloseCode } from "camp-session";
import { fieldsOf, isSameStep, type Recorded, type Step } from "session-recorder";
import { campAsking } from "./camp-asking.js";
import { RecordedRow } from "./recorded-row.js";
import { ReplayError } from "./replay-error.js";
import { type Action, arrival, asked, type Doing, network, type Script } from "./script.js";
import { SentMessages } from "./sent-messages.js";
import { Stage, type StageOptions } from "./stage.js";

/** What is known better than the recording tells. */
export type ScriptOptions = Partial<Pick<StageOptions, "settings" | "reconnects" | "resumeWindowMs">>;

/**
 * Finds out what was done to the session of a row, by replaying it step by step: what the session does by itself, nobody asked for;
 * everything else its peer did, the network, or its application.
 *
 * @throws {ReplayError} (as a rejection) for a row that cannot be replayed
 */
export async function scriptOf(recorded: Recorded, row: number, options: ScriptOptions = {}): Promise<Script> {
  const source = new RecordedRow(recorded.steps(row));
  const stageOptions = { ...source.options(recorded.payloads), ...options };
  const actions = await new Scripting(source, new Stage(stageOptions)).all();
  return { options: stageOptions, actions };
}

class Scripting {
  readonly #row: RecordedRow;
  readonly #stage: Stage;
  readonly #messages: SentMessages;
  readonly #actions: Action[] = [];
  /** What the session did that no step of the recording accounts for yet. */
  readonly #unaccounted: Step[] = [];

  constructor(row: RecordedRow, stage: Stage) {
    this.#row = row;
    this.#stage = stage;
    this.#messages = new SentMessages(row.steps);
    stage.recorder.onStep(({ step }) => this.#unaccounted.push(step));
  }

  async all(): Promise<readonly Action[]> {
    for (const [index, { step }] of this.#row.steps.entries()) {
      await this.#stage.time.run(step.atMs);
      try {
        this.#step(index);
      } catch (error) {
        if (error instanceof ReplayError) throw error;
        const fault = error instanceof Error ? error.message : String(error);
        throw new ReplayError(`step ${index} cannot be replayed: ${fault}`, { cause: error });
      }
      await this.#stage.settle();
      this.#account(step);
    }
    return this.#actions;
  }

  #step(index: number): void {
    const { step } = this.#row.steps[index]!;
    for (const departure of this.#messages.before(index)) this.#do(index, this.#sending(departure));
    if (this.#closesBefore(index)) this.#do(index, this.#closing());
    if (this.#accounted(step)) return;
    const doing = step.frame === undefined ? this.#happening(index) : this.#passing(index);
    if (doing !== null) this.#do(index, doing);
  }

  #do(index: number, doing: Doing): void {
    const action = { step: index, atMs: this.#row.steps[index]!.step.atMs, ...doing };
    this.#actions.push(action);
    action.run(this.#stage, action.frame ?? new Uint8Array());
  }

  #accounted(step: Step): boolean {
    return this.#unaccounted.some((own) => isSameStep(own, step));
  }

  #account(step: Step): void {
    const at = this.#unaccounted.findIndex((own) => isSameStep(own, step));
    if (at >= 0) this.#unaccounted.splice(at, 1);
  }

  #passing(index: number): Doing | null {
    const { step } = this.#row.steps[index]!;
    return step.direction === "in" ? arrival(step.frame!, this.#row.frame(step)) : this.#asking(index);
  }

  #sending(departure: number): Doing {
    const { kind, payload } = this.#row.message(departure);
    const what = `send ${this.#row.steps[departure]!.step.bytes} bytes`;
    return asked(what, (stage) => stage.ask(what, stage.session.send(kind, payload)));
  }

  /** What the application asked for, seen by a frame that the session did not send by itself. */
  #asking(index: number): Doing | null {
    const { type, ping } = fieldsOf(this.#row.steps[index]!.step.frame!);
    if (type === "ping_pong") return ping ? asked("ping", (stage) => stage.session.probe()) : null;
    if (type !== "error") return this.#stage.camp === null ? null : campAsking(this.#row, index);
    const { kind, payload } = this.#row.message(index);
    return asked("send an error", (stage) => stage.ask("an error", stage.session.send(kind, payload)));
  }

  /** Whether the application closes the session right before a step. What it says last may leave much later. */
  #closesBefore(index: number): boolean {
    const { state } = this.#stage.session;
    return this.#row.steps[index]!.belief.state === "closing" && (state === "open" || state === "handshaking");
  }

  #closing(): Doing {
    const { code, reason } = this.#row.goodbye;
    return asked("close", (stage) => stage.ask("close", stage.session.close(reason, code)));
  }

  /** What happened to the connection, seen by an event that the session did not come to by itself. */
  #happening(index: number): Doing | null {
    const { event, code = 1006, reason = "" } = this.#row.steps[index]!.step;
    const { state } = this.#stage.session;
    if (event === "attached") return this.#connecting(index);
    if (event === "admitted" || (event === "connected" && this.#stage.camp === null)) {
      return network(`the session is ${event}`, (stage) => stage.record.note(event));
    }
    if (event === "disconnected") return network("the connection is lost", (stage) => stage.lose(code, reason));
    if (event !== "closed") return null;
    if (state === "disconnected") return asked("give up", (stage) => stage.session.abandon(code, reason));
    if (reason === "destroyed") return asked("destroy", (stage) => stage.session.destroy());
    if (state === "closing" && code !== CloseCode.abnormal)
      return network("the close is answered", (stage) => stage.answerClose());
    return network("the connection is closed", (stage) => stage.lose(code, reason));
  }

  #connecting(index: number): Doing {
    const next = this.#row.steps[index + 1]?.step.frame ?? "";
    if (!next.startsWith("resume ")) return network("a connection", (stage) => stage.connect());
    const received = BigInt(fieldsOf(next).received!);
    return network("the client comes back", (stage) => stage.comeBack(received));
  }
}
