// Numbers below and above zero as colours, each row with the scale that it shares with others.
// Offers: parsedStrips, Heat.

/** The header and the rows' numbers. @returns {{header: Header, values: Float32Array[]}} */
function parsedStrips(data) {
  const { header, numbers } = unpacked(data);
  const count = header.tokens * header.size;
  const whole = floats(numbers);
  return { header, values: header.rows.map((_, row) => whole.subarray(row * count, (row + 1) * count)) };
}

class Heat {
  /** @param side 0 for a light theme, 1 for a dark one */
  constructor({ header, values }, side) {
    Object.assign(this, { header, values });
    const { low, zero, high } = header.colours;
    [this.low, this.zero, this.high] = [low[side], zero[side], high[side]];
    this.table = diverging(...[this.low, this.zero, this.high].map(channels));
    this.tile = document.createElement("canvas");
  }

  /** One token's numbers in a row. */
  vector(row, token) {
    const { size } = this.header;
    return this.values[row].subarray(token * size, (token + 1) * size);
  }

  /** The place of a value in the table, by the scale of its row. */
  level(row, value) {
    const limit = this.header.limits[this.header.rows[row].scale];
    return Math.max(0, Math.min(255, Math.round(127.5 + (127.5 * value) / limit)));
  }

  colour(row, value) {
    const [red, green, blue] = new Uint8Array(this.table.buffer, 4 * this.level(row, value), 3);
    return `rgb(${red} ${green} ${blue})`;
  }

  /** Draw one token's numbers as a grid of `across` cells a row, in reading order, into a rectangle. */
  draw(context, row, token, across, box) {
    const numbers = this.vector(row, token);
    const pixelAt = (at) => this.table[this.level(row, numbers[at])];
    drawPixels(this.tile, across, Math.ceil(numbers.length / across), pixelAt, numbers.length);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.tile, box.x, box.y, box.width, box.height);
  }
}

/** Where the biggest number in size stands. */
function biggest(values) {
  let at = 0;
  for (let index = 1; index < values.length; index++) if (Math.abs(values[index]) > Math.abs(values[at])) at = index;
  return at;
}
