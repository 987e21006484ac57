/** Successive multiples of the golden ratio, without their whole part, fall evenly into 0 … 1 however many there are. */
const goldenRatio = 0.618_033_988_749_895;

/** Where in the interval the heartbeats of sessions fall, so that those of a server's many are spread over it (rules 15). */
export class Phases {
  #phase = 0;

  next(): number {
    this.#phase = (this.#phase + goldenRatio) % 1;
    return this.#phase;
  }
}
