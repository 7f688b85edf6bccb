// Byte-level BPE's merges in one word, as frames: one state of the symbols each.
// Offers: bpeFrames.

const HISTORY_ROWS = 4; // earlier states in sight

/** The symbols before the first merge and after each: lists of [text, hexadecimal, bytes]. */
function bpeStates(data) {
  const states = [data.units.map(([text, hexadecimal]) => [text, hexadecimal, 1])];
  for (const { at, made } of data.merges) {
    const before = states.at(-1);
    states.push([...before.slice(0, at), [...made, before[at][2] + before[at + 1][2]], ...before.slice(at + 2)]);
  }
  return states;
}

/** @returns {Frame[]} */
function bpeFrames(data, labels) {
  const states = bpeStates(data);
  const frames = states.map((_, step) => ({
    say: mergeSentence(data, states, step, labels.bpe),
    draw: (stage) => drawMerge(stage, data, states, step, labels),
  }));
  const draw = (stage) => {
    drawTyped(stage, data);
    drawResult(stage, data, states.at(-1).map((symbol) => symbol[2]));
  };
  return [...frames, { say: [labels.bpe.result], draw }];
}

/** What the last merge made, and which comes next. */
function mergeSentence({ merges, whole }, states, step, words) {
  const [last, next] = [merges[step - 1], merges[step]];
  const state = states[step];
  const values = { made: last && last.made[0], left: next && state[next.at][0], right: next && state[next.at + 1][0] };
  if (next) return [last ? words.merged : words.start, values];
  if (last) return [words.end, values];
  return [whole ? words.whole : words.alone, values];
}

/** The characters as they were typed, each over its bytes. */
function drawTyped(stage, { characters }) {
  stage.tiles(characters.map(([text, bytes]) => [text, 0, bytes]), "letter");
  stage.down();
}

/** Some states before, the ranks of all pairs that could be merged, and the symbols now. */
function drawMerge(stage, data, states, step, labels) {
  const [last, next] = [data.merges[step - 1], data.merges[step]];
  const state = states[step];
  drawTyped(stage, data);
  for (const past of states.slice(Math.max(0, step - HISTORY_ROWS), step)) {
    stage.tiles(past, "symbol past");
    stage.down();
  }
  const offset = (index) => state.slice(0, index).reduce((sum, symbol) => sum + symbol[2], 0);
  for (const [index, rank] of next ? next.candidates : []) {
    const lowest = index === next.at;
    const text = lowest ? fill(labels.rank, { rank }) : String(rank);
    stage.between(offset(index + 1), text, lowest ? "rank lowest" : "rank");
  }
  stage.put(0, 0, "", "ranks");
  stage.down();
  const tiles = stage.tiles(state, "symbol");
  if (last) tiles[last.at].classList.add("made");
  if (next) for (const tile of tiles.slice(next.at, next.at + 2)) tile.classList.add("merging");
}
