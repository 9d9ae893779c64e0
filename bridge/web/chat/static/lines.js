// Lines as elements. A line is drawn anew, whole, whenever it looks different.

import { conversation, language, make, say } from "./page.js";

const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];
const TAGS = {
  bold: "strong", italic: "em", underline: "u", strike: "s", quote: "blockquote",
  code: "code", pre: "pre", span: "span",
};
const SAFE = /^(https?:\/\/|mailto:|tel:)[^\s]+$/i;
const BARE = /https?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]}]/g;
const spoken = language === "en" ? "en-GB" : language; // a day has 24 hours here
const clock = new Intl.DateTimeFormat(spoken, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(spoken, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const full = new Intl.DateTimeFormat(spoken, { dateStyle: "full", timeStyle: "short" });

function link(url, ...children) {
  const attributes = { href: url, target: "_blank", rel: "noopener noreferrer nofollow" };
  return make("a", { attributes }, ...children);
}

function* words(text) {
  let at = 0;
  for (const found of text.matchAll(BARE)) {
    yield text.slice(at, found.index);
    yield link(found[0], found[0]);
    at = found.index + found[0].length;
  }
  yield text.slice(at);
}

export function* body(nodes) {
  for (const node of nodes) {
    if (typeof node === "string") yield* words(node);
    else if (node.t === "link" && SAFE.test(node.url)) yield link(node.url, ...body(node.c));
    else if (node.t === "spoiler") {
      const inner = make("span", { className: "hidden-words" }, ...body(node.c));
      yield make("details", { className: "spoiler" }, make("summary", { text: "•••" }), inner);
    } else yield make(TAGS[node.t] ?? "span", {}, ...body(node.c));
  }
}

export const plain = (nodes) =>
  nodes.map((node) => (typeof node === "string" ? node : plain(node.c))).join("");

function bytes(size) {
  if (!size) return "";
  const [value, unit] = size < 1e6 ? [size / 1e3, "kilobyte"] : [size / 1e6, "megabyte"];
  const style = { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 };
  return new Intl.NumberFormat(language, style).format(value);
}

function kindOf(file) {
  if (file.voice) return say("voice");
  return { image: say("photo"), video: say("video") }[file.show] ?? file.name ?? say("file");
}

function fileOf(line) {
  const file = line.file;
  const name = file.name || kindOf(file);
  if (file.state === "failed") return make("p", { className: "note", text: say("file_failed") });
  if (file.state === "pending" && !file.local) {
    return make("p", { className: "note", text: `${name}: ${say("file_pending")}` });
  }
  const url = file.local ?? file.url;
  if (file.show === "image") {
    const picture = make("img", { attributes: { src: url, alt: file.name || say("photo"), loading: "lazy" } });
    if (file.width && file.height) {
      picture.width = file.width;
      picture.height = file.height;
    }
    return make("a", { className: "picture", attributes: { href: url, target: "_blank", rel: "noopener" } }, picture);
  }
  if (file.show === "audio" || file.show === "video") {
    const attributes = { src: url, controls: "", preload: "metadata", "aria-label": name };
    const player = make(file.show, { attributes });
    return make("div", { className: "player" }, file.voice && make("span", { className: "small", text: say("voice") }), player);
  }
  const size = bytes(file.size);
  return make(
    "a",
    { className: "file", attributes: { href: url, download: name, "aria-label": say("download", { name }) } },
    make("span", { className: "ico sheet-of-paper", attributes: { "aria-hidden": "true" } }),
    make("span", {}, make("span", { className: "file-name", text: name }), make("span", { className: "small", text: size })),
  );
}

function optionsOf(line, acts) {
  const row = make("div", { className: "options", attributes: { role: "group" } });
  for (const option of line.options) {
    const chosen = line.chosen === option.key;
    const button = make("button", {
      text: option.label,
      attributes: { type: "button", "aria-pressed": String(chosen) },
      on: { click: () => acts.choose(line, option) },
    });
    if (chosen) button.append(make("span", { className: "unseen", text: ` (${say("chosen")})` }));
    button.disabled = line.key.startsWith("n") && Boolean(line.chosen);
    row.append(button);
  }
  return row;
}

function actionsOf(line, acts) {
  const name = line.mine ? say("you") : line.name || say("bridge");
  const menu = make("div", { className: "sheet" });
  const close = (call) => () => {
    box.open = false;
    call();
  };
  const faces = make("div", { className: "faces" });
  const own = new Set((line.reactions ?? []).filter((one) => one.mine).map((one) => one.emoji));
  for (const emoji of REACTIONS) {
    const attributes = { type: "button", "aria-label": say("react", { emoji }), "aria-pressed": String(own.has(emoji)) };
    faces.append(make("button", { text: emoji, attributes, on: { click: close(() => acts.react(line, emoji)) } }));
  }
  menu.append(faces);
  const add = (key, call) =>
    menu.append(make("button", { text: say(key), attributes: { type: "button" }, on: { click: close(call) } }));
  add("reply", () => acts.reply(line));
  if (line.mine && line.kind === "text") add("edit", () => acts.edit(line));
  if (line.mine) add("delete", () => acts.remove(line));
  const summary = make("summary", { attributes: { "aria-label": say("actions", { name }) } }, make("span", { text: "⋯", attributes: { "aria-hidden": "true" } }));
  const box = make("details", { className: "actions" }, summary, menu);
  return box;
}

function quoteOf(reply) {
  const text = reply.text || reply.file || "…";
  return make(
    "blockquote",
    { className: "reply" },
    reply.name && make("strong", { text: reply.name }),
    make("span", { text }),
  );
}

function reactionsOf(reactions) {
  const row = make("p", { className: "reactions" });
  for (const one of reactions) {
    const names = one.names.join(", ");
    const attributes = { title: names, role: "img", "aria-label": say("reacted", { names, emoji: one.emoji }) };
    const count = one.names.length > 1 ? ` ${one.names.length}` : "";
    row.append(make("span", { text: one.emoji + count, className: one.mine ? "mine" : "", attributes }));
  }
  return row;
}

function footOf(line) {
  const at = new Date(line.at);
  const time = make("time", { text: clock.format(at), attributes: { datetime: line.at, title: full.format(at) } });
  const foot = make("p", { className: "meta" });
  if (line.edited) foot.append(make("span", { text: say("edited") }), " · ");
  foot.append(time);
  if (line.mine && line.state) {
    foot.append(" · ", make("span", { className: `state ${line.state}`, text: line.progress ?? say(line.state) }));
  }
  return foot;
}

// Return the <li> of a line. `acts` are what its buttons do.
export function draw(line, acts) {
  const side = line.bridge ? "bridge" : line.mine ? "mine" : "theirs";
  const bubble = make("div", { className: "bubble" });
  const author = line.mine ? say("you") : line.bridge ? say("bridge") : line.name;
  bubble.append(make("p", { className: line.mine || line.bridge ? "unseen" : "author", text: author }));
  if (line.reply) bubble.append(quoteOf(line.reply));
  if (line.kind === "deleted" || line.kind === "erased") {
    bubble.append(make("p", { className: "note", text: say(line.kind) }));
  } else {
    if (line.file) bubble.append(fileOf(line));
    if (line.body.length) bubble.append(make("div", { className: "words", attributes: { dir: "auto" } }, ...body(line.body)));
    if (line.options) bubble.append(optionsOf(line, acts));
  }
  if (line.reactions) bubble.append(reactionsOf(line.reactions));
  bubble.append(footOf(line));
  if (line.failed) {
    const drop = make("button", { text: say("remove"), attributes: { type: "button" }, on: { click: () => acts.forget(line) } });
    bubble.append(make("p", { className: "trouble", text: `${line.failed} ` }, drop));
  }
  const item = make("li", { className: `line ${side}`, attributes: { "data-key": line.key, "data-at": line.at } }, bubble);
  const usable = line.id && line.seq && !line.bridge && line.kind !== "deleted" && line.kind !== "erased";
  if (usable && conversation && !document.querySelector(".foot > .hint")) item.append(actionsOf(line, acts));
  return item;
}

export function dayOf(at) {
  return day.format(new Date(at));
}
