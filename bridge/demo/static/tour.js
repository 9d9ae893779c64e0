// The tour: one step at a time, each can play itself on the phones.

import { el, icon, post, say } from "/demo/static/dom.js";

const steps = [...document.querySelectorAll("[data-scene]")];
const play = document.querySelector("#tour-play");
// Where a scene plays that does not play at the top of the page.
const STAGES = { call: "#telephones" };
let at = 0;
let complain = () => {};

export function setUpTour(onTrouble) {
  complain = onTrouble;
  document.querySelector("#tour-back").addEventListener("click", () => show(at - 1));
  document.querySelector("#tour-next").addEventListener("click", () => show(at + 1));
  play.addEventListener("click", start);
  show(0);
}

/** While a scene plays, no second one can be started, from whichever page. */
export function drawScene({ playing }) {
  play.disabled = playing !== "";
  play.querySelector("span").textContent = label(playing);
}

function label(playing) {
  if (playing) return say("playing");
  return steps[at].dataset.scene === "proof" ? say("prove") : say("play");
}

function show(next) {
  at = (next + steps.length) % steps.length;
  steps.forEach((step, n) => (step.hidden = n !== at));
  document.querySelectorAll(".dots i").forEach((dot, n) => dot.classList.toggle("on", n <= at));
  document.querySelector("#tour-step").textContent = say("step", { n: at + 1, of: steps.length });
  play.querySelector("span").textContent = label(play.disabled);
}

async function start() {
  const scene = steps[at].dataset.scene;
  const was = at;
  if (scene in STAGES) document.querySelector(STAGES[scene]).scrollIntoView({ block: "start" });
  try {
    if (scene === "proof") {
      await prove();
    } else {
      await post(`/demo/scenes/${scene}`);
      if (at === was) show(at + 1);
    }
  } catch {
    complain();
  }
}

async function prove() {
  const found = await post("/demo/proof");
  const dialog = document.querySelector("#proof");
  dialog.querySelector(".checks").replaceChildren(...found.checks.map(check));
  dialog.querySelector(".refusal code").textContent = found.refusal;
  dialog.showModal();
}

function check({ promise, holds, checked }) {
  return el(
    "li",
    { className: holds ? "holds" : "broken" },
    icon(holds ? "tick" : "close"),
    el("span", {}, `${promise[0].toUpperCase()}${promise.slice(1)}`),
    el("small", {}, `${say(holds ? "holds" : "broken")} · ${say("checked", { count: checked })}`),
  );
}
