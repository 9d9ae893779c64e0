// The page: takes what is new from the stream and hands it to the part that draws it.

import { el, lang, post, say } from "/demo/static/dom.js";
import { drawLog, setUpLogs, showLog } from "/demo/static/log.js";
import { drawTelephone, setUpTelephones } from "/demo/static/telephones.js";
import { drawNetwork, setUpNetworks } from "/demo/static/wire.js";
import { drawScene, setUpTour } from "/demo/static/tour.js";

const THEME = "coachbridge-demo-theme";
const phones = new Map();

/** Give each phone the drawing of its network; a new network brings one more module. */
async function setUpPhones() {
  for (const box of document.querySelectorAll("[data-phone]")) {
    const { network, networkName, phone, name } = box.dataset;
    const { Phone } = await import(`/demo/static/phones/${network}.js`);
    const act = (what) => post(`/demo/phones/${phone}`, what).catch(complain);
    phones.set(phone, new Phone(box, { id: phone, name, network: networkName, act }));
  }
}

function complain() {
  tell(say("cannot"));
}

/** Say something in passing. */
function tell(what) {
  const note = el("p", { className: "toast", role: "alert" }, what);
  document.body.append(note);
  setTimeout(() => note.remove(), 4000);
}

function setUpTheme() {
  const root = document.documentElement;
  root.dataset.theme = localStorage.getItem(THEME) ?? "";
  document.querySelector("#theme").addEventListener("click", () => {
    const dark = getComputedStyle(root).colorScheme === "dark" ||
      (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = dark ? "light" : "dark";
    localStorage.setItem(THEME, root.dataset.theme);
  });
}

/** On a narrow screen one client is shown at a time, and one side of the coach. */
function setUpTabs() {
  for (const group of document.querySelectorAll(".tabs")) {
    const tabs = [...group.querySelectorAll("button")];
    for (const tab of tabs) {
      tab.addEventListener("click", () => {
        const [kind, one] = tab.dataset.tab.split(" ");
        document.querySelector(".stage").dataset[kind] = one;
        for (const other of tabs) other.setAttribute("aria-pressed", String(other === tab));
        for (const phone of phones.values()) phone.toEnd();
        if (kind === "client") showLog(`${one}-2026`);
      });
    }
  }
}

/** Follow the stream; a page nobody sees lets go of it, for browsers have few connections. */
function listen() {
  let stream = null;
  let away = null;
  const on = (event, draw) =>
    stream.addEventListener(event, (message) => draw(JSON.parse(message.data)));
  const end = () => {
    stream?.close();
    stream = null;
  };
  const begin = () => {
    if (stream) return;
    stream = new EventSource(`/demo/live?lang=${lang}`);
    on("phone", (shown) => phones.get(shown.phone).draw(shown.screen, shown.fates));
    on("telephone", drawTelephone);
    on("log", drawLog);
    on("network", drawNetwork);
    on("scene", drawScene);
    stream.addEventListener("open", () => {
      away?.remove();
      away = null;
    });
    stream.addEventListener("error", () => {
      if (!away) {
        away = el("p", { className: "away", role: "alert" }, say("away"));
        document.body.prepend(away);
      }
    });
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? end() : begin()));
  addEventListener("pagehide", end);
  addEventListener("pageshow", begin);
  begin();
}

setUpTheme();
setUpTabs();
setUpLogs();
setUpNetworks(complain);
setUpTelephones(complain);
setUpTour(complain);
await setUpPhones();
listen();
