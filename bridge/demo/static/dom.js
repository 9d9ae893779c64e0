// Making elements: whatever people wrote becomes text, never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return an element; `about` are properties (or attributes with a dash), children are nodes or text. */
export function el(name, about = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(about)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.includes("-") || key === "role") made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

/** Return one of our icons; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `/demo/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Return a button that shows an icon and says `label`. */
export function iconButton(name, label, className = "icon") {
  return el("button", { type: "button", className, "aria-label": label, title: label }, icon(name));
}

export const lang = document.body.dataset.lang;
const words = JSON.parse(document.body.dataset.words);

/** Return a text of the page in its language, `{name}` filled in. */
export function say(key, params = {}) {
  return words[key].replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
}

/** Return an instant as hours and minutes. */
export function clock(iso) {
  return new Date(iso).toLocaleTimeString(lang === "en" ? "en-GB" : lang, { hour: "2-digit", minute: "2-digit" });
}

/** Send a write of this page; the reason is shown when it is refused. */
export async function post(path, value = {}) {
  const answer = await fetch(`${path}?lang=${lang}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(value),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error ?? answer.statusText);
  return found;
}

/** Keep a scrolled element at its end while `change` runs, unless the reader went back. */
export function keepingEnd(box, change) {
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  change();
  if (atEnd) box.scrollTop = box.scrollHeight;
}
