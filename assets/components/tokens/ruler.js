// Measures texts in the fonts that the style sheets give to cells and tiles.
// Offers: Ruler.

/** Widths of text in the fonts that the style sheet gives to cells and tiles, remembered. */
class Ruler {
  /** @param {HTMLElement} root an element with the component's style, in the document */
  constructor(root) {
    this.root = root;
    this.context = document.createElement("canvas").getContext("2d");
    this.forget();
  }

  /** Read the fonts again, for example after one has loaded. */
  forget() {
    this.fonts = {};
    this.widths = {};
    this.heights = {};
    for (const kind of ["cell", "code-cell", "label", "hex", "small-label", "small-hex"]) {
      const probe = element("span", `probe ${kind}`, "X");
      this.root.append(probe);
      const style = getComputedStyle(probe);
      this.fonts[kind] = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      this.heights[kind] = probe.getBoundingClientRect().height;
      this.widths[kind] = new Map();
      probe.remove();
    }
    this.em = parseFloat(getComputedStyle(this.root).fontSize);
  }

  /** The width of a text in pixels. */
  width(text, kind) {
    const known = this.widths[kind];
    let width = known.get(text);
    if (width === undefined) {
      if (known.size > 20000) known.clear();
      this.context.font = this.fonts[kind];
      width = Math.ceil(this.context.measureText(text).width);
      known.set(text, width);
    }
    return width;
  }
}
