// The order in which a line's columns stand from left to right, where some letters run from right to left.
// Offers: levels, visualOrder.

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
