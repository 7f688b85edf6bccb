/**
 * The player of a tokenizer's steps for one word.
 *
 * Python sends the steps; the parts in steps/ turn them into a list of frames, one part an algorithm. A frame says its
 * sentence and draws its stage: a grid with one column for each unit of the word (a character, or a byte), on which
 * tiles span their columns. Stepping needs no server. Everything is written with textContent.
 *
 * @typedef {{say: [string, object?], draw: (stage: Stage) => void}} Frame
 */

const VIEWS = { wordpiece: wordpieceFrames, bpe: bpeFrames, unigram: unigramFrames };

class Steps {
  constructor(parent) {
    this.root = element("section", "component steps", "", { role: "group" });
    this.player = new Player((step) => this.show(step), { pace: toRead, first: 1 });
    this.said = element("p", "said", "", { "aria-live": "polite" });
    this.window = element("div", "window", "", { tabindex: "0", role: "img" });
    this.stage = element("div", "stage");
    this.window.append(this.stage);
    this.picture = element("div", "picture");
    this.picture.append(this.said, this.window);
    this.root.append(this.player.node, this.picture);
    parent.append(this.root);
    this.root.onkeydown = (event) => this.press(event);
  }

  dispose() {
    this.player.dispose();
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
    this.drawn = undefined;
    this.player.update(data.labels, this.frames.length - 1, sameWord && sameStep ? this.player.step : data.step);
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
    this.stage.className = `stage ${view}`;
    this.stage.dir = this.data.rightToLeft ? "rtl" : "ltr";
  }

  draw(step) {
    this.frames[step].draw(new Stage(this.stage, this.data.units.length));
  }

  /** Hold the height of the tallest frame, so that nothing under the player jumps. */
  reserve() {
    this.window.style.minHeight = "";
    const heights = this.tallest().map((step) => {
      this.draw(step);
      return this.window.offsetHeight;
    });
    this.window.style.minHeight = `${Math.max(...heights)}px`;
    this.draw(this.player.step);
  }

  /** Some frames, the tallest among them. */
  tallest() {
    const last = this.frames.length - 1;
    if (this.data.view === "wordpiece") return [last, Math.min(last, tallestTry(this.data))];
    return [0, last, Math.max(last - 1, 0)];
  }

  /** Show a step; one that stands there already stays as it is, so that nothing arrives twice. */
  show(step) {
    if (step === this.drawn) return;
    this.drawn = step;
    this.draw(step);
    this.said.replaceChildren(...sentence(...this.frames[step].say));
    this.player.slider.setAttribute("aria-valuetext", this.said.textContent);
    this.window.setAttribute("aria-label", `${this.data.labels.stage}. ${this.said.textContent}`);
    this.follow();
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

  /** The player's keys, from anywhere; Space on a button is the button's. */
  press(event) {
    if (event.key !== " " || event.target === this.window) this.player.press(event);
  }
}

export default mounting(Steps, (steps, { data }) => steps.update(data));
