// What a line shows, as plain values: its cells, and the boxes of every row. Two lines whose keys are equal look the same.
// Offers: lineModel.

const ROW_GAP = 0.25; // of the root's font size again
const LINE_GAP = 1.25;
const BARE_LINE_GAP = 0.45;

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
