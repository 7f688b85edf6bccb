/**
 * The player of a tokenizer's steps for one word.
 *
 * Python sends the steps; each view below turns them into a list of frames. A frame says its sentence and draws its
 * stage: a grid with one column for each unit of the word (a character, or a byte), on which tiles span their columns.
 * Stepping needs no server. Everything is written with textContent.
 *
 * @typedef {{say: [string, object?], draw: (stage: Stage) => void}} Frame
 */

const PLAY_MS = 1400;
const LADDER_ROWS = 6; // tries of WordPiece in sight
const HISTORY_ROWS = 4; // earlier states of BPE in sight
const MINUS = "−";

/** A sentence with its {placeholders} filled in, as nodes; the values stand out and keep their own direction. */
function sentence(template, values = {}) {
  return template.split(/(\{\w+\})/).map((part) => {
    const name = part.match(/^\{(\w+)\}$/)?.[1];
    return name && name in values ? element("bdi", "value", String(values[name])) : document.createTextNode(part);
  });
}

/** A log-probability with two decimals. */
function score(value) {
  return value === null
    ? `${MINUS}∞`
    : value
        .toFixed(2)
        .replace("-", MINUS)
        .replace(/^−0\.00$/, "0.00");
}

// -------------------------------------------------------------------------------------------------------- stage

/** The grid that a frame draws on: rows from top to bottom, columns 0 to units. */
class Stage {
  constructor(node, units) {
    this.node = node;
    this.units = units;
    this.row = 0;
    node.replaceChildren();
    node.style.setProperty("--units", units);
  }

  /** Go to the next row. */
  down() {
    this.row += 1;
  }

  /** A tile over the columns [start, end) of the current row. */
  put(start, end, text, className) {
    const node = element("span", `tile ${className}`);
    node.append(element("bdi", "", text));
    node.style.gridArea = `${this.row + 1} / ${start + 1} / auto / ${end + 1}`;
    this.node.append(node);
    return node;
  }

  /** A small label on the line between two columns of the current row. */
  between(position, text, className) {
    const node = this.put(Math.max(position - 1, 0), Math.min(position + 1, this.units), text, `between ${className}`);
    if (position === 0) node.classList.add("at-start");
    if (position === this.units) node.classList.add("at-end");
    return node;
  }

  /** A row of tiles side by side, [text, style] each over `lengths` columns. */
  tiles(parts, className) {
    let start = 0;
    return parts.map(([text, hexadecimal, length]) => {
      const node = this.put(start, start + length, text, `${className}${hexadecimal ? " hex" : ""}`);
      start += length;
      return node;
    });
  }
}

/** The tokens with their ids, the last frame of every view: over the columns they cover, if `lengths` are known. */
function drawResult(stage, data, lengths) {
  const tokens = data.pieces.map(([text, hexadecimal], index) => {
    const token = element("span", `tile token${hexadecimal ? " hex" : ""}`);
    token.append(element("bdi", "", text), element("small", "", String(data.ids[index])));
    return token;
  });
  if (lengths && lengths.length === tokens.length) {
    let start = 0;
    tokens.forEach((token, index) => {
      token.style.gridArea = `${stage.row + 1} / ${start + 1} / auto / ${start + lengths[index] + 1}`;
      start += lengths[index];
    });
    stage.node.append(...tokens);
    return;
  }
  const list = element("div", "result");
  list.style.gridArea = `${stage.row + 1} / 1 / auto / -1`;
  list.append(...tokens);
  stage.node.append(list);
}

// ---------------------------------------------------------------------------------------------------- WordPiece

/** @returns {Frame[]} */
function wordpieceFrames(data, labels) {
  const words = labels.wordpiece;
  const { units, tries, joiner } = data;
  const text = (start, end) => (start ? joiner : "") + units.slice(start, end).join("");
  const letters = (stage, from, to) => {
    const look = (at) => (at < from ? " used" : at < to ? " now" : "");
    units.forEach((unit, at) => stage.put(at, at + 1, unit, `letter${look(at)}`));
    stage.down();
  };
  const kept = (stage, until) => {
    for (const [start, end, found] of tries.slice(0, until)) if (found) stage.put(start, end, text(start, end), "kept");
    stage.put(0, 0, "", "keeper");
    stage.down();
  };
  const frames = [
    {
      say: [words.start, { word: units.join("") }],
      draw: (stage) => letters(stage, 0, units.length),
    },
  ];
  tries.forEach(([start, end, found], index) => {
    const piece = text(start, end);
    const rest = joiner + units.slice(end).join("");
    const name = found ? (end === units.length ? "done" : "found") : end - start > 1 ? "missing" : "stuck";
    frames.push({
      say: [words[name], { piece, rest }],
      draw: (stage) => {
        letters(stage, start, end);
        kept(stage, index);
        const first = tries.findIndex((each) => each[0] === start);
        for (const [from, to] of tries.slice(Math.max(first, index - LADDER_ROWS + 1), index)) {
          stage.put(from, to, text(from, to), "try missing past");
          stage.down();
        }
        stage.put(start, end, piece, `try ${found ? "found" : "missing"} now`);
      },
    });
  });
  const unknown = tries.length > 0 && !tries.at(-1)[2];
  const ending = tries.length ? (unknown ? words.unknown : words.result) : words.long;
  frames.push({
    say: [ending, { piece: data.pieces[0]?.[0] ?? "" }],
    draw: (stage) => {
      letters(stage, 0, units.length);
      const found = tries.filter((each) => each[2]).map(([start, end]) => end - start);
      drawResult(stage, data, unknown || !tries.length ? [units.length] : found);
    },
  });
  return tries.length ? frames : frames.slice(-1);
}

// ---------------------------------------------------------------------------------------------------------- BPE

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
  const words = labels.bpe;
  const states = bpeStates(data);
  const offset = (state, index) => state.slice(0, index).reduce((sum, each) => sum + each[2], 0);
  const typed = (stage) => {
    stage.tiles(
      data.characters.map(([text, bytes]) => [text, 0, bytes]),
      "letter",
    );
    stage.down();
  };
  const frames = states.map((state, step) => {
    const next = data.merges[step];
    const last = data.merges[step - 1];
    const values = {
      made: last && last.made[0],
      left: next && state[next.at][0],
      right: next && state[next.at + 1][0],
    };
    const ending = last ? words.end : data.whole ? words.whole : words.alone;
    return {
      say: [next ? (last ? words.merged : words.start) : ending, values],
      draw: (stage) => {
        typed(stage);
        for (const past of states.slice(Math.max(0, step - HISTORY_ROWS), step)) {
          stage.tiles(past, "symbol past");
          stage.down();
        }
        for (const [index, rank] of next ? next.candidates : []) {
          const text = index === next.at ? labels.rank.replace("{rank}", rank) : String(rank);
          stage.between(offset(state, index + 1), text, index === next.at ? "rank lowest" : "rank");
        }
        stage.put(0, 0, "", "ranks");
        stage.down();
        const tiles = stage.tiles(state, "symbol");
        if (last) tiles[last.at].classList.add("made");
        if (next) for (const tile of tiles.slice(next.at, next.at + 2)) tile.classList.add("merging");
      },
    };
  });
  frames.push({
    say: [words.result],
    draw: (stage) => {
      typed(stage);
      drawResult(
        stage,
        data,
        states.at(-1).map((each) => each[2]),
      );
    },
  });
  return frames;
}

// ------------------------------------------------------------------------------------------------------ Unigram

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

/** @returns {Frame[]} */
function unigramFrames(data, labels) {
  const words = labels.unigram;
  const { units, edges, scores, best, second } = data;
  const lane = lanes(edges);
  const pass = forwardPass(data);
  const shown = hundredths(data, pass);
  const edgeScore = (index) => score(shown.edge[index] / 100);
  const sumWith = (index) => score((shown.upTo[edges.start[index]] + shown.edge[index]) / 100);
  const ends = pass.slice(1).flatMap(({ sums }, index) => (sums.size ? [index + 1] : []));
  /** Draw the lattice; `look` gives the class and the second line of a bar. */
  const lattice = (stage, reached, look) => {
    units.forEach((unit, at) => stage.put(at, at + 1, unit, "letter"));
    stage.down();
    stage.between(0, "0", "node");
    for (let position = 1; position <= units.length; position++) {
      const known = position <= reached && scores[position] !== null;
      stage.between(position, known ? score(shown.upTo[position] / 100) : "·", `node${position === reached ? " now" : ""}`);
    }
    stage.down();
    const top = stage.row;
    edges.start.forEach((start, index) => {
      stage.row = top + lane[index];
      const [className, line] = look(index);
      const bar = stage.put(start, edges.end[index], edges.label[index], `edge ${className}`);
      if (!edges.known[index]) {
        bar.classList.add("unknown");
        bar.title = words.unknown;
      }
      bar.append(element("small", "", line));
    });
  };
  const plain = (index) => ["", edgeScore(index)];
  const survivors = (until) => new Set(ends.filter((end) => end < until).map((end) => pass[end].winner));
  const winners = (index) => [best.edges.includes(index) ? "winner" : "faint", edgeScore(index)];
  const runnersUp = (index) => [
    second.edges.includes(index) ? "second" : best.edges.includes(index) ? "survivor" : "faint",
    edgeScore(index),
  ];
  const allKnown = edges.known.every(Boolean);
  const frames = [{ say: [allKnown ? words.start : words.startUnknown], draw: (stage) => lattice(stage, 0, plain) }];
  for (const end of ends) {
    const { sums, winner } = pass[end];
    const values = {
      piece: edges.label[winner],
      before: score(shown.upTo[edges.start[winner]] / 100),
      score: edgeScore(winner),
      sum: sumWith(winner),
    };
    frames.push({
      say: [words.position, values],
      draw: (stage) => {
        const kept = survivors(end);
        lattice(stage, end, (index) => {
          if (index === winner) return ["winner", `=${sumWith(index)}`];
          if (sums.has(index)) return ["rival", `=${sumWith(index)}`];
          return [kept.has(index) ? "survivor" : "faint", edgeScore(index)];
        });
      },
    });
  }
  const whole = (look) => (stage) => lattice(stage, units.length, look);
  frames.push({ say: [words.best, { sum: score(shown.path(best) / 100) }], draw: whole(winners) });
  if (second) {
    const gap = ((shown.path(best) - shown.path(second)) / 100).toFixed(2);
    frames.push({ say: [words.second, { sum: score(shown.path(second) / 100), gap }], draw: whole(runnersUp) });
  } else frames.push({ say: [words.only], draw: whole(winners) });
  frames.push({
    say: [data.pieces.length === best.edges.length ? words.result : words.bytes],
    draw: (stage) => {
      units.forEach((unit, at) => stage.put(at, at + 1, unit, "letter"));
      stage.down();
      const lengths = best.edges.map((index) => edges.end[index] - edges.start[index]);
      if (lengths.length !== data.pieces.length) {
        for (const index of best.edges) stage.put(edges.start[index], edges.end[index], edges.label[index], "kept");
        stage.down();
      }
      drawResult(stage, data, lengths);
    },
  });
  return frames;
}

// ------------------------------------------------------------------------------------------------------- player

const VIEWS = { wordpiece: wordpieceFrames, bpe: bpeFrames, unigram: unigramFrames };

const SIGNS = { first: "⇤", back: "←", play: "▶\ufe0e", next: "→", last: "⇥" };
const PAUSE = "❚❚";

/** One mounted player. */
class Player {
  constructor(parent) {
    this.root = element("section", "component steps", "", { role: "group" });
    this.controls = element("div", "controls");
    this.buttons = {};
    for (const [name, sign] of Object.entries(SIGNS)) {
      const button = element("button", name, "", { type: "button" });
      button.append(element("span", "sign", sign, { "aria-hidden": "true" }), element("span", "word"));
      this.buttons[name] = button;
      this.controls.append(button);
    }
    this.slider = element("input", "slider", "", { type: "range", min: "0", step: "1" });
    this.counter = element("span", "counter");
    this.controls.append(this.slider, this.counter);
    this.said = element("p", "said", "", { "aria-live": "polite" });
    this.window = element("div", "window", "", { tabindex: "0", role: "img" });
    this.stage = element("div", "stage");
    this.window.append(this.stage);
    this.picture = element("div", "picture");
    this.picture.append(this.said, this.window);
    this.root.append(this.controls, this.picture);
    parent.append(this.root);
    this.listen();
  }

  listen() {
    this.buttons.first.onclick = () => this.move(0);
    this.buttons.back.onclick = () => this.move(this.step - 1);
    this.buttons.next.onclick = () => this.move(this.step + 1);
    this.buttons.last.onclick = () => this.move(Infinity);
    this.buttons.play.onclick = () => (this.timer ? this.pause() : this.play());
    this.slider.oninput = () => this.move(Number(this.slider.value));
    this.root.onkeydown = (event) => this.press(event);
  }

  dispose() {
    this.pause();
    this.root.remove();
  }

  /** The step as it stands: its sentence and its stage. */
  saved() {
    return painted(this.picture); // painting.js
  }

  update(data) {
    const sameWord = this.data?.fingerprint === data.fingerprint;
    const sameStep = this.data?.step === data.step;
    const sameWords = this.data?.labels.first === data.labels.first;
    this.data = data;
    this.paint();
    if (sameWord && sameStep && sameWords) return;
    this.name();
    this.frames = VIEWS[data.view](data, data.labels);
    this.slider.max = String(this.frames.length - 1);
    if (!sameWord || !sameStep) {
      this.pause();
      this.step = data.step;
    }
    this.show();
    this.reserve();
  }

  paint() {
    const dark = isDark(this.root);
    this.root.classList.toggle("dark", dark);
    this.root.style.setProperty("--family", this.data.colours[dark ? 1 : 0]);
  }

  name() {
    const { labels, view } = this.data;
    this.root.setAttribute("aria-label", labels.player);
    this.slider.setAttribute("aria-label", labels.slider);
    for (const name of ["first", "back", "next", "last"]) this.buttons[name].lastChild.textContent = labels[name];
    this.stage.className = `stage ${view}`;
    this.stage.dir = this.data.rightToLeft ? "rtl" : "ltr";
    this.signPlay();
  }

  signPlay() {
    const { labels } = this.data;
    this.buttons.play.lastChild.textContent = this.timer ? labels.pause : labels.play;
    this.buttons.play.firstChild.textContent = this.timer ? PAUSE : SIGNS.play;
  }

  /** Hold the height of the tallest frame, so that nothing under the player jumps. */
  reserve() {
    this.window.style.minHeight = "";
    const heights = this.tallest().map((step) => {
      this.frames[step].draw(new Stage(this.stage, this.data.units.length));
      return this.window.offsetHeight;
    });
    this.window.style.minHeight = `${Math.max(...heights)}px`;
    this.frames[this.step].draw(new Stage(this.stage, this.data.units.length));
  }

  /** Some frames, the tallest among them. */
  tallest() {
    const last = this.frames.length - 1;
    if (this.data.view === "wordpiece") {
      const { tries } = this.data;
      const runs = tries.map(([start], index) => index - tries.findIndex((each) => each[0] === start));
      return [last, Math.min(last, runs.indexOf(Math.max(...runs)) + 1)];
    }
    return [0, last, Math.max(last - 1, 0)];
  }

  show() {
    this.step = Math.max(0, Math.min(this.step, this.frames.length - 1));
    const { labels } = this.data;
    const frame = this.frames[this.step];
    frame.draw(new Stage(this.stage, this.data.units.length));
    this.said.replaceChildren(...sentence(...frame.say));
    this.slider.value = String(this.step);
    this.slider.style.setProperty("--progress", `${(100 * this.step) / Math.max(1, this.frames.length - 1)}%`);
    this.slider.setAttribute("aria-valuetext", this.said.textContent);
    this.window.setAttribute("aria-label", `${labels.stage}. ${this.said.textContent}`);
    const last = this.frames.length - 1;
    this.counter.textContent = labels.count.replace("{n}", this.step + 1).replace("{count}", last + 1);
    for (const name of ["first", "back"]) this.disable(name, this.step === 0);
    for (const name of ["next", "last"]) this.disable(name, this.step === last);
    this.follow();
  }

  /** A disabled button keeps the focus it has: it is only marked. */
  disable(name, off) {
    this.buttons[name].setAttribute("aria-disabled", String(off));
  }

  /** Scroll a long word to where something happens: the middle of a tile, or the end of one wider than the window. */
  follow() {
    const now = this.stage.querySelector(".merging, .tile.now:not(.letter), .winner, .made");
    if (!now || this.stage.scrollWidth <= this.window.clientWidth) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const width = this.window.clientWidth;
    const middle = now.offsetLeft + now.offsetWidth / 2;
    const left = now.offsetWidth < width ? middle - width / 2 : now.offsetLeft + now.offsetWidth - 0.8 * width;
    this.window.scrollTo({ left, behavior: calm ? "auto" : "smooth" });
  }

  move(step) {
    this.pause();
    this.step = step;
    this.show();
  }

  play() {
    if (this.step >= this.frames.length - 1) this.step = -1;
    const forward = () => {
      this.step += 1;
      this.show();
      if (this.step >= this.frames.length - 1) this.pause();
    };
    this.timer = setInterval(forward, PLAY_MS);
    this.signPlay();
    forward();
  }

  pause() {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.data) this.signPlay();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const moves = { ArrowRight: this.step + 1, ArrowLeft: this.step - 1, Home: 0, End: Infinity };
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === " " && event.target === this.window) this.buttons.play.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export default mounting(Player, (player, { data }) => player.update(data));
