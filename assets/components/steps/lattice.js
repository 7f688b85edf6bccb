// Unigram's lattice: its edges in rows, the best way up to every place, and the scores as they are shown and added up.
// Offers: Lattice, score. In data, an edge is a number: edges.start[3] is where edge 3 begins.

const MINUS = "−";

/** A log-probability with two decimals. */
function score(value) {
  return value === null
    ? `${MINUS}∞`
    : value
        .toFixed(2)
        .replace("-", MINUS)
        .replace(/^−0\.00$/, "0.00");
}

/** A row for every edge, so that edges of one row do not overlap: short pieces first. */
function lanes(edges) {
  const order = edges.start.map((_, index) => index);
  const length = (index) => edges.end[index] - edges.start[index];
  order.sort((left, right) => length(left) - length(right) || edges.start[left] - edges.start[right]);
  const filled = [];
  const lane = [];
  for (const index of order) {
    const [from, to] = [edges.start[index], edges.end[index]];
    let free = filled.findIndex((taken) => taken.every(([start, end]) => end <= from || to <= start));
    if (free < 0) free = filled.push([]) - 1;
    filled[free].push([from, to]);
    lane[index] = free;
  }
  return lane;
}

/** For every position the edge that the best way to it ends with, and the sums that were compared there. */
function forwardPass({ edges, scores, best }) {
  const onBest = new Set(best.edges);
  return scores.map((_, position) => {
    const sums = new Map();
    let winner;
    edges.end.forEach((end, index) => {
      if (end !== position || scores[edges.start[index]] === null) return;
      const sum = scores[edges.start[index]] + edges.score[index];
      sums.set(index, sum);
      const tie = winner !== undefined && Math.abs(sum - sums.get(winner)) < 1e-9;
      if (winner === undefined || (tie ? onBest.has(index) : sum > sums.get(winner))) winner = index;
    });
    return { sums, winner };
  });
}

/**
 * The same scores in whole hundredths, as they are shown: rounded once, then added, so that every sum on the screen adds
 * up. Which edge wins was decided on the exact scores.
 */
function hundredths({ edges }, pass) {
  const edge = edges.score.map((value) => Math.round(value * 100));
  const upTo = [0];
  pass.forEach(({ winner }, position) => {
    if (winner !== undefined) upTo[position] = upTo[edges.start[winner]] + edge[winner];
  });
  const path = ({ edges: numbers }) => numbers.reduce((sum, number) => sum + edge[number], 0);
  return { edge, upTo, path };
}

/** All that the frames draw from. pass[p]: the winner and the sums at place p. ends: the places where an edge ends. */
class Lattice {
  constructor(data, words) {
    Object.assign(this, { ...data, words });
    this.lane = lanes(data.edges);
    this.pass = forwardPass(data);
    this.shown = hundredths(data, this.pass);
    this.ends = this.pass.slice(1).flatMap(({ sums }, index) => (sums.size ? [index + 1] : []));
  }

  /** The score of an edge alone. */
  edgeScore(index) {
    return score(this.shown.edge[index] / 100);
  }

  /** The best score up to a place. */
  scoreUpTo(position) {
    return score(this.shown.upTo[position] / 100);
  }

  /** The best score up to where an edge begins, and the edge's own added. */
  sumWith(index) {
    return score((this.shown.upTo[this.edges.start[index]] + this.shown.edge[index]) / 100);
  }

  /** The edges that won at the places before this one. */
  survivors(until) {
    return new Set(this.ends.filter((end) => end < until).map((end) => this.pass[end].winner));
  }

  drawLetters(stage) {
    this.units.forEach((unit, at) => stage.put(at, at + 1, unit, "letter"));
    stage.down();
  }

  /** The whole picture, with the sums up to place `reached`; `look` gives an edge's class and its second line. */
  draw(stage, reached, look) {
    this.drawLetters(stage);
    stage.between(0, "0", "node");
    for (let position = 1; position <= this.units.length; position++) {
      const known = position <= reached && this.scores[position] !== null;
      const text = known ? this.scoreUpTo(position) : "·";
      stage.between(position, text, `node${position === reached ? " now" : ""}`);
    }
    stage.down();
    const top = stage.row;
    this.edges.start.forEach((_, index) => {
      stage.row = top + this.lane[index];
      this.drawEdge(stage, index, look(index));
    });
  }

  drawEdge(stage, index, [className, line]) {
    const { start, end, label, known } = this.edges;
    const bar = stage.put(start[index], end[index], label[index], `edge ${className}`);
    if (!known[index]) {
      bar.classList.add("unknown");
      bar.title = this.words.unknown;
    }
    bar.append(element("small", "", line));
  }
}
