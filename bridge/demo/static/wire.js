// The switch that makes a network fail, and what the bridge says about it.

import { post } from "/demo/static/dom.js";

export function setUpNetworks(complain) {
  for (const card of document.querySelectorAll(".wire")) {
    for (const button of card.querySelectorAll("[data-trouble]")) {
      button.addEventListener("click", () =>
        post(`/demo/networks/${card.dataset.network}`, { trouble: button.dataset.trouble })
          .catch(complain));
    }
  }
}

export function drawNetwork({ network, trouble, words }) {
  const card = document.querySelector(`.wire[data-network="${network}"]`);
  card.dataset.state = trouble;
  card.querySelector(".wire-words").textContent = words;
  for (const button of card.querySelectorAll("[data-trouble]")) {
    button.setAttribute("aria-pressed", String(button.dataset.trouble === trouble));
  }
  for (const phone of document.querySelectorAll(`.phone[data-network="${network}"]`)) {
    phone.dataset.trouble = trouble;
  }
}
