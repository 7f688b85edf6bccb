// A map as a matrix: a row a query, a column a key.
// Offers: MatrixLook. A look has layout(), hint, prepare(), at() and paint().

const LABELS = { left: 7, top: 5.5 }; // room for the tokens' names, times the root's font size
const BARE = 2; // the same where cells are too small for names
const CELL = { most: 3.4, labelled: 0.75, written: 2.1 };

class MatrixLook {
  /** @param {HeadMap} map */
  constructor(map) {
    this.map = map;
  }

  /** The whole matrix is in sight. */
  layout(most) {
    const { em, header, width } = this.map;
    const { queries, keys } = header;
    const [left, top] = [LABELS.left * em, LABELS.top * em];
    const fits = Math.min((width - left) / (keys.length || 1), (most - top) / (queries.length || 1));
    this.cell = Math.min(fits, CELL.most * em);
    this.labelled = this.cell >= CELL.labelled * em;
    this.left = this.labelled ? left : BARE * em;
    this.top = this.labelled ? top : BARE * em;
    if (!this.labelled) this.cell = Math.min((width - this.left) / keys.length, (most - this.top) / queries.length);
    this.block = Math.max(1, Math.ceil(1 / (this.cell * (window.devicePixelRatio || 1))));
    const height = Math.ceil(this.top + this.cell * queries.length + 2);
    return { full: height, height };
  }

  /** The hint, and before it how many pairs a point stands for. */
  get hint() {
    const { labels } = this.map.header;
    return `${this.block > 1 ? `${fill(labels.pooled, { n: this.block })} ` : ""}${labels.hint_matrix}`;
  }

  /** The matrix as an image; the largest weight of each block of pairs, where there are more pairs than points. */
  prepare() {
    const { block, map } = this;
    const { queries, keys } = map.header;
    const [down, across] = [Math.ceil(queries.length / block), Math.ceil(keys.length / block)];
    const kept = new Float32Array(down * across);
    for (let query = 0; query < queries.length; query++) {
      for (let key = 0; key < keys.length; key++) {
        const at = Math.floor(query / block) * across + Math.floor(key / block);
        kept[at] = Math.max(kept[at], map.weight(query, key));
      }
    }
    const [paper, strong] = [channels(map.paper), channels(map.family)];
    this.tile = element("canvas");
    drawPixels(this.tile, across, down, (at) => blend(paper, strong, Math.sqrt(Math.min(kept[at], 1))));
  }

  /** The pair at a point, or nothing. */
  at(across, down) {
    const query = within(Math.floor((down - this.top) / this.cell), this.map.header.queries);
    const key = within(Math.floor((across - this.left) / this.cell), this.map.header.keys);
    return query === undefined || key === undefined ? {} : { query, key };
  }

  paint(context) {
    const { left, top, cell, block, tile } = this;
    const { queries, keys } = this.map.header;
    context.imageSmoothingEnabled = false;
    context.drawImage(tile, left, top, tile.width * block * cell, tile.height * block * cell);
    context.lineWidth = 1;
    context.globalAlpha = 0.4;
    context.strokeRect(left - 0.5, top - 0.5, cell * keys.length + 1, cell * queries.length + 1);
    context.globalAlpha = 1;
    if (this.labelled) this.paintNames(context);
    this.frame(context);
    if (cell >= CELL.written * this.map.em) this.writeShares(context);
  }

  paintNames(context) {
    const { left, top, cell } = this;
    const { em, font, header, focus } = this.map;
    const size = Math.min(em, 0.95 * cell);
    context.textAlign = "right";
    header.queries.forEach((text, at) => {
      context.font = `${at === focus.query ? 750 : 450} ${size}px ${font}`;
      context.fillText(fitted(context, text, left - 10), left - 8, top + (at + 0.5) * cell);
    });
    context.textAlign = "left";
    header.keys.forEach((text, at) => {
      context.save();
      context.translate(left + (at + 0.5) * cell, top - 8);
      context.rotate(-Math.PI / 2);
      context.font = `${at === focus.key ? 750 : 450} ${size}px ${font}`;
      context.fillText(fitted(context, text, top - 10), 0, 0);
      context.restore();
    });
  }

  /** The row and the column that the picture is about. */
  frame(context) {
    const { left, top, cell } = this;
    const { queries, keys } = this.map.header;
    const { query, key } = this.map.focus;
    context.lineWidth = 2;
    context.globalAlpha = 0.75;
    if (query !== undefined) context.strokeRect(left, top + query * cell, cell * keys.length, Math.max(cell, 2));
    if (key !== undefined) context.strokeRect(left + key * cell, top, Math.max(cell, 2), cell * queries.length);
    context.globalAlpha = 1;
  }

  /** The shares in percent, where the cells are large enough for them. */
  writeShares(context) {
    const { left, top, cell } = this;
    const { em, font, ink, paper, header } = this.map;
    context.textAlign = "center";
    context.font = `500 ${0.8 * em}px ${font}`;
    for (let query = 0; query < header.queries.length; query++) {
      for (let key = 0; key < header.keys.length; key++) {
        const share = this.map.weight(query, key);
        if (share < 0.005) continue;
        context.fillStyle = share > 0.45 ? paper : ink;
        context.fillText(Math.round(100 * share), left + (key + 0.5) * cell, top + (query + 0.5) * cell);
      }
    }
    context.fillStyle = ink;
  }
}
