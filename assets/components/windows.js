/**
 * A convolution as a matrix product: the image with its window, the windows as rows of a matrix, the filters as columns
 * of another, their product, and the same numbers as maps. Python computed all of them; stepping needs no server.
 *
 * @typedef {{padded: number[][], padding: number, kernel: number, stride: number, windows: number[][],
 *   weights: number[][], product: number[][], columns: number, corners: [number, number][], step: number, fingerprint: string, alternative: string,
 *   names: string[], colours: {image: [string, string], low: [string, string], high: [string, string]},
 *   labels: Object<string, string>}} Windows
 */

const MOST_CELL = 2.4; // times the root's font size, as are the other sizes here
const GAP = 2.2;
const TITLE = 1.9;
const MOST_ROWS = 12; // windows in sight at once
const PAPER_SHARE = 0.16;

class WindowsPicture extends PlayedPicture {
  constructor(parent) {
    super(parent, "windows");
    this.filter = 0;
    this.canvas.onclick = (event) => this.pick(event);
  }

  update(given) {
    this.given = given;
    if (this.take(given)) {
      this.draw();
      return;
    }
    this.player.update(given.labels, given.windows.length - 1, given.step);
  }

  press(event) {
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const filters = this.given.names.length;
      this.filter = (this.filter + (event.key === "ArrowDown" ? 1 : filters - 1)) % filters;
      this.show(this.player.step, false);
      event.preventDefault();
      event.stopPropagation();
    } else this.player.press(event);
  }

  /** A click on a window's row, on a number of the product or of a map, or on the image's window. */
  pick(event) {
    const { x, y } = { x: event.offsetX, y: event.offsetY };
    const { image, windows, weights, product, maps } = this.drawn;
    const within = (place) => {
      const [row, column] = [Math.floor((y - place.y) / place.cell), Math.floor((x - place.x) / place.cell)];
      return row >= 0 && row < place.rows && column >= 0 && column < place.columns ? [row, column] : null;
    };
    const [inImage, inWindows, inWeights, inProduct] = [image, windows, weights, product].map(within);
    if (inWeights) this.filter = inWeights[1];
    if (inProduct) this.filter = inProduct[1];
    if (inWindows) this.player.move(this.top + inWindows[0]);
    else if (inProduct) this.player.move(this.top + inProduct[0]);
    else if (inImage) this.player.move(this.positionOf(...inImage));
    else if (inWeights) this.show(this.player.step, false);
    maps.forEach((map, filter) => {
      const cell = within(map);
      if (!cell) return;
      this.filter = filter;
      this.player.move(cell[0] * map.columns + cell[1]);
    });
  }

  /** The window whose first number is this pixel, or the nearest one before it. */
  positionOf(row, column) {
    const { stride, columns, windows } = this.given;
    const rows = windows.length / columns;
    return Math.min(Math.floor(row / stride), rows - 1) * columns + Math.min(Math.floor(column / stride), columns - 1);
  }

  show(step, playing) {
    this.draw();
    const { labels, windows, weights, product, names } = this.given;
    const sum = windows[step]
      .map((number, at) => `${number}·${signed(weights[at][this.filter])}`)
      .join(" + ");
    this.said.setAttribute("aria-live", playing ? "off" : "polite");
    this.said.textContent = fill(labels.sum, {
      n: step + 1,
      filter: names[this.filter],
      sum,
      result: signed(product[step][this.filter]).replace(/[()]/g, ""),
    });
  }

  draw() {
    if (!this.given || !this.root.clientWidth) return;
    const em = parseFloat(getComputedStyle(this.root).fontSize);
    this.drawn = this.places(this.root.clientWidth, em);
    this.paint(sized(this.canvas, this.root.clientWidth, this.drawn.height), this.drawn, em);
  }

  saved() {
    const em = parseFloat(getComputedStyle(this.root).fontSize);
    const width = this.root.clientWidth;
    const places = this.places(width, em);
    const { canvas, context } = keepsake(this.root, width, places.height + 2 * em);
    this.paint(context, places, em);
    const style = getComputedStyle(this.root);
    const font = { size: 1.05 * em, family: style.fontFamily, ink: style.color };
    drawTitle(context, this.said.textContent, 0, places.height + 1.4 * em, width, font, 400);
    return canvas;
  }

  /** Where each matrix stands: image, windows, filters, product, and the maps one below the other. */
  places(width, em) {
    const { padded, windows, weights, columns } = this.given;
    const filters = weights[0].length;
    const gap = GAP * em;
    const across = padded[0].length + windows[0].length + 2 * filters + columns;
    const cell = Math.floor(Math.min((width - 4 * gap - 4) / across, MOST_CELL * em));
    const rows = Math.min(windows.length, MOST_ROWS);
    this.top = Math.max(0, Math.min(this.player.step - Math.floor(rows / 2), windows.length - rows));
    const y = TITLE * em;
    const beside = (left, rowCount, columnCount) => ({
      x: left ? left.x + left.columns * cell + gap : 2,
      y,
      cell,
      rows: rowCount,
      columns: columnCount,
    });
    const image = beside(null, padded.length, padded[0].length);
    const unrolled = beside(image, rows, windows[0].length);
    const filterMatrix = beside(unrolled, weights.length, filters);
    const product = beside(filterMatrix, rows, filters);
    const mapRows = windows.length / columns;
    const maps = this.given.names.map((_, at) => ({
      ...beside(product, mapRows, columns),
      y: y + at * (mapRows * cell + TITLE * em),
    }));
    const height = Math.max(
      y + Math.max(padded.length, rows, weights.length) * cell + 1.6 * em,
      maps.at(-1).y + mapRows * cell + 6,
    );
    return { image, windows: unrolled, weights: filterMatrix, product, maps, gap, height };
  }

  paint(context, places, em) {
    const style = getComputedStyle(this.root);
    const font = { size: em, family: style.fontFamily, ink: style.color };
    const line = `color-mix(in srgb, ${style.color} 35%, transparent)`;
    const { labels, padded, windows, weights, product, kernel, columns, names } = this.given;
    const { step } = this.player;
    const { filter, top } = this;
    const grey = this.lightness();
    const tint = this.tint(Math.max(...product.flat().map(Math.abs), 1));
    const small = this.tint(Math.max(...weights.flat().map(Math.abs), 1));
    drawMatrix(context, { ...places.image, font, line }, (row, column) => grey(padded[row][column]));
    drawMatrix(context, { ...places.windows, font, line }, (row, column) => grey(windows[top + row][column]));
    drawMatrix(context, { ...places.weights, font, line }, (row, column) => small(weights[row][column]));
    drawMatrix(context, { ...places.product, font, line }, (row, column) => tint(product[top + row][column]));
    places.maps.forEach((map, at) => {
      drawMatrix(context, { ...map, font, line }, (row, column) => tint(product[row * columns + column][at]));
    });
    const corner = this.given.corners[step];
    const ink = font.ink;
    frameCells(context, places.image, [corner[0], corner[0] + kernel], [corner[1], corner[1] + kernel], ink);
    frameCells(context, places.windows, [step - top, step - top + 1], [0, kernel * kernel], ink);
    frameCells(context, places.weights, [0, kernel * kernel], [filter, filter + 1], ink);
    frameCells(context, places.product, [step - top, step - top + 1], [filter, filter + 1], ink);
    const map = places.maps[filter];
    const [row, column] = [Math.floor(step / columns), step % columns];
    frameCells(context, map, [row, row + 1], [column, column + 1], ink);
    this.titles(context, places, labels, names, font, em);
  }

  titles(context, places, labels, names, font, em) {
    const { image, windows, weights, product, maps, gap } = places;
    for (const [place, title] of [[image, labels.image], [windows, labels.windows], [weights, labels.weights], [product, labels.product]]) {
      drawTitle(context, title, place.x, place.y - 0.6 * em, place.columns * place.cell + 0.85 * gap, font);
    }
    maps.forEach((map, at) => {
      drawTitle(context, names[at], map.x, map.y - 0.6 * em, map.columns * map.cell, font);
    });
    const middle = windows.y + (weights.rows * weights.cell) / 2 + 0.5 * em;
    const sign = { ...font, size: 1.5 * em };
    const between = (place, text) => {
      drawTitle(context, text, place.x + place.columns * place.cell, middle, gap, sign, 650, "center");
    };
    between(image, "→");
    between(windows, "·");
    between(weights, "=");
    between(product, "→");
    const hidden = this.given.windows.length - windows.rows;
    if (hidden > 0) {
      const text = fill(labels.more, { shown: windows.rows, all: this.given.windows.length });
      const faint = { ...font, size: 0.9 * em };
      drawTitle(context, text, windows.x, windows.y + windows.rows * windows.cell + 1.2 * em, windows.columns * windows.cell, faint, 400);
    }
  }

  /** Pixels: the more ink, the stronger. */
  lightness() {
    const paper = channels(paperOf(this.root));
    const ink = channels(this.given.colours.image[this.dark ? 1 : 0]);
    return (number) => ({ fill: shade(ink, paper, 0.05 + (0.75 * number) / 9), text: String(number) });
  }

  /** Numbers below and above zero. */
  tint(most) {
    const paper = channels(paperOf(this.root));
    const [low, high] = ["low", "high"].map((name) => channels(this.given.colours[name][this.dark ? 1 : 0]));
    return (number) => ({
      fill: shade(number < 0 ? low : high, paper, number ? PAPER_SHARE + (0.84 * Math.abs(number)) / most : 0.04),
      text: number < 0 ? `−${-number}` : String(number),
    });
  }
}

/** A number in a sum: below zero in brackets. */
function signed(number) {
  return number < 0 ? `(−${-number})` : String(number);
}

export default mounting(WindowsPicture, (picture, { data }) => picture.update(data));
