// Goes through a picture's steps: buttons, a slider, keys, and play.
// Offers: Player; atOnce and toRead, two paces to play at. Put before the scripts that ask for it, after buttons.js and
// keys.js (views/components/assets.py).

const PLAYER_SIGNS = { first: "⇤", back: "←", play: "▶\ufe0e", next: "→", last: "⇥" };
const PLAYER_PAUSE = "❚❚";
const PLAYED_MS = 9000; // all steps together, at once
const STEP_MS = { least: 40, most: 1000, read: 1400 };
const CALM_STEPS = 8; // so many still pictures for those who want no motion

/** A film: all steps, however many, in some seconds; a few still pictures for those who want no motion. */
function atOnce(last) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) {
    return { stride: Math.max(1, Math.ceil(last / CALM_STEPS)), wait: STEP_MS.read };
  }
  const wait = Math.max(STEP_MS.least, Math.min(STEP_MS.most, PLAYED_MS / Math.max(1, last)));
  return { stride: Math.max(1, Math.round((last * STEP_MS.least) / PLAYED_MS)), wait };
}

/** Every step, for as long as its sentence takes to be read. */
function toRead() {
  return { stride: 1, wait: STEP_MS.read };
}

class Player {
  /**
   * @param show called with a step (a whole number from 0 to the last), and whether it is being played; once more with
   *   the same step when the playing ends
   * @param pace how many steps further at a time, and how many milliseconds between: atOnce or toRead
   * @param first the number by which readers know step 0
   */
  constructor(show, { pace = atOnce, first = 0 } = {}) {
    Object.assign(this, { showStep: show, pace, first });
    this.step = 0;
    this.last = 0;
    this.node = element("div", "controls player");
    this.buttons = {};
    for (const [name, sign] of Object.entries(PLAYER_SIGNS)) {
      this.buttons[name] = signButton(name, sign);
      this.node.append(this.buttons[name]);
    }
    this.slider = element("input", "slider", "", { type: "range", min: "0", step: "1" });
    this.counter = element("span", "counter");
    this.node.append(this.slider, this.counter);
    this.buttons.first.onclick = () => this.move(0);
    this.buttons.back.onclick = () => this.move(this.step - 1);
    this.buttons.next.onclick = () => this.move(this.step + 1);
    this.buttons.last.onclick = () => this.move(this.last);
    this.buttons.play.onclick = () => (this.timer ? this.pause() : this.play());
    this.slider.oninput = () => this.move(Number(this.slider.value));
  }

  /** Other steps, or the same ones in other words. */
  update(labels, last, step) {
    this.labels = labels;
    this.last = last;
    this.slider.max = String(last);
    this.slider.setAttribute("aria-label", labels.slider);
    for (const name of ["first", "back", "next", "last"]) {
      this.buttons[name].lastChild.textContent = labels[name];
      this.buttons[name].setAttribute("aria-label", labels[name]);
    }
    this.pause();
    this.move(step);
  }

  move(step) {
    this.pause();
    this.show(step);
  }

  show(step) {
    this.step = Math.max(0, Math.min(step, this.last));
    this.slider.value = String(this.step);
    this.slider.style.setProperty("--progress", `${(100 * this.step) / Math.max(1, this.last)}%`);
    const { first, labels } = this;
    this.counter.textContent = fill(labels.count, { n: this.step + first, count: this.last + first });
    for (const name of ["first", "back"]) markDisabled(this.buttons[name], this.step === 0);
    for (const name of ["next", "last"]) markDisabled(this.buttons[name], this.step === this.last);
    this.showStep(this.step, Boolean(this.timer));
  }

  play() {
    const { stride, wait } = this.pace(this.last);
    const forward = () => {
      this.show(this.step + stride);
      if (this.step >= this.last) this.pause();
    };
    this.timer = setInterval(forward, wait);
    this.signPlay();
    if (this.step >= this.last) this.show(0);
    else forward();
  }

  pause() {
    const played = this.timer !== undefined;
    clearInterval(this.timer);
    this.timer = undefined;
    this.signPlay();
    if (played) this.showStep(this.step, false);
  }

  signPlay() {
    this.buttons.play.lastChild.textContent = this.timer ? this.labels.pause : this.labels.play;
    this.buttons.play.firstChild.textContent = this.timer ? PLAYER_PAUSE : PLAYER_SIGNS.play;
  }

  /** A key that was pressed on the picture; whether it was for the player. */
  press(event) {
    if (isModified(event) || event.shiftKey) return false;
    const moves = { ArrowRight: this.step + 1, ArrowLeft: this.step - 1, Home: 0, End: this.last };
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === " ") this.buttons.play.click();
    else return false;
    taken(event);
    return true;
  }

  dispose() {
    clearInterval(this.timer);
  }
}
