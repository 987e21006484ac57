export { Random, VirtualTime } from "./network/index.js";
