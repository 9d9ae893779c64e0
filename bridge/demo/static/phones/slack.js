// A Slack window: the conversation with the bridge's app, threads shown where they belong.

import { Chat } from "/demo/static/chat.js";
import { clock, el, icon, say } from "/demo/static/dom.js";

export class Phone extends Chat {
  frame(pane) {
    const apps = el(
      "div",
      { className: "sl-side" },
      el("p", { className: "sl-team" }, "Praktijk Noor"),
      el("p", { className: "sl-section" }, say("direct")),
      el("p", { className: "sl-app" }, el("span", { className: "sl-dot", "aria-hidden": "true" }), "Bridge"),
    );
    return [apps, pane];
  }

  header() {
    return el("div", { className: "ch-header" }, el("span", { className: "ch-avatar", "aria-hidden": "true" }, "B"), el("p", {}, el("b", {}, "Bridge")));
  }

  head(bubble) {
    return el(
      "p",
      { className: "sl-head" },
      el("span", { className: "sl-face", "aria-hidden": "true" }, (bubble.sender || "?")[0]),
      el("b", {}, bubble.sender),
      bubble.mine ? null : el("span", { className: "sl-tag" }, say("app")),
      el("time", { dateTime: bubble.at }, clock(bubble.at)),
      bubble.edited ? el("span", { className: "sl-edited" }, `(${say("edited")})`) : null,
    );
  }

  quoted(bubble) {
    return bubble.quoted && el("p", { className: "ch-quoted", dir: "auto" }, icon("reply"), say("in_thread", { words: bubble.quoted }));
  }

  foot() {
    return null;
  }
}
