// One query's row of an attention head, step by step: a column a key, from q·k to the weight. Every key has its column;
// the steps' names and the sums stay in sight while the keys scroll. Put before the script of the mask (maskgrid.js).

const SHORT_ROW = 14; // keys that stand in the text's order at first; of more, the largest weights come first

/**
 * @typedef {{key: number, piece: string, product: number, score: number, open: boolean, weight: number}} Column
 *   score: scaled, with T5's bias; product: q·k alone
 * @typedef {{title: string, columns: Column[], second: string, scaled: (column: Column) => number, chosen: ?number,
 *   labels: Object<string, string>}} Row  second: the name of the step after q·k, "" for none; scaled: its number
 */
class MaskSteps {
  constructor() {
    this.root = element("div", "steps");
    this.title = element("p");
    this.order = element("button", "quiet order", "", { type: "button" });
    this.order.onclick = () => {
      this.byWeight = !this.sorted();
      this.show(this.row);
    };
    this.scroller = element("div", "scroller", "", { tabindex: "0", role: "region" });
    this.root.append(this.title, this.scroller);
  }

  /** Whether the largest weights come first: as the reader chose, else where there are many. */
  sorted() {
    return this.byWeight ?? this.row.columns.length > SHORT_ROW;
  }

  /** @param {Row} row */
  show(row) {
    this.row = row;
    const { columns, labels } = row;
    const sorted = this.sorted();
    const rank = (left, right) => right.open - left.open || right.score - left.score;
    const shown = sorted ? [...columns].sort(rank) : columns;
    this.title.replaceChildren(element("b", "", row.title));
    if (columns.length > SHORT_ROW) {
      this.order.textContent = sorted ? labels.by_text : labels.by_weight;
      this.title.append(` ${fill(sorted ? labels.sorted : labels.unsorted, { all: columns.length })} `, this.order);
    }
    this.scroller.setAttribute("aria-label", labels.steps);
    this.scroller.replaceChildren(this.table(shown));
    this.reveal(shown.findIndex(({ key }) => key === row.chosen));
  }

  table(shown) {
    const { second, scaled, labels, chosen } = this.row;
    const open = shown.filter((column) => column.open);
    const highest = open.reduce((most, { score }) => Math.max(most, score), -Infinity);
    const raised = ({ open, score }) => (open ? Math.exp(score - highest) : 0);
    const sum = open.reduce((total, column) => total + raised(column), 0);
    const table = element("table");
    const look = (column) => `${column.open ? "" : "closed"}${column.key === chosen ? " chosen" : ""}`.trim();
    const line = (name, cells, last, className = "") => {
      const tr = element("tr", className);
      tr.append(element("th", "", name, { scope: "row" }), ...cells, element("td", "sum", last));
      table.append(tr);
    };
    const cells = (text) => shown.map((column) => element("td", look(column), text(column)));
    const head = shown.map((column) => {
      const th = element("th", look(column), "", { scope: "col", title: column.piece });
      th.append(element("bdi", "", column.piece));
      return th;
    });
    line(labels.key, head, "", "head");
    line("q·k", cells(({ product }) => written(product)), "");
    if (second) line(second, cells((column) => written(scaled(column))), "");
    line(labels.plus_mask, cells((column) => (column.open ? "+ 0" : "− ∞")), "");
    line(labels.raised, cells((column) => written(raised(column))), fill(labels.sum, { sum: written(sum) }));
    const bars = shown.map((column) => {
      const td = element("td", `share ${look(column)}`);
      const bar = element("i");
      bar.style.height = `${(2.2 * column.weight).toFixed(3)}rem`;
      td.append(bar, element("b", "", percent(column.weight)));
      return td;
    });
    line(labels.share, bars, "100 %", "shares");
    return table;
  }

  /** Scroll the chosen key into sight, between the two columns that stay; the page itself stays where it is. */
  reveal(at) {
    const [first, ...others] = this.scroller.querySelector(".head").children;
    const column = others[at];
    if (!column || column.classList.contains("sum")) return;
    const room = this.scroller.clientWidth - first.offsetWidth - others.at(-1).offsetWidth;
    const left = column.offsetLeft - first.offsetWidth;
    const seen = this.scroller.scrollLeft;
    if (left < seen || left + column.offsetWidth > seen + room) this.scroller.scrollLeft = left - room / 3;
  }
}
