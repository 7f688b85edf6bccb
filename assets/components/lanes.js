/**
 * Rows of cells over shared columns, wrapped into lines, with arrows between cells.
 *
 * A column is a stack with one cell a lane; the stacks are measured once and laid into lines. Cells of one lane can be
 * picked: the picture marks them at once, and Python answers with new data. Everything is written with textContent.
 *
 * @typedef {[number, string, string, string, string, number | null]} Cell  column, text, note, kind, link, level
 * @typedef {{fingerprint: string, colours: [string, string], columns: number, breaks: number[], label: string,
 *   lanes: {title: string, note: string, spoken: string, cells: Cell[]}[],
 *   arrows: [number, number, number, number][],
 *   pick: {lane: number, many: boolean, picked: number[]} | null}} Data
 */

const SVG = "http://www.w3.org/2000/svg";
const NARROW_PX = 700;
const SETTLE_MS = 4000; // for so long the picture trusts its own picks over older data

class Picture {
  constructor(parent) {
    this.root = element("div", "component lanes", "", { role: "group", dir: "ltr" });
    parent.append(this.root);
    this.width = 0;
    this.observer = new ResizeObserver(() => {
      if (Math.abs(this.root.clientWidth - this.width) > 1) this.layOut();
    });
    this.observer.observe(this.root);
    this.root.addEventListener("pointerover", (event) => this.light(event.target.closest(".cell")));
    this.root.addEventListener("pointerleave", () => this.light(null));
    this.root.addEventListener("focusin", (event) => this.light(event.target.closest(".cell")));
    this.root.addEventListener("click", (event) => this.choose(event.target.closest("button.cell")));
    this.root.addEventListener("keydown", (event) => this.move(event));
  }

  dispose() {
    this.observer.disconnect();
    this.root.remove();
  }

  saved() {
    return painted(this.root); // painting.js
  }

  /** @param {Data} data */
  update(data, setStateValue) {
    this.send = (picked) => setStateValue("picked", { fingerprint: data.fingerprint, picked });
    const written = JSON.stringify(data);
    const dark = isDark(this.root);
    if (written === this.written && dark === this.dark) return;
    this.written = written;
    this.dark = dark;
    const same = this.data?.fingerprint === data.fingerprint;
    this.data = data;
    const waiting = same && this.waiting && Date.now() - this.waiting.since < SETTLE_MS ? this.waiting.picked : null;
    const told = data.pick?.picked ?? [];
    if (waiting && waiting.join() === told.join()) this.waiting = null;
    this.picked = new Set(this.waiting && waiting ? waiting : told);
    this.root.classList.toggle("dark", dark);
    this.root.style.setProperty("--family", data.colours[dark ? 1 : 0]);
    this.root.setAttribute("aria-label", data.label);
    this.layOut();
  }

  /** Build all stacks, measure them, and put them into lines. */
  layOut() {
    const { data, root } = this;
    if (!data) return;
    const kept = root.contains(root.getRootNode().activeElement) ? this.at : null;
    this.width = root.clientWidth;
    root.classList.toggle("lane-small", this.width < NARROW_PX);
    const names = this.width < NARROW_PX ? 100 : 0;
    const stacks = this.stacks();
    const probe = element("div", "line");
    probe.style.visibility = "hidden";
    probe.append(...stacks);
    const spoken = data.lanes.map((lane) => element("p", "spoken", lane.spoken));
    root.replaceChildren(...spoken, probe);
    const em = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const nameWidth = names || 8 * em;
    root.style.setProperty("--names", `${nameWidth}px`);
    const widths = stacks.map((stack) => stack.getBoundingClientRect().width + 0.2 * em);
    const lines = wrap(widths, new Set(data.breaks), this.width - nameWidth - 2);
    const drawn = lines.map(([from, to]) => {
      const line = element("div", "line");
      const column = element("div", "names", "", { "aria-hidden": "true" });
      const own = stacks.slice(from, to);
      for (const [number, lane] of data.lanes.entries()) {
        if (own.every((stack) => stack.children[number].classList.contains("none"))) {
          own.forEach((stack) => stack.children[number].classList.add("absent"));
          continue;
        }
        const name = element("div", "name");
        name.append(element("b", "", lane.title), element("small", "", lane.note));
        column.append(name);
      }
      line.append(column, ...own);
      return line;
    });
    root.replaceChildren(...spoken, ...drawn);
    lines.forEach(([from, to], index) => this.drawArrows(drawn[index], stacks, from, to));
    this.mark();
    if (kept !== null) this.buttons[kept]?.focus({ preventScroll: true });
  }

  stacks() {
    const { data } = this;
    const stacks = Array.from({ length: data.columns }, () => element("div", "stack"));
    this.buttons = [];
    data.lanes.forEach((lane, number) => {
      const by = new Map(lane.cells.map((cell, place) => [cell[0], [cell, place]]));
      stacks.forEach((stack, column) => {
        const [cell, place] = by.get(column) ?? [null, -1];
        stack.append(cell ? this.cell(cell, place, data.pick?.lane === number) : element("div", "cell none"));
      });
    });
    return stacks;
  }

  cell([, text, note, kind, link, level], place, picks) {
    const node = element(picks ? "button" : "div", `cell kind-${kind}`, "", picks ? { type: "button" } : {});
    node.append(element("bdi", "", text));
    if (note) node.append(element("small", "", note));
    if (link) node.dataset.link = link;
    if (level !== null) {
      node.style.setProperty("--level", `${Math.round(100 * level)}%`);
      if (kind !== "number") node.classList.add("leveled");
    }
    if (picks) {
      node.dataset.place = place;
      node.tabIndex = place === (this.at ?? 0) ? 0 : -1;
      this.buttons[place] = node;
    }
    return node;
  }

  /** Show which cells are picked. */
  mark() {
    const { pick } = this.data;
    if (!pick) return;
    this.buttons.forEach((button, place) => {
      const picked = this.picked.has(place);
      button.setAttribute("aria-pressed", String(picked));
      button.classList.toggle(pick.many ? "kind-gone" : "chosen", picked);
    });
    const tab = Math.min(this.at ?? 0, this.buttons.length - 1);
    this.buttons.forEach((button, place) => (button.tabIndex = place === tab ? 0 : -1));
  }

  choose(button) {
    if (!button) return;
    const place = Number(button.dataset.place);
    this.at = place;
    if (!this.data.pick.many) this.picked = new Set([place]);
    else if (!this.picked.delete(place)) this.picked.add(place);
    const picked = [...this.picked].sort((left, right) => left - right);
    this.waiting = { picked, since: Date.now() };
    this.mark();
    this.send(picked);
  }

  move(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || this.at === undefined) {
      if (!step || !this.buttons.length) return;
      this.at = 0;
    }
    const place = Math.min(Math.max(this.at + step, 0), this.buttons.length - 1);
    event.preventDefault();
    event.stopPropagation();
    this.at = place;
    this.mark();
    this.buttons[place].focus();
  }

  /** Light up every cell of the link that is pointed at. */
  light(cell) {
    const link = cell?.dataset.link ?? "";
    if (cell?.dataset.place !== undefined && cell.matches(":focus")) this.at = Number(cell.dataset.place);
    for (const node of this.root.querySelectorAll(".linked")) node.classList.remove("linked");
    if (!link) return;
    const same = [...this.root.querySelectorAll(".cell")].filter((node) => node.dataset.link === link);
    if (same.length > 1) same.forEach((node) => node.classList.add("linked"));
  }

  drawArrows(line, stacks, from, to) {
    const arrows = this.data.arrows.filter(
      ([, column, , toColumn]) => Math.min(column, toColumn) >= from && Math.max(column, toColumn) < to,
    );
    if (!arrows.length) return;
    const box = line.getBoundingClientRect();
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "arrows");
    svg.setAttribute("aria-hidden", "true");
    for (const [lane, column, toLane, toColumn] of arrows) {
      const start = stacks[column].children[lane].getBoundingClientRect();
      const end = stacks[toColumn].children[toLane].getBoundingClientRect();
      const up = end.top < start.top;
      const points = {
        x1: start.left + start.width / 2 - box.left,
        y1: (up ? start.top - 2 : start.bottom + 2) - box.top,
        x2: end.left + end.width / 2 - box.left,
        y2: (up ? end.bottom + 2 : end.top - 2) - box.top,
      };
      svg.append(...arrow(points));
    }
    line.append(svg);
  }
}

/** A line with a head at its end. */
function arrow({ x1, y1, x2, y2 }) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const line = document.createElementNS(SVG, "line");
  const ends = { x1, y1, x2: x2 - 6 * ux, y2: y2 - 6 * uy };
  for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value.toFixed(1));
  const head = document.createElementNS(SVG, "path");
  const corner = (along, across) => `${(x2 - along * ux - across * uy).toFixed(1)} ${(y2 - along * uy + across * ux).toFixed(1)}`;
  head.setAttribute("d", `M ${x2.toFixed(1)} ${y2.toFixed(1)} L ${corner(9, 5)} L ${corner(9, -5)} Z`);
  return [line, head];
}

/** Lines [from, to) of stacks that fit the width, broken at `breaks` where one stands in the line. */
function wrap(widths, breaks, available) {
  const lines = [];
  for (let from = 0, to; from < widths.length; from = to) {
    let width = widths[from];
    let good = 0;
    for (to = from + 1; to < widths.length && width + widths[to] <= available; to++) {
      width += widths[to];
      if (breaks.has(to)) good = to;
    }
    if (to < widths.length && !breaks.has(to) && good) to = good;
    lines.push([from, to]);
  }
  return lines;
}

export default mounting(Picture, (picture, { data, setStateValue }) => picture.update(data, setStateValue));
