/**
 * Rows of tokens under the text they were cut from, aligned column by column.
 *
 * Python sends columns (runs of characters that no token divides) and, for each row, boxes that span whole columns.
 * This file measures them, wraps them into lines, draws each line as grids of one template, and links what overlaps.
 * Everything is written with textContent. A line whose picture did not change keeps its DOM when new data comes.
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

const NO_BOX = -1;
const CUT = -2;
const KINDS = ["special", "start", "continuation", "byte", "sentinel", "unknown"];
const MOST_TILES = 60; // a character of more tokens than this says how many more there are
const MOST_DETAILS = 30; // tokens a row of the read-out lists
const BOX_MARGIN = 0.25; // of the root's font size, as the style sheet has them, and a little more
const TILE_PADDING = 0.75;
const SMALL_TILE_PADDING = 0.5;
const TOWER_PADDING = 6; // pixels
const ROW_GAP = 0.25; // of the root's font size again
const LINE_GAP = 1.25;
const BARE_LINE_GAP = 0.45;
const FIRST_DRAWING_MS = 24; // what is drawn at once; the rest follows while the page is idle
const IDLE_DRAWING_MS = 8;

// ---------------------------------------------------------------------------------------------------- measuring

/** Widths of text in the fonts that the style sheet gives to cells and tiles, remembered. */
class Ruler {
  /** @param {HTMLElement} root an element with the component's style, in the document */
  constructor(root) {
    this.root = root;
    this.context = document.createElement("canvas").getContext("2d");
    this.forget();
  }

  /** Read the fonts again, for example after one has loaded. */
  forget() {
    this.fonts = {};
    this.widths = {};
    this.heights = {};
    for (const kind of ["cell", "code-cell", "label", "hex", "small-label", "small-hex"]) {
      const probe = element("span", `probe ${kind}`, "X");
      this.root.append(probe);
      const style = getComputedStyle(probe);
      this.fonts[kind] = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      this.heights[kind] = probe.getBoundingClientRect().height;
      this.widths[kind] = new Map();
      probe.remove();
    }
    this.em = parseFloat(getComputedStyle(this.root).fontSize);
  }

  /** The width of a text in pixels. */
  width(text, kind) {
    const known = this.widths[kind];
    let width = known.get(text);
    if (width === undefined) {
      if (known.size > 20000) known.clear();
      this.context.font = this.fonts[kind];
      width = Math.ceil(this.context.measureText(text).width);
      known.set(text, width);
    }
    return width;
  }
}

// ------------------------------------------------------------------------------------------------------- layout

/** Letters that join the letter after them; between two of them a cut keeps the joined shapes. */
const JOINS = /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Mandaic}\p{Script=Nko}\p{Script=Mongolian}]/u;
const JOINS_NOTHING_AFTER = /[ءآأؤإاةدذرزوٱ-ٳٵ-ٷڈ-ڙۀۃ-ۋۍۏےۓەۮۯܐܕ-ܙܨܬܪ]/u;
const LETTER = /^\p{L}/u;
const MARKS = /\p{M}+$/u;
const JOINER = "\u200d";

/** The text of a cell, with its letters in the shapes that they have inside their word. */
function joinedText(before, text, after) {
  if (!JOINS.test(text)) return text;
  const isLetter = (character) => JOINS.test(character) && LETTER.test(character);
  const joins = (left, right) => {
    const last = [...left.replace(MARKS, "")].pop() ?? "";
    return isLetter(last) && !JOINS_NOTHING_AFTER.test(last) && isLetter(right);
  };
  return (joins(before, text) ? JOINER : "") + text + (joins(text, after) ? JOINER : "");
}

/** Which box each column of a row stands over: an index, CUT or NO_BOX. */
function columnBoxes(row, count) {
  const boxes = new Int32Array(count).fill(NO_BOX);
  for (const [from, to] of row.cuts) boxes.fill(CUT, from, to);
  row.boxes.start.forEach((start, box) => boxes.fill(box, start, row.boxes.end[box]));
  return boxes;
}

/** The rows that a tower of tiles is stacked in at most: up to four one above the other, then towards a square. */
function towerRows(count) {
  return count <= 4 ? count : Math.max(4, Math.ceil(Math.sqrt(count)));
}

/** How many rows tiles of these widths take in a box of that width, filled from its start. */
function stacked(tiles, width) {
  let rows = 1;
  let used = 0;
  for (const tile of tiles) {
    if (used && used + tile > width) {
      rows += 1;
      used = 0;
    }
    used += tile;
  }
  return rows;
}

/**
 * For each box of a row: the column that its tokens are written under, the first one with letters, and the columns
 * [from, to) of the box on the same typed line. A token may begin with the end of the line before.
 */
function boxHomes(columns, boxes) {
  return boxes.start.map((start, box) => {
    const end = boxes.end[box];
    let anchor = start;
    while (anchor < end - 1 && columns.shape[anchor] !== "t") anchor++;
    if (columns.shape[anchor] !== "t") anchor = start;
    let from = anchor;
    while (from > start && columns.shape[from - 1] !== "e") from--;
    let to = anchor + 1;
    while (to < end && columns.shape[to - 1] !== "e") to++;
    return { anchor, from, to };
  });
}

/** The font of a cell: a code point that is written out is small. */
function cellClass(text, shape) {
  return shape === "c" && text.length > 1 ? "code-cell" : "cell";
}

/** Widths in pixels that give every column room for its text and every box room for its tokens. */
function columnWidths(data, homes, ruler, shown, available) {
  const { text, shape } = data.columns;
  const widths = text.map((part, column) => {
    const kind = cellClass(part, shape[column]);
    return part ? ruler.width(part, kind) + (shape[column] === "t" ? 0 : 4) : 0;
  });
  const wide = [];
  data.rows.forEach((row, index) => {
    homes[index].forEach(({ from, to }, box) => {
      const need = Math.min(boxWidth(row, box, ruler, shown), available);
      if (to === from + 1) widths[from] = Math.max(widths[from], need);
      else wide.push({ from, to, need });
    });
  });
  wide.sort((left, right) => left.to - left.from - (right.to - right.from));
  for (const { from, to, need } of wide) {
    let width = 0;
    for (let column = from; column < to; column++) width += widths[column];
    if (width >= need || width === 0) continue;
    for (let column = from; column < to; column++) widths[column] *= need / width;
  }
  return widths.map(Math.ceil);
}

/** The least width of a box: its label, or its tower of tiles. */
function boxWidth(row, box, ruler, shown) {
  const margin = ruler.em * BOX_MARGIN;
  if (row.boxes.count[box] === 1) return tileWidth(row, row.boxes.first[box], ruler, shown, false) + margin;
  const tiles = towerTiles(row, box, ruler, shown);
  const rows = towerRows(tiles.length);
  let width = Math.max(...tiles, Math.ceil(tiles.reduce((sum, tile) => sum + tile, 0) / rows));
  while (stacked(tiles, width) > rows) width += 6;
  return width + margin + TOWER_PADDING;
}

/** The widths of the tiles that stand in one box. */
function towerTiles(row, box, ruler, shown) {
  const first = row.boxes.first[box];
  const count = Math.min(row.boxes.count[box], MOST_TILES);
  return Array.from({ length: count }, (_, index) => tileWidth(row, first + index, ruler, shown, true));
}

function tileWidth(row, token, ruler, shown, small) {
  const { prefix, label, style, id } = row.types;
  const type = row.type[token];
  const padding = ruler.em * (small ? SMALL_TILE_PADDING : TILE_PADDING);
  if (shown === "ids") return ruler.width(String(id[type]), small ? "small-hex" : "hex") + padding;
  if (style[type] === "h") return ruler.width(label[type], small ? "small-hex" : "hex") + padding;
  const size = small ? "small-label" : "label";
  return (prefix[type] ? ruler.width(prefix[type], size) : 0) + ruler.width(label[type], size) + padding;
}

/**
 * The lines: at most `available` pixels wide, broken between words if they can be, else between boxes, else anywhere.
 * @returns {Line[]}
 */
function wrap(columns, widths, available) {
  const lines = [];
  columns.paragraphs.forEach(([start, source, rightToLeft], index) => {
    const end = columns.paragraphs[index + 1]?.[0] ?? columns.text.length;
    for (let from = start, to; from < end; from = to) {
      to = lineEnd(columns, widths, from, end, available);
      lines.push({ from, to, source, rightToLeft: Boolean(rightToLeft) });
    }
  });
  return lines;
}

/** Where a line that begins at `from` ends: before `end`, and with at least one column. */
function lineEnd(columns, widths, from, end, available) {
  let word = 0;
  let gap = 0;
  let width = widths[from];
  for (let column = from + 1; column < end; column++) {
    if (columns.breaks[column] === "2") word = column;
    if (columns.breaks[column] === "1" && width > available / 2) gap = column;
    width += widths[column];
    if (width > available) return word || gap || column;
  }
  return end;
}

/**
 * The embedding level of each column of a line, as in Unicode's bidirectional algorithm, simplified: a neutral column
 * follows its own token, else what stands on both sides, else the line; a number follows left-to-right letters before
 * it. Null for a line that simply runs from left to right.
 */
function levels(line, directions, boxesOfRows) {
  const base = line.rightToLeft ? "R" : "L";
  const ways = directions.slice(line.from, line.to).split("");
  if (base === "L" && !ways.includes("R")) return null;
  for (const boxes of boxesOfRows) followTokens(ways, boxes.subarray(line.from, line.to));
  let letter = base;
  ways.forEach((way, at) => {
    if (way === "D" && letter === "L") ways[at] = "L";
    if (way === "L" || way === "R") letter = way;
  });
  const side = (way) => (way === "L" ? "L" : "R");
  let before = base;
  return ways.map((way, at) => {
    if (way !== "N") before = side(way);
    else {
      const next = ways.slice(at).find((each) => each !== "N");
      way = before === (next ? side(next) : base) ? before : base;
    }
    if (way === "D") return 2;
    return way === "R" ? 1 : base === "R" ? 2 : 0;
  });
}

/** Give neutral columns the way of the box that they share with a column that has one. */
function followTokens(ways, boxes) {
  for (let from = 0, to; from < ways.length; from = to) {
    for (to = from + 1; to < ways.length && boxes[to] === boxes[from];) to++;
    if (boxes[from] < 0) continue;
    const known = ways.slice(from, to);
    const way = known.find((each) => each === "L" || each === "R") ?? known.find((each) => each === "D");
    if (way) ways.fill(way, from, to);
  }
}

/** The columns of a line from left to right, counted from the line's first: runs of higher levels are turned round. */
function visualOrder(count, levelOf) {
  const order = Array.from({ length: count }, (_, index) => index);
  if (!levelOf) return order;
  for (let level = Math.max(...levelOf); level > 0; level--) {
    for (let from = 0; from < count; from++) {
      if (levelOf[order[from]] < level) continue;
      let to = from;
      while (to < count && levelOf[order[to]] >= level) to++;
      order.splice(from, to - from, ...order.slice(from, to).reverse());
      from = to;
    }
  }
  return order;
}

/** The boxes of one row that a line shows, each once or in several parts, from left to right. @returns {Fragment[]} */
function fragments(row, homes, boxes, line, order, levelOf) {
  const parts = [];
  for (let from = 0, to; from < order.length; from = to) {
    const box = boxes[line.from + order[from]];
    for (to = from + 1; to < order.length && boxes[line.from + order[to]] === box;) to++;
    if (box === NO_BOX) continue;
    const covered = order.slice(from, to).map((offset) => line.from + offset);
    parts.push({
      from,
      to,
      box,
      opens: box === CUT ? covered.some((column) => boxes[column - 1] !== CUT) : covered.includes(row.boxes.start[box]),
      closes: covered.includes(row.boxes.end[box] - 1),
      written: box !== CUT && covered.includes(homes[box].anchor),
      flipped: Boolean(levelOf && levelOf[order[from]] % 2),
    });
  }
  return parts;
}

// ------------------------------------------------------------------------------------------------------ drawing

/**
 * @typedef {{data: Data, ruler: Ruler, shown: string, widths: number[], homes: object[], boxesOfRows: Int32Array[],
 *   said: Set<Row>, names: object}} Scene  all that lines are made from; said: the rows whose cut an earlier line has
 *   named; names: the words that every line shows
 */

/**
 * What one line shows, with a key that is equal for two lines that look the same.
 * @param {Scene} scene
 * @param {Line} line
 */
function lineModel(scene, line) {
  const { columns, rows } = scene.data;
  const { boxesOfRows, ruler } = scene;
  const levelOf = levels(line, columns.direction, boxesOfRows);
  const order = visualOrder(line.to - line.from, levelOf);
  const cells = order.map((offset) => cellModel(scene, line, line.from + offset));
  const widths = order.map((offset) => scene.widths[line.from + offset]);
  const bare = boxesOfRows.every((boxes) => boxes.subarray(line.from, line.to).every((box) => box < 0));
  const tracks = (bare ? [] : rows).map((row, index) => {
    const parts = fragments(row, scene.homes[index], boxesOfRows[index], line, order, levelOf);
    return trackModel(scene, row, parts, widths);
  });
  const template = widths.map((width) => `${width}px`).join(" ");
  const segments = tracks.map((track, index) => rows[index].segment[track.firstToken] ?? "");
  const rowHeights = tracks.reduce((sum, track) => sum + track.height + ruler.em * ROW_GAP, 0);
  const height = ruler.heights.cell + rowHeights + ruler.em * (bare ? BARE_LINE_GAP : LINE_GAP);
  const looks = tracks.map((track) => track.parts.map((part) => part.look));
  const key = JSON.stringify([scene.names, line.source, line.rightToLeft, template, cells, looks, segments, order]);
  return { line, order, cells, tracks, template, segments, bare, height, key };
}

/** [text, shape, direction, gone]: all that is seen of a column; gone is text that no model of the picture reads. */
function cellModel({ data, boxesOfRows }, line, column) {
  const { columns } = data;
  const inLine = (at) => (at >= line.from && at < line.to ? columns.text[at] : "");
  return [
    joinedText(inLine(column - 1), columns.text[column], inLine(column + 1)),
    columns.shape[column],
    columns.direction[column] === "R" ? "rtl" : "ltr",
    boxesOfRows.every((boxes) => boxes[column] === CUT) ? 1 : 0,
  ];
}

/** The boxes of one row on one line; firstToken is what the tiles are counted from. */
function trackModel(scene, row, parts, lineWidths) {
  const { ruler, shown } = scene;
  const real = parts.filter((part) => part.box >= 0);
  const firstToken = real.length ? Math.min(...real.map((part) => row.boxes.first[part.box])) : 0;
  let height = ruler.heights.label;
  for (const part of parts) {
    const width = lineWidths.slice(part.from, part.to).reduce((sum, each) => sum + each, 0);
    if (part.box === CUT) {
      if (part.opens) scene.said.delete(row);
      part.label = scene.said.has(row) ? "" : row.cutLabel;
      if (width > ruler.width(row.cutLabel, "label")) scene.said.add(row);
      part.look = [part.from, part.to, part.opens, part.label];
      continue;
    }
    const first = row.boxes.first[part.box];
    part.first = first - firstToken;
    part.count = row.boxes.count[part.box];
    const drawn = Math.min(part.count, MOST_TILES);
    part.tiles = Array.from({ length: drawn }, (_, index) => tileModel(row, first + index, shown));
    if (part.written && part.count > 1) {
      const room = width - ruler.em * BOX_MARGIN - TOWER_PADDING;
      const stack = stacked(towerTiles(row, part.box, ruler, shown), room);
      height = Math.max(height, stack * ruler.heights["small-label"] + TOWER_PADDING);
    }
    part.look = [
      part.from,
      part.to,
      part.opens,
      part.closes,
      part.written,
      part.flipped,
      part.first,
      part.count,
      part.tiles,
    ];
  }
  return { parts, firstToken, height };
}

/** [prefix, label, style, kind, shade]: all that is seen of a token. */
function tileModel(row, token, shown) {
  const { prefix, label, style, kind, id } = row.types;
  const type = row.type[token];
  if (shown === "ids") return ["", String(id[type]), "h", kind[type], row.shade[token]];
  return [prefix[type], label[type], style[type], kind[type], row.shade[token]];
}

/** One drawn line: its elements, and the way from an element to its token, which holds when tokens are renumbered. */
class LineView {
  constructor(model) {
    this.node = element("div", "line", "", { role: "rowgroup" });
    this.drawn = false;
    this.adopt(model);
  }

  /** Take the model of the same picture at another place in the text. */
  adopt(model) {
    this.model = model;
    this.line = model.line;
    this.firstTokens = model.tracks.map((track) => track.firstToken);
    this.node.style.containIntrinsicHeight = `auto ${model.height}px`;
    if (!this.drawn) this.node.style.height = `${model.height}px`;
  }

  /** Build the elements. `known` learns which line, row and token each one stands for. */
  draw(data, known) {
    if (this.drawn) return;
    this.drawn = true;
    const { model, line } = this;
    this.node.style.height = "";
    this.node.classList.toggle("right-to-left", line.rightToLeft);
    this.node.classList.toggle("bare", model.bare);
    this.node.style.setProperty("--columns", model.template);
    this.node.append(this.textTrack(data, known));
    this.tiles = model.tracks.map(() => new Map());
    this.boxAt = model.tracks.map(() => []);
    model.tracks.forEach((track, row) => this.node.append(this.tokenTrack(data, track, row, known)));
  }

  textTrack(data, known) {
    const row = element("div", "row typed", "", { "aria-hidden": "true" });
    const track = element("div", "track");
    this.cells = [];
    this.model.cells.forEach(([text, shape, direction, gone], position) => {
      const cell = element("span", `cell ${cellClass(text, shape)} shape-${shape}${gone ? " gone" : ""}`, text);
      cell.dir = direction;
      cell.style.gridColumn = String(position + 1);
      const offset = this.model.order[position];
      this.cells[offset] = cell;
      known.set(cell, { view: this, column: offset });
      track.append(cell);
    });
    row.append(element("span", "name", data.sources[this.line.source]), track);
    return row;
  }

  tokenTrack(data, track, row, known) {
    const { title, subtitle } = data.rows[row];
    const node = element("div", "row", "", { role: "row", style: familyColour(row) });
    const name = element("span", "name", "", { role: "rowheader" });
    name.append(element("b", "", title), element("small", "", subtitle));
    const segment = this.model.segments[row];
    if (segment) name.append(element("i", "segment", segment, { title: data.labels.segment }));
    const cells = element("div", "track", "", { role: "none" });
    for (const part of track.parts) cells.append(part.box === CUT ? this.cut(part) : this.box(data, row, part, known));
    node.append(name, cells);
    return node;
  }

  cut(part) {
    const node = element("div", `cut${part.opens ? " begins" : ""}`, part.label);
    node.style.gridColumn = `${part.from + 1} / ${part.to + 1}`;
    return node;
  }

  box(data, row, part, known) {
    const node = element("div", "box", "", { role: "none" });
    node.classList.toggle("tower", part.written && part.count > 1);
    node.classList.toggle("joined", KINDS[part.tiles[0][3]] === "continuation");
    node.classList.toggle("opens", part.opens);
    node.classList.toggle("closes", part.closes);
    if (part.flipped) node.style.direction = "rtl";
    node.style.gridColumn = `${part.from + 1} / ${part.to + 1}`;
    (part.written ? part.tiles : part.tiles.slice(0, 1)).forEach((look, index) => {
      const tile = part.written ? drawnTile(look) : emptyTile(look);
      const token = part.first + index;
      known.set(tile, { view: this, row, token });
      if (part.written || !this.tiles[row].has(token)) this.tiles[row].set(token, tile);
      node.append(tile);
    });
    if (part.written && part.count > part.tiles.length) {
      node.append(element("span", "more", fill(data.labels.more, { n: part.count - part.tiles.length })));
    }
    for (let position = part.from; position < part.to; position++) this.boxAt[row][this.model.order[position]] = node;
    return node;
  }

  /** The tile of a token, by its number in the whole row. */
  tile(row, token) {
    return this.tiles?.[row]?.get(token - this.firstTokens[row]);
  }
}

function tileClass([, , style, kind, shade]) {
  return `tile style-${style} kind-${KINDS[kind]} shade-${shade}`;
}

function drawnTile(look) {
  const [prefix, label] = look;
  const tile = element("span", tileClass(look), "", { role: "gridcell", tabindex: "-1" });
  if (prefix) tile.append(element("span", "prefix", prefix));
  tile.append(element("bdi", "", label));
  return tile;
}

/** Where a token goes on from the line before. */
function emptyTile(look) {
  return element("span", `${tileClass(look)} empty`, "", { "aria-hidden": "true" });
}

// ----------------------------------------------------------------------------------------------------- the whole

/** One mounted component. */
class Picture {
  constructor(parent) {
    this.known = new WeakMap();
    this.views = [];
    this.shown = "pieces";
    this.active = [0, 0];
    this.marked = [];
    this.root = element("div", "component tokens", "", { role: "group" });
    this.spoken = element("div", "spoken");
    this.grid = element("div", "lines", "", { role: "grid" });
    this.bar = element("div", "bar");
    this.readout = element("div", "readout", "", { role: "group" });
    this.root.append(this.spoken, this.grid, this.bar, this.readout);
    parent.append(this.root);
    this.ruler = new Ruler(this.root);
    this.listen();
  }

  listen() {
    const on = (name, listener) => this.grid.addEventListener(name, listener);
    const under = (event, selector) => this.known.get(event.target.closest(selector));
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
    this.drawAll = () => this.views.forEach((view) => view.draw(this.data, this.known));
    document.fonts.addEventListener("loadingdone", this.refit);
    window.addEventListener("beforeprint", this.drawAll);
  }

  dispose() {
    this.resizing.disconnect();
    document.fonts.removeEventListener("loadingdone", this.refit);
    window.removeEventListener("beforeprint", this.drawAll);
    cancelIdle(this.idle);
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
    this.bar.replaceChildren(legend(this.data), this.toggle());
  }

  toggle() {
    const { labels } = this.data;
    const node = element("div", "toggle", "", { role: "group", "aria-label": labels.show });
    for (const shown of ["pieces", "ids"]) {
      const pressed = String(shown === this.shown);
      const button = element("button", "", labels[shown], { type: "button", "aria-pressed": pressed });
      button.onclick = () => {
        this.shown = shown;
        for (const each of node.children) each.setAttribute("aria-pressed", String(each === button));
        this.layout();
      };
      node.append(button);
    }
    return node;
  }

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
    this.unmark();
    this.replace(models);
    this.drawSoon();
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

  /** Keep the lines at the start and the end that look as before; make the others anew. */
  replace(models) {
    const old = this.views;
    const most = Math.min(old.length, models.length);
    let head = 0;
    while (head < most && old[head].model.key === models[head].key) head++;
    let tail = 0;
    while (tail < most - head && old.at(-1 - tail).model.key === models.at(-1 - tail).key) tail++;
    const fresh = models.slice(head, models.length - tail).map((model) => new LineView(model));
    for (const view of old.slice(head, old.length - tail)) view.node.remove();
    const kept = old.slice(0, head);
    const after = old.slice(old.length - tail);
    kept.forEach((view, index) => view.adopt(models[index]));
    after.forEach((view, index) => view.adopt(models[models.length - tail + index]));
    const next = after[0]?.node ?? null;
    for (const view of fresh) this.grid.insertBefore(view.node, next);
    this.views = [...kept, ...fresh, ...after];
  }

  /** Draw the first lines now and the rest in idle moments. */
  drawSoon() {
    cancelIdle(this.idle);
    const until = performance.now() + FIRST_DRAWING_MS;
    const waiting = this.views.filter((view) => !view.drawn);
    while (waiting.length && performance.now() < until) waiting.shift().draw(this.data, this.known);
    const rest = () => {
      const stop = performance.now() + IDLE_DRAWING_MS;
      while (waiting.length && performance.now() < stop) waiting.shift().draw(this.data, this.known);
      this.idle = waiting.length ? whenIdle(rest) : undefined;
      if (!waiting.length) this.show();
    };
    if (waiting.length) this.idle = whenIdle(rest);
  }

  // ------------------------------------------------------------------------------- pointing, focus, choice

  point(target) {
    this.pointed = target && absolute(target);
    this.show();
  }

  focus(target) {
    this.focused = target && absolute(target);
    if (this.focused) this.activate(this.focused.row, this.focused.token);
    this.show();
  }

  choose(target) {
    if (!target) return;
    const { row, token } = absolute(target);
    this.pending = { row, token, fingerprint: this.data.fingerprint };
    this.chosen = [row, token];
    this.activate(row, token);
    this.show();
    this.send(this.pending);
  }

  /** Mark what is pointed at, focused or chosen, in this order, and all that overlaps it; fill the read-out. */
  show() {
    this.unmark();
    const chosen = this.chosen ? { row: this.chosen[0], token: this.chosen[1] } : undefined;
    if (chosen) this.mark(this.tileOf(chosen.row, chosen.token), "chosen");
    const target = this.pointed ?? this.focused;
    const seen = target ?? chosen;
    const range = seen && this.range(seen);
    if (target && range) this.link(range, target);
    fillReadout(this.readout, this.data, range && { ...range, ...seen, boxes: this.boxesIn(range) });
    this.readout.classList.toggle("stuck", Boolean(target && range) && this.isClear(range));
  }

  /** Whether the lines of these columns would stay in sight above a read-out that sticks to the window's end. */
  isClear({ from, to }) {
    const lines = this.views.filter(({ line }) => line.to > from && line.from < to);
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

  link(range, target) {
    for (const view of this.views) {
      if (!view.drawn || view.line.to <= range.from || view.line.from >= range.to) continue;
      const last = Math.min(range.to, view.line.to) - view.line.from;
      for (let at = Math.max(range.from - view.line.from, 0); at < last; at++) {
        this.mark(view.cells[at], "linked");
        for (const boxAt of view.boxAt) this.mark(boxAt[at], "linked");
      }
    }
    if (target.token !== undefined) this.mark(this.tileOf(target.row, target.token), "current");
  }

  mark(node, name) {
    if (!node) return;
    node.classList.add(name);
    if (name === "chosen") node.setAttribute("aria-selected", "true");
    this.marked.push([node, name]);
  }

  unmark() {
    for (const [node, name] of this.marked) {
      node.classList.remove(name);
      if (name === "chosen") node.removeAttribute("aria-selected");
    }
    this.marked = [];
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
    if (this.focused) this.stop?.setAttribute("aria-label", this.sentence(row, token));
  }

  sentence(row, token) {
    const { rows, labels } = this.data;
    const { types, type, title, start, end, source } = rows[row];
    const of = type[token];
    const place = { start: start[token], end: end[token] };
    return fill(labels.token, {
      row: title,
      n: token + 1,
      count: type.length,
      piece: types.piece[of],
      id: types.id[of],
      kind: labels.kinds[types.kind[of]],
      bytes: types.hex[of],
      span: source[token] === "-" ? labels.inserted : fill(labels.spans[source[token]], place),
    });
  }

  viewOf(row, token) {
    const box = boxOf(this.data.rows[row].boxes, token);
    const column = this.homes[row][box]?.anchor;
    return box < 0 ? undefined : this.views.find((view) => view.line.from <= column && column < view.line.to);
  }

  tileOf(row, token) {
    return row < this.data.rows.length ? this.viewOf(row, token)?.tile(row, token) : undefined;
  }

  press(event, target) {
    if (!target || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" || event.key === " ") this.choose(target);
    else {
      const next = this.neighbour(event.key, absolute(target), target.view);
      if (!next) return;
      this.go(...next);
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Where a key leads from a token: [row, token], or undefined for a key that means nothing here. */
  neighbour(key, { row, token }, view) {
    const last = this.data.rows[row].type.length - 1;
    const forward = view.line.rightToLeft ? "ArrowLeft" : "ArrowRight";
    if (key === forward) return [row, Math.min(token + 1, last)];
    if (key === "ArrowLeft" || key === "ArrowRight") return [row, Math.max(token - 1, 0)];
    if (key === "ArrowUp" || key === "ArrowDown") return this.beside(row, token, view, key === "ArrowDown" ? 1 : -1);
    const here = [...view.tiles[row].keys()].map((offset) => offset + view.firstTokens[row]);
    if (key === "Home") return [row, Math.min(...here)];
    if (key === "End") return [row, Math.max(...here)];
    return undefined;
  }

  /** The token under or over this one: in the next row that has one here, else on the next line. */
  beside(row, token, view, step) {
    const middle = (node) => {
      const area = node.getBoundingClientRect();
      return (area.left + area.right) / 2;
    };
    const here = middle(view.tile(row, token));
    let index = this.views.indexOf(view);
    let next = row + step;
    while (index >= 0 && index < this.views.length) {
      const there = this.views[index];
      there.draw(this.data, this.known);
      for (; next >= 0 && next < this.data.rows.length; next += step) {
        const tiles = [...(there.tiles[next] ?? [])].filter(([, tile]) => tile.hasAttribute("tabindex"));
        if (!tiles.length) continue;
        const gap = ([, tile]) => Math.abs(middle(tile) - here);
        const [offset] = tiles.reduce((best, each) => (gap(each) < gap(best) ? each : best));
        return [next, offset + there.firstTokens[next]];
      }
      index += step;
      next = step > 0 ? 0 : this.data.rows.length - 1;
    }
    return [row, token];
  }

  go(row, token) {
    this.viewOf(row, token)?.draw(this.data, this.known);
    const tile = this.tileOf(row, token);
    if (!tile) return;
    tile.setAttribute("aria-label", this.sentence(row, token));
    tile.focus();
  }
}

/** The words that every line shows. */
function names({ sources, rows, labels }) {
  return [sources, rows.map((row) => [row.title, row.subtitle]), labels.segment, labels.more];
}

/** The token or column that an element stands for now. */
function absolute({ view, row, token, column }) {
  if (column !== undefined) return { column: view.line.from + column };
  return { row, token: view.firstTokens[row] + token };
}

/** The box that holds a token: boxes are in the order of their tokens. */
function boxOf(boxes, token) {
  let low = 0;
  let high = boxes.first.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (boxes.first[middle] <= token) low = middle;
    else high = middle - 1;
  }
  return high >= 0 && token >= boxes.first[low] && token < boxes.first[low] + boxes.count[low] ? low : -1;
}

function familyColour(row) {
  return `--family: var(--family-${row})`;
}

function whenIdle(work) {
  return window.requestIdleCallback ? window.requestIdleCallback(work, { timeout: 200 }) : window.setTimeout(work, 16);
}

function cancelIdle(handle) {
  if (handle === undefined) return;
  (window.cancelIdleCallback ?? window.clearTimeout)(handle);
}

// ----------------------------------------------------------------------------------------- legend and read-out

/** The kinds of tokens and of blanks that occur, each drawn as in the picture. @param {Data} data */
function legend(data) {
  const { labels, rows, columns } = data;
  const list = element("ul", "legend");
  const entry = (sample, text) => {
    const item = element("li");
    item.append(sample, element("span", "", text));
    list.append(item);
  };
  KINDS.forEach((kind, index) => {
    const row = rows.findIndex((each) => each.types.kind.includes(index));
    if (row < 0) return;
    const colour = rows.length > 1 ? "--family: var(--st-text-color)" : familyColour(row);
    const sample = element("span", "sample", "", { "aria-hidden": "true", style: colour });
    sample.append(element("span", `tile kind-${kind} shade-0`));
    entry(sample, labels.kinds[index]);
  });
  const drawn = new Set(columns.text);
  for (const [sign, text] of [
    ["·", labels.blank],
    ["→", labels.tab],
    ["↵", labels.lineEnd],
  ]) {
    const at = drawn.has(sign) ? columns.text.indexOf(sign) : -1;
    if (at < 0 || columns.shape[at] === "t") continue;
    entry(element("span", "sign", sign, { "aria-hidden": "true" }), text);
  }
  return list;
}

/** The typed text and, for every row, the tokens that overlap what is pointed at. */
function fillReadout(node, data, target) {
  const { labels, rows, columns } = data;
  node.classList.toggle("resting", !target);
  const head = element("div", "typed-part");
  if (target) head.append(...typedPart(data, target));
  else head.append(element("span", "hint", labels.hint));
  const lines = rows.map((row, index) => {
    const line = element("div", "detail", "", { style: familyColour(index) });
    const list = element("div", "tokens-of");
    const tokens = target ? target.boxes[index].flatMap((box) => tokensOf(row.boxes, box)) : [];
    for (const token of tokens.slice(0, MOST_DETAILS)) {
      list.append(detail(row, token, labels, target.row === index && target.token === token));
    }
    const left = tokens.length - MOST_DETAILS;
    if (left > 0) list.append(element("span", "more", fill(labels.more, { n: left })));
    if (!tokens.length) list.append(element("span", "none", target ? labels.none : row.count));
    const title = element("b", "", row.title);
    if (tokens.length > 1) title.append(element("small", "", fill(labels.tokens, { n: tokens.length })));
    line.append(title, list);
    return line;
  });
  node.replaceChildren(head, ...lines);
  const current = node.querySelector(".current");
  if (current) current.parentElement.scrollLeft = current.offsetLeft - current.parentElement.offsetLeft - 24;
}

function tokensOf(boxes, box) {
  return Array.from({ length: boxes.count[box] }, (_, index) => boxes.first[box] + index);
}

function typedPart({ columns, labels, sources }, { from, to }) {
  const text = columns.text.slice(from, Math.min(to, from + 200)).join("");
  if (!text) return [element("span", "hint", labels.inserted)];
  const source = columns.paragraphs.findLast(([start]) => start <= from)[1];
  const span = fill(labels.spans[source], { start: columns.start[from], end: columns.end[to - 1] });
  return [element("small", "", sources[source]), element("bdi", "quoted", text), element("code", "", span)];
}

/** One token of the read-out: piece and id, and under them bytes and span. */
function detail(row, token, labels, current) {
  const { types, type, source, start, end, segment } = row;
  const of = type[token];
  const node = element("span", `token${current ? " current" : ""}`);
  const first = element("span", "facts");
  const second = element("span", "facts");
  const fact = (line, name, value) => {
    const part = element("span", "fact");
    part.append(element("small", "", name), element("code", "", value));
    line.append(part);
  };
  const drawn = types.prefix[of] + types.label[of];
  first.append(element("bdi", "piece", drawn));
  fact(first, labels.id, String(types.id[of]));
  if (segment[token]) fact(first, labels.segment, segment[token]);
  if (current && drawn !== types.piece[of]) fact(first, labels.entry, types.piece[of]);
  if (types.hex[of]) fact(second, labels.bytes, types.hex[of]);
  if (source[token] !== "-")
    fact(second, "", fill(labels.spans[source[token]], { start: start[token], end: end[token] }));
  node.append(first, second);
  return node;
}

export default mounting(Picture, (picture, { data, setStateValue }) => picture.update(data, setStateValue));
