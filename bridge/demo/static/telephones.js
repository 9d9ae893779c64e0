// Telephones: a display, what is heard, keys, and the TwiML that the bridge gave for each call.

import { el, icon, keepingEnd, post, say } from "/demo/static/dom.js";

const KEYS = [..."123456789*0#"];
const LETTERS = ["", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ", "", "+", ""];
const SPOKEN = { "*": "star", "#": "hash" };
const PARTS = /^(\+\d\d)(\d{5})(\d{6})$/;
const telephones = new Map();

export function setUpTelephones(complain) {
  for (const box of document.querySelectorAll("[data-telephone]")) {
    const { telephone, name } = box.dataset;
    const use = (what) => post(`/demo/telephones/${telephone}`, what).catch(complain);
    telephones.set(telephone, new Telephone(box, { id: telephone, name, use }));
  }
}

export function drawTelephone({ telephone, display }) {
  telephones.get(telephone)?.draw(display);
}

class Telephone {
  constructor(box, { id, name, use }) {
    this.box = box;
    this.name = name;
    this.use = use;
    this.heard = [];
    this.shown = [];
    this.since = "";
    this.state = el("p", { className: "tel-state", role: "status" });
    this.number = el("span", { className: "tel-number" });
    this.clock = el("span", { className: "tel-clock" });
    this.list = el("ol", { className: "tel-list" });
    this.scroll = el(
      "div",
      { className: "tel-heard", tabIndex: 0, role: "region", "aria-label": say("heard_by", { name }) },
      this.list,
    );
    this.pick = button("call", "tel-pick", () => this.use({ type: this.ringing ? "answer" : "dial" }));
    this.talk = button("mic", "tel-talk", () => this.use({ type: "talk" }));
    this.end = button("hang-up", "tel-end", () => this.use({ type: "hang_up" }));
    this.keys = KEYS.map((key, n) => this.key(key, LETTERS[n]));
    this.none = document.querySelector(`[data-twiml-none="${id}"]`);
    this.steps = document.querySelector(`[data-twiml="${id}"]`);
    box.replaceChildren(
      el("div", { className: "tel-screen" }, this.state, el("p", { className: "tel-line" }, this.number, this.clock), this.scroll),
      el("div", { className: "tel-keys", role: "group", "aria-label": say("keypad_of", { name }) }, ...this.keys),
      el("div", { className: "tel-buttons" }, this.pick, this.talk, this.end),
    );
    box.addEventListener("keydown", (event) => {
      if (KEYS.includes(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) this.press(event.key);
    });
    setInterval(() => this.tick(), 500);
    this.draw({ state: "idle" });
  }

  key(key, letters) {
    const name = SPOKEN[key] ? say(SPOKEN[key]) : key;
    const made = el(
      "button",
      { type: "button", "aria-label": say("key", { key: name }) },
      el("b", {}, key),
      letters && el("small", { "aria-hidden": "true" }, letters),
    );
    made.addEventListener("click", () => this.press(key));
    return made;
  }

  press(key) {
    if (!this.keys[0].disabled) this.use({ type: "keys", keys: key });
  }

  draw({ state, other = "", since = "", waits = "", outcome = "", heard = [], steps = [] }) {
    this.ringing = state === "ringing";
    this.since = since;
    this.box.dataset.state = state;
    this.box.dataset.waits = waits;
    this.state.textContent = words(state, waits, outcome);
    this.number.textContent = other.replace(PARTS, "$1 $2 $3");
    const here = state === "calling" || state === "talking";
    const free = state === "idle" || state === "over";
    label(this.pick, say(this.ringing ? "answer" : "dial"), free || this.ringing);
    label(this.talk, say("talk"), state === "talking" || waits === "voice");
    label(this.end, say(this.ringing ? "decline" : "hang_up"), !free);
    for (const key of this.keys) key.disabled = !here;
    this.tick();
    keepingEnd(this.scroll, () => renew(this.list, this.heard, heard, (one) => this.sentence(one)));
    this.heard = heard;
    renew(this.steps, this.shown, steps, step);
    this.shown = steps;
    this.none.hidden = steps.length > 0;
  }

  sentence({ what, text = "", language = "", mine = false }) {
    if (what === "words") return el("li", { className: "tel-words", lang: language, dir: "auto" }, text);
    if (what === "key") {
      const key = SPOKEN[text] ? say(SPOKEN[text]) : text;
      return el("li", { className: "tel-own", "aria-label": say("pressed", { key }) }, text);
    }
    const whose = mine ? say("own_voice", { name: this.name }) : say("other_voice");
    return el("li", { className: mine ? "tel-voice tel-own" : "tel-voice" }, el("span", { "aria-hidden": "true" }, "♪♫♪ "), whose);
  }

  /** How long they talk, in minutes and seconds. */
  tick() {
    const seconds = this.since ? Math.max(0, Math.floor((Date.now() - new Date(this.since)) / 1000)) : null;
    this.clock.textContent = seconds === null ? "" : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

function words(state, waits, outcome) {
  if (state === "over" && outcome) return say(`tel_${outcome}`);
  return waits ? say(`waits_${waits}`) : say(`tel_${state}`);
}

function button(name, className, onPress) {
  const made = el("button", { type: "button", className }, icon(name), el("span"));
  made.addEventListener("click", onPress);
  return made;
}

function label(made, text, enabled) {
  made.querySelector("span").textContent = text;
  made.disabled = !enabled;
}

/** Let a list show `now` where it showed `before`: what is added goes below, else all is made anew. */
function renew(list, before, now, make) {
  const goesOn = before.every((one, n) => JSON.stringify(one) === JSON.stringify(now[n]));
  if (!goesOn) list.replaceChildren();
  list.append(...now.slice(goesOn ? before.length : 0).map(make));
}

function step({ asked, twiml }) {
  return el("li", {}, el("code", { className: "twiml-path" }, asked), el("pre", {}, el("code", {}, twiml)));
}
