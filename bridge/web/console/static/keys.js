// Keys for those who do not reach for the mouse, and dialogs that buttons open.
const typing = (node) => node.closest("input, textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll(".row.talk a, .hit a, #timeline .e:not(.event)")];

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((one) => one === document.activeElement || one.contains(document.activeElement));
  const from = here < 0 ? (by > 0 && all[0].matches("a") ? -1 : all.length) : here;
  const next = all[Math.min(Math.max(from + by, 0), all.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

const does = {
  j: () => step(1),
  k: () => step(-1),
  "/": () => document.getElementById("q")?.focus(),
  c: () => document.getElementById("text")?.focus(),
  g: () => document.querySelector(".top .mark")?.click(),
  "?": () => document.getElementById("help")?.showModal(),
  Enter: () => {
    const entry = document.activeElement;
    if (!entry?.matches(".e")) return false;
    entry.querySelector("[data-reply]")?.click();
    return true;
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const act = does[event.key];
  if (act && act() !== false) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
});

// The keys work while a long search is still being sent; the inbox has to be whole.
if (document.readyState === "loading") addEventListener("DOMContentLoaded", watchInbox);
else watchInbox();

function watchInbox() {
  const inbox = document.getElementById("inbox");
  if (!inbox) return;
  const source = new EventSource(inbox.dataset.events);
  let waiting = 0;
  const again = async () => {
    waiting = 0;
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return; // the next sign of life brings it
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("inbox");
    const at = document.activeElement?.getAttribute("href");
    if (fresh) inbox.replaceChildren(...fresh.childNodes);
    if (at) inbox.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus();
  };
  // A new stream tells of everything once, so what came between the page and the stream shows too.
  source.addEventListener("grown", () => { if (!waiting) waiting = setTimeout(again, 300); });
  addEventListener("pagehide", () => source.close());
}
