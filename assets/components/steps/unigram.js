// Unigram's lattice for one word, as frames: the best way up to every place, then the best two paths.
// Offers: unigramFrames.

/** @returns {Frame[]} */
function unigramFrames(data, labels) {
  const words = labels.unigram;
  const lattice = new Lattice(data, words);
  const start = data.edges.known.every(Boolean) ? words.start : words.startUnknown;
  return [
    { say: [start], draw: (stage) => lattice.draw(stage, 0, (index) => ["", lattice.edgeScore(index)]) },
    ...lattice.ends.map((end) => placeFrame(lattice, end)),
    ...pathFrames(lattice),
    tokensFrame(lattice, data),
  ];
}

/** The edges that end at one place are compared. */
function placeFrame(lattice, end) {
  const { sums, winner } = lattice.pass[end];
  const values = {
    piece: lattice.edges.label[winner],
    before: lattice.scoreUpTo(lattice.edges.start[winner]),
    score: lattice.edgeScore(winner),
    sum: lattice.sumWith(winner),
  };
  const draw = (stage) => {
    const kept = lattice.survivors(end);
    lattice.draw(stage, end, (index) => {
      if (index === winner) return ["winner", `=${lattice.sumWith(index)}`];
      if (sums.has(index)) return ["rival", `=${lattice.sumWith(index)}`];
      return [kept.has(index) ? "survivor" : "faint", lattice.edgeScore(index)];
    });
  };
  return { say: [lattice.words.position, values], draw };
}

/** The best path, and the second best if there is one. */
function pathFrames(lattice) {
  const { best, second, words, shown } = lattice;
  const classOf = (index) => (best.edges.includes(index) ? "winner" : "faint");
  const classOfSecond = (index) => {
    if (second.edges.includes(index)) return "second";
    return best.edges.includes(index) ? "survivor" : "faint";
  };
  const whole = (look) => (stage) =>
    lattice.draw(stage, lattice.units.length, (index) => [look(index), lattice.edgeScore(index)]);
  const sum = (path) => score(shown.path(path) / 100);
  const first = { say: [words.best, { sum: sum(best) }], draw: whole(classOf) };
  if (!second) return [first, { say: [words.only], draw: whole(classOf) }];
  const gap = ((shown.path(best) - shown.path(second)) / 100).toFixed(2);
  return [first, { say: [words.second, { sum: sum(second), gap }], draw: whole(classOfSecond) }];
}

/** The tokens under the pieces of the best path; a piece that is not in the vocabulary has become its bytes. */
function tokensFrame(lattice, data) {
  const { best, edges, words } = lattice;
  const lengths = best.edges.map((index) => edges.end[index] - edges.start[index]);
  const spelled = lengths.length !== data.pieces.length;
  const draw = (stage) => {
    lattice.drawLetters(stage);
    if (spelled) {
      for (const index of best.edges) stage.put(edges.start[index], edges.end[index], edges.label[index], "kept");
      stage.down();
    }
    drawResult(stage, data, lengths);
  };
  return { say: [spelled ? words.bytes : words.result], draw };
}
