// Where the three matrices stand: side by side, or one below the other on a phone.
// Offers: Places. Sizes are times the root's font size (em), but in Places they are pixels.

const CELL = { most: 2.5, labelled: 0.85 };
const TALLEST = 27;
const TITLE_HEIGHT = 3.1;
const GAP = 2.4;
const NAME_WIDTH = 7;
const NARROW = 40;
const TALLEST_NAME = 5.5;

class Places {
  /** @param nameWidth the width of the widest of the keys' names, asked for with the size of their type */
  constructor({ queries, keys }, width, em, nameWidth) {
    this.rows = queries.length;
    this.columns = keys.length;
    this.width = width;
    this.em = em;
    this.left = Math.min(NAME_WIDTH * em, Math.max(0.16 * width, 5 * em));
    const gap = GAP * em;
    const narrow = width < NARROW * em;
    const room = (width - this.left - 4 - (narrow ? 0 : 2 * gap)) / (narrow ? 1 : 3); // 4: the frames' own pixels
    this.cell = Math.min(CELL.most * em, room / this.columns, (TALLEST * em) / this.rows);
    if (this.cell > 4) this.cell = Math.floor(this.cell);
    this.named = this.cell >= CELL.labelled * em;
    this.panel = { width: this.cell * this.columns, height: this.cell * this.rows };
    this.step = narrow ? 0 : Math.max(this.panel.width, Math.min(room, 15 * em)) + gap;
    this.room = narrow ? room : this.step - 0.4 * em; // for a title
    this.labelSize = Math.min(1.05 * em, Math.max(0.85 * em, 0.75 * this.cell));
    this.tall = Math.min(TALLEST_NAME * em, nameWidth(this.labelSize) + 2); // how tall the keys' names stand
    this.top = TITLE_HEIGHT * em + (this.named ? this.tall + 0.8 * em : 0.4 * em);
    const tall = Math.ceil(this.top + this.panel.height + 2);
    this.rise = narrow ? tall + em : 0;
    this.height = tall + 2 * this.rise;
  }

  /** The left upper corner of a matrix: 0 the scores, 1 the mask, 2 the weights. */
  corner(panel) {
    return { x: this.left + panel * this.step, y: this.top + panel * this.rise };
  }

  /** The cell at a point, or a query's name (key: null), or null. */
  cellAt(across, down) {
    for (let panel = 0; panel < 3; panel++) {
      const { x, y } = this.corner(panel);
      const [query, key] = [(down - y) / this.cell, (across - x) / this.cell].map(Math.floor);
      if (query < 0 || query >= this.rows) continue;
      if (across < this.left) return { panel, query, key: null };
      if (key >= 0 && key < this.columns) return { panel, query, key };
    }
    return null;
  }
}
