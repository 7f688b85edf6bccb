// Matrices of numbers on a canvas. Added to the end of the scripts that ask for it.

/** The colour laid over the paper with this share. */
function shade(colour, paper, share) {
  const mixed = paper.map((value, at) => Math.round(value + (colour[at] - value) * share));
  return `rgb(${mixed.join(" ")})`;
}

/** Dark or white, whichever reads better on the fill "rgb(r g b)". */
function inkOn(fill) {
  const [red, green, blue] = fill.match(/\d+/g).map((level) => {
    const share = level / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.2 ? "#16202e" : "#ffffff";
}

/**
 * Draw a matrix: rows x columns cells from (x, y), each with its fill and text.
 * @param look (row, column) => {fill: "rgb(r g b)", text: string}
 */
function drawMatrix(context, { x, y, cell, rows, columns, font, line }, look) {
  const gap = cell > 12 ? 1 : 0;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const size = Math.min(0.52 * cell, 1.5 * font.size);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const { fill: colour, text } = look(row, column);
      const [left, top] = [x + column * cell, y + row * cell];
      context.fillStyle = colour;
      context.fillRect(left, top, cell - gap, cell - gap);
      if (size < 7 || !text) continue;
      const shrunk = text.length > 3 ? (size * 3) / text.length : size;
      context.font = `600 ${shrunk}px ${font.family}`;
      context.fillStyle = inkOn(colour);
      context.fillText(text, left + (cell - gap) / 2, top + (cell - gap) / 2 + 0.5);
    }
  }
  context.strokeStyle = line;
  context.lineWidth = 1;
  context.strokeRect(x - 0.5, y - 0.5, columns * cell + 1 - gap, rows * cell + 1 - gap);
}

/** A frame around some of a matrix's cells: [start, end) of rows and of columns. */
function frameCells(context, { x, y, cell }, rows, columns, colour, width = 4) {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(
    x + columns[0] * cell - 0.5,
    y + rows[0] * cell - 0.5,
    (columns[1] - columns[0]) * cell,
    (rows[1] - rows[0]) * cell,
  );
}

/** A title over a matrix, and a note behind it. */
function drawTitle(context, text, x, y, width, font, weight = 650, align = "left") {
  let size = font.size;
  context.font = `${weight} ${size}px ${font.family}`;
  const wide = context.measureText(text).width;
  if (wide > width) size *= width / wide;
  context.font = `${weight} ${size}px ${font.family}`;
  context.textAlign = align;
  context.textBaseline = "alphabetic";
  context.fillStyle = font.ink;
  context.fillText(text, align === "center" ? x + width / 2 : x, y);
}
