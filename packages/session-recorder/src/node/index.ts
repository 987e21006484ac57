export { loadRecording, saveRecording } from "./files.js";
export { recordSessions } from "./record-sessions.js";
