// All lines in the document: those that look as before are kept, and far ones are drawn when the page is idle.
// Offers: Lines.

const FIRST_DRAWING_MS = 24; // what is drawn at once; the rest follows while the page is idle
const IDLE_DRAWING_MS = 8;

class Lines {
  constructor(grid) {
    this.grid = grid;
    this.views = [];
    this.known = new WeakMap(); // which line, row and token an element stands for
  }

  dispose() {
    cancelIdle(this.idle);
  }

  /** What the element stands for, with its line's place in the text: a token of a row, or a column. */
  target(node) {
    const known = this.known.get(node);
    if (!known) return undefined;
    const { view, row, token, column } = known;
    if (column !== undefined) return { view, column: view.line.from + column };
    return { view, row, token: view.firstTokens[row] + token };
  }

  /** Keep the lines at the start and the end that look as before; make the others anew. */
  replace(models) {
    const old = this.views;
    const most = Math.min(old.length, models.length);
    let head = 0;
    while (head < most && old[head].model.key === models[head].key) head++;
    let tail = 0;
    while (tail < most - head && old.at(-1 - tail).model.key === models.at(-1 - tail).key) tail++;
    const fresh = models.slice(head, models.length - tail).map((model) => new LineView(model));
    for (const view of old.slice(head, old.length - tail)) view.node.remove();
    const kept = old.slice(0, head);
    const after = old.slice(old.length - tail);
    kept.forEach((view, index) => view.adopt(models[index]));
    after.forEach((view, index) => view.adopt(models[models.length - tail + index]));
    const next = after[0]?.node ?? null;
    for (const view of fresh) this.grid.insertBefore(view.node, next);
    this.views = [...kept, ...fresh, ...after];
  }

  draw(view, data) {
    view.draw(data, this.known);
  }

  drawAll(data) {
    for (const view of this.views) this.draw(view, data);
  }

  /** Draw the first lines now and the rest in idle moments; `done` is called once these are over. */
  drawSoon(data, done) {
    cancelIdle(this.idle);
    const waiting = this.views.filter((view) => !view.drawn);
    const drawFor = (milliseconds) => {
      const until = performance.now() + milliseconds;
      while (waiting.length && performance.now() < until) this.draw(waiting.shift(), data);
    };
    const rest = () => {
      drawFor(IDLE_DRAWING_MS);
      this.idle = waiting.length ? whenIdle(rest) : undefined;
      if (!waiting.length) done();
    };
    drawFor(FIRST_DRAWING_MS);
    if (waiting.length) this.idle = whenIdle(rest);
  }
}

function whenIdle(work) {
  return window.requestIdleCallback ? window.requestIdleCallback(work, { timeout: 200 }) : window.setTimeout(work, 16);
}

function cancelIdle(handle) {
  if (handle === undefined) return;
  (window.cancelIdleCallback ?? window.clearTimeout)(handle);
}
