/**
 * One attention head under a mask: three matrices (scores, mask, weights) with the same rows and columns, and the steps
 * of the chosen query's row. A click in the mask opens or closes a cell, at once; a click elsewhere chooses the query.
 *
 * Python sends one buffer: the length of a JSON header (uint32), the header, then numbers, row by row: the bias if there
 * is one, by distance (float32); the scaled scores and the weights (float32); and the mask without the cells that the
 * reader changed (a bit a cell). Of a long text, in place of scores and weights: the lowest and the highest score of each
 * row, bias included (float32), and where every score stands between them (uint16); the weights follow from these.
 *
 * @typedef {[number, number]} Cell  query, key
 * @typedef {{fingerprint: string, queries: string[], keys: string[], long: boolean, biased: boolean, scale: number,
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
const CLOSED_STEPS = 4; // of them, keys that the mask hides, where so many are hidden
const HIGHEST_LEVEL = 2 ** 16 - 1; // of a score between its row's lowest and highest
const SETTLE_MS = 4000; // for so long the picture trusts its own clicks over older data

/** The header, the scores, the bias or null, the weights, and the mask without the reader's own cells. */
function parse(data) {
  /** @type {{header: Header, numbers: Uint8Array}} */
  const { header, numbers } = unpacked(data);
  header.keys ??= header.queries; // the same tokens are sent once
  const [rows, columns] = [header.queries.length, header.keys.length];
  const cells = rows * columns;
  let taken = 0;
  const next = (bytes) => numbers.subarray(taken, (taken += bytes));
  const bias = header.biased ? spread(floats(next(4 * (rows + columns - 1))), rows, columns) : null;
  let [scores, weights] = [null, new Float32Array(cells)];
  if (header.long) {
    const [low, high] = [floats(next(4 * rows)), floats(next(4 * rows))];
    const levels = new Uint16Array(next(2 * cells).slice().buffer); // a copy, so that the numbers are aligned
    scores = new Float32Array(cells);
    for (let at = 0; at < cells; at++) {
      const row = Math.floor(at / columns);
      scores[at] = low[row] + ((high[row] - low[row]) * levels[at]) / HIGHEST_LEVEL - (bias ? bias[at] : 0);
    }
  } else {
    scores = floats(next(4 * cells));
    weights = floats(next(4 * cells));
  }
  const bits = next(Math.ceil(cells / 8));
  const base = Uint8Array.from({ length: cells }, (_, at) => (bits[at >> 3] >> (7 - (at & 7))) & 1);
  return { header, scores, bias, weights, base };
}

/** A number for each distance of key and query, the most negative first, as one for each pair of them. */
function spread(byDistance, rows, columns) {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    result.set(byDistance.subarray(rows - 1 - row, rows - 1 - row + columns), row * columns);
  }
  return result;
}

/** The 256 colours on the way from one to another, as pixels. */
function ramp(from, to) {
  const pixels = new Uint32Array(256);
  const bytes = new Uint8Array(pixels.buffer);
  for (let level = 0; level < 256; level++) {
    from.forEach((value, at) => { bytes[4 * level + at] = value + ((to[at] - value) * level) / 255; });
    bytes[4 * level + 3] = 255;
  }
  return pixels;
}

class MaskGrid extends CanvasPicture {
  constructor(parent) {
    super(parent, "maskgrid");
    this.frame = element("div", "frame", "", { tabindex: "0", role: "application" });
    this.canvas = element("canvas", "", "", { "aria-hidden": "true" });
    this.frame.append(this.canvas);
    this.readout = element("div", "readout", "", { "aria-live": "polite" });
    this.steps = element("div", "steps");
    this.legend = element("div", "legend");
    this.undo = element("button", "quiet undo", "", { type: "button" });
    this.undo.onclick = () => this.takeBack();
    this.root.append(this.frame, this.legend, this.readout, this.steps, this.undo);
    this.tiles = [0, 1, 2].map(() => document.createElement("canvas"));
    this.listen();
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
    const older = waits && this.waiting.text !== this.text(told); // than the reader's last click
    if (!older) {
      this.waiting = null;
      this.query = header.query;
      this.flipped = new Set(header.flipped.map(([query, key]) => query * header.keys.length + key));
      this.mask = this.base.slice();
      for (const at of this.flipped) this.mask[at] ^= 1;
    }
    if (older || header.long) this.refresh();
    if (fresh) this.pointed = null;
    this.root.style.setProperty("--family", this.pick(header.colours.family));
    this.spoken.textContent = header.alternative;
    this.frame.setAttribute("aria-label", header.labels.keyboard);
    this.undo.textContent = header.labels.undo;
    this.writeLegend();
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

  /** Weigh every row again: the reader's own clicks have changed some, or no weights were sent. */
  refresh() {
    const { header } = this;
    for (let query = 0; query < header.queries.length; query++) this.weigh(query);
  }

  /** The softmax of one row under the mask as it is now. */
  weigh(query) {
    const { keys } = this.header;
    const [start, end] = [query * keys.length, (query + 1) * keys.length];
    let [highest, sum] = [-Infinity, 0];
    for (let at = start; at < end; at++) if (this.mask[at]) highest = Math.max(highest, this.total(at));
    for (let at = start; at < end; at++) {
      this.weights[at] = this.mask[at] ? Math.exp(this.total(at) - highest) : 0;
      sum += this.weights[at];
    }
    for (let at = start; at < end; at++) this.weights[at] /= sum;
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

  draw() {
    this.drawOn(sized(this.canvas, this.width, this.height));
  }

  /** The picture as it stands, on a canvas of its own. */
  saved() {
    const { canvas, context } = keepsake(this.root, this.width, this.height);
    this.drawOn(context);
    return canvas;
  }

  drawOn(context) {
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

  /**
   * How far every score is from the mean of its row. Softmax takes no notice of what a whole row has in common, and the
   * colours of large scores that hardly differ would all be one. The mask has no part in it: the scores come before.
   */
  differences() {
    const { queries, keys } = this.header;
    const result = new Float32Array(queries.length * keys.length);
    for (let start = 0; start < result.length; start += keys.length) {
      let sum = 0;
      for (let at = start; at < start + keys.length; at++) sum += this.total(at);
      for (let at = start; at < start + keys.length; at++) result[at] = this.total(at) - sum / keys.length;
    }
    return result;
  }

  /** The cells of one matrix, a pixel each; kept, because the pointer moves more often than the numbers change. */
  paint(panel) {
    const { queries, keys, colours } = this.header;
    const [low, zero, high, family] = [colours.low, colours.zero, colours.high, colours.family].map((pair) =>
      channels(this.pick(pair)),
    );
    const closed = channels(this.pick(colours.closed));
    const cells = queries.length * keys.length;
    let [largest, heaviest] = [1e-9, 1e-9];
    const differences = panel === 0 ? this.differences() : [];
    for (const difference of differences) largest = Math.max(largest, Math.abs(difference));
    if (panel === 2) for (let at = 0; at < cells; at++) heaviest = Math.max(heaviest, this.weights[at]);
    const power = keys.length > 64 ? 1 / 3 : 1 / 2; // a root, so that small shares are seen
    const [lower, higher, shares] = [ramp(zero, low), ramp(zero, high), ramp(zero, family)];
    const [seen, unseen] = [shares[191], ramp(closed, closed)[0]];
    const colour = (at) => {
      if (panel === 1) return this.mask[at] ? seen : unseen;
      if (panel === 2) return shares[Math.round(255 * (this.weights[at] / heaviest) ** power)];
      return (differences[at] < 0 ? lower : higher)[Math.round((255 * Math.abs(differences[at])) / largest)];
    };
    const image = new ImageData(keys.length, queries.length);
    const pixels = new Uint32Array(image.data.buffer);
    for (let at = 0; at < cells; at++) pixels[at] = colour(at);
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
    context.beginPath();
    for (let query = 0; query < queries.length; query++) {
      for (let key = 0; key < keys.length; key++) {
        if (this.mask[query * keys.length + key]) continue;
        const [left, top] = [x + key * cell, y + query * cell];
        if (cell >= 1.5 * this.em) {
          context.fillText("−∞", left + cell / 2, top + cell / 2);
        } else {
          context.moveTo(left + 0.25 * cell, top + 0.75 * cell);
          context.lineTo(left + 0.75 * cell, top + 0.25 * cell);
        }
      }
    }
    context.stroke();
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

  /** What the colours mean, each word after its colour. */
  writeLegend() {
    const { labels, colours } = this.header;
    const said = (colour, words, slashed = false) => {
      const swatch = element("i", slashed ? "swatch slashed" : "swatch", "", { "aria-hidden": "true" });
      swatch.style.background = this.pick(colour);
      const item = element("span");
      item.append(swatch, words);
      return item;
    };
    this.legend.replaceChildren(
      said(colours.high, labels.above),
      said(colours.low, labels.below),
      element("span", "why", labels.only_differences),
      said(colours.family, labels.is_open),
      said(colours.closed, labels.is_closed, true),
    );
  }

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
    const ranked = [...row].sort((left, right) => this.total(right.at) - this.total(left.at));
    const open = ranked.filter(({ at }) => this.mask[at]);
    const closed = ranked.filter(({ at }) => !this.mask[at]);
    const hidden = Math.min(closed.length, Math.max(CLOSED_STEPS, MOST_STEPS - open.length));
    const kept = new Set([...open.slice(0, MOST_STEPS - hidden), ...closed.slice(0, hidden)]);
    const shown = row.filter((column) => kept.has(column));
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

export default mounting(MaskGrid, (picture, { data, setStateValue }) => {
  picture.update(data, (choice) => setStateValue("choice", choice));
});
