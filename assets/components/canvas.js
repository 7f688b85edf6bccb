// What pictures on a canvas share: one buffer with a header and numbers, text that fits, and a canvas to keep.
// Put before the scripts that ask for it (views/components/assets.py).

/** Python's buffer: the length of a JSON header (uint32), the header, and then the numbers. */
function unpacked(data) {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return { header, numbers: bytes.subarray(4 + length) };
}

/** Bytes as numbers; they are copied, so that the numbers are aligned. */
function floats(bytes) {
  return new Float32Array(bytes.slice().buffer);
}

/** Bytes of half floats as numbers. */
function halfFloats(bytes) {
  const halves = new Uint16Array(bytes.slice().buffer);
  const numbers = new Float32Array(halves.length);
  for (let at = 0; at < halves.length; at++) { // a plain loop: there may be a million
    const exponent = (halves[at] >> 10) & 31;
    const fraction = halves[at] & 1023;
    const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
    numbers[at] = halves[at] & 0x8000 ? -size : size;
  }
  return numbers;
}

/** A number with so many decimals and a true minus sign. */
function written(number, digits = 2) {
  const text = number.toFixed(digits);
  return Number(text) < 0 ? text.replace("-", "−") : text.replace("-", "");
}

/** A share from 0 to 1 in percent. */
function percent(share) {
  if (share === 0) return "0 %";
  if (share < 0.001) return "<0.1 %";
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}

/** The text, shortened so that it fits. */
function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  const letters = [...text];
  while (letters.length && context.measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("")}…`;
}

/** The canvas at this size on the page, ready to be drawn on in the page's own pixels. */
function sized(canvas, width, height, scale = window.devicePixelRatio || 1) {
  Object.assign(canvas, { width: Math.round(width * scale), height: Math.round(height * scale) }); // empties it, too
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return context;
}

/** A canvas to keep, in print's grain, on the theme's own paper and with a margin of it. */
function keepsake(root, width, height) {
  const canvas = document.createElement("canvas");
  const context = sized(canvas, width + 2 * SAVED_MARGIN, height + 2 * SAVED_MARGIN, SAVED_SCALE);
  context.fillStyle = paperOf(root);
  context.fillRect(0, 0, width + 2 * SAVED_MARGIN, height + 2 * SAVED_MARGIN);
  context.translate(SAVED_MARGIN, SAVED_MARGIN);
  context.fillStyle = getComputedStyle(root).color;
  return { canvas, context };
}

/** A picture on canvases, with its sentence for those who listen; layout() is called whenever its width changes. */
class CanvasPicture {
  constructor(parent, name) {
    this.root = element("div", `component ${name}`);
    this.spoken = element("p", "spoken");
    this.root.append(this.spoken);
    parent.append(this.root);
    this.observer = new ResizeObserver(() => this.layout());
    this.observer.observe(this.root);
  }

  /** The type and the ink that the page gives; a theme or a setting may have changed them. */
  readStyle() {
    const style = getComputedStyle(this.root);
    this.em = parseFloat(style.fontSize);
    this.font = style.fontFamily;
    this.ink = style.color;
  }

  dispose() {
    this.observer.disconnect();
    this.root.remove();
  }
}

/** A canvas that stays in sight while its scroller goes over more than it shows; draw() is called for every scroll. */
function scrolledCanvas(attributes, draw) {
  const scroller = element("div", "scroller", "", { tabindex: "0", ...attributes });
  const spacer = element("div");
  const canvas = element("canvas", "", "", { "aria-hidden": "true" });
  spacer.append(canvas);
  scroller.append(spacer);
  scroller.addEventListener("scroll", () => requestAnimationFrame(draw));
  return { scroller, spacer, canvas };
}
