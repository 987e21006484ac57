export {
  calmNetwork,
  type NetworkConditions,
  Random,
  type Settle,
  SimulatedEnd,
  VirtualTime,
} from "mock-websocket/network";
export { CryoEnd, type CryoEndOptions, cryoSid } from "./cryo-end.js";
export { CryoStage, type CryoStageOptions, cryoFrames, RawPeer } from "./cryo-stage.js";
export { ManualStage } from "./manual-stage.js";
export { ManualTransport } from "./manual-transport.js";
export { ResumeStage, type ResumeStageOptions } from "./resume-stage.js";
export { ScriptedPeer } from "./scripted-peer.js";
export { SessionLog } from "./session-log.js";
export { type Reception, SimulatedServer } from "./simulated-server.js";
export { type SimulationReport, simulate } from "./simulation.js";
export { HandSource, PatternSource } from "./sources.js";
export { failure, frames, type Outcome, ownFeatures, Stage, type StageOptions, someBytes, watch } from "./stage.js";
export { TestEnd, type TestEndOptions } from "./test-end.js";
