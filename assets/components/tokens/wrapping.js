// Cuts the columns into lines that fit the page.
// Offers: wrap.

/**
 * The lines: at most `available` pixels wide, broken between words if they can be, else between boxes, else anywhere.
 * @returns {Line[]}
 */
function wrap(columns, widths, available) {
  const lines = [];
  columns.paragraphs.forEach(([start, source, rightToLeft], index) => {
    const end = columns.paragraphs[index + 1]?.[0] ?? columns.text.length;
    for (let from = start, to; from < end; from = to) {
      to = lineEnd(columns, widths, from, end, available);
      lines.push({ from, to, source, rightToLeft: Boolean(rightToLeft) });
    }
  });
  return lines;
}

/** Where a line that begins at `from` ends: before `end`, and with at least one column. */
function lineEnd(columns, widths, from, end, available) {
  let word = 0;
  let gap = 0;
  let width = widths[from];
  for (let column = from + 1; column < end; column++) {
    if (columns.breaks[column] === "2") word = column;
    if (columns.breaks[column] === "1" && width > available / 2) gap = column;
    width += widths[column];
    if (width > available) return word || gap || column;
  }
  return end;
}
