// What every part of the page shares: the elements, the words, and how to make an element.
// Nothing here or elsewhere ever makes markup out of text: people's words are text nodes.

const data = JSON.parse(document.body.dataset.page);

export const who = data.who; // what waits in this browser belongs to one endpoint, and to no other
export const conversation = data.conversation;
export const language = data.language;
export const maxBytes = data.maxBytes;
export const $ = (id) => document.getElementById(id);

export function say(key, values = {}) {
  return data.texts[key].replace(/\{(\w+)\}/g, (all, name) => String(values[name] ?? all));
}

export function make(tag, { text, className, attributes, on } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes ?? {})) element.setAttribute(name, value);
  for (const [name, call] of Object.entries(on ?? {})) element.addEventListener(name, call);
  element.append(...children.filter(Boolean));
  return element;
}

export function trouble(text) {
  const place = $("trouble");
  if (!place) return;
  place.hidden = !text;
  place.textContent = text ?? "";
}

// Ask before something that cannot be taken back.
export function ask(text, yes) {
  const dialog = $("ask");
  $("ask-what").textContent = text;
  $("ask-yes").textContent = yes;
  dialog.showModal();
  return new Promise((resolve) => {
    const end = (answer) => () => {
      $("ask-yes").onclick = $("ask-no").onclick = dialog.oncancel = null;
      dialog.close();
      resolve(answer);
    };
    $("ask-yes").onclick = end(true);
    $("ask-no").onclick = dialog.oncancel = end(false);
  });
}
