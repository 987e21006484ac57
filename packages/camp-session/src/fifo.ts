import { none } from "./none.js";

/** First in, first out, at the same cost for each item however many wait; `Array.shift` moves all that are behind it. */
export class Fifo<T> {
  /** Those before the head were taken and are not kept alive. */
  #items: (T | undefined)[] = none;
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  get first(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    if (this.#items === none) this.#items = [item];
    else this.#items.push(item);
  }

  /** The item before which `index` others wait. */
  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  /** Puts an item in the place of another. */
  replace(index: number, item: T): void {
    this.#items[this.#head + index] = item;
  }

  /** Takes an item out of the middle, which costs as much as there are behind it. */
  remove(index: number): void {
    this.#items.splice(this.#head + index, 1);
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head++;
    if (this.#head === this.#items.length) this.clear();
    else if (this.#head >= 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** All that wait, in order. */
  get items(): readonly T[] {
    return this.#items.slice(this.#head) as T[];
  }

  /** Takes out all that wait. */
  drain(): readonly T[] {
    const { items } = this;
    this.clear();
    return items;
  }

  clear(): void {
    this.#items = none;
    this.#head = 0;
  }
}
