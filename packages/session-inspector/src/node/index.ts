export { type InspectOptions, type Inspector, inspectSessions } from "./inspect-sessions.js";
