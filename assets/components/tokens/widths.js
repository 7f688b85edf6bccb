// How wide every column must be, so that its text and the tokens under it have room.
// Offers: columnWidths; towerTiles and stacked, from which the height of a tower follows; cellClass.

const MOST_TILES = 60; // a character of more tokens than this says how many more there are
const BOX_MARGIN = 0.25; // of the root's font size, as the style sheet has them, and a little more
const TILE_PADDING = 0.75;
const SMALL_TILE_PADDING = 0.5;
const TOWER_PADDING = 6; // pixels

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
