// A trajectory log as a chain: each line shows its own hash and that of the line before.

import { clock, el, keepingEnd, say } from "/demo/static/dom.js";

const SHORT = 6;
let newest = "";

/** The logs stand behind each other; a tab for each client brings one to the front. */
export function setUpLogs() {
  for (const tab of document.querySelectorAll("[data-log]")) {
    tab.addEventListener("click", () => showLog(tab.dataset.log));
  }
}

export function showLog(trajectory) {
  for (const tab of document.querySelectorAll("[data-log]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.log === trajectory));
  }
  for (const chain of document.querySelectorAll(".logs .chain")) {
    const here = chain.dataset.trajectory === trajectory;
    chain.hidden = !here;
    if (here) toEnd(chain);
  }
}

function toEnd(chain) {
  const box = chain.querySelector(".chain-scroll");
  box.scrollTop = box.scrollHeight;
}

export function drawLog({ trajectory, after, lines }) {
  const chain = document.querySelector(`.chain[data-trajectory="${trajectory}"]`);
  const list = chain.querySelector("ol");
  if (after === 0) list.replaceChildren();
  keepingEnd(chain.querySelector(".chain-scroll"), () => list.append(...lines.map(drawLine)));
  const count = list.childElementCount;
  chain.querySelector(".count").textContent = say("lines", { count });
  // Where somebody said something last is what one wants to see.
  const said = lines.findLast(({ kind }) => kind === "message_posted");
  if (said && said.at >= newest && document.querySelector(`[data-log="${trajectory}"]`)) {
    newest = said.at;
    showLog(trajectory);
  }
}

function drawLine(line) {
  const row = el(
    "li",
    { className: `line ${line.kind}` },
    el(
      "p",
      { className: "line-head" },
      el("b", {}, `#${line.seq}`),
      el("span", { className: "label" }, line.label),
      el("time", { dateTime: line.at }, clock(line.at)),
    ),
    line.what && el("p", { className: "what", dir: "auto" }, line.what),
    el(
      "p",
      { className: "hashes" },
      line.before && hash(line.before, "before"),
      line.before && el("span", { className: "arrow", "aria-hidden": "true" }, "→"),
      hash(line.hash, "own"),
      el("span", { className: "who" }, [line.author, line.network].filter(Boolean).join(" · ")),
    ),
  );
  if (line.state) row.dataset.state = line.state;
  return row;
}

/** The same hash has the same colour wherever it stands, so one sees the link. */
function hash(digest, className) {
  const shown = el("code", { className, title: digest }, digest.slice(0, SHORT));
  shown.style.setProperty("--hue", parseInt(digest.slice(0, 4), 16) % 360);
  return shown;
}
