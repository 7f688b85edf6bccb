// A canvas whose steps a player goes through.
// Offers: PlayedPicture. Put before the scripts that ask for it, after player.js (views/components/assets.py).

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
