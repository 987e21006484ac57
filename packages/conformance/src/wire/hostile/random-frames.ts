import { Frames } from "../frames.js";
import { Mischief } from "../mischief.js";
import { masked } from "../raw-upgrade.js";
import { newSid } from "../server-rig.js";
import { type Attack, inParallel } from "./attack.js";
import { Attacker } from "./attacker.js";

const framesPerSession = 50;
const atATime = 16;
const close4000 = masked(Buffer.of(0x0f, 0xa0), 0x88);

/** Frames that are almost right, over session after session. Everything follows from the seed. */
export function randomFrames(seed: number): Attack {
  return {
    does: "sends random frames",
    strength: { test: 5000, long: 1_000_000 },
    endings: ["closed 4000", "closed 4001", "closed 4002", "cut"],
    run: ({ port }, frames) =>
      inParallel(Math.ceil(frames / framesPerSession), atATime, async (index) => {
        const make = new Frames(newSid());
        const attacker = await Attacker.admitted(port, make);
        const mischief = new Mischief(seed + index);
        const all = Array.from({ length: framesPerSession }, () => masked(mischief.frame(make)));
        await attacker.write(Buffer.concat([...all, close4000]));
        return attacker.ended;
      }),
  };
}
