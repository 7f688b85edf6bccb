/**
 * One attention map: as lines between two columns of tokens, or as a matrix. Pointing is answered here, at once.
 *
 * Python sends one buffer: the length of a JSON header (uint32), the header, and the weights as float16, a row a query.
 * Only the lines in sight are drawn, so the number of tokens does not matter.
 *
 * @typedef {{queries: string[], keys: string[], query_places: number[], key_places: number[],
 *   place: [number, number], size: [number, number], look: "lines" | "matrix", threshold: number, query: number | null, key: number | null,
 *   colours: {family: [string, string]}, name: string, label: string, alternative: string, labels: Object<string, string>}} Header
 */

const ROW = { least: 1.2, most: 2 }; // times the root's font size, as are the other sizes here
const HEIGHT = 27;
const TOKENS = 8.5; // the width of a column of tokens
const LABELS = { left: 7, top: 5.5 };
const FAINTEST = 0.01; // a weaker line could not be seen

class HeadMap extends CanvasPicture {
  constructor(parent) {
    super(parent, "map");
    this.ends = element("div", "ends", "", { "aria-hidden": "true" });
    this.scroller = element("div", "scroller", "", { tabindex: "0", role: "application" });
    this.spacer = element("div");
    this.canvas = element("canvas", "", "", { "aria-hidden": "true" });
    this.spacer.append(this.canvas);
    this.scroller.append(this.spacer);
    this.said = element("div", "said", "", { "aria-live": "polite" });
    this.foot = element("div", "foot");
    this.root.append(this.ends, this.scroller, this.said, this.foot);
    this.sent = [];
    this.listen();
  }

  listen() {
    this.scroller.addEventListener("scroll", () => requestAnimationFrame(() => this.draw()));
    this.canvas.addEventListener("pointermove", (event) => this.point(this.at(event)));
    this.canvas.addEventListener("pointerleave", () => this.point({}));
    this.canvas.addEventListener("click", (event) => this.hold(this.at(event)));
    this.scroller.addEventListener("keydown", (event) => {
      const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      this.go(step);
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** Go to a neighbouring head. Its place is sent, not the step: of two messages in a row only the last may arrive. */
  go([layers, heads]) {
    const { size } = this.header;
    const to = [this.place[0] + layers, this.place[1] + heads];
    if (to.some((at, axis) => at < 0 || at >= size[axis])) return;
    this.place = to;
    this.sent.push(String(to));
    this.send("go", { layer: to[0], head: to[1] });
  }

  update(data, send) {
    this.send = send;
    const { header, numbers } = unpacked(data);
    this.header = header;
    // While a step is on its way, what comes back may still be of a step before it.
    const at = this.sent.lastIndexOf(String(header.place));
    if (at < 0 || at === this.sent.length - 1) {
      this.place = header.place;
      this.sent = [String(header.place)];
    }
    this.weights = halfFloats(numbers);
    this.held = {
      query: this.rowOf(header.query_places, header.query),
      key: this.rowOf(header.key_places, header.key),
    };
    this.pointed = {};
    this.paper = paperOf(this.root);
    this.family = header.colours.family[isDark(this.root) ? 1 : 0];
    this.root.style.setProperty("--family", this.family);
    this.spoken.textContent = header.alternative;
    this.scroller.setAttribute("aria-label", header.label);
    this.isMatrix = header.look === "matrix";
    this.root.classList.toggle("matrix", this.isMatrix);
    this.ends.replaceChildren(element("span", "", header.labels.from), element("span", "", header.labels.to));
    this.layout();
  }

  rowOf(places, place) {
    const at = place === null ? -1 : places.indexOf(place);
    return at < 0 ? undefined : at;
  }

  weight(query, key) {
    const value = this.weights[query * this.header.keys.length + key];
    return value >= this.header.threshold ? value : 0;
  }

  // ----------------------------------------------------------------------------------------------------- layout

  layout() {
    if (!this.header || !this.root.clientWidth) return;
    const style = getComputedStyle(this.root);
    this.em = parseFloat(style.fontSize);
    this.font = style.fontFamily;
    this.ink = style.color;
    const { queries, keys } = this.header;
    const most = HEIGHT * this.em;
    if (this.isMatrix) {
      const left = LABELS.left * this.em;
      const top = LABELS.top * this.em;
      this.width = this.scroller.clientWidth;
      const fits = Math.min((this.width - left) / (keys.length || 1), (most - top) / (queries.length || 1));
      this.cell = Math.min(fits, 3.4 * this.em);
      this.labelled = this.cell >= 0.75 * this.em;
      this.left = this.labelled ? left : 2 * this.em;
      this.top = this.labelled ? top : 2 * this.em;
      if (!this.labelled) {
        const room = [(this.width - this.left) / keys.length, (most - this.top) / queries.length];
        this.cell = Math.min(...room);
      }
      this.height = this.full = Math.ceil(this.top + this.cell * queries.length + 2);
    } else {
      const rows = Math.max(queries.length, keys.length, 1);
      const { least, most: tallest } = ROW;
      this.row = Math.max(least * this.em, Math.min(tallest * this.em, most / rows));
      this.full = Math.ceil(this.row * rows) + 4;
      this.height = Math.min(this.full, Math.ceil(most));
    }
    this.scroller.style.height = `${this.height}px`;
    this.spacer.style.height = `${this.full}px`;
    this.width = this.scroller.clientWidth;
    this.column = Math.min(TOKENS * this.em, 0.36 * this.width);
    this.writeFoot();
    this.draw();
    this.say();
  }

  /** The hint; for a matrix also its image, whose grain depends on the room there is. */
  writeFoot() {
    const { labels, queries, keys } = this.header;
    const scale = window.devicePixelRatio || 1;
    const block = this.isMatrix ? Math.ceil(1 / (this.cell * scale)) : 1;
    this.block = Math.max(1, block);
    const pooled = this.block > 1 ? `${fill(labels.pooled, { n: this.block })} ` : "";
    const faint = this.isMatrix || this.weights.some((weight) => weight >= FAINTEST) ? "" : `${labels.faint} `;
    this.foot.textContent = pooled + faint + (this.isMatrix ? labels.hint_matrix : labels.hint);
    this.foot.hidden = !queries.length || !keys.length;
    if (this.isMatrix && !this.foot.hidden) this.makeTile();
  }

  // ---------------------------------------------------------------------------------------------------- drawing

  draw() {
    if (!this.width || !this.header) return;
    this.paint(sized(this.canvas, this.width, this.height));
  }

  paint(context) {
    if (!this.header.queries.length || !this.header.keys.length) return;
    context.textBaseline = "middle";
    context.fillStyle = context.strokeStyle = this.ink;
    if (this.isMatrix) this.paintMatrix(context);
    else this.paintLines(context);
  }

  /** The query and the key that the picture is about now: pointed at, or else held. */
  get focus() {
    const { query, key } = this.pointed;
    return query === undefined && key === undefined ? this.held : this.pointed;
  }

  paintLines(context) {
    const { row, width, column, em } = this;
    const { queries, keys } = this.header;
    const above = this.scroller.scrollTop;
    const middle = (at) => 2 + (at + 0.5) * row - above;
    const first = Math.max(0, Math.floor(above / row));
    const last = Math.ceil((above + this.height) / row);
    const { query, key } = this.focus;
    context.strokeStyle = this.family;
    const seen = (at) => at >= first && at < last;
    const line = (from, to) => {
      const weight = this.weight(from, to);
      if (weight < FAINTEST || !(seen(from) || seen(to))) return;
      context.globalAlpha = Math.min(1, 0.08 + 0.92 * weight);
      context.lineWidth = 1 + (0.3 * em - 1) * weight;
      context.beginPath();
      context.moveTo(column + 6, middle(from));
      context.lineTo(width - column - 6, middle(to));
      context.stroke();
    };
    if (query !== undefined) keys.forEach((_, to) => line(query, to));
    else if (key !== undefined) queries.forEach((_, from) => line(from, key));
    else for (let from = 0; from < queries.length; from++) for (let to = 0; to < keys.length; to++) line(from, to);
    context.globalAlpha = 1;
    const ofKey = query !== undefined ? (at) => this.weight(query, at) : undefined;
    const ofQuery = query === undefined && key !== undefined ? (at) => this.weight(at, key) : undefined;
    for (let at = first; at < Math.min(last, queries.length); at++) {
      this.token(context, queries[at], { side: "left", y: middle(at), share: ofQuery?.(at), chosen: at === query });
    }
    for (let at = first; at < Math.min(last, keys.length); at++) {
      const chosen = query === undefined && at === key;
      this.token(context, keys[at], { side: "right", y: middle(at), share: ofKey?.(at), chosen });
    }
  }

  /** One token of a column, with the share of attention that it gives or gets. */
  token(context, text, { side, y, share, chosen }) {
    const { column, width, row, em } = this;
    const left = side === "left";
    const x = left ? 0 : width - column;
    const size = Math.min(1.05 * em, 0.86 * row);
    if (chosen || share) {
      context.fillStyle = this.family;
      context.globalAlpha = chosen ? 0.45 : 0.08 + 0.5 * share;
      context.beginPath();
      context.roundRect(x + 1, y - row / 2 + 1, column - 2, row - 2, 5);
      context.fill();
      context.globalAlpha = 1;
    }
    context.fillStyle = this.ink;
    let room = column - 12;
    if (share >= 0.005) {
      context.font = `400 ${0.85 * size}px ${this.font}`;
      const said = percent(share);
      context.textAlign = left ? "left" : "right";
      context.fillText(said, left ? x + 6 : x + column - 6, y);
      room -= context.measureText(said).width + 6;
    }
    context.font = `${chosen ? 700 : 500} ${size}px ${this.font}`;
    context.textAlign = left ? "right" : "left";
    context.fillText(fitted(context, text, room), left ? column - 6 : x + 6, y);
  }

  /** The matrix as an image; the largest weight of each block of pairs, where there are more pairs than points. */
  makeTile() {
    const { queries, keys } = this.header;
    const { block } = this;
    const [down, across] = [Math.ceil(queries.length / block), Math.ceil(keys.length / block)];
    const kept = new Float32Array(down * across);
    for (let query = 0; query < queries.length; query++) {
      for (let key = 0; key < keys.length; key++) {
        const at = Math.floor(query / block) * across + Math.floor(key / block);
        kept[at] = Math.max(kept[at], this.weight(query, key));
      }
    }
    const [paper, strong] = [channels(this.paper), channels(this.family)];
    const image = new ImageData(across, down);
    kept.forEach((value, at) => {
      const level = Math.sqrt(Math.min(value, 1));
      paper.forEach((from, channel) => { image.data[4 * at + channel] = from + (strong[channel] - from) * level; });
      image.data[4 * at + 3] = 255;
    });
    this.tile = element("canvas");
    Object.assign(this.tile, { width: across, height: down });
    this.tile.getContext("2d").putImageData(image, 0, 0);
  }

  paintMatrix(context) {
    const { left, top, cell, em } = this;
    const { queries, keys } = this.header;
    const [wide, tall] = [cell * keys.length, cell * queries.length];
    context.imageSmoothingEnabled = false;
    context.drawImage(this.tile, left, top, this.tile.width * this.block * cell, this.tile.height * this.block * cell);
    context.lineWidth = 1;
    context.globalAlpha = 0.4;
    context.strokeRect(left - 0.5, top - 0.5, wide + 1, tall + 1);
    context.globalAlpha = 1;
    const { query, key } = this.focus;
    if (this.labelled) {
      const size = Math.min(em, 0.95 * cell);
      context.textAlign = "right";
      queries.forEach((text, at) => {
        context.font = `${at === query ? 750 : 450} ${size}px ${this.font}`;
        context.fillText(fitted(context, text, left - 10), left - 8, top + (at + 0.5) * cell);
      });
      context.textAlign = "left";
      keys.forEach((text, at) => {
        context.save();
        context.translate(left + (at + 0.5) * cell, top - 8);
        context.rotate(-Math.PI / 2);
        context.font = `${at === key ? 750 : 450} ${size}px ${this.font}`;
        context.fillText(fitted(context, text, top - 10), 0, 0);
        context.restore();
      });
    }
    this.frame(context, query, key);
    if (cell >= 2.1 * em) this.writeShares(context);
  }

  frame(context, query, key) {
    const { left, top, cell } = this;
    const { queries, keys } = this.header;
    context.lineWidth = 2;
    context.globalAlpha = 0.75;
    if (query !== undefined) context.strokeRect(left, top + query * cell, cell * keys.length, Math.max(cell, 2));
    if (key !== undefined) context.strokeRect(left + key * cell, top, Math.max(cell, 2), cell * queries.length);
    context.globalAlpha = 1;
  }

  /** The shares in percent, where the cells are large enough for them. */
  writeShares(context) {
    const { left, top, cell, em } = this;
    const { queries, keys } = this.header;
    context.textAlign = "center";
    context.font = `500 ${0.8 * em}px ${this.font}`;
    for (let query = 0; query < queries.length; query++) {
      for (let key = 0; key < keys.length; key++) {
        const share = this.weight(query, key);
        if (share < 0.005) continue;
        context.fillStyle = share > 0.45 ? this.paper : this.ink;
        context.fillText(Math.round(100 * share), left + (key + 0.5) * cell, top + (query + 0.5) * cell);
      }
    }
    context.fillStyle = this.ink;
  }

  // ------------------------------------------------------------------------------------------ pointing and choice

  at(event) {
    const { queries, keys } = this.header;
    const within = (index, list) => (index >= 0 && index < list.length ? index : undefined);
    if (this.isMatrix) {
      const query = within(Math.floor((event.offsetY - this.top) / this.cell), queries);
      const key = within(Math.floor((event.offsetX - this.left) / this.cell), keys);
      return query === undefined || key === undefined ? {} : { query, key };
    }
    const row = Math.floor((event.offsetY + this.scroller.scrollTop - 2) / this.row);
    if (event.offsetX < 0.5 * this.width) return { query: within(row, queries) };
    return { key: within(row, keys) };
  }

  point(focus) {
    if (this.pointed.query === focus.query && this.pointed.key === focus.key) return;
    this.pointed = focus;
    this.draw();
    this.say();
  }

  hold(focus) {
    if (focus.query === undefined && focus.key === undefined) return;
    const again = this.held.query === focus.query && this.held.key === focus.key;
    this.held = again ? {} : focus;
    this.pointed = {};
    this.draw();
    this.say();
    const { query_places: queries, key_places: keys } = this.header;
    const { query, key } = this.held;
    this.send("pair", { query: queries[query] ?? null, key: keys[key] ?? null });
  }

  /** What is pointed at, in words: one pair, or the strongest of a row or a column. */
  say() {
    const { queries, keys, labels } = this.header;
    const { query, key } = this.focus;
    const pair = (from, to) =>
      fill(labels.pair, { query: queries[from], key: keys[to], share: percent(this.weights[from * keys.length + to]) });
    const strongest = (count, share) => {
      let best = 0;
      for (let at = 1; at < count; at++) if (share(at) > share(best)) best = at;
      return best;
    };
    let text = "\u00a0";
    if (query !== undefined && key !== undefined) text = pair(query, key);
    else if (query !== undefined) text = pair(query, strongest(keys.length, (at) => this.weights[query * keys.length + at]));
    else if (key !== undefined) text = pair(strongest(queries.length, (at) => this.weights[at * keys.length + key]), key);
    this.said.textContent = text;
  }

  /** The picture as it stands, on a canvas of its own. */
  saved() {
    const { canvas, context } = keepsake(this.root, this.width, this.height);
    this.paint(context);
    return canvas;
  }
}

export default mounting(HeadMap, (map, { data, setTriggerValue }) => map.update(data, setTriggerValue));
