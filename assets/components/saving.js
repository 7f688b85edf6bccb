// Saves the picture above: a chart as SVG or PNG, by plotly's own button, which is hidden and pressed here with the
// format chosen; any other as PNG, from the canvas with which its component answers (elements.js).

function saveChart(graph, name, format) {
  const button = graph.querySelector('.modebar-btn[data-title^="Download"]');
  graph._context.toImageButtonOptions = { format, filename: name, scale: format === "png" ? SAVED_SCALE : 1 };
  button?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
}

function saveCanvas(picture, name) {
  const question = new CustomEvent(SAVE_EVENT, { detail: { picture, canvas: null } });
  document.dispatchEvent(question);
  question.detail.canvas?.toBlob((blob) => {
    const address = URL.createObjectURL(blob);
    element("a", "", "", { href: address, download: `${name}.png` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }, "image/png");
}

function save({ picture, name }, format) {
  const graph = document.querySelector(`.${CSS.escape(picture)} .js-plotly-plot`);
  if (graph) saveChart(graph, name, format);
  else saveCanvas(picture, name);
}

class Buttons {
  constructor(parent) {
    this.root = element("div", "component buttons");
    parent.append(this.root);
  }

  dispose() {
    this.root.remove();
  }

  update(data) {
    const buttons = data.formats.map((format) => {
      const button = element("button", "quiet", format.toUpperCase(), { type: "button" });
      button.onclick = () => save(data, format);
      return button;
    });
    this.root.replaceChildren(element("span", "", data.save), ...buttons);
  }
}

export default mounting(Buttons, (buttons, { data }) => buttons.update(data));
