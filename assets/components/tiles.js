/**
 * A matrix product, tile by tile: A times B is C. Each cell of A and B says how often its number was fetched from
 * memory so far, each cell of C how many products have been added up in it. Python made the walk and counted; stepping
 * needs no server.
 *
 * @typedef {[number, number, number, number, number, number]} Visit  rows of A and C, inner, columns of B and C
 * @typedef {{m: number, k: number, n: number, tile: number, visits: Visit[], reads: number[], adds: number[],
 *   naive: number, fast: number, most: number, fingerprint: string, alternative: string,
 *   colours: {a: [string, string], b: [string, string], c: [string, string]}, labels: Object<string, string>}} Walk
 */

const MOST_CELL = 2.7; // times the root's font size, as are the other sizes here
const TALLEST = 21;
const GAP = 2.6;
const TITLE = 1.9;

class Tiles extends PlayedPicture {
  constructor(parent) {
    super(parent, "tiles");
  }

  update(walk) {
    this.walk = walk;
    if (this.take(walk)) {
      this.draw();
      return;
    }
    this.counted = -1;
    this.player.update(walk.labels, walk.visits.length, Math.min(this.first(), walk.visits.length));
  }

  /** The step that stands there before anybody plays: some of the way, so that there is something to see. */
  first() {
    const { k, tile, n } = this.walk;
    return Math.ceil(k / tile) * Math.ceil(n / tile);
  }

  show(step, playing) {
    this.count(step);
    this.draw();
    this.say(step, playing);
  }

  /** How often each number was fetched after so many steps, and how many products each cell of C has. */
  count(step) {
    const { m, k, n, visits } = this.walk;
    if (this.counted < 0 || step < this.counted) {
      this.a = new Uint16Array(m * k);
      this.b = new Uint16Array(k * n);
      this.c = new Uint16Array(m * n);
      this.counted = 0;
    }
    for (; this.counted < step; this.counted++) {
      const [top, bottom, start, end, left, right] = visits[this.counted];
      for (let row = top; row < bottom; row++) for (let at = start; at < end; at++) this.a[row * k + at]++;
      for (let at = start; at < end; at++) for (let column = left; column < right; column++) this.b[at * n + column]++;
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) this.c[row * n + column] += end - start;
      }
    }
  }

  say(step, playing) {
    const { labels, reads, adds, naive } = this.walk;
    this.said.setAttribute("aria-live", playing ? "off" : "polite");
    const done = step ? reads[step - 1] : 0;
    const work = step ? adds[step - 1] : 0;
    const sentence = step === this.walk.visits.length ? labels.end : labels.so_far;
    this.said.textContent = fill(sentence, {
      reads: done.toLocaleString("en"),
      adds: work.toLocaleString("en"),
      each: done ? ((2 * work) / done).toFixed(2) : "0",
      naive: naive.toLocaleString("en"),
      times: done ? (naive / done).toFixed(1) : "0",
      fast: this.walk.fast.toLocaleString("en"),
    });
  }

  draw() {
    if (!this.walk || !this.root.clientWidth) return;
    const width = this.root.clientWidth;
    const em = parseFloat(getComputedStyle(this.root).fontSize);
    const places = this.places(width, em);
    this.paint(sized(this.canvas, width, places.height), places, em);
  }

  saved() {
    const em = parseFloat(getComputedStyle(this.root).fontSize);
    const places = this.places(this.root.clientWidth, em);
    const { canvas, context } = keepsake(this.root, this.root.clientWidth, places.height + 2 * em);
    this.paint(context, places, em);
    const font = { size: 1.05 * em, family: getComputedStyle(this.root).fontFamily, ink: getComputedStyle(this.root).color };
    drawTitle(context, this.said.textContent, 0, places.height + 1.4 * em, this.root.clientWidth, font, 400);
    return canvas;
  }

  /** Where A, B and C stand. */
  places(width, em) {
    const { m, k, n } = this.walk;
    const gap = GAP * em;
    const rows = Math.max(m, k);
    const cell = Math.floor(
      Math.min((width - 2 * gap - 4) / (k + 2 * n), (TALLEST * em) / rows, MOST_CELL * em),
    );
    const top = TITLE * em;
    const a = { x: 2, y: top, cell, rows: m, columns: k };
    const b = { x: a.x + k * cell + gap, y: top, cell, rows: k, columns: n };
    const c = { x: b.x + n * cell + gap, y: top, cell, rows: m, columns: n };
    return { a, b, c, gap, height: top + rows * cell + 6 };
  }

  paint(context, { a, b, c, gap }, em) {
    const style = getComputedStyle(this.root);
    const paper = channels(paperOf(this.root));
    const { labels, colours, k, n, most, visits } = this.walk;
    const font = { size: em, family: style.fontFamily, ink: style.color };
    const line = `color-mix(in srgb, ${style.color} 35%, transparent)`;
    const [one, other, sum] = ["a", "b", "c"].map((name) => channels(colours[name][this.dark ? 1 : 0]));
    const fetched = (colour, numbers, columns) => (row, column) => {
      const often = numbers[row * columns + column];
      return { fill: shade(colour, paper, often ? 0.12 + (0.88 * often) / most : 0), text: often ? String(often) : "" };
    };
    drawMatrix(context, { ...a, font, line }, fetched(one, this.a, k));
    drawMatrix(context, { ...b, font, line }, fetched(other, this.b, n));
    drawMatrix(context, { ...c, font, line }, (row, column) => {
      const done = this.c[row * n + column];
      return { fill: shade(sum, paper, (0.5 * done) / k), text: done ? String(done) : "" };
    });
    const step = this.player.step;
    if (step) {
      const [top, bottom, start, end, left, right] = visits[step - 1];
      frameCells(context, a, [top, bottom], [start, end], font.ink);
      frameCells(context, b, [start, end], [left, right], font.ink);
      frameCells(context, c, [top, bottom], [left, right], font.ink);
    }
    for (const [place, title] of [[a, labels.a], [b, labels.b], [c, labels.c]]) {
      drawTitle(context, title, place.x, place.y - 0.6 * em, place.columns * place.cell + 0.8 * gap, font);
    }
    const middle = a.y + (Math.min(a.rows, b.rows) * a.cell) / 2 + 0.5 * em;
    const sign = { ...font, size: 1.5 * em };
    drawTitle(context, "·", a.x + a.columns * a.cell, middle, gap, sign, 650, "center");
    drawTitle(context, "=", b.x + b.columns * b.cell, middle, gap, sign, 650, "center");
  }
}

export default mounting(Tiles, (picture, { data }) => picture.update(data));
