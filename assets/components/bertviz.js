/* What BertViz' scripts find where they would fetch their libraries: these, with our colours in them, and the numbers,
   which arrive as packed bytes. */

"use strict";

const given = JSON.parse(document.getElementById("given").textContent);

// How wide each view is drawn, in its own pixels, and how far it is enlarged at most for the back row.
const WIDTHS = { head: 350, model: 970, neuron: 1020 };
const LARGEST = 1.7;

// Streamlit's page, which the frame stands in; null where the document is opened by itself.
const app = window.frameElement?.closest(".stApp") ?? null;

coloured();

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** The number that 16 bits stand for (IEEE 754, binary16). */
function half(bits) {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction);
}

function halves(bytes) {
  const view = new DataView(bytes.buffer);
  return Array.from({ length: bytes.length / 2 }, (_, at) => half(view.getUint16(2 * at, true)));
}

/** Numbers in a row as lists of lists, of this shape. */
function nested(numbers, [length, ...inner], from = 0) {
  if (!inner.length) return numbers.slice(from, from + length);
  const step = inner.reduce((product, size) => product * size, 1);
  return Array.from({ length }, (_, at) => nested(numbers, inner, from + at * step));
}

/** BertViz' parameters with the numbers in them: every choice of sentences gets its part of the same lists. */
function filled() {
  const weights = nested(
    Array.from(bytesOf(given.weights.bytes), (level) => level / 255),
    given.weights.shape,
  );
  const [queries, keys] = ["queries", "keys"].map(
    (name) => given[name] && nested(halves(bytesOf(given[name].bytes)), given[name].shape),
  );
  const each = (heads, part) => heads.map((layer) => layer.map(part));
  for (const entry of Object.values(given.parameters.attention)) {
    entry.attn = each(weights, (rows) => rows.slice(...entry.rows).map((row) => row.slice(...entry.columns)));
    if (queries) {
      entry.queries = each(queries, (rows) => rows.slice(...entry.rows));
      entry.keys = each(keys, (rows) => rows.slice(...entry.columns));
    }
  }
  return given.parameters;
}

/** The neuron view counts the layers and heads that it has; here they get the numbers that they have in the model. */
function numbered() {
  if (given.view !== "neuron") return;
  for (const [id, numbers] of [
    ["layer", given.layers],
    ["att_head", given.heads],
  ]) {
    document.querySelectorAll(`#${id} option`).forEach((option, at) => {
      option.textContent = numbers[at];
    });
  }
}

/** As large as the frame allows; a text that looks at a longer one is not cut off below. */
function fitted() {
  const main = document.querySelector("main");
  main.style.zoom = Math.max(0.5, Math.min(LARGEST, document.documentElement.clientWidth / WIDTHS[given.view]));
  const [queries, keys] = given.weights.shape.slice(2);
  if (given.view === "neuron" && queries > keys) {
    document.getElementById("vis").style.paddingBottom = `${(queries - keys) * 26}px`;
  }
}

/** The colours of the page around the frame; what it has none of comes from the reader's system, by the style sheet. */
function coloured() {
  const root = document.documentElement;
  if (app) {
    const { backgroundColor, color } = getComputedStyle(app);
    root.style.setProperty("--paper", backgroundColor);
    root.style.setProperty("--ink", color);
  }
  const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g);
  const mode = 0.3 * red + 0.6 * green + 0.1 * blue < 128 ? "dark" : "light";
  root.style.colorScheme = mode;
  root.dataset.theme = mode;
  return mode;
}

/** d3 with our colours, which BertViz takes by number: a head's in the head view, a layer's in the model view. */
function recoloured(mode) {
  return Object.create(window.d3, { schemeCategory10: { value: given.colours[mode] } });
}

/** Draw anew where the theme has changed, with the head and the sentences that are chosen in the frame. */
function followed(draw) {
  const mode = coloured();
  const parameters = window.bertviz_params;
  if (mode === parameters.display_mode || given.view === "head") return;
  const chosen = (id) => document.getElementById(id)?.value;
  parameters.display_mode = mode;
  parameters.default_filter = chosen("filter") ?? parameters.default_filter;
  if (given.view === "neuron") parameters.head = Number(chosen("att_head"));
  window.jQuery("#bertviz select").off();
  draw(window.jQuery, recoloured(mode));
  numbered();
}

function drawn(draw) {
  const drawing = document.getElementById("drawing");
  try {
    window.bertviz_params = filled();
    const mode = coloured();
    window.bertviz_params.display_mode = mode;
    draw(window.jQuery, recoloured(mode));
    numbered();
    fitted();
    window.addEventListener("resize", fitted);
    if (app) new MutationObserver(() => followed(draw)).observe(app, { attributes: true });
    drawing.remove();
    document.documentElement.dataset.drawn = given.view;
  } catch (error) {
    drawing.textContent = given.failed;
    throw error;
  }
}

// BertViz notes d3's version and places of its pictures, which nobody here waits for; this console is the frame's alone.
window.console.log = () => {};

// The sentence that it is drawing is painted first: drawing holds everything else up.
window.requirejs = window.require = (_names, draw) => {
  requestAnimationFrame(() => setTimeout(() => drawn(draw)));
};
window.require.config = () => {};
