/**
 * Vectors as heat, each cell a component: above, a column for each token and a row for each part of its input; below,
 * the parts of one token at full width, with the sum of one component worked out.
 *
 * Python sends one buffer: the length of a JSON header (uint32), the header, and for each row its (tokens, size) numbers
 * as float32. Only the columns in sight are drawn, so the number of tokens does not matter.
 *
 * @typedef {{name: string, detail: string, sign: string, notes: string[], scale: 0 | 1}} Row
 * @typedef {{fingerprint: string, tokens: number, size: number, rows: Row[], pieces: string[], limits: [number, number],
 *   colours: {family: [string, string], low: [string, string], zero: [string, string], high: [string, string]},
 *   selected: number, name: string, alternative: string, labels: Object<string, string>}} Header
 */

const LABEL_HEIGHT = 2; // times the root's font size, as are the other sizes here
const CELL_HEIGHT = 2.55;
const NOTE_HEIGHT = 1.2;
const ROW_GAP = 0.4;
const COLUMN_WIDTH = { least: 3.9, most: 7.2 };
const COLUMN_PADDING = 0.35;
const STRIP_HEIGHT = 1.65;
const STRIP_GAP = 0.3;

class Strips extends CanvasPicture {
  constructor(parent) {
    super(parent, "strips");
    this.names = element("div", "names", "", { "aria-hidden": "true" });
    Object.assign(this, scrolledCanvas({ role: "slider" }, () => this.drawColumns()));
    this.head = element("div", "head");
    this.oneNames = element("div", "names", "", { "aria-hidden": "true" });
    this.one = element("div", "one", "", { tabindex: "0", role: "slider" });
    this.oneCanvas = element("canvas", "", "", { "aria-hidden": "true" });
    this.one.append(this.oneCanvas);
    this.equation = element("div", "equation", "", { "aria-live": "polite" });
    this.foot = element("div", "foot");
    const columns = element("div", "picture");
    columns.append(this.names, this.scroller);
    const whole = element("div", "picture");
    whole.append(this.oneNames, this.one);
    this.root.append(columns, this.head, whole, this.equation, this.foot);
    this.listen();
  }

  listen() {
    this.canvas.addEventListener("pointermove", (event) => this.point(this.columnAt(event)));
    this.canvas.addEventListener("pointerleave", () => this.point(undefined));
    this.canvas.addEventListener("click", (event) => this.choose(this.columnAt(event)));
    this.scroller.addEventListener("keydown", (event) => this.press(event, (step) => this.step(step)));
    const component = (event) => Math.floor((event.offsetX / this.oneWidth) * this.header.size);
    this.oneCanvas.addEventListener("pointermove", (event) => this.hold(component(event)));
    this.one.addEventListener("keydown", (event) => this.press(event, (step) => this.hold(this.component + step)));
  }

  press(event, move) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step || isModified(event)) return;
    move(step);
    taken(event);
  }

  /** New data, or a new theme. */
  update(data, send) {
    this.send = send;
    const parsed = parsedStrips(data);
    const { header } = parsed;
    const fresh = this.header?.fingerprint !== header.fingerprint;
    this.header = header;
    const side = isDark(this.root) ? 1 : 0;
    this.heat = new Heat(parsed, side);
    this.family = header.colours.family[side];
    this.root.style.setProperty("--family", this.family);
    if (fresh) this.pointed = undefined;
    // While a click is on its way, what comes back may still be of the choice before it.
    if (fresh || this.awaited === undefined || this.awaited === header.selected) {
      this.selected = header.selected;
      this.awaited = undefined;
    }
    this.spoken.textContent = header.alternative;
    this.scroller.setAttribute("aria-label", header.labels.tokens);
    this.one.setAttribute("aria-label", header.labels.components);
    this.foot.replaceChildren(...scales(this.heat));
    this.layout();
  }

  // ----------------------------------------------------------------------------------------------------- layout

  layout() {
    if (!this.header || !this.root.clientWidth) return;
    this.readStyle();
    const { header, root, em } = this;
    root.classList.toggle("narrow", root.clientWidth < 40 * em);
    this.width = this.scroller.clientWidth;
    const even = this.width / Math.max(header.tokens, 1);
    const { least, most } = COLUMN_WIDTH;
    this.column = Math.max(least * em, Math.min(most * em, Math.floor(even)));
    this.tops = [];
    let top = LABEL_HEIGHT * em;
    for (const row of header.rows) {
      this.tops.push(top);
      top += (CELL_HEIGHT + (row.notes.length ? NOTE_HEIGHT : 0) + ROW_GAP) * em;
    }
    this.height = Math.ceil(top);
    this.spacer.style.width = `${Math.max(this.column * header.tokens, 1)}px`;
    this.names.style.height = `${this.height}px`;
    this.names.replaceChildren(...rowNames(header.rows, this.tops, CELL_HEIGHT * em, true));
    this.layoutOne();
    this.show();
  }

  /** The strips of one token at full width. */
  layoutOne() {
    const { header, em } = this;
    this.oneWidth = this.one.clientWidth;
    this.stripTops = header.rows.map((_, row) => 2 + row * (STRIP_HEIGHT + STRIP_GAP) * em);
    this.oneHeight = Math.ceil(header.rows.length * (STRIP_HEIGHT + STRIP_GAP) * em);
    this.oneNames.style.height = `${this.oneHeight}px`;
    this.oneNames.replaceChildren(...rowNames(header.rows, this.stripTops, STRIP_HEIGHT * em, false));
  }

  // ---------------------------------------------------------------------------------------------------- drawing

  /** Draw what is shown now: that token's parts, and the columns with it marked. */
  show() {
    if (!this.header.tokens) return;
    const token = this.token;
    if (this.shownToken !== `${this.header.fingerprint} ${token}`) {
      this.shownToken = `${this.header.fingerprint} ${token}`;
      this.component = biggest(this.heat.vector(sumRow(this.header.rows), token));
      this.isBiggest = true;
    }
    this.drawColumns();
    this.drawOne();
    this.writeOne();
  }

  get token() {
    return Math.min(this.pointed ?? this.selected, this.header.tokens - 1);
  }

  drawColumns() {
    if (!this.column) return;
    const { header, column } = this;
    const width = Math.min(this.width, Math.max(column * header.tokens, 1));
    const context = sized(this.canvas, width, this.height);
    const left = this.scroller.scrollLeft;
    const first = Math.max(0, Math.floor(left / column));
    const last = Math.min(header.tokens, Math.ceil((left + width) / column));
    for (let token = first; token < last; token++) this.drawColumn(context, token, token * column - left);
  }

  drawColumn(context, token, x) {
    const { header, em, column } = this;
    const padding = COLUMN_PADDING * em;
    const [width, height] = [column - 2 * padding, CELL_HEIGHT * em];
    const across = Math.min(header.size, Math.ceil(Math.sqrt((header.size * width) / height)));
    if (token === this.token) {
      context.fillStyle = `${this.family}38`;
      context.beginPath();
      context.roundRect(x + 1, 1, column - 2, this.height - 2, 0.4 * em);
      context.fill();
    }
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = this.ink;
    context.font = `600 ${1.1 * em}px ${this.font}`;
    const middle = x + column / 2;
    context.fillText(fitted(context, header.pieces[token], column - 4), middle, (LABEL_HEIGHT / 2) * em);
    context.font = `400 ${0.9 * em}px ${this.font}`;
    header.rows.forEach((row, at) => {
      const y = this.tops[at];
      this.heat.draw(context, at, token, across, { x: x + padding, y, width, height });
      if (!row.notes.length) return;
      context.fillStyle = this.ink;
      context.fillText(row.notes[token], middle, y + height + (NOTE_HEIGHT / 2) * em);
    });
  }

  drawOne() {
    const { header, token, oneWidth: width } = this;
    if (!width) return;
    const context = sized(this.oneCanvas, width, this.oneHeight);
    const height = STRIP_HEIGHT * this.em;
    header.rows.forEach((_, row) => {
      this.heat.draw(context, row, token, header.size, { x: 0, y: this.stripTops[row], width, height });
    });
    const cell = width / header.size;
    // A frame around the component, so that its own colour stays in sight.
    context.strokeStyle = this.ink;
    context.lineWidth = 2;
    const across = Math.max(cell, 3) + 2;
    const x = Math.max(1, Math.min((this.component + 0.5) * cell - across / 2, width - across - 1));
    header.rows.forEach((_, row) => context.strokeRect(x, this.stripTops[row] - 1, across, height + 2));
  }

  writeOne() {
    const { header, heat, token, component } = this;
    const { labels } = header;
    const place = fill(labels.place, { n: token + 1, count: header.tokens, size: header.size });
    this.head.replaceChildren(element("b", "", header.pieces[token]), ` ${place}`);
    const name = fill(this.isBiggest ? labels.biggest : labels.component, { n: component });
    this.equation.replaceChildren(...equation(heat, name, token, component));
    this.oneNames.querySelectorAll(".length").forEach((node, row) => {
      node.textContent = Math.hypot(...heat.vector(row, token)).toPrecision(2);
    });
    this.slider(this.scroller, token, header.tokens, header.pieces[token]);
    this.slider(this.one, component, header.size, this.equation.textContent);
  }

  slider(node, now, count, text) {
    const values = { "aria-valuemin": 0, "aria-valuemax": count - 1, "aria-valuenow": now, "aria-valuetext": text };
    for (const [name, value] of Object.entries(values)) node.setAttribute(name, value);
  }

  // ------------------------------------------------------------------------------------------ pointing and choice

  columnAt(event) {
    const token = Math.floor((event.offsetX + this.scroller.scrollLeft) / this.column);
    return token >= 0 && token < this.header.tokens ? token : undefined;
  }

  point(token) {
    if (this.pointed === token) return;
    this.pointed = token;
    this.show();
  }

  choose(token) {
    if (token === undefined) return;
    this.selected = this.awaited = token;
    this.show();
    this.send({ token, fingerprint: this.header.fingerprint });
  }

  step(step) {
    const token = Math.max(0, Math.min(this.header.tokens - 1, this.selected + step));
    this.pointed = undefined;
    const [left, right] = [token * this.column, (token + 1) * this.column];
    if (left < this.scroller.scrollLeft) this.scroller.scrollLeft = left;
    else if (right > this.scroller.scrollLeft + this.width) this.scroller.scrollLeft = right - this.width;
    this.choose(token);
  }

  hold(component) {
    this.component = Math.max(0, Math.min(this.header.size - 1, component));
    this.isBiggest = false;
    this.drawOne();
    this.writeOne();
  }

  // ----------------------------------------------------------------------------------------------------- saving

  /** Both pictures with the rows' names, on a canvas of their own. */
  saved() {
    const gap = 2 * this.em;
    const name = this.names.clientWidth;
    const { canvas, context } = keepsake(this.root, name + this.width, this.height + gap + this.oneHeight);
    context.textBaseline = "middle";
    context.font = `600 ${1.1 * this.em}px ${this.font}`;
    const label = (row, top, tall) => context.fillText(`${row.sign} ${row.name}`.trim(), 0, top + tall / 2, name - 8);
    const lower = this.height + gap;
    this.header.rows.forEach((row, at) => {
      label(row, this.tops[at], CELL_HEIGHT * this.em);
      label(row, lower + this.stripTops[at], STRIP_HEIGHT * this.em);
    });
    context.fillText(this.head.textContent, name, this.height + gap / 2);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, name, 0, parseFloat(this.canvas.style.width), this.height);
    context.drawImage(this.oneCanvas, name, lower, this.oneWidth, this.oneHeight);
    return canvas;
  }
}

export default mounting(Strips, (picture, { data, setStateValue }) => {
  picture.update(data, (choice) => setStateValue("choice", choice));
});
