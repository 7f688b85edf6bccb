/**
 * A text as tokens, which the model writes on: one token a click, play, undo; and any token can be chosen.
 *
 * Python sends the tokens and decides what follows; this file draws them and says which button was pressed, together
 * with what was on screen at that moment, so that two quick presses never count twice. Playing presses "next" a while
 * after each answer. Everything is written with textContent.
 *
 * @typedef {{label: string[], hex: number[], mark: string[], note: string[], tip: string[], tint: number[]}} Tokens
 * @typedef {{fingerprint: string, colours: [string, string], tokens: Tokens, drawn: number, more: boolean,
 *   selected: number, slot: boolean, said: string, labels: object}} Data
 */

const PLAY_MS = 900;
const SIGNS = { next: "›", play: "▶", undo: "↶", clear: "✕" };
const PAUSE = "❚❚";

class Writing {
  constructor(parent) {
    this.root = element("section", "component writing", "", { role: "group" });
    this.controls = element("div", "controls");
    this.buttons = {};
    for (const [name, sign] of Object.entries(SIGNS)) {
      const button = signButton(name, sign);
      button.onclick = () => this.press(name);
      this.buttons[name] = button;
      this.controls.append(button);
    }
    this.said = element("span", "said", "", { "aria-live": "polite" });
    this.controls.append(this.said);
    this.text = element("div", "text", "", { role: "group" });
    this.text.onkeydown = (event) => this.move(event);
    this.root.append(this.controls, this.text);
    parent.append(this.root);
  }

  update(data, send) {
    const before = this.data;
    this.data = data;
    this.send = (what, at = -1) => send({ do: what, at, drawn: data.drawn, fingerprint: data.fingerprint });
    const dark = isDark(this.root);
    this.root.style.setProperty("--family", data.colours[dark ? 1 : 0]);
    this.root.setAttribute("aria-label", data.labels.writing);
    this.text.setAttribute("aria-label", data.labels.text);
    if (before && before.fingerprint !== data.fingerprint) this.pause();
    this.name();
    this.draw(before && before.fingerprint === data.fingerprint ? before.tokens.label.length : Infinity);
    this.follow(before);
    if (this.playing) this.wait();
  }

  name() {
    const { data, playing } = this;
    const words = { ...data.labels, play: playing ? data.labels.pause : data.labels.play };
    for (const [name, button] of Object.entries(this.buttons)) button.lastChild.textContent = words[name];
    this.buttons.play.firstChild.textContent = playing ? PAUSE : SIGNS.play;
    for (const name of ["next", "play"]) markDisabled(this.buttons[name], !data.more);
    for (const name of ["undo", "clear"]) markDisabled(this.buttons[name], data.drawn === 0);
    this.said.textContent = data.said;
  }

  /** All tokens again; those from `known` on are new and move in. */
  draw(known) {
    const { label, hex, mark, note, tip, tint } = this.data.tokens;
    const focused = this.text.contains(this.root.getRootNode().activeElement);
    const nodes = label.map((text, at) => {
      const names = ["token", mark[at], hex[at] ? "hex" : "", at >= known ? "new" : "", tint[at] ? "tinted" : ""];
      const node = element("button", names.filter(Boolean).join(" "), "", { type: "button", title: tip[at] });
      node.append(element("bdi", "", text));
      if (note[at]) node.append(element("small", "", note[at]));
      if (tint[at]) node.style.setProperty("--tint", `${Math.round(60 * tint[at])}%`);
      return node;
    });
    if (this.data.slot) {
      const slot = element("button", "token slot", "", { type: "button", title: this.data.labels.slot });
      slot.append(element("bdi", "", "?"));
      nodes.push(slot);
    }
    nodes.forEach((node, at) => {
      node.setAttribute("aria-pressed", String(at === this.data.selected));
      node.tabIndex = at === Math.min(this.data.selected, nodes.length - 1) ? 0 : -1;
      node.onclick = () => this.send("look", at);
    });
    this.text.replaceChildren(...nodes);
    if (focused) nodes[Math.min(this.data.selected, nodes.length - 1)]?.focus();
  }

  /** Keep the end of the text, or what was chosen, in sight. */
  follow(before) {
    const chosen = this.text.children[this.data.selected];
    const moved = !before || before.tokens.label.length !== this.data.tokens.label.length;
    if (chosen && (moved || before.selected !== this.data.selected)) {
      const top = chosen.offsetTop - this.text.offsetTop;
      if (top < this.text.scrollTop || top + chosen.offsetHeight > this.text.scrollTop + this.text.clientHeight)
        this.text.scrollTop = top - this.text.clientHeight / 2;
    }
  }

  press(name) {
    if (this.buttons[name].getAttribute("aria-disabled") === "true") return;
    if (name === "play" && !this.playing) return this.play();
    this.pause();
    if (name !== "play") this.send(name);
  }

  play() {
    this.playing = true;
    this.name();
    this.send("next");
  }

  wait() {
    clearTimeout(this.timer);
    if (!this.data.more) return this.pause();
    this.timer = setTimeout(() => this.send("next"), PLAY_MS);
  }

  pause() {
    clearTimeout(this.timer);
    this.playing = false;
    if (this.data) this.name();
  }

  /** Arrow keys move among the tokens; Enter chooses, as on any button. */
  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const nodes = [...this.text.children];
    const at = nodes.indexOf(event.target.closest(".token"));
    const next = step === undefined ? { Home: 0, End: nodes.length - 1 }[event.key] : at + step;
    if (next === undefined || at < 0 || !nodes[next]) return;
    event.preventDefault();
    nodes[at].tabIndex = -1;
    nodes[next].tabIndex = 0;
    nodes[next].focus();
  }

  saved() {
    return painted(this.text); // painting.js
  }

  dispose() {
    this.pause();
    this.root.remove();
  }
}

export default mounting(Writing, (writing, { data, setTriggerValue }) => writing.update(data, (act) => setTriggerValue("act", act)));
