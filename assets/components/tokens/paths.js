// Where the arrow keys lead from a token, and what is said of the token that they reach.
// Offers: neighbour, sentence.

/** Where a key leads from a token: [row, token], or undefined for a key that means nothing here. */
function neighbour(key, { row, token, view }, data, lines) {
  const last = data.rows[row].type.length - 1;
  const forward = view.line.rightToLeft ? "ArrowLeft" : "ArrowRight";
  if (key === forward) return [row, Math.min(token + 1, last)];
  if (key === "ArrowLeft" || key === "ArrowRight") return [row, Math.max(token - 1, 0)];
  if (key === "ArrowUp" || key === "ArrowDown") {
    return beside({ row, token, view }, data, lines, key === "ArrowDown" ? 1 : -1);
  }
  const here = [...view.tiles[row].keys()].map((offset) => offset + view.firstTokens[row]);
  if (key === "Home") return [row, Math.min(...here)];
  if (key === "End") return [row, Math.max(...here)];
  return undefined;
}

/** The token under or over this one: in the next row that has one here, else on the next line. */
function beside({ row, token, view }, data, lines, step) {
  const here = middle(view.tile(row, token));
  let index = lines.views.indexOf(view);
  let next = row + step;
  while (index >= 0 && index < lines.views.length) {
    const there = lines.views[index];
    lines.draw(there, data);
    for (; next >= 0 && next < data.rows.length; next += step) {
      const tiles = [...(there.tiles[next] ?? [])].filter(([, tile]) => tile.hasAttribute("tabindex"));
      if (!tiles.length) continue;
      const gap = ([, tile]) => Math.abs(middle(tile) - here);
      const [offset] = tiles.reduce((best, each) => (gap(each) < gap(best) ? each : best));
      return [next, offset + there.firstTokens[next]];
    }
    index += step;
    next = step > 0 ? 0 : data.rows.length - 1;
  }
  return [row, token];
}

/** Where the middle of an element stands across the page. */
function middle(node) {
  const { left, right } = node.getBoundingClientRect();
  return (left + right) / 2;
}

/** A token as a sentence, for those who listen. */
function sentence({ rows, labels }, row, token) {
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
