// WordPiece's tries for one word, as frames.
// Offers: wordpieceFrames, tallestTry.

const LADDER_ROWS = 6; // tries in sight

/** @returns {Frame[]} */
function wordpieceFrames(data, labels) {
  const words = labels.wordpiece;
  const { units, tries } = data;
  const start = {
    say: [words.start, { word: units.join("") }],
    draw: (stage) => drawLetters(stage, units, 0, units.length),
  };
  const frames = [start, ...tries.map((_, index) => tryFrame(data, index, words)), endFrame(data, words)];
  return tries.length ? frames : frames.slice(-1);
}

/** A stretch of the word as a piece is written: away from the word's start with the joiner. */
function pieceText({ units, joiner }, start, end) {
  return (start ? joiner : "") + units.slice(start, end).join("");
}

/** One piece is looked up; the tries before it that began at the same place stand over it, like a ladder. */
function tryFrame(data, index, words) {
  const { units, tries, joiner } = data;
  const [start, end, found] = tries[index];
  const piece = pieceText(data, start, end);
  const rest = joiner + units.slice(end).join("");
  const outcome = found ? (end === units.length ? "done" : "found") : end - start > 1 ? "missing" : "stuck";
  const draw = (stage) => {
    drawLetters(stage, units, start, end);
    drawKept(stage, data, index);
    const first = firstTry(tries, start);
    for (const [from, to] of tries.slice(Math.max(first, index - LADDER_ROWS + 1), index)) {
      stage.put(from, to, pieceText(data, from, to), "try missing past");
      stage.down();
    }
    stage.put(start, end, piece, `try ${found ? "found" : "missing"} now`);
  };
  return { say: [words[outcome], { piece, rest }], draw };
}

/** The pieces that were found, or the one token for a word that has none. */
function endFrame(data, words) {
  const { units, tries, pieces } = data;
  const unknown = tries.length > 0 && !tries.at(-1)[2];
  const ending = tries.length ? (unknown ? words.unknown : words.result) : words.long;
  const draw = (stage) => {
    drawLetters(stage, units, 0, units.length);
    const found = tries.filter((each) => each[2]).map(([start, end]) => end - start);
    drawResult(stage, data, unknown || !tries.length ? [units.length] : found);
  };
  return { say: [ending, { piece: pieces[0]?.[0] ?? "" }], draw };
}

/** The word's letters; those of [from, to) are looked at now, those before are used up. */
function drawLetters(stage, units, from, to) {
  const look = (at) => (at < from ? " used" : at < to ? " now" : "");
  units.forEach((unit, at) => stage.put(at, at + 1, unit, `letter${look(at)}`));
  stage.down();
}

/** The pieces that were found before this try. */
function drawKept(stage, data, until) {
  for (const [start, end, found] of data.tries.slice(0, until)) {
    if (found) stage.put(start, end, pieceText(data, start, end), "kept");
  }
  stage.put(0, 0, "", "keeper");
  stage.down();
}

function firstTry(tries, start) {
  return tries.findIndex((each) => each[0] === start);
}

/** The frame with the longest ladder. */
function tallestTry({ tries }) {
  const runs = tries.map(([start], index) => index - firstTry(tries, start));
  return runs.indexOf(Math.max(...runs)) + 1;
}
