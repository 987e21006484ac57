import type { Attack } from "./attack.js";
import { attacksOnUpgrades } from "./attacks-on-upgrades.js";
import { attacksWithinSessions } from "./attacks-within-sessions.js";
import { randomFrames } from "./random-frames.js";

/** Everything that is tried. */
export const attacks: readonly Attack[] = [...attacksOnUpgrades, ...attacksWithinSessions, randomFrames(1)];
