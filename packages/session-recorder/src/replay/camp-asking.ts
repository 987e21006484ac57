import { decode } from "camp-protocol";
import { fieldsOf } from "session-recorder";
import type { RecordedRow } from "./recorded-row.js";
import { asked, type Doing } from "./script.js";
import type { CampStage, Stage } from "./stage.js";

/** What an application asked of a session that only CAMP has, seen by a frame that the session did not send by itself; null if it asked nothing. */
export function campAsking(row: RecordedRow, index: number): Doing | null {
  const { step } = row.steps[index]!;
  const { type, txId, start, end } = fieldsOf(step.frame!);
  const id = Number(txId);
  switch (type) {
    case "tx_start": {
      const sent = row.stream(index);
      return ofCamp("send a stream", ({ streams }, stage) => stage.ask("a stream", streams.send(sent)));
    }
    case "tx_cancel":
      return ofCamp("cancel a stream", ({ streams }) => streams.cancel(id));
    case "tx_abort":
      return ofCamp("fail a stream", ({ streams }) => streams.fail(id));
    case "tx_fetch": {
      const range = [BigInt(start!), BigInt(end!)] as const;
      return ofCamp("ask for a range", ({ streams }, stage) => stage.ask("a range", streams.fetch(id, ...range)));
    }
    case "token":
    case "token_state":
      return tokenIn(row.frame(step));
    default:
      return null;
  }
}

function tokenIn(bytes: Uint8Array): Doing | null {
  const frame = decode(bytes);
  if (frame.type === "token") return ofCamp("offer a token", ({ session }) => session.offerToken(frame.token));
  if (frame.type !== "token_state") return null;
  const { state, remainingMs } = frame;
  return ofCamp("tell of the token", ({ session }) => session.tellToken(state, Number(remainingMs)));
}

function ofCamp(what: string, run: (camp: CampStage, stage: Stage) => void): Doing {
  return asked(what, (stage) => {
    if (stage.camp !== null) run(stage.camp, stage);
  });
}
