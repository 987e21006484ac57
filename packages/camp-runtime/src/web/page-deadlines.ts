import { Deadlines } from "camp-runtime";
import { pageTurns } from "./web-time.js";

let deadlines: Deadlines | null = null;

/** The deadlines of all sessions of this page. */
export function pageDeadlines(): Deadlines {
  deadlines ??= new Deadlines(pageTurns());
  return deadlines;
}
