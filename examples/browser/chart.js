const samplesMax = 60;

/** The round-trip times of the last minute as a line, drawn anew for each of them and for each size of the page. */
export class RoundTripChart {
  #canvas;
  #samples = [];

  constructor(canvas) {
    this.#canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
  }

  add(milliseconds) {
    this.#samples.push(milliseconds);
    if (this.#samples.length > samplesMax) this.#samples.shift();
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const scale = window.devicePixelRatio;
    this.#canvas.width = width * scale;
    this.#canvas.height = height * scale;
    const context = this.#canvas.getContext("2d");
    context.scale(scale, scale);
    const style = getComputedStyle(this.#canvas);
    const top = niceTop(Math.max(...this.#samples, 0));
    const at = (value) => height - 4 - (value / top) * (height - 20);
    context.font = `12px ${style.fontFamily}`;
    context.fillStyle = style.getPropertyValue("--soft");
    context.strokeStyle = style.getPropertyValue("--line");
    for (const value of [0, top / 2, top]) {
      line(context, [0, at(value)], [width, at(value)]);
      context.fillText(value === 0 ? "0" : `${value} ms`, 0, at(value) - 3);
    }
    context.strokeStyle = style.getPropertyValue("--accent");
    context.lineWidth = 2;
    context.beginPath();
    for (const [index, value] of this.#samples.entries()) {
      context.lineTo(((samplesMax - this.#samples.length + index) / (samplesMax - 1)) * width, at(value));
    }
    context.stroke();
  }
}

function line(context, from, to) {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

/** The first of 1, 2, 5, 10, 20 … that is not below the value. */
function niceTop(value) {
  for (let unit = 1; ; unit *= 10) {
    for (const step of [1, 2, 5]) if (step * unit >= value) return step * unit;
  }
}
