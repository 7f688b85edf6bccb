// One line of the picture in the document.
// Offers: LineView.

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
