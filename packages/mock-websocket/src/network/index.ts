export { Random } from "./random.js";
export { calmNetwork, type EndInputs, type NetworkConditions, SimulatedEnd, type Time } from "./simulated-end.js";
export { type Settle, VirtualTime } from "./virtual-time.js";
