// The grid that a step is drawn on, the sentence over it, and the tokens with their ids at the end.
// Offers: Stage, drawResult, sentence.

/** A sentence with its {placeholders} filled in, as nodes; the values stand out and keep their own direction. */
function sentence(template, values = {}) {
  return template.split(/(\{\w+\})/).map((part) => {
    const name = part.match(/^\{(\w+)\}$/)?.[1];
    return name && name in values ? element("bdi", "value", String(values[name])) : document.createTextNode(part);
  });
}

/** The grid that a frame draws on: rows from top to bottom, columns 0 to units. */
class Stage {
  constructor(node, units) {
    this.node = node;
    this.units = units;
    this.row = 0;
    node.replaceChildren();
    node.style.setProperty("--units", units);
  }

  /** Go to the next row. */
  down() {
    this.row += 1;
  }

  /** A tile over the columns [start, end) of the current row. */
  put(start, end, text, className) {
    const node = element("span", `tile ${className}`);
    node.append(element("bdi", "", text));
    node.style.gridArea = `${this.row + 1} / ${start + 1} / auto / ${end + 1}`;
    this.node.append(node);
    return node;
  }

  /** A small label on the line between two columns of the current row. */
  between(position, text, className) {
    const node = this.put(Math.max(position - 1, 0), Math.min(position + 1, this.units), text, `between ${className}`);
    if (position === 0) node.classList.add("at-start");
    if (position === this.units) node.classList.add("at-end");
    return node;
  }

  /** A row of tiles side by side, [text, style] each over `lengths` columns. */
  tiles(parts, className) {
    let start = 0;
    return parts.map(([text, hexadecimal, length]) => {
      const node = this.put(start, start + length, text, `${className}${hexadecimal ? " hex" : ""}`);
      start += length;
      return node;
    });
  }
}

/** The tokens with their ids, the last frame of every view: over the columns they cover, if `lengths` are known. */
function drawResult(stage, data, lengths) {
  const tokens = data.pieces.map(([text, hexadecimal], index) => {
    const token = element("span", `tile token${hexadecimal ? " hex" : ""}`);
    token.append(element("bdi", "", text), element("small", "", String(data.ids[index])));
    return token;
  });
  if (lengths && lengths.length === tokens.length) {
    let start = 0;
    tokens.forEach((token, index) => {
      token.style.gridArea = `${stage.row + 1} / ${start + 1} / auto / ${start + lengths[index] + 1}`;
      start += lengths[index];
    });
    stage.node.append(...tokens);
    return;
  }
  const list = element("div", "result");
  list.style.gridArea = `${stage.row + 1} / 1 / auto / -1`;
  list.append(...tokens);
  stage.node.append(list);
}
