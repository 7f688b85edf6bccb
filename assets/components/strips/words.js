// What is written beside and under the strips: the rows' names, one component as a sum, the scales of the colours.
// Offers: rowNames, equation, scales, sumRow.

const DIGITS = 4;

/** The row that the rows before it add up to. */
function sumRow(rows) {
  return rows.findLastIndex((row) => row.scale === 0);
}

/** The names of the rows, at their tops. detailed: with what a row is; else with room for a vector's length. */
function rowNames(rows, tops, height, detailed) {
  return rows.map((row, at) => {
    const label = element("div", "", "", { style: `top: ${tops[at]}px; height: ${height}px` });
    const name = element("b");
    name.append(element("span", "sign", row.sign), row.name);
    label.append(name);
    if (detailed && row.detail) label.append(element("small", "", row.detail));
    if (!detailed) name.append(element("small", "length"));
    return label;
  });
}

/** One component of every row, as a sum after its name. @param {Heat} heat */
function equation(heat, name, token, component) {
  const { rows } = heat.header;
  const numbers = rows.map((_, row) => heat.vector(row, token)[component]);
  const exact = addsUp(numbers, sumRow(rows));
  const parts = [element("span", "", `${name}:`)];
  rows.forEach((row, at) => {
    const sign = row.sign === "=" && !exact ? "≈" : row.sign;
    if (sign) parts.push(element("span", "", sign));
    const number = element("span");
    const swatch = element("span", "swatch", "", { style: `background: ${heat.colour(at, numbers[at])}` });
    number.append(swatch, written(numbers[at], DIGITS), " ", element("small", "", row.name));
    parts.push(number);
  });
  return parts;
}

/** Whether the numbers add up as they are written; rounded ones may add up to one digit more or less. */
function addsUp(numbers, sum) {
  const shown = numbers.map((number) => Number(number.toFixed(DIGITS)));
  const added = shown.slice(0, sum).reduce((total, number) => total + number, 0);
  return Math.abs(added - shown[sum]) < 0.5 * 10 ** -DIGITS;
}

/** Each scale that a row has, from its lowest colour to its highest. @param {Heat} heat */
function scales({ header, low, zero, high }) {
  const gradient = `background: linear-gradient(90deg, ${low}, ${zero}, ${high})`;
  const found = [...new Set(header.rows.map((row) => row.scale))];
  return found.map((scale) => {
    const node = element("span", "scale");
    const limit = header.limits[scale].toPrecision(2);
    const names = found.length > 1 ? `${scale ? header.labels.after : header.labels.parts} ` : "";
    node.append(element("span", "", `${names}−${limit}`), element("i", "", "", { style: gradient }), `+${limit}`);
    return node;
  });
}
