// A phone with WhatsApp: the conversation with the practice's number.

import { Chat } from "/demo/static/chat.js";
import { el, icon, say } from "/demo/static/dom.js";

export class Phone extends Chat {
  header() {
    return el(
      "div",
      { className: "ch-header" },
      icon("back"),
      el("span", { className: "ch-avatar", "aria-hidden": "true" }, "PN"),
      el("p", {}, el("b", {}, "Praktijk Noor"), el("span", {}, say("online"))),
    );
  }
}
