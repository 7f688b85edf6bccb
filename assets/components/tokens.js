/**
 * Rows of tokens under the text they were cut from, aligned column by column.
 *
 * Python sends columns (runs of characters that no token divides) and, for each row, boxes that span whole columns.
 * The parts in tokens/ measure them, wrap them into lines and draw each line as grids of one template; this file puts
 * them together, links what overlaps, and answers the pointer and the keys. Everything is written with textContent.
 *
 * @typedef {{text: string[], start: number[], end: number[], shape: string, direction: string, breaks: string,
 *   paragraphs: [number, number, number][]}} Columns
 * @typedef {{prefix: string[], label: string[], style: string, id: number[], piece: string[], hex: string[],
 *   kind: number[]}} Types
 * @typedef {{title: string, subtitle: string, colours: [string, string], types: Types, type: number[], start: number[],
 *   end: number[], source: string, segment: string, shade: string, cuts: [number, number][], cutLabel: string,
 *   alternative: string, boxes: {start: number[], end: number[], first: number[], count: number[]}}} Row
 * @typedef {{fingerprint: string, columns: Columns, rows: Row[], sources: string[], labels: object,
 *   selected: [number, number] | null}} Data
 * @typedef {{from: number, to: number, source: number, rightToLeft: boolean}} Line  the columns [from, to)
 * @typedef {{from: number, to: number, box: number, opens: boolean, closes: boolean, written: boolean,
 *   flipped: boolean}} Fragment  the grid lines [from, to) of one line that a box covers; box is an index, or CUT
 */

class Picture {
  constructor(parent) {
    this.shown = "pieces";
    this.active = [0, 0];
    this.root = element("div", "component tokens", "", { role: "group" });
    this.spoken = element("div", "spoken");
    this.grid = element("div", "lines", "", { role: "grid" });
    this.bar = element("div", "bar");
    this.readout = element("div", "readout", "", { role: "group" });
    this.root.append(this.spoken, this.grid, this.bar, this.readout);
    parent.append(this.root);
    this.ruler = new Ruler(this.root);
    this.lines = new Lines(this.grid);
    this.marks = new Marks();
    this.listen();
  }

  listen() {
    const on = (name, listener) => this.grid.addEventListener(name, listener);
    const under = (event, selector) => this.lines.target(event.target.closest(selector));
    on("pointerover", (event) => this.point(under(event, ".tile, .cell")));
    on("pointerleave", () => this.point(undefined));
    on("focusin", (event) => this.focus(under(event, ".tile")));
    on("focusout", () => this.focus(undefined));
    on("click", (event) => this.choose(under(event, ".tile")));
    on("keydown", (event) => this.press(event, under(event, ".tile")));
    this.resizing = new ResizeObserver(() => this.resize());
    this.resizing.observe(this.root);
    this.refit = () => {
      this.ruler.forget();
      if (this.data) this.layout();
    };
    this.drawAll = () => this.lines.drawAll(this.data);
    document.fonts.addEventListener("loadingdone", this.refit);
    window.addEventListener("beforeprint", this.drawAll);
  }

  dispose() {
    this.resizing.disconnect();
    document.fonts.removeEventListener("loadingdone", this.refit);
    window.removeEventListener("beforeprint", this.drawAll);
    this.lines.dispose();
    this.root.remove();
  }

  /** All lines, also those that are not drawn yet or out of sight. */
  saved() {
    this.drawAll();
    this.grid.classList.add("whole");
    const canvas = painted(this.grid); // painting.js
    this.grid.classList.remove("whole");
    return canvas;
  }

  /** Show new data. @param {Data} data */
  update(data, setStateValue) {
    const before = this.data;
    this.data = data;
    this.send = (choice) => setStateValue("choice", choice);
    if (this.pending && this.pending.fingerprint !== data.fingerprint) this.pending = undefined;
    this.chosen = this.pending ? [this.pending.row, this.pending.token] : data.selected;
    this.paint();
    if (before?.fingerprint !== data.fingerprint) this.pointed = undefined;
    if (before?.fingerprint !== data.fingerprint || before.labels.picture !== data.labels.picture) this.describe();
    this.boxesOfRows = data.rows.map((row) => columnBoxes(row, data.columns.text.length));
    this.homes = data.rows.map((row) => boxHomes(data.columns, row.boxes));
    this.layout();
  }

  /** The theme's side of each family's colour. */
  paint() {
    const dark = isDark(this.root);
    this.root.classList.toggle("dark", dark);
    this.data.rows.forEach((row, index) => this.root.style.setProperty(`--family-${index}`, row.colours[dark ? 1 : 0]));
  }

  /** Everything that does not depend on the width: names, legend, what a screen reader reads. */
  describe() {
    const { labels, rows } = this.data;
    this.grid.setAttribute("aria-label", labels.picture);
    this.readout.style.setProperty("--rows", rows.length);
    this.readout.setAttribute("aria-label", labels.readout);
    this.spoken.replaceChildren(...rows.map((row) => element("p", "", row.alternative)));
    const choose = (shown) => {
      this.shown = shown;
      this.layout();
    };
    this.bar.replaceChildren(legend(this.data), toggle(labels, this.shown, choose));
  }

  // ----------------------------------------------------------------------------------------------------- layout

  /** Narrower: wrap again. Slightly wider: not, or a scroll bar that comes and goes would wrap for ever. */
  resize() {
    const width = this.root.clientWidth;
    if (this.data && width && (width < this.width || width > this.width + 24)) this.layout();
  }

  /** Wrap the text for the width there is and draw what changed. */
  layout() {
    this.width = this.root.clientWidth;
    if (!this.width) return;
    const { data, ruler } = this;
    const narrow = this.width < 40 * ruler.em;
    this.root.classList.toggle("narrow", narrow);
    const name = this.nameWidth();
    this.root.style.setProperty("--name", `${name}px`);
    const available = this.width - (narrow ? 0 : name) - ruler.em;
    const widths = columnWidths(data, this.homes, ruler, this.shown, available);
    const scene = {
      data,
      ruler,
      widths,
      shown: this.shown,
      homes: this.homes,
      boxesOfRows: this.boxesOfRows,
      said: new Set(),
      names: names(data),
    };
    const models = wrap(data.columns, widths, available).map((line) => lineModel(scene, line));
    const focused = this.root.getRootNode().activeElement;
    const held = focused && this.grid.contains(focused);
    this.marks.clear();
    this.lines.replace(models);
    this.lines.drawSoon(data, () => this.show());
    this.activate(...this.clamp(this.active));
    if (held && !focused.isConnected) this.tileOf(...this.active)?.focus({ preventScroll: true });
    this.show();
  }

  nameWidth() {
    const { ruler, data } = this;
    const names = data.rows.flatMap((row) => [row.title, row.subtitle]).concat(data.sources);
    const widest = Math.max(...names.map((text) => ruler.width(text, "label")));
    return Math.min(Math.max(widest + 2.4 * ruler.em, 5 * ruler.em), 11 * ruler.em);
  }

  // --------------------------------------------------------------------------------------- pointing, focus, choice

  point(target) {
    this.pointed = target;
    this.show();
  }

  focus(target) {
    this.focused = target;
    if (target) this.activate(target.row, target.token);
    this.show();
  }

  choose(target) {
    if (!target) return;
    const { row, token } = target;
    this.pending = { row, token, fingerprint: this.data.fingerprint };
    this.chosen = [row, token];
    this.activate(row, token);
    this.show();
    this.send(this.pending);
  }

  /** Mark what is pointed at, focused or chosen, in this order, and all that overlaps it; fill the read-out. */
  show() {
    this.marks.clear();
    const chosen = this.chosen ? { row: this.chosen[0], token: this.chosen[1] } : undefined;
    if (chosen) this.marks.put(this.tileOf(chosen.row, chosen.token), "chosen");
    const target = this.pointed ?? this.focused;
    const seen = target ?? chosen;
    const range = seen && this.range(seen);
    if (target && range) this.link(range, target);
    fillReadout(this.readout, this.data, range && { ...range, ...seen, boxes: this.boxesIn(range) });
    this.readout.classList.toggle("stuck", Boolean(target && range) && this.isClear(range));
  }

  link(range, target) {
    this.marks.link(this.lines.views, range);
    if (target.token !== undefined) this.marks.put(this.tileOf(target.row, target.token), "current");
  }

  /** Whether the lines of these columns would stay in sight above a read-out that sticks to the window's end. */
  isClear({ from, to }) {
    const lines = this.lines.views.filter(({ line }) => line.to > from && line.from < to);
    const end = Math.max(...lines.map((view) => view.node.getBoundingClientRect().bottom));
    return end <= window.innerHeight - this.readout.offsetHeight;
  }

  /** The columns of a token's box, or the one column of a typed character. */
  range({ row, token, column }) {
    if (column !== undefined) return { from: column, to: column + 1 };
    const boxes = this.data.rows[row]?.boxes;
    const box = boxes ? boxOf(boxes, token) : -1;
    return box < 0 ? undefined : { from: boxes.start[box], to: boxes.end[box] };
  }

  /** The boxes of each row that overlap a range of columns. @returns {number[][]} */
  boxesIn({ from, to }) {
    return this.boxesOfRows.map((boxes) => [...new Set(boxes.subarray(from, to))].filter((box) => box >= 0));
  }

  // -------------------------------------------------------------------------------------------- keyboard

  clamp([row, token]) {
    const rows = this.data.rows;
    const there = Math.min(row, rows.length - 1);
    return [there, Math.max(0, Math.min(token, rows[there].type.length - 1))];
  }

  /** Make a token the one that Tab reaches, with its description for a screen reader. */
  activate(row, token) {
    this.stop?.setAttribute("tabindex", "-1");
    this.stop?.removeAttribute("aria-label");
    this.active = [row, token];
    this.stop = this.tileOf(row, token);
    this.stop?.setAttribute("tabindex", "0");
    if (this.focused) this.stop?.setAttribute("aria-label", sentence(this.data, row, token));
  }

  viewOf(row, token) {
    const box = boxOf(this.data.rows[row].boxes, token);
    const column = this.homes[row][box]?.anchor;
    return box < 0 ? undefined : this.lines.views.find((view) => view.line.from <= column && column < view.line.to);
  }

  tileOf(row, token) {
    return row < this.data.rows.length ? this.viewOf(row, token)?.tile(row, token) : undefined;
  }

  press(event, target) {
    if (!target || isModified(event)) return;
    if (event.key === "Enter" || event.key === " ") this.choose(target);
    else {
      const next = neighbour(event.key, target, this.data, this.lines);
      if (!next) return;
      this.go(...next);
    }
    taken(event);
  }

  go(row, token) {
    const view = this.viewOf(row, token);
    if (view) this.lines.draw(view, this.data);
    const tile = this.tileOf(row, token);
    if (!tile) return;
    tile.setAttribute("aria-label", sentence(this.data, row, token));
    tile.focus();
  }
}

/** The words that every line shows. */
function names({ sources, rows, labels }) {
  return [sources, rows.map((row) => [row.title, row.subtitle]), labels.segment, labels.more];
}

export default mounting(Picture, (picture, { data, setStateValue }) => picture.update(data, setStateValue));
