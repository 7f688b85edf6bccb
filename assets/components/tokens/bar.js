// What stands under the lines: what the tiles and signs mean, and the switch between pieces and ids.
// Offers: legend, toggle.

/** The kinds of tokens and of blanks that occur, each drawn as in the picture. @param {Data} data */
function legend(data) {
  const { labels, rows, columns } = data;
  const list = element("ul", "legend");
  const entry = (sample, text) => {
    const item = element("li");
    item.append(sample, element("span", "", text));
    list.append(item);
  };
  KINDS.forEach((kind, index) => {
    const row = rows.findIndex((each) => each.types.kind.includes(index));
    if (row < 0) return;
    const colour = rows.length > 1 ? "--family: var(--st-text-color)" : familyColour(row);
    const sample = element("span", "sample", "", { "aria-hidden": "true", style: colour });
    sample.append(element("span", `tile kind-${kind} shade-0`));
    entry(sample, labels.kinds[index]);
  });
  const drawn = new Set(columns.text);
  for (const [sign, text] of [
    ["·", labels.blank],
    ["→", labels.tab],
    ["↵", labels.lineEnd],
  ]) {
    const at = drawn.has(sign) ? columns.text.indexOf(sign) : -1;
    if (at < 0 || columns.shape[at] === "t") continue;
    entry(element("span", "sign", sign, { "aria-hidden": "true" }), text);
  }
  return list;
}

/** The switch between pieces and ids; `choose` is called with the one that is to be shown. */
function toggle(labels, shown, choose) {
  const node = element("div", "toggle", "", { role: "group", "aria-label": labels.show });
  for (const each of ["pieces", "ids"]) {
    const pressed = String(each === shown);
    const button = element("button", "", labels[each], { type: "button", "aria-pressed": pressed });
    button.onclick = () => {
      for (const other of node.children) other.setAttribute("aria-pressed", String(other === button));
      choose(each);
    };
    node.append(button);
  }
  return node;
}
