// The corruption as cards, one a token: the token, its two dice, what BERT reads in its place and what it says. A click
// on a card is sent to Python, which masks the token, or looks into it. Everything is written with textContent.

const FATES = ["untouched", "masked", "replaced", "kept"];

/** A die: its number, and a bar from 0 to 1 with its zones and a mark where it fell. */
function die(value, zones, fell) {
  const node = element("span", "die");
  if (value === null) return node;
  const bar = element("span", "bar");
  for (const [name, from, to] of zones) {
    const zone = element("span", `zone ${name}`);
    zone.style.left = `${100 * from}%`;
    zone.style.width = `${100 * (to - from)}%`;
    bar.append(zone);
  }
  const mark = element("span", "mark");
  mark.style.left = `${100 * value}%`;
  bar.append(mark);
  // Cut, not rounded: 0.1499 must not be read as 0.15.
  node.append(element("b", fell ? "fell" : "", (Math.floor(value * 100) / 100).toFixed(2)), bar);
  return node;
}

function card(data, cell, index) {
  const { labels, rate, shares } = data;
  const fate = FATES[cell.fate];
  const node = element(cell.fixed ? "div" : "button", `card ${fate}${cell.fixed ? " fixed" : ""}`);
  if (index === data.selected) node.classList.add("selected");
  node.append(element("bdi", "token", cell.token));
  if (rate !== null) {
    node.append(die(cell.choice, [["chosen", 0, rate]], cell.fate > 0));
    const [masked, replaced] = shares;
    const zones = [["masked", 0, masked], ["replaced", masked, replaced], ["kept", replaced, 1]];
    node.append(die(cell.die, zones, true));
  }
  const seen = element("span", "seen");
  seen.append(element("bdi", "", cell.seen));
  if (cell.fate) seen.append(element("small", "", labels.fates[cell.fate]));
  node.append(seen);
  const said = element("span", "said");
  if (cell.said) {
    said.append(element("bdi", "", (cell.right ? "✓ " : "") + cell.said), element("small", "", cell.probability));
  }
  node.append(said);
  const guess = cell.said ? fill(labels.guess, cell) : "";
  const words = { token: cell.token, seen: cell.seen, fate: cell.fixed ? labels.special : labels.fates[cell.fate] };
  node.setAttribute("aria-label", fill(labels.sentence, { ...words, said: guess }));
  if (!cell.fixed) {
    node.type = "button";
    node.setAttribute("aria-pressed", String(cell.fate > 0));
  }
  node.dataset.index = index;
  return node;
}

/** The names of the rows, as tall as the rows of a card. */
function names({ labels, rate }) {
  const node = element("div", "names", "", { "aria-hidden": "true" });
  const rows = rate === null ? ["token", "seen", "said"] : ["token", "choice", "die", "seen", "said"];
  for (const row of rows) node.append(element("span", row === "choice" ? "die" : row, labels[row]));
  return node;
}

function style(root, colours) {
  for (const [name, [light, dark]] of Object.entries(colours)) {
    root.style.setProperty(`--${name}`, `light-dark(${light}, ${dark})`);
  }
}

class Cards {
  constructor(parent) {
    this.root = element("div", "component cards", "", { role: "group" });
    parent.append(this.root);
    this.root.onclick = (event) => {
      const target = event.target.closest?.("button.card");
      if (target) this.send({ at: Number(target.dataset.index), fingerprint: this.data.fingerprint });
    };
    this.root.onkeydown = (event) => this.move(event);
  }

  dispose() {
    this.root.remove();
  }

  update(data, send) {
    const { root } = this;
    [this.data, this.send] = [data, send];
    const focused = root.getRootNode().activeElement?.closest?.(".card")?.dataset.index;
    root.setAttribute("aria-label", data.labels.picture);
    root.classList.toggle("by-hand", data.rate === null);
    style(root, data.colours);
    root.replaceChildren(names(data), ...data.cells.map((cell, index) => card(data, cell, index)));
    if (focused !== undefined) root.querySelector(`button[data-index="${focused}"]`)?.focus({ preventScroll: true });
  }

  saved() {
    return painted(this.root); // painting.js
  }

  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const cards = [...this.root.querySelectorAll("button.card")];
    const next = step && cards[cards.indexOf(event.target.closest(".card")) + step];
    if (!next) return;
    next.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

export default mounting(Cards, (cards, { data, setTriggerValue }) => {
  cards.update(data, (click) => setTriggerValue("click", click));
});
