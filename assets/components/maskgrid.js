/**
 * One attention head under a mask: three matrices (scores, mask, weights) with the same rows and columns, and the steps
 * of the chosen query's row. A click in the mask opens or closes a cell, at once; a click elsewhere chooses the query.
 *
 * Python sends one buffer: the length of a JSON header (uint32), the header, then (queries, keys) numbers: the scaled
 * scores, the bias if there is one, the weights (float32, or float16 where `half`), and the mask without the cells that
 * the reader changed (uint8).
 *
 * @typedef {[number, number]} Cell  query, key
 * @typedef {{fingerprint: string, queries: string[], keys: string[], half: boolean, biased: boolean, scale: number,
 *   root: number, flipped: Cell[], most: number, editable: boolean, query: number, alternative: string, name: string,
 *   colours: {family: [string, string], low: [string, string], zero: [string, string], high: [string, string],
 *   closed: [string, string]}, labels: Object<string, string>}} Header
 */

const CELL = { most: 2.5, labelled: 0.85 }; // times the root's font size, as are the other sizes here
const TALLEST = 27;
const TITLE_HEIGHT = 3.1;
const GAP = 2.4;
const NAME_WIDTH = 7;
const NARROW = 40;
const MOST_STEPS = 14; // keys in the table of steps; of more, the highest scores
const SETTLE_MS = 4000; // for so long the picture trusts its own clicks over older data
const SAVED_SCALE = 3;

function element(tag, className = "", text = "", attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

function channels(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

function isDark(root) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillStyle = getComputedStyle(root).getPropertyValue("--st-background-color").trim();
  const [red, green, blue] = channels(context.fillStyle);
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** Half floats as full ones. */
function widened(halves) {
  const result = new Float32Array(halves.length);
  for (let at = 0; at < halves.length; at++) {
    const bits = halves[at];
    const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
    const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
    result[at] = bits & 0x8000 ? -size : size;
  }
  return result;
}

function parse(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  /** @type {Header} */
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const count = header.queries.length * header.keys.length;
  const width = header.half ? 2 : 4;
  let at = 4 + length;
  const next = () => {
    const buffer = bytes.slice(at, at + count * width).buffer; // a copy, so that the numbers are aligned
    at += count * width;
    return header.half ? widened(new Uint16Array(buffer)) : new Float32Array(buffer);
  };
  const scores = next();
  const bias = header.biased ? next() : null;
  const weights = next();
  return { header, scores, bias, weights, base: bytes.slice(at, at + count) };
}

/** A number in two decimals, with a true minus sign. */
function written(number) {
  const text = number.toFixed(2);
  return Number(text) < 0 ? text.replace("-", "−") : text.replace("-", "");
}

function percent(share) {
  if (share === 0) return "0 %";
  if (share < 0.001) return "<0.1 %";
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const letters = [...text];
  while (letters.length && context.measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("")}…`;
}

class MaskGrid {
  constructor(parent) {
    this.root = element("div", "maskgrid");
    this.spoken = element("p", "spoken");
    this.frame = element("div", "frame", "", { tabindex: "0", role: "application" });
    this.canvas = element("canvas", "", "", { "aria-hidden": "true" });
    this.frame.append(this.canvas);
    this.readout = element("div", "readout", "", { "aria-live": "polite" });
    this.steps = element("div", "steps");
    this.foot = element("div", "foot");
    this.root.append(this.spoken, this.frame, this.readout, this.steps, this.foot);
    parent.append(this.root);
    this.tiles = [0, 1, 2].map(() => document.createElement("canvas"));
    this.listen();
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(this.root);
  }

  dispose() {
    this.observer.disconnect();
    this.root.remove();
  }

  listen() {
    this.canvas.addEventListener("pointermove", (event) => this.point(this.cellAt(event)));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("click", (event) => {
      const cell = this.cellAt(event);
      if (!cell) return;
      if (cell.panel === 1 && this.header.editable) this.flip(cell.query, cell.key);
      else this.choose(cell.query);
    });
    this.frame.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { queries, keys } = this.header;
    const at = this.pointed ?? { panel: 1, query: this.query, key: 0 };
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step) {
      const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));
      const fresh = !this.pointed;
      this.point({
        panel: 1,
        query: fresh ? at.query : clamp(at.query + step[0], queries.length),
        key: fresh ? at.key : clamp(at.key + step[1], keys.length),
      });
    } else if (event.key === "Enter") this.choose(at.query);
    else if (event.key === " " && this.header.editable) this.flip(at.query, at.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** New data, or a new theme. */
  update(data, send) {
    this.send = send;
    const parsed = parse(data);
    const fresh = this.header?.fingerprint !== parsed.header.fingerprint;
    Object.assign(this, parsed);
    const { header } = this;
    this.dark = isDark(this.root);
    const told = { query: header.query, flipped: header.flipped };
    const waits = !fresh && this.waiting && Date.now() - this.waiting.since < SETTLE_MS;
    if (waits && this.waiting.text !== this.text(told)) {
      this.refresh(); // what came is older than the reader's last click
    } else {
      this.waiting = null;
      this.query = header.query;
      this.flipped = new Set(header.flipped.map(([query, key]) => query * header.keys.length + key));
      this.mask = this.base.slice();
      for (const at of this.flipped) this.mask[at] ^= 1;
    }
    if (fresh) this.pointed = null;
    this.root.style.setProperty("--family", this.pick(header.colours.family));
    this.spoken.textContent = header.alternative;
    this.frame.setAttribute("aria-label", header.labels.keyboard);
    this.writeFoot();
    this.layout();
  }

  pick(pair) {
    return pair[this.dark ? 1 : 0];
  }

  text({ query, flipped }) {
    return JSON.stringify([query, [...flipped].sort((left, right) => left[0] - right[0] || left[1] - right[1])]);
  }

  total(at) {
    return this.scores[at] + (this.bias ? this.bias[at] : 0);
  }

  /** Weigh every row again that the reader's own clicks changed since Python's answer. */
  refresh() {
    const { header } = this;
    for (let query = 0; query < header.queries.length; query++) this.weigh(query);
  }

  /** The softmax of one row under the mask as it is now. */
  weigh(query) {
    const { keys } = this.header;
    const start = query * keys.length;
    const open = keys.map((_, key) => start + key).filter((at) => this.mask[at]);
    const highest = Math.max(...open.map((at) => this.total(at)));
    const sum = open.reduce((total, at) => total + Math.exp(this.total(at) - highest), 0);
    this.weights.fill(0, start, start + keys.length);
    for (const at of open) this.weights[at] = Math.exp(this.total(at) - highest) / sum;
  }

  // ------------------------------------------------------------------------------------------------- layout

  layout() {
    if (!this.header || !this.root.clientWidth) return;
    const style = getComputedStyle(this.root);
    this.em = parseFloat(style.fontSize);
    this.font = style.fontFamily;
    this.ink = style.color;
    const { queries, keys } = this.header;
    const { em } = this;
    const width = this.root.clientWidth;
    this.left = Math.min(NAME_WIDTH * em, Math.max(0.16 * width, 5 * em));
    const gap = GAP * em;
    const narrow = width < NARROW * em; // a phone: the matrices stand one below the other
    const room = (width - this.left - 4 - (narrow ? 0 : 2 * gap)) / (narrow ? 1 : 3); // 4: the frames' own pixels
    this.cell = Math.min(CELL.most * em, room / keys.length, (TALLEST * em) / queries.length);
    if (this.cell > 4) this.cell = Math.floor(this.cell);
    this.named = this.cell >= CELL.labelled * em;
    this.panel = { width: this.cell * keys.length, height: this.cell * queries.length };
    this.step = narrow ? 0 : Math.max(this.panel.width, Math.min(room, 15 * em)) + gap;
    this.room = narrow ? room : this.step - 0.4 * em;
    this.measure();
    this.top = TITLE_HEIGHT * em + (this.named ? this.tall + 0.8 * em : 0.4 * em);
    this.width = width;
    const tall = Math.ceil(this.top + this.panel.height + 2);
    this.rise = narrow ? tall + em : 0;
    this.height = tall + 2 * this.rise;
    this.show();
  }

  /** How tall the keys' names stand, up to a limit. */
  measure() {
    const context = this.canvas.getContext("2d");
    context.font = `750 ${this.labelSize()}px ${this.font}`;
    const widest = Math.max(0, ...this.header.keys.map((piece) => context.measureText(piece).width));
    this.tall = Math.min(5.5 * this.em, widest + 2);
  }

  /** The left upper corner of a matrix. */
  place(panel) {
    return { x: this.left + panel * this.step, y: this.top + panel * this.rise };
  }

  cellAt(event) {
    const { queries, keys } = this.header;
    for (let panel = 0; panel < 3; panel++) {
      const { x, y } = this.place(panel);
      const [query, key] = [(event.offsetY - y) / this.cell, (event.offsetX - x) / this.cell].map(Math.floor);
      if (query < 0 || query >= queries.length) continue;
      if (event.offsetX < this.left) return { panel, query, key: null };
      if (key >= 0 && key < keys.length) return { panel, query, key };
    }
    return null;
  }

  // ------------------------------------------------------------------------------------------------ drawing

  show() {
    this.undo.hidden = !this.header.editable || !this.flipped.size;
    this.tiles.forEach((_, panel) => this.paint(panel));
    this.draw();
    this.writeReadout();
    this.writeSteps();
  }

  draw(canvas = this.canvas, scale = window.devicePixelRatio || 1) {
    const { width, height } = this;
    Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) });
    Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    if (canvas !== this.canvas) {
      context.fillStyle = getComputedStyle(this.root).getPropertyValue("--st-background-color");
      context.fillRect(0, 0, width, height);
    }
    const { labels } = this.header;
    const signs = ["", "+", "→"];
    [labels.scores, labels.mask, labels.weights].forEach((title, panel) => {
      this.drawTitle(context, panel, title, [labels.scores_note, labels.mask_note, labels.weights_note][panel]);
      this.drawCells(context, panel);
      if (this.named) this.drawKeys(context, panel);
      if (panel === 0 || this.rise) this.drawQueries(context, panel);
      if (!signs[panel] || this.rise) return;
      context.fillStyle = this.ink;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.font = `700 ${1.7 * this.em}px ${this.font}`;
      const { x, y } = this.place(panel);
      context.fillText(signs[panel], x - (GAP / 2) * this.em, y + this.panel.height / 2);
    });
    this.drawMarks(context);
  }

  drawTitle(context, panel, title, note) {
    const { em } = this;
    const { x, y } = this.place(panel);
    context.fillStyle = this.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.font = `650 ${1.15 * em}px ${this.font}`;
    context.fillText(fitted(context, `${panel + 1}. ${title}`, this.room), x, y - this.top + 0.8 * em);
    context.font = `400 ${0.95 * em}px ${this.font}`;
    context.fillText(fitted(context, note, this.room), x, y - this.top + 2.1 * em);
  }

  /** The cells of one matrix, a pixel each; kept, because the pointer moves more often than the numbers change. */
  paint(panel) {
    const { queries, keys, colours } = this.header;
    const mix = (from, to, share) => from.map((value, at) => value + (to[at] - value) * share);
    const [low, zero, high, family] = [colours.low, colours.zero, colours.high, colours.family].map((pair) =>
      channels(this.pick(pair)),
    );
    const closed = channels(this.pick(colours.closed));
    let [largest, heaviest] = [1e-9, 1e-9];
    for (const weight of this.weights) heaviest = Math.max(heaviest, weight);
    if (panel === 0) for (let at = 0; at < this.scores.length; at++) largest = Math.max(largest, Math.abs(this.total(at)));
    const power = keys.length > 64 ? 1 / 3 : 1 / 2; // a root, so that small shares are seen
    const colour = (at) => {
      if (panel === 0) return mix(zero, this.total(at) < 0 ? low : high, Math.abs(this.total(at)) / largest);
      if (panel === 1) return this.mask[at] ? mix(zero, family, 0.75) : closed;
      return mix(zero, family, (this.weights[at] / heaviest) ** power);
    };
    const image = new ImageData(keys.length, queries.length);
    for (let at = 0; at < queries.length * keys.length; at++) image.data.set([...colour(at), 255], 4 * at);
    Object.assign(this.tiles[panel], { width: keys.length, height: queries.length });
    this.tiles[panel].getContext("2d").putImageData(image, 0, 0);
  }

  drawCells(context, panel) {
    const { queries, keys, colours } = this.header;
    const { x, y } = this.place(panel);
    context.imageSmoothingEnabled = this.cell < 1;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.tiles[panel], x, y, this.panel.width, this.panel.height);
    if (this.cell < 6) return;
    context.strokeStyle = this.pick(colours.zero);
    context.lineWidth = 1;
    context.beginPath();
    for (let query = 0; query <= queries.length; query++) {
      context.moveTo(x, y + query * this.cell + 0.5);
      context.lineTo(x + this.panel.width, y + query * this.cell + 0.5);
    }
    for (let key = 0; key <= keys.length; key++) {
      context.moveTo(x + key * this.cell + 0.5, y);
      context.lineTo(x + key * this.cell + 0.5, y + this.panel.height);
    }
    context.stroke();
    if (panel === 1) this.drawSigns(context, x, y);
  }

  /** −∞ in every closed cell of the mask, where it can be read; a cross where it cannot. */
  drawSigns(context, x, y) {
    const { queries, keys, colours } = this.header;
    const { cell } = this;
    context.fillStyle = context.strokeStyle = this.pick(colours.zero);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `600 ${Math.min(0.48 * cell, 1.1 * this.em)}px ${this.font}`;
    context.lineWidth = 1;
    for (let query = 0; query < queries.length; query++) {
      for (let key = 0; key < keys.length; key++) {
        if (this.mask[query * keys.length + key]) continue;
        const [left, top] = [x + key * cell, y + query * cell];
        if (cell >= 1.5 * this.em) {
          context.fillText("−∞", left + cell / 2, top + cell / 2);
        } else {
          context.beginPath();
          context.moveTo(left + 0.25 * cell, top + 0.75 * cell);
          context.lineTo(left + 0.75 * cell, top + 0.25 * cell);
          context.stroke();
        }
      }
    }
  }

  labelSize() {
    return Math.min(1.05 * this.em, Math.max(0.85 * this.em, 0.75 * this.cell));
  }

  drawKeys(context, panel) {
    context.fillStyle = this.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    const { x, y } = this.place(panel);
    this.header.keys.forEach((piece, key) => {
      const bold = this.pointed?.key === key;
      context.font = `${bold ? 750 : 450} ${this.labelSize()}px ${this.font}`;
      context.save();
      context.translate(x + (key + 0.5) * this.cell, y - 0.35 * this.em);
      context.rotate(-Math.PI / 2);
      context.fillText(fitted(context, piece, this.tall), 0, 0);
      context.restore();
    });
  }

  drawQueries(context, panel) {
    const { em, header } = this;
    const corner = this.place(panel);
    context.textAlign = "right";
    context.textBaseline = "middle";
    header.queries.forEach((piece, query) => {
      const chosen = query === this.query;
      if (!this.named && !chosen) return;
      const y = corner.y + (query + 0.5) * this.cell;
      context.fillStyle = chosen ? this.pick(header.colours.family) : this.ink;
      context.font = `${chosen ? 750 : 450} ${chosen && !this.named ? em : this.labelSize()}px ${this.font}`;
      context.fillText(fitted(context, piece, this.left - 1.6 * em), this.left - 0.5 * em, y);
    });
  }

  /** The chosen row in all three matrices, and the cell that is pointed at. */
  drawMarks(context) {
    const { cell } = this;
    for (let panel = 0; panel < 3; panel++) {
      const { x, y } = this.place(panel);
      context.strokeStyle = this.ink;
      context.lineWidth = 2.5;
      context.strokeRect(x - 1, y + this.query * cell - 1, this.panel.width + 2, Math.max(cell, 3) + 2);
      if (!this.pointed || this.pointed.key === null) continue;
      context.lineWidth = 2;
      context.strokeStyle = this.pick(this.header.colours.high);
      const size = Math.max(cell, 5);
      context.strokeRect(x + this.pointed.key * cell, y + this.pointed.query * cell, size, size);
    }
  }

  // ------------------------------------------------------------------------------------------------ writing

  writeReadout() {
    const { labels, queries, keys, editable } = this.header;
    const at = this.pointed;
    if (!at || at.key === null) {
      this.readout.textContent = editable ? labels.how : labels.how_fixed;
      return;
    }
    const place = at.query * keys.length + at.key;
    const open = this.mask[place];
    this.readout.textContent = fill(open ? labels.open : labels.closed, {
      query: queries[at.query],
      key: keys[at.key],
      score: written(this.total(place)),
      weight: percent(this.weights[place]),
    });
  }

  /** From q·k to the share, a column a key, of the chosen query. */
  writeSteps() {
    const { labels, keys, queries, scale, root } = this.header;
    const start = this.query * keys.length;
    const row = keys.map((piece, key) => ({ piece, at: start + key }));
    const by = [...row].sort((left, right) => this.total(right.at) - this.total(left.at));
    const kept = new Set(by.slice(0, MOST_STEPS));
    const shown = row.filter((column) => kept.has(column));
    const open = row.filter(({ at }) => this.mask[at]);
    const highest = Math.max(...open.map(({ at }) => this.total(at)));
    const raised = ({ at }) => (this.mask[at] ? Math.exp(this.total(at) - highest) : 0);
    const sum = open.reduce((total, column) => total + raised(column), 0);
    const table = element("table");
    const line = (name, cells, last, className = "") => {
      const tr = element("tr", className);
      tr.append(element("th", "", name, { scope: "row" }), ...cells, element("td", "sum", last));
      table.append(tr);
    };
    const cells = (text) => shown.map((column) => element("td", this.mask[column.at] ? "" : "closed", text(column)));
    const head = shown.map(({ piece, at }) => {
      const th = element("th", this.mask[at] ? "" : "closed", "", { scope: "col" });
      th.append(element("bdi", "", piece));
      return th;
    });
    line(labels.key, head, "", "head");
    line("q·k", cells(({ at }) => written(this.scores[at] / scale)), "");
    if (this.bias) line(labels.plus_bias, cells(({ at }) => written(this.total(at))), "");
    else if (labels.times) line(fill(labels.times, { root }), cells(({ at }) => written(this.scores[at])), "");
    line(labels.plus_mask, cells(({ at }) => (this.mask[at] ? `+ 0` : "− ∞")), "");
    line(labels.raised, cells((column) => written(raised(column))), fill(labels.sum, { sum: written(sum) }));
    const bars = shown.map(({ at }) => {
      const td = element("td", this.mask[at] ? "share" : "share closed");
      const bar = element("i");
      bar.style.height = `${(2.2 * this.weights[at]).toFixed(3)}rem`;
      td.append(bar, element("b", "", percent(this.weights[at])));
      return td;
    });
    line(labels.share, bars, "100 %", "shares");
    const title = element("p");
    title.append(element("b", "", fill(labels.row, { query: queries[this.query] })));
    if (shown.length < keys.length) title.append(` ${fill(labels.some, { shown: shown.length, all: keys.length })}`);
    const scroller = element("div", "scroller", "", { tabindex: "0", role: "region", "aria-label": labels.steps });
    scroller.append(table);
    this.steps.replaceChildren(title, scroller);
  }

  writeFoot() {
    const button = element("button", "", `${this.header.labels.save} PNG`, { type: "button" });
    button.onclick = () => {
      const canvas = document.createElement("canvas");
      this.draw(canvas, SAVED_SCALE);
      element("a", "", "", { href: canvas.toDataURL("image/png"), download: `${this.header.name}.png` }).click();
    };
    this.undo = element("button", "", this.header.labels.undo, { type: "button" });
    this.undo.onclick = () => this.takeBack();
    this.foot.replaceChildren(this.undo, button);
  }

  // -------------------------------------------------------------------------------------- pointing and choice

  point(cell) {
    const same = JSON.stringify(cell) === JSON.stringify(this.pointed ?? null);
    if (same) return;
    this.pointed = cell;
    this.canvas.style.cursor = cell ? "pointer" : "default";
    this.draw();
    this.writeReadout();
  }

  choose(query) {
    this.query = query;
    this.tell();
  }

  flip(query, key) {
    const { keys, most, labels } = this.header;
    const at = query * keys.length + key;
    const row = this.mask.subarray(query * keys.length, (query + 1) * keys.length);
    const last = this.mask[at] && row.reduce((total, open) => total + open, 0) === 1;
    if (last || (!this.flipped.has(at) && this.flipped.size >= most)) {
      this.readout.textContent = last ? labels.last : fill(labels.most, { most });
      return;
    }
    this.mask[at] ^= 1;
    if (!this.flipped.delete(at)) this.flipped.add(at);
    this.weigh(query);
    this.tell();
  }

  /** The mask as it was before the reader changed it. */
  takeBack() {
    this.flipped.clear();
    this.mask = this.base.slice();
    this.refresh();
    this.tell();
  }

  tell() {
    const { keys, fingerprint } = this.header;
    const flipped = [...this.flipped].map((at) => [Math.floor(at / keys.length), at % keys.length]);
    const choice = { query: this.query, flipped };
    this.waiting = { text: this.text(choice), since: Date.now() };
    this.show();
    this.send({ ...choice, fingerprint });
  }
}

/** @type {WeakMap<Node, MaskGrid>} */
const pictures = new WeakMap();

/** Called by Streamlit when the component is mounted and whenever its data or the theme changes. */
export default function ({ data, parentElement, setStateValue }) {
  let picture = pictures.get(parentElement);
  if (!picture) {
    picture = new MaskGrid(parentElement);
    pictures.set(parentElement, picture);
  }
  picture.update(data, (choice) => setStateValue("choice", choice));
  return () => {
    picture.dispose();
    pictures.delete(parentElement);
  };
}
