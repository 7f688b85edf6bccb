// Saves the chart above as SVG or PNG: plotly's own button for that is hidden, and pressed here with the format chosen.

const FORMATS = ["svg", "png"];
const PNG_SCALE = 3; // of the size on the page: enough for print

function save(data, format) {
  const graph = document.querySelector(`.${CSS.escape(data.picture)} .js-plotly-plot`);
  const button = graph?.querySelector('.modebar-btn[data-title^="Download"]');
  if (!button) return;
  graph._context.toImageButtonOptions = { format, filename: data.name, scale: format === "png" ? PNG_SCALE : 1 };
  button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
}

export default function ({ data, parentElement }) {
  const root = document.createElement("div");
  const label = document.createElement("span");
  label.textContent = data.save;
  root.append(label);
  for (const format of FORMATS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = format.toUpperCase();
    button.onclick = () => save(data, format);
    root.append(button);
  }
  parentElement.replaceChildren(...[...parentElement.querySelectorAll("style")], root);
}
