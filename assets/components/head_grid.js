/**
 * All heads of one kind of attention at once: a row a layer, a column a head, each a small picture of its map.
 *
 * Python sends one buffer: the length of a JSON header (uint32), the header, and a byte for every cell of every picture,
 * which is 255 times the square root of a weight.
 *
 * @typedef {{note: string, mark: string}} Cell
 * @typedef {{shape: [number, number, number, number], block: number, cells: Cell[][], selected: [number, number], chosen: [number, number][],
 *   mode: "open" | "knock" | "gather", colours: Object<string, [string, string]>, fingerprint: string, alternative: string,
 *   labels: Object<string, string>}} Header
 */

const LABEL = 1.6; // times the root's font size, as are the other sizes here
const MOST_CELL = 6.2;
const MOST_HEIGHT = 27;
const GAP = 3; // pixels

class Grid extends CanvasPicture {
  constructor(parent) {
    super(parent, "grid");
    this.canvas = element("canvas", "", "", { tabindex: "0", role: "application" });
    this.said = element("div", "said", "", { "aria-live": "polite" });
    this.pooled = element("div", "pooled");
    this.root.append(this.canvas, this.said, this.pooled);
    this.tiles = [];
    this.sent = [];
    this.listen();
  }

  layout() {
    this.draw();
  }

  listen() {
    this.canvas.addEventListener("pointermove", (event) => this.say(this.placeAt(event) ?? this.selected));
    this.canvas.addEventListener("pointerleave", () => this.say(this.selected));
    this.canvas.addEventListener("click", (event) => this.pick(this.placeAt(event)));
    this.canvas.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (isModified(event)) return;
    const step = ARROWS[event.key];
    if (step) {
      const [layers, heads] = this.header.shape;
      const to = [this.selected[0] + step[0], this.selected[1] + step[1]];
      if (to[0] >= 0 && to[0] < layers && to[1] >= 0 && to[1] < heads) {
        this.selected = to;
        this.draw();
        this.tell();
      }
    } else if (event.key === "Enter" || event.key === " ") this.pick(this.selected);
    else return;
    taken(event);
  }

  pick(place) {
    if (!place) return;
    this.selected = place;
    if (this.header.mode !== "open") {
      const name = String(place);
      if (!this.chosen.delete(name)) this.chosen.add(name);
    }
    this.draw();
    this.tell();
  }

  /** Say which head is open and which are chosen: all of it, since of two messages in a row only the last may arrive. */
  tell() {
    const chosen = [...this.chosen].map((name) => name.split(",").map(Number));
    const [layer, head] = this.selected;
    this.sent.push(this.state());
    this.send("pick", { layer, head, chosen, mode: this.header.mode, fingerprint: this.header.fingerprint });
  }

  update(data, send) {
    this.send = send;
    const { header, numbers } = unpacked(data);
    this.dark = isDark(this.root);
    const look = `${header.fingerprint} ${this.dark} ${header.colours.family}`;
    this.header = header;
    // While a choice is on its way, what comes back may still be of a choice before it.
    const come = this.state(header.selected, header.chosen.map(String), header.mode);
    const at = this.sent.lastIndexOf(come);
    if (at < 0 || at === this.sent.length - 1 || this.look !== look) {
      this.selected = header.selected;
      this.chosen = new Set(header.chosen.map(String));
      this.mode = header.mode;
      this.sent = [come];
    }
    if (this.look !== look) this.makeTiles(numbers, channels(paperOf(this.root)));
    this.look = look;
    this.spoken.textContent = header.alternative;
    this.canvas.setAttribute("aria-label", header.labels.grid);
    this.pooled.textContent = header.block > 1 ? fill(header.labels.pooled, { n: header.block }) : "";
    this.draw();
  }

  /** What is open and chosen, as one string. */
  state(selected = this.selected, chosen = this.chosen, mode = this.mode) {
    return [mode, selected, ...[...chosen].sort()].join(" ");
  }

  colour(name) {
    return this.header.colours[name][this.dark ? 1 : 0];
  }

  /** Each head's picture, one pixel a cell, from the paper's colour to the family's. */
  makeTiles(levels, paper) {
    const [layers, heads, rows, columns] = this.header.shape;
    const table = ramp(paper, channels(this.colour("family")));
    this.tiles = [];
    if (!rows || !columns) return;
    const count = rows * columns;
    for (let tile = 0; tile < layers * heads; tile++) {
      const canvas = element("canvas");
      drawPixels(canvas, columns, rows, (at) => table[levels[tile * count + at]]);
      this.tiles.push(canvas);
    }
  }

  placeAt(event) {
    const [layers, heads] = this.header.shape;
    const head = Math.floor((event.offsetX - this.left) / this.cell);
    const layer = Math.floor((event.offsetY - this.top) / this.cell);
    return layer >= 0 && layer < layers && head >= 0 && head < heads ? [layer, head] : undefined;
  }

  draw() {
    if (!this.header || !this.root.clientWidth) return;
    const [layers, heads] = this.header.shape;
    this.readStyle();
    const { em } = this;
    this.left = this.top = LABEL * em;
    const across = (this.root.clientWidth - this.left) / heads;
    this.cell = Math.floor(Math.max(16, Math.min(across, MOST_CELL * em, (MOST_HEIGHT * em - this.top) / layers)));
    const [width, height] = [this.left + heads * this.cell, this.top + layers * this.cell];
    [this.width, this.height] = [width, height];
    this.drawOn(sized(this.canvas, width, height));
    this.say(this.selected);
  }

  drawOn(context) {
    const [layers, heads] = this.header.shape;
    const { em } = this;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = this.ink;
    context.font = `600 ${0.95 * em}px ${this.font}`;
    for (let layer = 0; layer < layers; layer++) {
      context.fillText(layer, this.left / 2, this.top + (layer + 0.5) * this.cell);
    }
    for (let head = 0; head < heads; head++) {
      context.fillText(head, this.left + (head + 0.5) * this.cell, this.top / 2);
    }
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) this.drawHead(context, layer, head);
    }
  }

  /** The picture as it stands, on a canvas of its own. */
  saved() {
    const { canvas, context } = keepsake(this.root, this.width, this.height);
    this.drawOn(context);
    return canvas;
  }

  drawHead(context, layer, head) {
    const { cell, em } = this;
    const [x, y] = [this.left + head * cell, this.top + layer * cell];
    const size = cell - GAP;
    const tile = this.tiles[layer * this.header.shape[1] + head];
    const { note, mark } = this.header.cells[layer][head];
    const held = this.chosen.has(String([layer, head]));
    const [out, taken] = [held && this.mode === "knock", held && this.mode === "gather"];
    context.imageSmoothingEnabled = tile !== undefined && tile.width > size;
    context.globalAlpha = out ? 0.25 : 1;
    if (tile) context.drawImage(tile, x, y, size, size);
    context.globalAlpha = 1;
    const chosen = layer === this.selected[0] && head === this.selected[1];
    context.strokeStyle = chosen ? this.ink : `color-mix(in srgb, ${this.ink} 30%, transparent)`;
    context.lineWidth = chosen ? 4 : 1;
    const inset = chosen ? 0 : 0.5;
    context.strokeRect(x + inset, y + inset, size - 2 * inset, size - 2 * inset);
    if (taken) this.frame(context, x, y, size);
    if (out) this.cross(context, x, y, size);
    if (mark) this.dot(context, x + size - 0.55 * em, y + 0.55 * em);
    if (note) this.note(context, note, x, y, size);
  }

  frame(context, x, y, size) {
    context.strokeStyle = this.colour("out");
    context.lineWidth = 4;
    context.strokeRect(x + 4, y + 4, size - 8, size - 8);
  }

  cross(context, x, y, size) {
    context.strokeStyle = this.colour("out");
    context.lineWidth = 4;
    context.beginPath();
    for (const [from, to] of [[0.2, 0.8], [0.8, 0.2]]) {
      context.moveTo(x + from * size, y + 0.2 * size);
      context.lineTo(x + to * size, y + 0.8 * size);
    }
    context.stroke();
  }

  dot(context, x, y) {
    context.beginPath();
    context.arc(x, y, 0.32 * this.em, 0, 2 * Math.PI);
    context.fillStyle = this.ink;
    context.fill();
    context.strokeStyle = paperOf(this.root);
    context.lineWidth = 2;
    context.stroke();
  }

  note(context, note, x, y, size) {
    let font = 0.85 * this.em;
    context.font = `650 ${font}px ${this.font}`;
    const wide = context.measureText(note).width;
    if (wide > size - 6) font *= (size - 6) / wide;
    context.font = `650 ${font}px ${this.font}`;
    const [width, height] = [Math.min(wide, size - 6) + 6, font + 5];
    const paper = paperOf(this.root);
    context.fillStyle = paper;
    context.globalAlpha = 0.88;
    context.fillRect(x + (size - width) / 2, y + size - height - 2, width, height);
    context.globalAlpha = 1;
    context.fillStyle = this.ink;
    context.fillText(note, x + size / 2, y + size - height / 2 - 2);
  }

  say(place) {
    const [layer, head] = place;
    const cell = this.header.cells[layer]?.[head];
    if (!cell) return;
    const { labels } = this.header;
    const held = this.chosen.has(String(place)) ? labels[this.mode] : "";
    const parts = [fill(labels.place, { layer, head }), cell.note, held, cell.mark];
    this.said.textContent = parts.filter(Boolean).join(" · ");
  }
}

export default mounting(Grid, (grid, { data, setTriggerValue }) => grid.update(data, setTriggerValue));
