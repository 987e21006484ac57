export { recordSessions } from "./record-sessions.js";
