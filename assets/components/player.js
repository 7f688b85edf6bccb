// Goes through a picture's steps: buttons, a slider, keys, and play. Added to the end of the scripts that ask for it.

const PLAYER_SIGNS = { first: "⇤", back: "←", play: "▶\ufe0e", next: "→", last: "⇥" };
const PLAYER_PAUSE = "❚❚";
const PLAYED_MS = 9000; // all steps together
const STEP_MS = { least: 40, most: 1000, calm: 1400 };
const CALM_STEPS = 8; // so many still pictures for those who want no motion

class Player {
  /** @param show called with a step (a whole number from 0 to the last), and whether it is being played */
  constructor(show) {
    this.showStep = show;
    this.step = 0;
    this.last = 0;
    this.node = element("div", "player");
    this.buttons = {};
    for (const [name, sign] of Object.entries(PLAYER_SIGNS)) {
      const button = element("button", name, "", { type: "button" });
      button.append(element("span", "sign", sign, { "aria-hidden": "true" }), element("span", "word"));
      this.buttons[name] = button;
      this.node.append(button);
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
    this.counter.textContent = fill(this.labels.count, { n: this.step, count: this.last });
    // A disabled button keeps the focus it has: it is only marked.
    for (const name of ["first", "back"]) this.buttons[name].setAttribute("aria-disabled", String(this.step === 0));
    for (const name of ["next", "last"]) {
      this.buttons[name].setAttribute("aria-disabled", String(this.step === this.last));
    }
    this.showStep(this.step, Boolean(this.timer));
  }

  play() {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const usual = Math.max(STEP_MS.least, Math.min(STEP_MS.most, PLAYED_MS / Math.max(1, this.last)));
    const stride = calm ? Math.max(1, Math.ceil(this.last / CALM_STEPS)) : Math.max(1, Math.round((this.last * STEP_MS.least) / PLAYED_MS));
    const forward = () => {
      this.show(this.step + stride);
      if (this.step >= this.last) this.pause();
    };
    this.timer = setInterval(forward, calm ? STEP_MS.calm : usual);
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
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    const moves = { ArrowRight: this.step + 1, ArrowLeft: this.step - 1, Home: 0, End: this.last };
    if (event.key in moves) this.move(moves[event.key]);
    else if (event.key === " ") this.buttons.play.click();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  dispose() {
    clearInterval(this.timer);
  }
}

/** A canvas whose steps a player goes through; what extends it has draw() and show(step, playing). */
class PlayedPicture {
  constructor(parent, kind) {
    this.root = element("div", `component ${kind}`);
    this.spoken = element("p", "spoken");
    this.player = new Player((step, playing) => this.show(step, playing));
    this.frame = element("div", "frame", "", { tabindex: "0", role: "application" });
    this.canvas = element("canvas", "", "", { "aria-hidden": "true" });
    this.frame.append(this.canvas);
    this.said = element("p", "said", "", { "aria-live": "polite" });
    this.root.append(this.spoken, this.player.node, this.frame, this.said);
    parent.append(this.root);
    this.frame.onkeydown = (event) => this.press(event);
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.root);
  }

  dispose() {
    this.player.dispose();
    this.observer.disconnect();
    this.root.remove();
  }

  press(event) {
    return this.player.press(event);
  }

  /** The words and the theme of an update; whether its numbers are those that are drawn already. */
  take(given) {
    const same = this.fingerprint === given.fingerprint;
    this.fingerprint = given.fingerprint;
    this.dark = isDark(this.root);
    this.spoken.textContent = given.alternative;
    this.frame.setAttribute("aria-label", given.labels.keyboard);
    return same;
  }
}
