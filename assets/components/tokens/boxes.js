// Which box of a row stands over which columns, and which tokens stand in it.
// Offers: NO_BOX, CUT, columnBoxes, boxHomes, boxOf, tokensOf.

const NO_BOX = -1;
const CUT = -2;

/** Which box each column of a row stands over: an index, CUT or NO_BOX. */
function columnBoxes(row, count) {
  const boxes = new Int32Array(count).fill(NO_BOX);
  for (const [from, to] of row.cuts) boxes.fill(CUT, from, to);
  row.boxes.start.forEach((start, box) => boxes.fill(box, start, row.boxes.end[box]));
  return boxes;
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

function tokensOf(boxes, box) {
  return Array.from({ length: boxes.count[box] }, (_, index) => boxes.first[box] + index);
}
