// A trajectory's page: what is new comes in, what is older is asked for, and words go out.
const room = document.getElementById("room");
const list = document.getElementById("timeline");
const older = document.getElementById("older");
const live = document.getElementById("live");
const words = document.getElementById("words").dataset;
const { base, csrf } = room.dataset;
const root = document.scrollingElement;
let seq = Number(room.dataset.seq);
let more = room.dataset.more === "1";
const newest = room.dataset.newest === "1";

const atEnd = () => root.scrollHeight - root.scrollTop - innerHeight < 160;
const toEnd = () => root.scrollTo({ top: root.scrollHeight });
const post = (path, form) => fetch(base + path, {
  method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(form),
});
const parts = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return [...holder.content.children];
};

// The same day is named once, wherever the parts come from.
function tidyDays() {
  let last = "";
  for (const day of list.querySelectorAll(".day")) {
    if (day.dataset.day === last) day.remove();
    else last = day.dataset.day;
  }
}

async function part(query) {
  const answer = await fetch(`${base}/entries?${query}`);
  if (answer.status === 401 || answer.status === 404) location.reload();
  if (!answer.ok) throw new Error(String(answer.status));
  return { nodes: parts(await answer.text()), seq: Number(answer.headers.get("x-seq")), more: answer.headers.get("x-more") === "1" };
}

let catching = null;
async function catchUp() {
  if (catching) { catching.again = true; return; }
  catching = { again: false };
  const stay = !atEnd();
  try {
    for (;;) {
      catching.again = false;
      const got = await part(`after=${seq}`);
      place(got.nodes);
      seq = Math.max(seq, got.seq);
      if (!got.more && !catching.again) break;
    }
  } finally { catching = null; }
  if (!stay) toEnd();
  sawIt();
}

function place(nodes) {
  let day = null;
  for (const node of nodes) {
    if (node.matches(".day")) { day = node; continue; }
    const known = document.getElementById(node.id);
    if (known) {
      const focused = known === document.activeElement;
      known.replaceWith(node);
      if (focused) node.focus();
    } else if (newest && Number(node.dataset.seq) > lastSeq()) {
      document.querySelector(".log .empty")?.remove();
      node.classList.add("fresh");
      if (day) list.append(day);
      list.append(node);
    }
    day = null;
  }
  tidyDays();
}
const lastSeq = () => Number(list.lastElementChild?.dataset.seq ?? 0);

let asking = false;
async function earlier() {
  if (!more || asking) return;
  const first = list.querySelector(".e");
  if (!first) return;
  asking = true;
  try {
    const got = await part(`before=${first.dataset.seq}`);
    const from = root.scrollHeight - root.scrollTop;
    list.prepend(...got.nodes);
    tidyDays();
    root.scrollTop = root.scrollHeight - from;
    more = got.more;
    older.hidden = !more;
  } catch { older.hidden = false; } finally { asking = false; }
}
older.addEventListener("click", (event) => { event.preventDefault(); earlier(); });

let told = 0;
function sawIt() {
  if (document.hidden || seq <= told || !newest) return;
  told = seq;
  post("/seen", { csrf, reply_to: String(seq) }).catch(() => { told = 0; });
}
document.addEventListener("visibilitychange", sawIt);

const events = new EventSource(`${base}/events`);
events.addEventListener("open", () => { live.textContent = words.live; });
events.addEventListener("error", () => { live.textContent = words.away; });
events.addEventListener("grown", (event) => {
  if (Number(event.data.split(" ").pop()) !== seq) catchUp().catch(() => { live.textContent = words.away; });
});
addEventListener("pagehide", () => events.close());

const about = document.getElementById("about");
const wide = matchMedia("(min-width: 60rem)");
const fold = () => { about.open = wide.matches; };
wide.addEventListener("change", fold);
fold();

// Pictures take their room when they come; whoever was at the end stays there.
let stuck = newest && !location.hash;
addEventListener("scroll", () => {
  stuck = atEnd();
  if (root.scrollTop < 800) earlier();
}, { passive: true });
new ResizeObserver(() => { if (stuck) toEnd(); }).observe(list);

if (location.hash) document.querySelector(location.hash.match(/^#e-\d+$/) ? location.hash : "#none")?.classList.add("now");
else if (newest) toEnd();
sawIt();

// the composer
const form = document.getElementById("say");
if (form) {
  const { text, reply_to: replyTo, attachment, voice, seconds, key } = form.elements;
  const said = document.getElementById("said");
  const note = document.getElementById("note");
  const send = document.getElementById("send");
  const answering = document.getElementById("answering");
  const holding = document.getElementById("holding");
  const file = document.getElementById("file");
  let editing = 0;

  const newKey = () => { key.value = [...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join(""); };
  const hold = (name) => { holding.hidden = !name; holding.querySelector("bdi").textContent = name; };
  const letGo = () => { attachment.value = voice.value = seconds.value = ""; hold(""); };
  const forget = () => { replyTo.value = ""; editing = 0; answering.hidden = true; };
  const show = (author, what) => {
    answering.querySelector("b").textContent = author;
    answering.querySelector("bdi").textContent = what;
    answering.hidden = false;
    text.focus();
  };

  async function upload(blob, name, isVoice, length) {
    if (blob.size > Number(room.dataset.max)) { said.textContent = words.big; return; }
    said.textContent = words.loading;
    const answer = await fetch(`${base}/files?name=${encodeURIComponent(name)}`, {
      method: "POST", headers: { "x-csrf": csrf, "content-type": blob.type || "application/octet-stream", accept: "application/json" }, body: blob,
    }).catch(() => null);
    if (!answer?.ok) { said.textContent = answer?.status === 413 ? words.big : words.failed; return; }
    attachment.value = (await answer.json()).id;
    voice.value = isVoice ? "1" : "";
    seconds.value = String(length);
    said.textContent = "";
    hold(name);
    text.focus();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim() && !attachment.value) { text.focus(); return; }
    send.disabled = true;
    const path = note.checked ? "/notes" : editing ? `/messages/${editing}` : "/messages";
    const body = new FormData(form);
    if (editing) body.set("what", "edit");
    const answer = await post(path, body).catch(() => null);
    send.disabled = false;
    if (!answer?.ok) { said.textContent = words.failed; return; }
    said.textContent = note.checked ? words.kept : words.sent;
    text.value = "";
    newKey(); forget(); letGo();
    await catchUp().catch(() => {});
    toEnd();
    text.focus();
  });

  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });
  note.addEventListener("change", () => {
    form.classList.toggle("noting", note.checked);
    text.placeholder = note.checked ? text.dataset.noteHint : form.dataset.hint ?? text.placeholder;
    send.textContent = note.checked ? send.dataset.note : send.dataset.send;
  });
  form.dataset.hint = text.placeholder;
  document.getElementById("unreply").addEventListener("click", () => { if (editing) text.value = ""; forget(); text.focus(); });
  document.getElementById("unhold").addEventListener("click", () => { letGo(); text.focus(); });

  document.getElementById("attach").addEventListener("click", () => file.click());
  file.addEventListener("change", () => { if (file.files[0]) upload(file.files[0], file.files[0].name, false, 0); file.value = ""; });
  text.addEventListener("paste", (event) => {
    const pasted = event.clipboardData?.files[0];
    if (pasted) { event.preventDefault(); upload(pasted, pasted.name, false, 0); }
  });

  const record = document.getElementById("record");
  const recordLabel = record.getAttribute("aria-label");
  let recorder = null;
  record.addEventListener("click", async () => {
    if (recorder) { recorder.stop(); return; }
    let stream;
    try { stream = await navigator.mediaDevices.getUserMedia({ audio: true }); } catch { said.textContent = words.mic; return; }
    const kind = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"].find((one) => MediaRecorder.isTypeSupported(one)) ?? "";
    const pieces = [];
    const began = performance.now();
    recorder = new MediaRecorder(stream, kind ? { mimeType: kind } : {});
    const clock = setInterval(() => { said.textContent = `${Math.round((performance.now() - began) / 1000)} s`; }, 500);
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", () => {
      clearInterval(clock);
      stream.getTracks().forEach((track) => track.stop());
      const type = (recorder.mimeType || "audio/webm").split(";")[0];
      recorder = null;
      record.setAttribute("aria-pressed", "false");
      record.setAttribute("aria-label", recordLabel);
      upload(new Blob(pieces, { type }), words.voice, true, Math.round((performance.now() - began) / 1000));
    });
    recorder.start();
    record.setAttribute("aria-pressed", "true");
    record.setAttribute("aria-label", record.dataset.stop);
  });

  const smile = document.getElementById("smile");
  const emoji = document.getElementById("emoji");
  smile.addEventListener("click", () => {
    emoji.hidden = !emoji.hidden;
    smile.setAttribute("aria-expanded", String(!emoji.hidden));
    if (!emoji.hidden) emoji.firstElementChild.focus();
  });
  emoji.addEventListener("click", (event) => {
    const one = event.target.closest("[data-emoji]");
    if (!one) return;
    text.setRangeText(one.dataset.emoji, text.selectionStart, text.selectionEnd, "end");
    text.focus();
  });

  const looks = document.getElementById("looks");
  document.getElementById("look").addEventListener("click", async () => {
    if (!text.value.trim() && !attachment.value) { text.focus(); return; }
    const answer = await fetch(`${base}/preview`, { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
    if (!answer?.ok) { said.textContent = words.failed; return; }
    document.getElementById("looks-body").innerHTML = await answer.text();
    looks.showModal();
  });

  const ask = document.getElementById("ask");
  const react = document.getElementById("react");
  const chosen = (dialog) => new Promise((resolve) => {
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
    dialog.showModal();
  });
  list.addEventListener("click", async (event) => {
    const on = event.target.closest("[data-reply], [data-react], [data-edit], [data-withdraw]");
    if (!on) return;
    event.preventDefault();
    const entry = on.closest(".e");
    const author = entry.querySelector(".by b")?.textContent ?? "";
    const body = entry.querySelector(".words")?.textContent ?? "";
    if (on.dataset.reply) {
      forget();
      replyTo.value = on.dataset.reply;
      show(author, body.slice(0, 90));
    } else if (on.dataset.edit) {
      forget();
      editing = Number(on.dataset.edit);
      text.value = body;
      show(words.changing, "");
    } else if (on.dataset.withdraw) {
      if (await chosen(ask) !== "yes") return;
      await post(`/messages/${on.dataset.withdraw}`, { csrf, what: "withdraw" });
      catchUp();
    } else {
      const emoji = await chosen(react);
      if (!emoji) return;
      await post(`/messages/${on.dataset.react}`, { csrf, what: "react", emoji: emoji === "-" ? "" : emoji });
      catchUp();
    }
  });
}
