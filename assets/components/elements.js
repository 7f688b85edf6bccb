// What every component is made with: elements and their texts, the theme's colours, and its life on the page.
// Put before the scripts that ask for it (views/components/assets.py).

const SAVE_EVENT = "explainers-save"; // the control below a picture asks for it by this name: saving.js
const SAVED_SCALE = 3; // of the size on the page: enough for print
const SAVED_MARGIN = 12;

/** A new element with a class, its text, and attributes. */
function element(tag, className = "", text = "", attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/** A sentence with its {placeholders} filled in. */
function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** A colour that CSS knows, as red, green and blue. */
function channels(colour) {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillStyle = colour.trim();
  const hex = context.fillStyle;
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** The theme's paper, which pictures stand on. */
function paperOf(root) {
  return getComputedStyle(root).getPropertyValue("--st-background-color");
}

/** Whether the theme is a dark one. */
function isDark(root) {
  const [red, green, blue] = channels(paperOf(root));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/**
 * What Streamlit calls when the component is mounted and whenever its data or the theme changes.
 *
 * @param Picture a class with dispose() and, if it can be kept, saved(), which returns a canvas
 * @param update gives the place's picture what Streamlit passes: {data, setStateValue, setTriggerValue}
 */
function mounting(Picture, update) {
  const pictures = new WeakMap();
  return (given) => {
    const place = given.parentElement;
    if (!pictures.has(place)) pictures.set(place, mounted(Picture, place));
    const { picture, answer } = pictures.get(place);
    update(picture, given);
    return () => {
      document.removeEventListener(SAVE_EVENT, answer);
      picture.dispose();
      pictures.delete(place);
    };
  };
}

/** A picture at its place, which answers when the control below it asks for it. */
function mounted(Picture, place) {
  const picture = new Picture(place);
  const answer = ({ detail }) => {
    const isAsked = place.getRootNode().host?.closest(`.${CSS.escape(detail.picture)}`);
    if (isAsked && picture.saved) detail.canvas = picture.saved();
  };
  document.addEventListener(SAVE_EVENT, answer);
  return { picture, answer };
}
