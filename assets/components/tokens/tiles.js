// A token as a tile: its elements, and a family's colour for what is in it.
// Offers: KINDS, drawnTile, emptyTile, familyColour.

const KINDS = ["special", "start", "continuation", "byte", "sentinel", "unknown"];

function tileClass([, , style, kind, shade]) {
  return `tile style-${style} kind-${KINDS[kind]} shade-${shade}`;
}

function drawnTile(look) {
  const [prefix, label] = look;
  const tile = element("span", tileClass(look), "", { role: "gridcell", tabindex: "-1" });
  if (prefix) tile.append(element("span", "prefix", prefix));
  tile.append(element("bdi", "", label));
  return tile;
}

/** Where a token goes on from the line before. */
function emptyTile(look) {
  return element("span", `${tileClass(look)} empty`, "", { "aria-hidden": "true" });
}

function familyColour(row) {
  return `--family: var(--family-${row})`;
}
