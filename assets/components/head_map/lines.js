// A map as lines between two columns of tokens: the queries at the left, the keys at the right.
// Offers: LinesLook, within. A look has layout(), hint, prepare(), at() and paint().

const ROW = { least: 1.2, most: 2 }; // times the root's font size, as are the other sizes here
const TOKENS = 8.5; // the width of a column of tokens
const FAINTEST = 0.01; // a weaker line could not be seen

class LinesLook {
  /** @param {HeadMap} map */
  constructor(map) {
    this.map = map;
  }

  /** The height of all rows; there is no more of it in sight than `most`. */
  layout(most) {
    const { em, header } = this.map;
    const rows = Math.max(header.queries.length, header.keys.length, 1);
    this.row = Math.max(ROW.least * em, Math.min(ROW.most * em, most / rows));
    const full = Math.ceil(this.row * rows) + 4;
    return { full, height: Math.min(full, Math.ceil(most)) };
  }

  /** The hint, and before it whether all lines are too faint. */
  get hint() {
    const { labels } = this.map.header;
    const isSeen = this.map.weights.some((weight) => weight >= FAINTEST);
    return `${isSeen ? "" : `${labels.faint} `}${labels.hint}`;
  }

  /** Lines have no image to make. */
  prepare() {}

  /** The query or the key at a point. */
  at(across, down) {
    const { header, scroller, width } = this.map;
    const row = Math.floor((down + scroller.scrollTop - 2) / this.row);
    if (across < 0.5 * width) return { query: within(row, header.queries) };
    return { key: within(row, header.keys) };
  }

  /** The rows [first, last) in sight, and where the middle of each is. */
  sight() {
    const { row } = this;
    const above = this.map.scroller.scrollTop;
    const first = Math.max(0, Math.floor(above / row));
    const last = Math.ceil((above + this.map.height) / row);
    return { first, last, middle: (at) => 2 + (at + 0.5) * row - above };
  }

  paint(context) {
    const { width, em } = this.map;
    this.column = Math.min(TOKENS * em, 0.36 * width);
    const sight = this.sight();
    this.paintLines(context, sight);
    this.paintTokens(context, sight);
  }

  paintLines(context, { first, last, middle }) {
    const { map, column } = this;
    const { queries, keys } = map.header;
    const { query, key } = map.focus;
    context.strokeStyle = map.family;
    const seen = (at) => at >= first && at < last;
    const line = (from, to) => {
      const weight = map.weight(from, to);
      if (weight < FAINTEST || !(seen(from) || seen(to))) return;
      context.globalAlpha = Math.min(1, 0.08 + 0.92 * weight);
      context.lineWidth = 1 + (0.3 * map.em - 1) * weight;
      context.beginPath();
      context.moveTo(column + 6, middle(from));
      context.lineTo(map.width - column - 6, middle(to));
      context.stroke();
    };
    if (query !== undefined) keys.forEach((_, to) => line(query, to));
    else if (key !== undefined) queries.forEach((_, from) => line(from, key));
    else for (let from = 0; from < queries.length; from++) for (let to = 0; to < keys.length; to++) line(from, to);
    context.globalAlpha = 1;
  }

  /** Both columns, with the shares of the one query or the one key that the picture is about. */
  paintTokens(context, { first, last, middle }) {
    const { map } = this;
    const { queries, keys } = map.header;
    const { query, key } = map.focus;
    const ofKey = query !== undefined ? (at) => map.weight(query, at) : undefined;
    const ofQuery = query === undefined && key !== undefined ? (at) => map.weight(at, key) : undefined;
    for (let at = first; at < Math.min(last, queries.length); at++) {
      this.token(context, queries[at], { side: "left", y: middle(at), share: ofQuery?.(at), chosen: at === query });
    }
    for (let at = first; at < Math.min(last, keys.length); at++) {
      const chosen = query === undefined && at === key;
      this.token(context, keys[at], { side: "right", y: middle(at), share: ofKey?.(at), chosen });
    }
  }

  /** One token of a column, with the share of attention that it gives or gets. */
  token(context, text, { side, y, share, chosen }) {
    const { column, row } = this;
    const { width, em, font, ink, family } = this.map;
    const left = side === "left";
    const x = left ? 0 : width - column;
    const size = Math.min(1.05 * em, 0.86 * row);
    if (chosen || share) {
      context.fillStyle = family;
      context.globalAlpha = chosen ? 0.45 : 0.08 + 0.5 * share;
      context.beginPath();
      context.roundRect(x + 1, y - row / 2 + 1, column - 2, row - 2, 5);
      context.fill();
      context.globalAlpha = 1;
    }
    context.fillStyle = ink;
    let room = column - 12;
    if (share >= 0.005) {
      context.font = `400 ${0.85 * size}px ${font}`;
      const said = percent(share);
      context.textAlign = left ? "left" : "right";
      context.fillText(said, left ? x + 6 : x + column - 6, y);
      room -= context.measureText(said).width + 6;
    }
    context.font = `${chosen ? 700 : 500} ${size}px ${font}`;
    context.textAlign = left ? "right" : "left";
    context.fillText(fitted(context, text, room), left ? column - 6 : x + 6, y);
  }
}

/** The number, if it is a place in the list. */
function within(at, list) {
  return at >= 0 && at < list.length ? at : undefined;
}
