/**
 * One attention map: as lines between two columns of tokens, or as a matrix. Pointing is answered here, at once.
 *
 * Python sends one buffer: the length of a JSON header (uint32), the header, and the weights as float16, a row a query.
 * Only the lines in sight are drawn, so the number of tokens does not matter. The looks are parts, in head_map/.
 *
 * @typedef {{queries: string[], keys: string[], query_places: number[], key_places: number[],
 *   place: [number, number], size: [number, number], look: "lines" | "matrix", threshold: number, query: number | null, key: number | null,
 *   colours: {family: [string, string]}, name: string, label: string, alternative: string, labels: Object<string, string>}} Header
 */

const HEIGHT = 27; // times the root's font size, the most that is in sight

class HeadMap extends CanvasPicture {
  constructor(parent) {
    super(parent, "map");
    this.ends = element("div", "ends", "", { "aria-hidden": "true" });
    Object.assign(this, scrolledCanvas({ role: "application" }, () => this.draw()));
    this.said = element("div", "said", "", { "aria-live": "polite" });
    this.foot = element("div", "foot");
    this.root.append(this.ends, this.scroller, this.said, this.foot);
    this.looks = { lines: new LinesLook(this), matrix: new MatrixLook(this) };
    this.sent = [];
    this.listen();
  }

  listen() {
    this.canvas.addEventListener("pointermove", (event) => this.point(this.at(event)));
    this.canvas.addEventListener("pointerleave", () => this.point({}));
    this.canvas.addEventListener("click", (event) => this.hold(this.at(event)));
    this.scroller.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      if (!step || isModified(event)) return;
      this.go(step);
      taken(event);
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
    this.look = this.looks[header.look];
    this.root.classList.toggle("matrix", header.look === "matrix");
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
    this.readStyle();
    this.width = this.scroller.clientWidth;
    const { full, height } = this.look.layout(HEIGHT * this.em);
    this.height = height;
    this.scroller.style.height = `${height}px`;
    this.spacer.style.height = `${full}px`;
    this.width = this.scroller.clientWidth; // a scroll bar may have come
    this.foot.textContent = this.look.hint;
    this.foot.hidden = this.isEmpty;
    if (!this.isEmpty) this.look.prepare();
    this.draw();
    this.say();
  }

  get isEmpty() {
    return !this.header.queries.length || !this.header.keys.length;
  }

  // ---------------------------------------------------------------------------------------------------- drawing

  draw() {
    if (!this.width || !this.header) return;
    this.paint(sized(this.canvas, this.width, this.height));
  }

  paint(context) {
    if (this.isEmpty) return;
    context.textBaseline = "middle";
    context.fillStyle = context.strokeStyle = this.ink;
    this.look.paint(context);
  }

  /** The query and the key that the picture is about now: pointed at, or else held. */
  get focus() {
    const { query, key } = this.pointed;
    return query === undefined && key === undefined ? this.held : this.pointed;
  }

  // ------------------------------------------------------------------------------------------ pointing and choice

  at(event) {
    return this.look.at(event.offsetX, event.offsetY);
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
