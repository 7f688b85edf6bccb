// Three things that Streamlit's own widgets do not do: copy the page's address with the whole choice in it; answer while
// the reader types in a text area (its own way to answer is Ctrl+Enter, which is pressed here after a pause); and keep
// the choice in the links to other pages, for those who open one in a new tab.

const PAUSE_MILLISECONDS = 250;
const NOTE_MILLISECONDS = 2000;
const BOXES = ".st-key-text textarea, .st-key-pair textarea";
const LINK_ICON = "M10 14a4 4 0 0 0 6 0l4-4a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-4 4a4 4 0 0 0 6 6l1-1";

function address(data) {
  const url = new URL(window.location.href);
  url.hash = "";
  for (const [key, value] of Object.entries(data.parameters)) {
    const box = document.querySelector(`.st-key-${key} textarea`); // may be ahead of the server by a few letters
    url.searchParams.set(key, box ? box.value : value);
  }
  return url.href;
}

async function copy(text) {
  if (window.isSecureContext && navigator.clipboard) return navigator.clipboard.writeText(text);
  // A page served over plain HTTP to other machines has no clipboard interface; a selection can still be copied.
  const box = document.createElement("textarea");
  box.value = text;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  if (!done) throw new Error("the browser refused to copy");
  return undefined;
}

function drawButton(parent) {
  const button = document.createElement("button");
  button.type = "button";
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", LINK_ICON);
  icon.append(path);
  const label = document.createElement("span");
  label.setAttribute("aria-live", "polite");
  button.append(icon, label);
  parent.append(button);
  return button;
}

function showNote(label, note, usual) {
  label.textContent = note;
  clearTimeout(label.timer);
  label.timer = setTimeout(() => { label.textContent = usual; }, NOTE_MILLISECONDS);
}

async function copyAddress(label, data) {
  const link = address(data);
  if (link.length > data.limit) return showNote(label, data.too_long, data.label);
  try {
    await copy(link);
    return showNote(label, data.copied, data.label);
  } catch {
    return showNote(label, data.failed, data.label);
  }
}

function commit(box) {
  clearTimeout(box.timer);
  box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", ctrlKey: true, metaKey: true, bubbles: true }));
}

function onInput(event) {
  const box = event.target.closest?.(BOXES);
  if (!box) return;
  clearTimeout(box.timer);
  if (!event.isComposing) box.timer = setTimeout(() => commit(box), PAUSE_MILLISECONDS);
}

function onKey(event) {
  const box = event.target.closest?.(BOXES);
  if (!box || event.key !== "Enter" || event.isComposing) return;
  if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault(); // Enter answers at once; Shift+Enter makes a new line
  commit(box);
}

function keepChoice(event) {
  const link = event.target.closest?.("a[href]");
  if (link && link.origin === window.location.origin && !link.hash) link.search = window.location.search;
}

const LISTENERS = [
  ["input", onInput],
  ["compositionend", onInput],
  ["keydown", onKey],
  ["pointerover", keepChoice],
  ["pointerdown", keepChoice],
  ["focusin", keepChoice],
];

export default function ({ data, parentElement }) {
  const button = parentElement.querySelector("button") ?? drawButton(parentElement);
  const label = button.querySelector("span");
  if (!label.textContent) label.textContent = data.label;
  button.onclick = () => copyAddress(label, data);

  // The same function objects every time, so adding them again changes nothing.
  for (const [name, listener] of LISTENERS) document.addEventListener(name, listener, true);
  return () => {
    for (const [name, listener] of LISTENERS) document.removeEventListener(name, listener, true);
  };
}
