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


const SETTLE_MS = 4000; // for so long the picture trusts its own clicks over older data

class MaskGrid extends CanvasPicture {
  constructor(parent) {
    super(parent, "maskgrid");
    this.frame = element("div", "frame", "", { tabindex: "0", role: "application" });
    this.canvas = element("canvas", "", "", { "aria-hidden": "true" });
    this.frame.append(this.canvas);
    this.readout = element("div", "readout", "", { "aria-live": "polite" });
    this.steps = new MaskSteps();
    this.legend = element("div", "legend");
    this.undo = element("button", "quiet undo", "", { type: "button" });
    this.undo.onclick = () => this.takeBack();
    this.root.append(this.frame, this.legend, this.readout, this.steps.root, this.undo);
    this.matrices = new Matrices();
    this.listen();
  }

  listen() {
    const cellAt = (event) => this.places.cellAt(event.offsetX, event.offsetY);
    this.canvas.addEventListener("pointermove", (event) => this.point(cellAt(event)));
    this.canvas.addEventListener("pointerleave", () => this.point(null));
    this.canvas.addEventListener("click", (event) => {
      const cell = cellAt(event);
      if (!cell) return;
      if (cell.panel === 1 && this.header.editable) this.flip(cell.query, cell.key);
      else this.choose(cell.query, cell.key);
    });
    this.frame.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (isModified(event)) return;
    const at = this.pointed ?? { panel: 1, query: this.query, key: 0 };
    const step = ARROWS[event.key];
    if (step) this.pointBeside(at, this.pointed ? step : [0, 0]);
    else if (event.key === "Enter") this.choose(at.query, at.key);
    else if (event.key === " " && this.header.editable) this.flip(at.query, at.key);
    else return;
    taken(event);
  }

  /** Point at a cell of the mask, so many rows below and columns behind another. */
  pointBeside({ query, key }, [down, across]) {
    const clamp = (value, count) => Math.max(0, Math.min(count - 1, value));
    const { rows, columns } = this.head;
    this.point({ panel: 1, query: clamp(query + down, rows), key: clamp(key + across, columns) });
  }

  /** New data, or a new theme. */
  update(data, send) {
    this.send = send;
    const parsed = parsedHead(data);
    const { header } = parsed;
    const fresh = this.header?.fingerprint !== header.fingerprint;
    const older = !fresh && this.isOlder(header);
    this.header = header;
    const told = header.flipped.map(([query, key]) => query * header.keys.length + key);
    this.head = new MaskedHead(parsed, older ? this.head.flipped : new Set(told));
    if (older || header.long) this.head.weighAll();
    if (fresh && header.query !== this.query) this.key = null; // the reader's click makes BERT hide another token
    if (!older) {
      this.waiting = null;
      this.query = header.query;
    }
    if (fresh) this.pointed = null;
    const side = isDark(this.root) ? 1 : 0;
    this.colours = Object.fromEntries(Object.entries(header.colours).map(([name, pair]) => [name, pair[side]]));
    this.root.style.setProperty("--family", this.colours.family);
    this.spoken.textContent = header.alternative;
    this.frame.setAttribute("aria-label", header.labels.keyboard);
    this.undo.textContent = header.labels.undo;
    this.legend.replaceChildren(...maskLegend(header.labels, this.colours));
    this.layout();
  }

  /** Whether the data comes from before the reader's last click. */
  isOlder({ query, flipped }) {
    const waits = this.waiting && Date.now() - this.waiting.since < SETTLE_MS;
    return waits && this.waiting.text !== choiceText({ query, flipped });
  }

  // ------------------------------------------------------------------------------------------------- layout

  layout() {
    if (!this.header || !this.root.clientWidth) return;
    this.readStyle();
    this.places = new Places(this.header, this.root.clientWidth, this.em, (size) => this.widestKey(size));
    this.show();
  }

  widestKey(size) {
    const context = this.canvas.getContext("2d");
    context.font = `750 ${size}px ${this.font}`;
    return Math.max(0, ...this.header.keys.map((piece) => context.measureText(piece).width));
  }

  show() {
    this.undo.hidden = !this.header.editable || !this.head.flipped.size;
    this.matrices.take(this.header, this.head, this.places, this.colours, { font: this.font, ink: this.ink });
    this.draw();
    this.writeReadout();
    this.steps.show(stepsOf(this.header, this.head, this.query, this.key ?? null));
  }

  draw() {
    const context = sized(this.canvas, this.places.width, this.places.height);
    this.matrices.draw(context, this.query, this.pointed);
  }

  /** The picture as it stands, on a canvas of its own. */
  saved() {
    const { canvas, context } = keepsake(this.root, this.places.width, this.places.height);
    this.matrices.draw(context, this.query, this.pointed);
    return canvas;
  }

  writeReadout() {
    const { labels, queries, keys, editable } = this.header;
    const at = this.pointed;
    if (!at || at.key === null) {
      this.readout.textContent = editable ? labels.how : labels.how_fixed;
      return;
    }
    const place = at.query * keys.length + at.key;
    this.readout.textContent = fill(this.head.mask[place] ? labels.open : labels.closed, {
      query: queries[at.query],
      key: keys[at.key],
      score: written(this.head.total(place)),
      weight: percent(this.head.weights[place]),
    });
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

  choose(query, key) {
    this.query = query;
    this.key = key;
    this.tell();
  }

  flip(query, key) {
    const { most, labels } = this.header;
    const { flipped, columns } = this.head;
    this.key = key;
    const last = this.head.isLastOpen(query, key);
    if (last || (!flipped.has(query * columns + key) && flipped.size >= most)) {
      this.readout.textContent = last ? labels.last : fill(labels.most, { most });
      return;
    }
    this.head.flip(query, key);
    this.tell();
  }

  /** The mask as it was before the reader changed it. */
  takeBack() {
    this.head.change(new Set());
    this.head.weighAll();
    this.tell();
  }

  tell() {
    const choice = { query: this.query, flipped: this.head.flippedCells() };
    this.waiting = { text: choiceText(choice), since: Date.now() };
    this.show();
    this.send({ ...choice, fingerprint: this.header.fingerprint });
  }
}

/** From q·k to the share, a column a key, of one query: what MaskSteps shows. @returns {Row} */
function stepsOf({ labels, keys, queries, scale, root }, head, query, chosen) {
  const start = query * keys.length;
  return {
    title: fill(labels.row, { query: queries[query] }),
    columns: keys.map((piece, key) => ({
      key,
      piece,
      product: head.scores[start + key] / scale,
      score: head.total(start + key),
      open: Boolean(head.mask[start + key]),
      weight: head.weights[start + key],
    })),
    second: head.bias ? labels.plus_bias : labels.times && fill(labels.times, { root }),
    scaled: ({ key, score }) => (head.bias ? score : head.scores[start + key]),
    chosen,
    labels,
  };
}

/** The same text for the same choice. */
function choiceText({ query, flipped }) {
  return JSON.stringify([query, [...flipped].sort((left, right) => left[0] - right[0] || left[1] - right[1])]);
}

export default mounting(MaskGrid, (picture, { data, setStateValue }) => {
  picture.update(data, (choice) => setStateValue("choice", choice));
});
