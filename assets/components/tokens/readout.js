// The token that is pointed at, in detail: what was typed, and every row's tokens for it.
// Offers: fillReadout.

const MOST_DETAILS = 30; // tokens a row of the read-out lists

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
