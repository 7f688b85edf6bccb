// Paints what a component has laid out as HTML on a canvas: its boxes, texts and arrows, where the browser put them.
// Put before the scripts that ask for it (views/components/assets.py).

const MOST_PIXELS = 60e6; // a canvas that every browser makes
const LONGEST_SIDE = 16000;

/** What is seen of `root`, on a canvas of its own and on the theme's own paper. */
function painted(root) {
  const box = root.getBoundingClientRect();
  const tiles = [...root.querySelectorAll("bdi")].map((text) => text.parentElement.getBoundingClientRect().right);
  const right = tiles.reduce((most, edge) => Math.max(most, edge), 0); // what is right of the last tile is empty
  const width = (right ? Math.ceil(right - box.left + root.scrollLeft) : root.scrollWidth) + 2 * SAVED_MARGIN;
  const height = root.scrollHeight + 2 * SAVED_MARGIN;
  const most = Math.min(LONGEST_SIDE / Math.max(width, height), Math.sqrt(MOST_PIXELS / (width * height)));
  const scale = Math.min(SAVED_SCALE, most);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.floor(width * scale), Math.floor(height * scale)];
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = paperOf(root);
  context.fillRect(0, 0, width, height);
  context.translate(SAVED_MARGIN - box.left + root.scrollLeft, SAVED_MARGIN - box.top + root.scrollTop);
  for (const child of root.children) paint(context, child);
  return canvas;
}

function paint(context, node) {
  const style = getComputedStyle(node);
  if (style.display === "none" || style.visibility === "hidden" || node.classList.contains("spoken")) return;
  if (node.localName === "svg") return paintDrawing(context, node);
  const box = node.getBoundingClientRect();
  context.save();
  paintBox(context, box, style);
  if (style.overflowX !== "visible") clipTo(context, box);
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) paintText(context, child, style);
    else if (child.nodeType === Node.ELEMENT_NODE) paint(context, child);
  }
  context.restore();
}

function clipTo(context, box) {
  context.beginPath();
  context.rect(box.left, box.top, box.width, box.height);
  context.clip();
}

/** A rounded rectangle, `out` pixels around the box. */
function around(context, box, style, out) {
  const sides = [box.width + 2 * out, box.height + 2 * out];
  const radius = Math.max(0, Math.min(parseFloat(style.borderTopLeftRadius) + out, ...sides.map((side) => side / 2)));
  context.beginPath();
  context.roundRect(box.left - out, box.top - out, Math.max(sides[0], 0), Math.max(sides[1], 0), radius || 0);
}

/** Ring, background (plain, or of two colours that meet at a height), border and outline. */
function paintBox(context, box, style) {
  const ring = style.boxShadow.match(/^(.+?) 0px 0px 0px ([\d.]+)px$/);
  if (ring) {
    around(context, box, style, parseFloat(ring[2]));
    context.fillStyle = ring[1];
    context.fill();
    around(context, box, style, 0);
    context.fillStyle = style.getPropertyValue("--st-background-color");
    context.fill();
  }
  around(context, box, style, 0);
  context.fillStyle = style.backgroundColor;
  context.fill();
  const colours = style.backgroundImage.match(/(?:rgba?|color)\([^)]*\)/g);
  if (colours?.length === 2) {
    const level = parseFloat(style.backgroundImage.match(/([\d.]+)%/)?.[1] ?? 0) / 100;
    const top = box.bottom - level * box.height;
    [[top, box.bottom], [box.top, top]].forEach(([from, to], at) => {
      context.save();
      clipTo(context, new DOMRect(box.left, from, box.width, to - from));
      around(context, box, style, 0);
      context.fillStyle = colours[at];
      context.fill();
      context.restore();
    });
  }
  paintBorder(context, box, style);
  if (style.outlineStyle === "none") return;
  const wide = parseFloat(style.outlineWidth);
  stroke(context, style.outlineStyle, style.outlineColor, wide);
  around(context, box, style, parseFloat(style.outlineOffset) + wide / 2);
  context.stroke();
}

function paintBorder(context, box, style) {
  const [top, left] = [parseFloat(style.borderTopWidth), parseFloat(style.borderLeftWidth)];
  if (!top) return;
  const isDouble = style.borderTopStyle === "double";
  const wide = isDouble ? top / 3 : top;
  stroke(context, style.borderTopStyle, style.borderTopColor, wide);
  if (!left) {
    context.beginPath();
    context.moveTo(box.left, box.top + top / 2);
    context.lineTo(box.right, box.top + top / 2);
    return context.stroke();
  }
  for (const inset of isDouble ? [wide / 2, top - wide / 2] : [top / 2]) {
    around(context, box, style, -inset);
    context.stroke();
  }
}

function stroke(context, kind, colour, wide) {
  context.strokeStyle = colour;
  context.lineWidth = wide;
  context.setLineDash(kind === "dashed" ? [2 * wide + 1, wide + 2] : []);
}

/** Word by word, so that a text which is wrapped stays so. */
function paintText(context, node, style) {
  context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.direction = style.direction;
  context.textAlign = "left";
  context.fillStyle = style.color;
  const range = document.createRange();
  for (const word of node.data.matchAll(/\S+/g)) {
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    const box = range.getBoundingClientRect();
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = context.measureText(word[0]);
    context.fillText(word[0], box.left, box.top + (box.height - up - down) / 2 + up);
    if (!style.textDecorationLine.includes("line-through")) continue;
    context.save();
    context.fillStyle = style.textDecorationColor;
    context.fillRect(box.left, box.top + box.height * 0.53, box.width, 2);
    context.restore();
  }
}

/** Straight lines and filled paths, in pixels from the drawing's corner. */
function paintDrawing(context, svg) {
  const box = svg.getBoundingClientRect();
  context.save();
  context.translate(box.left, box.top);
  for (const node of svg.children) {
    const style = getComputedStyle(node);
    if (node.localName === "line") {
      const [x1, y1, x2, y2] = ["x1", "y1", "x2", "y2"].map((name) => Number(node.getAttribute(name)));
      stroke(context, "solid", style.stroke, parseFloat(style.strokeWidth));
      context.beginPath();
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
      context.stroke();
    } else {
      context.fillStyle = style.fill;
      context.fill(new Path2D(node.getAttribute("d")));
    }
  }
  context.restore();
}
