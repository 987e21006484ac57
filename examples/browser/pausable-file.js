/** A file as a stream that stands still while it is paused. Nothing is read ahead: a stream of the session asks for what it can send. */
export class PausableFile {
  #file;
  #paused = false;
  #goOn = () => {};

  constructor(file) {
    this.#file = file;
  }

  get paused() {
    return this.#paused;
  }

  set paused(paused) {
    this.#paused = paused;
    if (!paused) this.#goOn();
  }

  stream() {
    const reader = this.#file.stream().getReader();
    return new ReadableStream(
      {
        pull: async (controller) => {
          if (this.#paused) await new Promise((resolve) => (this.#goOn = resolve));
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => {
          this.#goOn();
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  }
}
