// The lines of the conversation: kept in order by time and number, drawn, scrolled, seen.

import { $, make, say } from "./page.js";
import { dayOf, draw } from "./lines.js";

const NEAR = 120;

export class Room {
  constructor(acts, seen) {
    this.acts = acts;
    this.seen = seen; // (line) => void, called when a line was before somebody's eyes
    this.lines = new Map();
    this.list = $("lines");
    this.box = $("room");
    this.eyes = new IntersectionObserver((entries) => this.looked(entries), { root: this.box, threshold: 0.5 });
    this.box.addEventListener("scroll", () => this.onScroll(), { passive: true });
    $("down").addEventListener("click", () => this.toEnd());
    document.addEventListener("visibilitychange", () => this.lookAgain());
    window.addEventListener("focus", () => this.lookAgain());
    this.atEnd = true;
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(this.box);
    this.list.addEventListener("load", () => this.atEnd && this.toEnd(), true);
  }

  // Put lines in, or draw them anew. `quiet`: not to be read aloud (older lines).
  put(lines, { quiet = false } = {}) {
    const stay = this.atEnd && !quiet;
    const height = this.box.scrollHeight;
    if (quiet) $("log").setAttribute("aria-live", "off");
    for (const line of lines) this.putOne(line);
    this.days();
    $("empty").hidden = this.lines.size > 0;
    if (stay) this.toEnd();
    else if (quiet) this.box.scrollTop += this.box.scrollHeight - height;
    else this.onScroll();
    if (quiet) setTimeout(() => $("log").setAttribute("aria-live", "polite"), 300);
  }

  putOne(line) {
    const known = this.lines.get(line.key);
    if (known && JSON.stringify(known.line) === JSON.stringify(line)) return;
    const item = draw(line, this.acts);
    if (known) {
      const inside = known.item.contains(document.activeElement);
      const open = known.item.querySelector("details.actions[open]");
      this.eyes.unobserve(known.item);
      if (known.line.at === line.at) known.item.replaceWith(item);
      else {
        known.item.remove();
        this.insert(item, line);
      }
      if (open) item.querySelector("details.actions")?.setAttribute("open", "");
      if (inside) item.querySelector("summary, button, a")?.focus();
    } else this.insert(item, line);
    this.lines.set(line.key, { line, item });
    if (!line.mine && line.seq) this.eyes.observe(item);
  }

  insert(item, line) {
    const order = (one) => [Date.parse(one.at), one.seq ?? Number.MAX_SAFE_INTEGER];
    const [at, seq] = order(line);
    let after = this.list.lastElementChild;
    while (after) {
      const other = after.dataset.key && this.lines.get(after.dataset.key)?.line;
      if (other) {
        const [otherAt, otherSeq] = order(other);
        if (otherAt < at || (otherAt === at && otherSeq < seq)) break;
      }
      after = after.previousElementSibling;
    }
    if (after) after.after(item);
    else this.list.prepend(item);
  }

  drop(key) {
    this.lines.get(key)?.item.remove();
    this.lines.delete(key);
    this.days();
  }

  // A heading before the first line of each day.
  days() {
    let last = "";
    for (const item of [...this.list.children]) {
      if (!item.dataset.key) {
        item.remove();
        continue;
      }
      const now = dayOf(item.dataset.at);
      if (now !== last) {
        item.before(make("li", { className: "day" }, make("h2", { text: now })));
        last = now;
      }
    }
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
    this.atEnd = true;
    $("down").hidden = true;
  }

  onScroll() {
    const size = `${this.box.scrollHeight} ${this.box.clientHeight}`;
    if (size !== this.size) {
      this.size = size; // the lines moved, not the reader
      if (this.atEnd) return this.toEnd();
    }
    const left = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight;
    this.atEnd = left < NEAR;
    $("down").hidden = this.atEnd;
    if (this.box.scrollTop < NEAR) this.nearTop?.();
  }

  looked(entries) {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    for (const entry of entries) {
      const long = entry.intersectionRect.height > this.box.clientHeight / 2;
      if (!entry.isIntersecting && !long) continue;
      const known = this.lines.get(entry.target.dataset.key);
      if (known) this.seen(known.line);
    }
  }

  lookAgain() {
    if (document.visibilityState !== "visible") return;
    for (const { line, item } of this.lines.values()) {
      if (!line.mine && line.seq && line.arrived !== "read") {
        this.eyes.unobserve(item);
        this.eyes.observe(item);
      }
    }
  }

  // Whether a line that changed has its place here: one from before the oldest that is shown comes
  // when somebody goes back that far, or it would be taken for the oldest, and leave a gap.
  reaches(line, more) {
    return !more || this.lines.has(line.key) || !line.seq || line.seq > this.oldest;
  }

  get oldest() {
    let found = Infinity;
    for (const { line } of this.lines.values()) if (line.seq) found = Math.min(found, line.seq);
    return found;
  }

  status(text, kind) {
    const place = $("status");
    if (place.textContent !== text) place.textContent = text;
    place.className = `status ${kind}`;
  }

  beginning(more) {
    $("older").hidden = !more;
    $("beginning").hidden = more || this.lines.size === 0;
    $("empty").hidden = this.lines.size > 0;
    $("older").textContent = say("older");
  }
}
