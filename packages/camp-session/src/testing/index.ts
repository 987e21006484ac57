export { ManualTransport } from "./manual-transport.js";
export { calmNetwork, type NetworkConditions, SimulatedEnd } from "./network.js";
export { Random } from "./random.js";
export { ScriptedPeer } from "./scripted-peer.js";
export { type SimulationReport, simulate } from "./simulation.js";
export { HandSource, PatternSource } from "./sources.js";
export { failure, frames, type Outcome, ownFeatures, Stage, type StageOptions, someBytes, watch } from "./stage.js";
export { TestEnd, type TestEndOptions } from "./test-end.js";
export { type Settle, VirtualTime } from "./virtual-time.js";
