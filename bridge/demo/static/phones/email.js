// A mail program: what came and what was sent, as one conversation.

import { Chat } from "/demo/static/chat.js";
import { clock, el, icon, say } from "/demo/static/dom.js";

export class Phone extends Chat {
  header() {
    return el("div", { className: "ch-header" }, icon("mail"), el("p", {}, el("b", {}, say("inbox"))));
  }

  beginning() {
    return [];
  }

  head(bubble) {
    const subject = bubble.subject || say("no_subject");
    return el(
      "div",
      { className: "em-head" },
      el("p", {}, el("b", {}, bubble.mine ? say("from_me") : bubble.sender), el("time", { dateTime: bubble.at }, clock(bubble.at))),
      el("p", { className: "em-subject", dir: "auto" }, subject),
    );
  }

  quoted() {
    return null;
  }

  foot() {
    return null;
  }
}
