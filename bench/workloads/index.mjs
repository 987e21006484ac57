import { bulk } from "./bulk.mjs";
import { cale } from "./cale.mjs";
import { connect } from "./connect.mjs";
import { engine } from "./engine.mjs";
import { fanOut } from "./fan-out.mjs";
import { heartbeat } from "./heartbeat.mjs";
import { idle } from "./idle.mjs";
import { latency } from "./latency.mjs";
import { messages } from "./messages.mjs";
import { messenger } from "./messenger.mjs";
import { roundTrip } from "./round-trip.mjs";
import { simulated } from "./simulation.mjs";
import { stateTree } from "./state-tree.mjs";

/** Everything that is measured, in the order in which it is shown. */
export const workloads = [
  ...messages,
  roundTrip,
  ...bulk,
  latency,
  ...fanOut,
  idle,
  heartbeat,
  connect,
  engine,
  cale,
  simulated,
  stateTree,
  ...messenger,
];
