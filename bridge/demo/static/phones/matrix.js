// A Matrix room on a phone: its name and people above, who came and went between the messages.

import { Chat } from "/demo/static/chat.js";
import { el, icon, say } from "/demo/static/dom.js";

const HAPPENED = { join: "came", invite: "invited_in", leave: "went" };

export class Phone extends Chat {
  header() {
    this.title = el("b", {}, "");
    this.people = el("ul", { className: "mx-people", hidden: true });
    this.count = el("span", {}, "");
    this.toggle = el("button", { type: "button", className: "mx-count", "aria-expanded": "false" }, icon("people"), this.count);
    this.toggle.addEventListener("click", () => {
      this.people.hidden = !this.people.hidden;
      this.toggle.setAttribute("aria-expanded", String(!this.people.hidden));
    });
    return el(
      "div",
      { className: "mx-top" },
      el(
        "div",
        { className: "ch-header" },
        icon("back"),
        el("span", { className: "ch-avatar", "aria-hidden": "true" }, "B"),
        el("p", {}, this.title, el("span", {}, say("plain_room"))),
        this.toggle,
      ),
      this.people,
    );
  }

  draw(screen, fates) {
    const { title, members = [] } = screen;
    this.title.textContent = title;
    this.count.textContent = String(members.length);
    this.toggle.setAttribute("aria-label", say("members", { count: members.length }));
    this.toggle.title = say("members", { count: members.length });
    if (this.people.childElementCount !== members.length) this.people.replaceChildren(...members.map(member));
    super.draw(screen, fates);
  }

  row(bubble, fates) {
    const happened = HAPPENED[bubble.kind];
    if (happened) return el("li", { className: "mx-happened", dir: "auto" }, say(happened, { name: bubble.sender }));
    return super.row(bubble, fates);
  }

  head(bubble) {
    return bubble.mine ? null : el("p", { className: "mx-sender" }, face(bubble.sender), el("b", {}, bubble.sender));
  }
}

function member(name) {
  return el("li", {}, face(name), name);
}

function face(name) {
  return el("span", { className: "mx-face", "aria-hidden": "true" }, (name || "?")[0]);
}
