// What was written here and is not known to be kept yet. It survives a reload and a dead line:
// each act has an id of its own, so sending it again never makes it two.

import { post } from "./api.js";
import { who } from "./page.js";

const KEY = `webchat-outbox-${who}`;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

export class Outbox {
  constructor(changed) {
    this.changed = changed; // (item) => void, item.state: waiting, kept or refused
    this.items = read().map((item) => ({ ...item, state: "waiting" }));
    this.busy = false;
    this.wait = 0;
  }

  save() {
    const waiting = this.items.filter((item) => item.state === "waiting");
    try {
      localStorage.setItem(KEY, JSON.stringify(waiting.map(({ act, at, line }) => ({ act, at, line }))));
    } catch {
      // No room or not allowed: then it lives as long as the page does.
    }
  }

  // `line` is what to show of it until the log does, null for what shows nothing.
  add(act, line = null) {
    const item = { act, line, at: new Date().toISOString(), state: "waiting" };
    this.items.push(item);
    this.save();
    this.changed(item);
    this.flush();
    return item;
  }

  forget(id) {
    this.items = this.items.filter((item) => item.act.id !== id);
    this.save();
  }

  // One after the other, so that order holds; what got no answer is sent again.
  async flush() {
    if (this.busy) return;
    clearTimeout(this.timer);
    this.busy = true;
    try {
      for (;;) {
        const item = this.items.find((one) => one.state === "waiting");
        if (!item) break;
        const again = await this.sendOne(item);
        if (again) {
          this.timer = setTimeout(() => this.flush(), again);
          break;
        }
        this.wait = 0;
      }
    } finally {
      this.busy = false;
    }
  }

  async sendOne(item) {
    let answer;
    try {
      answer = await post("messages", item.act);
    } catch {
      answer = { status: 0, retry: 0 };
    }
    if (answer.status === 202) item.state = "kept";
    else if (answer.status === 401) location.assign("/chat/join");
    else if (answer.status >= 400 && answer.status < 500 && ![408, 429].includes(answer.status)) {
      item.state = "refused";
    }
    const done = item.state !== "waiting";
    if (done && !item.line) this.items = this.items.filter((one) => one !== item);
    this.save();
    this.changed(item);
    if (done) return 0;
    this.wait = Math.min(30000, (this.wait || 500) * 2);
    return Math.max(answer.retry * 1000, this.wait * (0.5 + Math.random() / 2));
  }
}

