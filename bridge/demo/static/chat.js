// A conversation on a screen: what all networks have in common. Each drawing extends it.

import { clock, el, icon, iconButton, keepingEnd, say } from "/demo/static/dom.js";

const EMOJI = ["👍", "❤️", "👏", "🎉"];
const ELEMENTS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code",
  spoiler: "mark", blockquote: "q",
};

export class Chat {
  constructor(box, { id, name, network, act }) {
    this.id = id;
    this.name = name;
    this.act = act;
    this.can = [];
    this.drawn = new Map();
    this.answering = null;
    this.editing = null;
    this.list = el("ol", { className: "ch-list" });
    this.chat = el(
      "div",
      { className: "ch-chat", tabIndex: 0, role: "region", "aria-label": say("phone_of", { name, network }) },
      ...this.beginning(),
      this.list,
    );
    this.bottom = el("div", { className: "ch-bottom" });
    box.classList.add("ch");
    box.replaceChildren(...this.frame(el("div", { className: "ch-pane" }, this.header(), this.chat, this.bottom)));
    this.input = el("textarea", {
      rows: 1, placeholder: say("write"), "aria-label": `${say("write")}: ${name}`, dir: "auto",
      maxLength: 4096,
    });
    this.composer = this.makeComposer();
  }

  // -- what drawings may do in their own way ----------------------------------------------------

  /** What stands around the conversation. */
  frame(pane) {
    return [pane];
  }

  header() {
    return null;
  }

  /** What stands before the first message. */
  beginning() {
    return [el("p", { className: "ch-day" }, say("today"))];
  }

  /** What stands above the words of a message. */
  head() {
    return null;
  }

  /** What stands below them. */
  foot(bubble) {
    return el(
      "span",
      { className: "ch-meta" },
      bubble.edited ? `${say("edited")} ` : null,
      el("time", { dateTime: bubble.at }, clock(bubble.at)),
    );
  }

  quoted(bubble) {
    return bubble.quoted && el("p", { className: "ch-quoted", dir: "auto" }, bubble.quoted);
  }

  // -- drawing ----------------------------------------------------------------------------------

  /** Show a screen; only what changed is made anew. */
  draw(screen, fates) {
    this.can = screen.can;
    for (const [what, tool] of [["photo", this.photo], ["voice", this.voice]]) tool.hidden = !this.can.includes(what);
    keepingEnd(this.chat, () => {
      const there = new Set();
      for (const bubble of screen.bubbles) {
        there.add(bubble.id);
        this.drawBubble(bubble, fates[bubble.id] ?? []);
      }
      for (const [id, { row }] of this.drawn) {
        if (!there.has(id)) {
          row.remove();
          this.drawn.delete(id);
        }
      }
      this.drawBottom(screen);
    });
  }

  toEnd() {
    this.chat.scrollTop = this.chat.scrollHeight;
  }

  drawBubble(bubble, fates) {
    const key = JSON.stringify([bubble, fates]);
    const known = this.drawn.get(bubble.id);
    if (known?.key === key) return;
    const row = this.row(bubble, fates);
    if (known) known.row.replaceWith(row);
    else this.list.append(row);
    this.drawn.set(bubble.id, { key, row });
  }

  row(bubble, fates) {
    const choices = this.choices(bubble);
    const menu = el("div", { className: "ch-menu", hidden: true }, ...choices);
    const more = iconButton("more", say("more"), "ch-more");
    more.setAttribute("aria-expanded", "false");
    more.addEventListener("click", () => {
      menu.hidden = !menu.hidden;
      more.setAttribute("aria-expanded", String(!menu.hidden));
      if (!menu.hidden) menu.scrollIntoView({ block: "nearest" });
    });
    return el(
      "li",
      { className: bubble.mine ? "ch-row mine" : "ch-row" },
      el(
        "div",
        { className: `ch-bubble ${bubble.kind}` },
        this.head(bubble),
        this.quoted(bubble),
        this.media(bubble),
        bubble.runs.length ? el("p", { className: "ch-text", dir: "auto" }, ...bubble.runs.map(run)) : null,
        reactions(bubble),
        this.foot(bubble),
        choices.length ? more : null,
      ),
      menu,
      this.buttons(bubble),
      ...fates.map(fate),
    );
  }

  media(bubble) {
    if (!bubble.file) return bubble.kind === "text" ? null : el("p", { className: "ch-kind" }, `[${bubble.kind}]`);
    const src = `/demo/file/${this.id}/${bubble.file}`;
    if (bubble.kind === "photo") {
      return el("img", { src, alt: say("photo_alt"), className: "ch-photo", width: 192, height: 128 });
    }
    if (bubble.kind === "voice") {
      return el("audio", { src, controls: true, preload: "none", className: "ch-voice" });
    }
    return el("a", { href: src, download: "", className: "ch-file" }, bubble.name || `[${bubble.kind}]`);
  }

  buttons(bubble) {
    if (!bubble.buttons) return null;
    return el(
      "div",
      { className: "ch-buttons" },
      ...bubble.buttons.map((label, button) => {
        const made = el("button", { type: "button" }, label);
        made.addEventListener("click", () => this.act({ type: "press", message: bubble.id, button }));
        return made;
      }),
    );
  }

  /** What one can do with a message: react, answer, and change one's own. */
  choices(bubble) {
    const made = bubble.mine || !this.can.includes("react") ? [] : EMOJI.map((emoji) => {
      const button = el("button", { type: "button", "aria-label": say("react", { emoji }) }, emoji);
      button.addEventListener("click", () => this.act({ type: "react", message: bubble.id, emoji }));
      return button;
    });
    if (this.can.includes("reply")) {
      const reply = iconButton("reply", say("reply"), "");
      reply.addEventListener("click", () => this.compose(bubble, false));
      made.push(reply);
    }
    if (this.can.includes("edit") && bubble.mine && bubble.kind === "text") {
      const edit = iconButton("edit", say("edit"), "");
      edit.addEventListener("click", () => this.compose(bubble, true));
      made.push(edit);
    }
    return made;
  }

  // -- the lower edge: a start button, or where one writes ------------------------------------

  drawBottom(screen) {
    const waiting = screen.waiting ?? "";
    if (this.bottom.dataset.waiting === waiting) return;
    this.bottom.dataset.waiting = waiting;
    this.bottom.replaceChildren(waiting ? this.invitation(waiting) : this.composer);
  }

  invitation(link) {
    const start = el("button", { type: "button", className: "ch-start" }, say("open"));
    start.addEventListener("click", () => this.act({ type: "open" }));
    return el(
      "div",
      { className: "ch-invited" },
      el("p", {}, say("invited", { name: this.name })),
      el("code", {}, link.replace("https://", "")),
      start,
    );
  }

  makeComposer() {
    const photo = (this.photo = iconButton("photo", say("photo"), "ch-tool"));
    const voice = (this.voice = iconButton("mic", say("voice"), "ch-tool"));
    const send = el("button", { type: "submit", className: "ch-send", "aria-label": say("send"), title: say("send") }, icon("send"));
    photo.addEventListener("click", () => this.act({ type: "photo", ...this.target() }));
    voice.addEventListener("click", () => this.act({ type: "voice", ...this.target() }));
    this.about = el("div", { className: "ch-about", hidden: true });
    const form = el("form", { className: "ch-composer" }, photo, voice, this.input, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.submit();
      }
      if (event.key === "Escape") this.compose(null, false);
    });
    return el("div", {}, this.about, form);
  }

  /** Answer or change a message with the next words; null for neither. */
  compose(bubble, change) {
    this.answering = change ? null : bubble;
    this.editing = change ? bubble : null;
    const words = (bubble?.runs ?? []).map(({ text }) => text).join("");
    this.about.hidden = bubble === null;
    if (bubble) {
      const cancel = iconButton("close", say("cancel"), "ch-tool");
      cancel.addEventListener("click", () => this.compose(null, false));
      this.about.replaceChildren(
        icon(change ? "edit" : "reply"),
        el("span", {}, el("b", {}, say(change ? "editing" : "answering")), ` ${words || `[${bubble.kind}]`}`),
        cancel,
      );
      if (change) this.input.value = words;
      for (const menu of this.list.querySelectorAll(".ch-menu")) menu.hidden = true;
      this.input.focus();
    }
  }

  target() {
    const target = this.answering ? { reply_to: this.answering.id } : {};
    this.compose(null, false);
    return target;
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.toEnd();
    if (this.editing) {
      this.act({ type: "edit", message: this.editing.id, text });
      this.compose(null, false);
    } else {
      this.act({ type: "say", text, ...this.target() });
    }
  }
}

function run({ text, styles = [], link }) {
  const inner = styles.reduce((node, style) => el(ELEMENTS[style], {}, node), text);
  return link ? el("a", { href: link, rel: "noopener noreferrer", target: "_blank" }, inner) : inner;
}

function reactions({ reactions: found }) {
  return found ? el("p", { className: "ch-reactions" }, ...found.map((emoji) => el("span", {}, emoji))) : null;
}

/** Below a message stands what the log knows of it; most networks cannot tell people this. */
function fate({ state, words }) {
  return el("p", { className: "fate", "data-state": state }, words);
}
