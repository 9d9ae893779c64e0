// An older phone: plain text messages with a number.

import { Chat } from "/demo/static/chat.js";
import { el, icon, say } from "/demo/static/dom.js";

export class Phone extends Chat {
  header() {
    return el(
      "div",
      { className: "ch-header" },
      icon("back"),
      el("p", {}, el("b", {}, "+31 97010 200001"), el("span", {}, say("text_message"))),
    );
  }
}
