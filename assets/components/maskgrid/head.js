// One head's numbers under a mask that the reader changes: what Python sent, and the softmax, here, of what is changed.
// Offers: parsedHead, MaskedHead. A cell's place in an array is query * keys + key.

const HIGHEST_LEVEL = 2 ** 16 - 1; // of a score between its row's lowest and highest

/** The header, the scores, the bias or null, the weights, and the mask without the reader's own cells. */
function parsedHead(data) {
  /** @type {{header: Header, numbers: Uint8Array}} */
  const { header, numbers } = unpacked(data);
  header.keys ??= header.queries; // the same tokens are sent once
  const [rows, columns] = [header.queries.length, header.keys.length];
  const cells = rows * columns;
  let read = 0;
  const next = (bytes) => numbers.subarray(read, (read += bytes));
  const bias = header.biased ? spread(floats(next(4 * (rows + columns - 1))), rows, columns) : null;
  const scores = header.long ? levelled(next, rows, columns, bias) : floats(next(4 * cells));
  const weights = header.long ? new Float32Array(cells) : floats(next(4 * cells));
  const bits = next(Math.ceil(cells / 8));
  const base = Uint8Array.from({ length: cells }, (_, at) => (bits[at >> 3] >> (7 - (at & 7))) & 1);
  return { header, scores, bias, weights, base };
}

/** A number for each distance of key and query, the most negative first, as one for each pair of them. */
function spread(byDistance, rows, columns) {
  const result = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    result.set(byDistance.subarray(rows - 1 - row, rows - 1 - row + columns), row * columns);
  }
  return result;
}

/** The scores of a long text: the lowest and the highest of each row, and where every one stands between them. */
function levelled(next, rows, columns, bias) {
  const [low, high] = [floats(next(4 * rows)), floats(next(4 * rows))];
  const levels = new Uint16Array(next(2 * rows * columns).slice().buffer); // a copy, so that the numbers are aligned
  return Float32Array.from(levels, (level, at) => {
    const row = Math.floor(at / columns);
    return low[row] + ((high[row] - low[row]) * level) / HIGHEST_LEVEL - (bias ? bias[at] : 0);
  });
}

class MaskedHead {
  /** @param flipped the places of the cells that the reader changed */
  constructor({ header, scores, bias, weights, base }, flipped) {
    this.rows = header.queries.length;
    this.columns = header.keys.length;
    Object.assign(this, { scores, bias, weights, base });
    this.change(flipped);
  }

  /** The mask with other cells changed by the reader. */
  change(flipped) {
    this.flipped = flipped;
    this.mask = this.base.slice();
    for (const at of flipped) this.mask[at] ^= 1;
  }

  /** Open or close one cell, and weigh its row again. */
  flip(query, key) {
    const at = query * this.columns + key;
    this.mask[at] ^= 1;
    if (!this.flipped.delete(at)) this.flipped.add(at);
    this.weigh(query);
  }

  /** Whether it is the one cell of its row that is open: softmax needs one. */
  isLastOpen(query, key) {
    const row = this.mask.subarray(query * this.columns, (query + 1) * this.columns);
    return Boolean(row[key]) && row.reduce((total, open) => total + open, 0) === 1;
  }

  /** The reader's cells as [query, key]. */
  flippedCells() {
    return [...this.flipped].map((at) => [Math.floor(at / this.columns), at % this.columns]);
  }

  /** A score with its bias. */
  total(at) {
    return this.scores[at] + (this.bias ? this.bias[at] : 0);
  }

  /** Weigh every row again: the reader's own clicks have changed some, or no weights were sent. */
  weighAll() {
    for (let query = 0; query < this.rows; query++) this.weigh(query);
  }

  /** The softmax of one row under the mask as it is now. */
  weigh(query) {
    const [start, end] = [query * this.columns, (query + 1) * this.columns];
    let [highest, sum] = [-Infinity, 0];
    for (let at = start; at < end; at++) if (this.mask[at]) highest = Math.max(highest, this.total(at));
    for (let at = start; at < end; at++) {
      this.weights[at] = this.mask[at] ? Math.exp(this.total(at) - highest) : 0;
      sum += this.weights[at];
    }
    for (let at = start; at < end; at++) this.weights[at] /= sum;
  }

  /**
   * How far every score is from the mean of its row. Softmax takes no notice of what a whole row has in common, and the
   * colours of large scores that hardly differ would all be one. The mask has no part in it: the scores come before.
   */
  differences() {
    const result = new Float32Array(this.rows * this.columns);
    for (let start = 0; start < result.length; start += this.columns) {
      let sum = 0;
      for (let at = start; at < start + this.columns; at++) sum += this.total(at);
      for (let at = start; at < start + this.columns; at++) result[at] = this.total(at) - sum / this.columns;
    }
    return result;
  }
}
