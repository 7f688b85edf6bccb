// The classes that show what is pointed at and what is chosen, remembered so that they can be taken off again.
// Offers: Marks.

class Marks {
  constructor() {
    this.marked = [];
  }

  /** Give an element, if there is one, the class "linked", "current" or "chosen". */
  put(node, name) {
    if (!node) return;
    node.classList.add(name);
    if (name === "chosen") node.setAttribute("aria-selected", "true");
    this.marked.push([node, name]);
  }

  /** Mark all that stands over or under the columns [from, to). */
  link(views, { from, to }) {
    for (const view of views) {
      if (!view.drawn || view.line.to <= from || view.line.from >= to) continue;
      const last = Math.min(to, view.line.to) - view.line.from;
      for (let at = Math.max(from - view.line.from, 0); at < last; at++) {
        this.put(view.cells[at], "linked");
        for (const boxAt of view.boxAt) this.put(boxAt[at], "linked");
      }
    }
  }

  clear() {
    for (const [node, name] of this.marked) {
      node.classList.remove(name);
      if (name === "chosen") node.removeAttribute("aria-selected");
    }
    this.marked = [];
  }
}
