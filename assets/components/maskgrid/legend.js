// What the colours of the three matrices mean.
// Offers: maskLegend.

/** Nodes, each with a colour and the words for it. */
function maskLegend(labels, colours) {
  const said = (colour, words, slashed = false) => {
    const swatch = element("i", slashed ? "swatch slashed" : "swatch", "", { "aria-hidden": "true" });
    swatch.style.background = colour;
    const item = element("span");
    item.append(swatch, words);
    return item;
  };
  return [
    said(colours.high, labels.above),
    said(colours.low, labels.below),
    element("span", "why", labels.only_differences),
    said(colours.family, labels.is_open),
    said(colours.closed, labels.is_closed, true),
  ];
}
