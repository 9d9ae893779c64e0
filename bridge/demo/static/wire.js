// The switches that make networks fail, and what the bridge says about it.

import { post } from "/demo/static/dom.js";

export function setUpNetworks(complain) {
  for (const tab of document.querySelectorAll("[data-wire-tab]")) {
    tab.addEventListener("click", () => showWire(tab.dataset.wireTab));
  }
  for (const card of document.querySelectorAll(".wire")) {
    for (const button of card.querySelectorAll("[data-trouble]")) {
      button.addEventListener("click", () =>
        post(`/demo/networks/${card.dataset.network}`, { trouble: button.dataset.trouble })
          .catch(complain));
    }
  }
}

export function showWire(wire) {
  for (const tab of document.querySelectorAll("[data-wire-tab]")) {
    tab.setAttribute("aria-pressed", String(tab.dataset.wireTab === wire));
  }
  for (const card of document.querySelectorAll(".wire")) card.hidden = card.dataset.network !== wire;
}

export function drawNetwork({ wire, networks, trouble, words }) {
  const card = document.querySelector(`.wire[data-network="${wire}"]`);
  const before = card.dataset.state;
  card.dataset.state = trouble;
  document.querySelector(`[data-wire-tab="${wire}"]`).dataset.state = trouble;
  card.querySelector(".wire-words").textContent = words;
  for (const button of card.querySelectorAll("[data-trouble]")) {
    button.setAttribute("aria-pressed", String(button.dataset.trouble === trouble));
  }
  for (const network of networks) {
    for (const seat of document.querySelectorAll(`.seat[data-network="${network}"]`)) {
      seat.dataset.trouble = trouble;
    }
  }
  if (before && before !== trouble) showWire(wire);
}
