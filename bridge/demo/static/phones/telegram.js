// A phone with Telegram: one private chat with the bridge's bot.

import { Chat } from "/demo/static/chat.js";
import { el, icon, say } from "/demo/static/dom.js";

export class Phone extends Chat {
  header() {
    return el(
      "div",
      { className: "ch-header" },
      icon("back"),
      el("span", { className: "ch-avatar", "aria-hidden": "true" }, "B"),
      el("p", {}, el("b", {}, "Bridge"), el("span", {}, say("bot"))),
    );
  }
}
