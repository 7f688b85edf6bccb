// The three matrices on a canvas: scores, mask, weights, with their titles and the names of queries and keys.
// Offers: Matrices.

const SIGNS = ["", "+", "→"]; // before each matrix

class Matrices {
  constructor() {
    this.tiles = [0, 1, 2].map(() => document.createElement("canvas")); // the cells of a matrix, a pixel each
  }

  /**
   * Take what is drawn; the tiles are kept, because the pointer moves more often than the numbers change.
   *
   * @param {Header} header
   * @param {MaskedHead} head
   * @param {Places} places
   * @param colours the theme's own: family, low, zero, high, closed
   * @param type the page's: font and ink
   */
  take(header, head, places, colours, type) {
    Object.assign(this, { header, head, places, colours, ...type });
    this.tiles.forEach((tile, panel) => drawPixels(tile, head.columns, head.rows, this.pixels(panel)));
  }

  /** What gives the pixel of each cell of a matrix. */
  pixels(panel) {
    const { head } = this;
    const [low, zero, high, family, closed] = ["low", "zero", "high", "family", "closed"].map((name) =>
      channels(this.colours[name]),
    );
    const shares = ramp(zero, family);
    if (panel === 1) {
      const [open, hidden] = [shares[191], ramp(closed, closed)[0]];
      return (at) => (head.mask[at] ? open : hidden);
    }
    if (panel === 2) {
      const power = head.columns > 64 ? 1 / 3 : 1 / 2; // a root, so that small shares are seen
      const heaviest = largest(head.weights);
      return (at) => shares[Math.round(255 * (head.weights[at] / heaviest) ** power)];
    }
    const differences = head.differences();
    const [lower, higher] = [ramp(zero, low), ramp(zero, high)];
    const most = largest(differences);
    return (at) => (differences[at] < 0 ? lower : higher)[Math.round((255 * Math.abs(differences[at])) / most)];
  }

  /** @param query the chosen one @param pointed the cell that is pointed at, or null */
  draw(context, query, pointed) {
    const { labels } = this.header;
    const notes = [labels.scores_note, labels.mask_note, labels.weights_note];
    [labels.scores, labels.mask, labels.weights].forEach((title, panel) => {
      this.drawTitle(context, panel, title, notes[panel]);
      this.drawCells(context, panel);
      if (this.places.named) this.drawKeys(context, panel, pointed);
      if (panel === 0 || this.places.rise) this.drawQueries(context, panel, query);
      if (SIGNS[panel] && !this.places.rise) this.drawSign(context, panel);
    });
    this.drawMarks(context, query, pointed);
  }

  drawTitle(context, panel, title, note) {
    const { em, room, top } = this.places;
    const { x, y } = this.places.corner(panel);
    context.fillStyle = this.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.font = `650 ${1.15 * em}px ${this.font}`;
    context.fillText(fitted(context, `${panel + 1}. ${title}`, room), x, y - top + 0.8 * em);
    context.font = `400 ${0.95 * em}px ${this.font}`;
    context.fillText(fitted(context, note, room), x, y - top + 2.1 * em);
  }

  drawSign(context, panel) {
    const { em } = this.places;
    const { x, y } = this.places.corner(panel);
    context.fillStyle = this.ink;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `700 ${1.7 * em}px ${this.font}`;
    context.fillText(SIGNS[panel], x - (GAP / 2) * em, y + this.places.panel.height / 2);
  }

  drawCells(context, panel) {
    const { cell, rows, columns } = this.places;
    const { width, height } = this.places.panel;
    const { x, y } = this.places.corner(panel);
    context.imageSmoothingEnabled = cell < 1;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.tiles[panel], x, y, width, height);
    if (cell < 6) return;
    context.strokeStyle = this.colours.zero;
    context.lineWidth = 1;
    context.beginPath();
    for (let query = 0; query <= rows; query++) {
      context.moveTo(x, y + query * cell + 0.5);
      context.lineTo(x + width, y + query * cell + 0.5);
    }
    for (let key = 0; key <= columns; key++) {
      context.moveTo(x + key * cell + 0.5, y);
      context.lineTo(x + key * cell + 0.5, y + height);
    }
    context.stroke();
    if (panel === 1) this.drawClosed(context, x, y);
  }

  /** −∞ in every closed cell of the mask, where it can be read; a cross where it cannot. */
  drawClosed(context, x, y) {
    const { cell, em, rows, columns } = this.places;
    context.fillStyle = context.strokeStyle = this.colours.zero;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `600 ${Math.min(0.48 * cell, 1.1 * em)}px ${this.font}`;
    context.lineWidth = 1;
    context.beginPath();
    for (let query = 0; query < rows; query++) {
      for (let key = 0; key < columns; key++) {
        if (this.head.mask[query * columns + key]) continue;
        const [left, top] = [x + key * cell, y + query * cell];
        if (cell >= 1.5 * em) {
          context.fillText("−∞", left + cell / 2, top + cell / 2);
        } else {
          context.moveTo(left + 0.25 * cell, top + 0.75 * cell);
          context.lineTo(left + 0.75 * cell, top + 0.25 * cell);
        }
      }
    }
    context.stroke();
  }

  drawKeys(context, panel, pointed) {
    const { cell, em, labelSize, tall } = this.places;
    const { x, y } = this.places.corner(panel);
    context.fillStyle = this.ink;
    context.textAlign = "left";
    context.textBaseline = "middle";
    this.header.keys.forEach((piece, key) => {
      context.font = `${pointed?.key === key ? 750 : 450} ${labelSize}px ${this.font}`;
      context.save();
      context.translate(x + (key + 0.5) * cell, y - 0.35 * em);
      context.rotate(-Math.PI / 2);
      context.fillText(fitted(context, piece, tall), 0, 0);
      context.restore();
    });
  }

  drawQueries(context, panel, chosen) {
    const { cell, em, labelSize, left, named } = this.places;
    const { y } = this.places.corner(panel);
    context.textAlign = "right";
    context.textBaseline = "middle";
    this.header.queries.forEach((piece, query) => {
      const isChosen = query === chosen;
      if (!named && !isChosen) return;
      context.fillStyle = isChosen ? this.colours.family : this.ink;
      context.font = `${isChosen ? 750 : 450} ${isChosen && !named ? em : labelSize}px ${this.font}`;
      context.fillText(fitted(context, piece, left - 1.6 * em), left - 0.5 * em, y + (query + 0.5) * cell);
    });
  }

  /** The chosen row in all three matrices, and the cell that is pointed at. */
  drawMarks(context, query, pointed) {
    const { cell } = this.places;
    for (let panel = 0; panel < 3; panel++) {
      const { x, y } = this.places.corner(panel);
      context.strokeStyle = this.ink;
      context.lineWidth = 2.5;
      context.strokeRect(x - 1, y + query * cell - 1, this.places.panel.width + 2, Math.max(cell, 3) + 2);
      if (!pointed || pointed.key === null) continue;
      context.lineWidth = 2;
      context.strokeStyle = this.colours.high;
      const size = Math.max(cell, 5);
      context.strokeRect(x + pointed.key * cell, y + pointed.query * cell, size, size);
    }
  }
}

/** The largest number in size, and more than zero, to divide by. */
function largest(numbers) {
  return numbers.reduce((most, number) => Math.max(most, Math.abs(number)), 1e-9);
}
