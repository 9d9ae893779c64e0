// The page of web chat: loads, listens, and does what the buttons say.

import { call, newId, post, put } from "./api.js";
import { plain } from "./lines.js";
import { devices } from "./devices.js";
import { Outbox } from "./outbox.js";
import { $, ask, conversation, maxBytes, say, trouble, who } from "./page.js";
import { recorder } from "./recorder.js";
import { Room } from "./room.js";

const SILENT = 20000; // milliseconds without a sign of life; the server gives one every five seconds
const TYPING = 7000; // milliseconds for which a sign that somebody writes is shown
const PICTURES = new Set(["image/jpeg", "image/png", "image/webp", "image/gif"]);

let cursor = 0;
let more = false;
let loading = false;
let source = null;
let heard = 0;
let typing = 0; // until when the other one writes
let wrote = 0; // when we last told that we write
let chosen = Promise.resolve();
let about = null; // {kind: "reply" | "edit", line}
const told = { delivered: new Set(), read: new Set() };
const files = new Map(); // id of an act -> what is uploaded for it

const acts = {
  choose(line, option) {
    outbox.add({ type: "choice", id: newId(), target: line.id, ref: line.ref, key: option.key });
    room.put([{ ...line, chosen: option.key }]);
  },
  react(line, emoji) {
    const own = new Set((line.reactions ?? []).filter((one) => one.mine).map((one) => one.emoji));
    if (!own.delete(emoji)) own.add(emoji);
    outbox.add({ type: "reaction", id: newId(), target: line.id, emoji: [...own] });
  },
  reply(line) {
    setAbout({ kind: "reply", line });
  },
  edit(line) {
    setAbout({ kind: "edit", line });
    $("text").value = plain(line.body);
    grow();
  },
  async remove(line) {
    if (await ask(say("delete_sure"), say("delete"))) {
      outbox.add({ type: "delete", id: newId(), target: line.id });
    }
  },
  forget(line) {
    outbox.forget(line.key.slice(1));
    files.delete(line.key.slice(1));
    room.drop(line.key);
  },
};

const room = new Room(acts, (line) => tell("read", [line]));
const outbox = new Outbox(echo);

// -- what was written here, until the log shows it -------------------------------------------------

function echo(item) {
  if (!item.line) return;
  const id = item.act.id;
  if (shownAlready(id)) return;
  const state = { waiting: "sending", kept: "kept", refused: "failed" }[item.state];
  const offline = item.state === "waiting" && !navigator.onLine;
  const line = { ...item.line, key: `p${id}`, at: item.at, mine: true, state };
  if (offline) line.progress = say("not_sent");
  if (item.state === "refused") line.failed = say("refused");
  room.put([line]);
}

function shownAlready(id) {
  for (const { line } of room.lines.values()) if (line.seq && line.id === id) return true;
  return false;
}

function settle(lines) {
  for (const line of lines) {
    if (!line.mine || !line.id) continue;
    outbox.forget(line.id);
    room.drop(`p${line.id}`);
  }
}

// -- reading ---------------------------------------------------------------------------------------

const query = (values) => new URLSearchParams({ ...(conversation && { conversation }), ...values });

function take(page, options) {
  settle(page.lines);
  room.put([...page.lines, ...(page.notes ?? [])], options);
  tell("delivered", page.lines);
}

async function load() {
  room.status(say("connecting"), "waiting");
  for (let wait = 500; ; wait = Math.min(wait * 2, 15000)) {
    try {
      const { status, body } = await call(`messages?${query({})}`);
      if (status === 401) return gone();
      if (status === 200) {
        for (const item of outbox.items) echo(item);
        take(body);
        cursor = body.cursor;
        more = body.more;
        room.beginning(more);
        room.toEnd();
        room.nearTop = older;
        return listen();
      }
    } catch {
      room.status(say("offline"), "offline");
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

async function older() {
  if (!more || loading) return;
  loading = true;
  $("older").textContent = say("loading");
  try {
    const { status, body } = await call(`messages?${query({ before: room.oldest })}`);
    if (status === 200) {
      more = body.more;
      take({ lines: body.lines }, { quiet: true });
    }
  } catch {
    // Scrolling on tries again.
  }
  loading = false;
  room.beginning(more);
}

function listen() {
  source?.close();
  source = new EventSource(`/chat/events?${query({ after: cursor })}`);
  heard = Date.now();
  source.onopen = () => {
    heard = Date.now();
    room.status(say("connected"), "on");
    outbox.flush();
  };
  source.addEventListener("lines", (event) => {
    heard = Date.now();
    const page = JSON.parse(event.data);
    take({ ...page, lines: page.lines.filter((line) => room.reaches(line, more)) });
    cursor = page.cursor;
  });
  source.addEventListener("notes", (event) => {
    heard = Date.now();
    room.put(JSON.parse(event.data).notes);
  });
  source.addEventListener("typing", () => {
    heard = Date.now();
    room.status(say("typing"), "on");
    clearTimeout(typing);
    typing = setTimeout(() => room.status(say("connected"), "on"), TYPING);
  });
  source.addEventListener("alive", () => {
    heard = Date.now();
  });
  source.addEventListener("changed", () => location.reload());
  source.onerror = () => {
    room.status(say(navigator.onLine ? "connecting" : "offline"), "offline");
    if (source.readyState === EventSource.CLOSED) setTimeout(again, 2000);
  };
}

// After sleep or a dead line: go on where the cursor is. Hearing a thing twice does no harm.
async function again() {
  try {
    const { status } = await call(`messages?${query({ after: cursor })}`);
    if (status === 401) return gone();
    if (status === 200) return listen();
  } catch {
    room.status(say("offline"), "offline");
  }
  setTimeout(again, 3000);
}

function gone() {
  source?.close();
  room.status(say("ended"), "offline");
  setTimeout(() => location.assign("/chat/join"), 1500);
}

function tell(state, lines) {
  const news = lines.filter((line) => !line.mine && line.seq && line.id && !told[state].has(line.id))
    .filter((line) => line.arrived === "sent" || (state === "read" && line.arrived !== "read"));
  for (const line of news) told[state].add(line.id);
  for (let at = 0; at < news.length; at += 100) {
    const targets = news.slice(at, at + 100).map((line) => line.id);
    outbox.add({ type: "seen", id: newId(), state, targets });
  }
}

// -- writing ---------------------------------------------------------------------------------------

function setAbout(what) {
  about = what;
  $("about").hidden = !what;
  if (what) {
    const name = what.line.mine ? say("you") : what.line.name || say("bridge");
    $("about-what").textContent = say(what.kind === "edit" ? "editing" : "replying", { name });
    $("about-text").textContent = plain(what.line.body).slice(0, 140) || what.line.file?.name || "";
  }
  $("text").focus();
}

const DRAFT = `webchat-draft-${who}-${conversation}`;

function grow() {
  const field = $("text");
  if (!about || about.kind === "reply") sessionStorage.setItem(DRAFT, field.value);
  field.style.height = "auto";
  field.style.height = `${Math.min(field.scrollHeight + 2, 160)}px`;
}

function write() {
  const field = $("text");
  const text = field.value.trim();
  if (!text) return;
  trouble("");
  const id = newId();
  if (about?.kind === "edit") {
    outbox.add({ type: "edit", id, target: about.line.id, text });
  } else {
    const act = { type: "message", id, text };
    const line = { kind: "text", body: [text] };
    answered(act, line);
    outbox.add(act, line);
  }
  field.value = "";
  grow();
  setAbout(null);
  room.toEnd();
}

function answered(act, line) {
  if (about?.kind !== "reply") return;
  act.reply_to = about.line.id;
  const name = about.line.mine ? say("you") : about.line.name;
  line.reply = { name, text: plain(about.line.body).slice(0, 140), file: about.line.file?.name };
}

function kindOf(blob, voice) {
  if (voice) return "voice";
  if (PICTURES.has(blob.type)) return "photo";
  const kind = blob.type.split("/")[0];
  return ["audio", "video"].includes(kind) ? kind : "file";
}

async function measured(blob) {
  if (!PICTURES.has(blob.type) || !window.createImageBitmap) return {};
  try {
    const { width, height } = await createImageBitmap(blob);
    return { width, height };
  } catch {
    return {};
  }
}

// In the order in which they were chosen.
function sendFile(...file) {
  chosen = chosen.then(() => beginFile(...file));
}

async function beginFile(blob, name, seconds = 0, voice = false) {
  trouble("");
  if (blob.size > maxBytes) return trouble(say("too_large"));
  const id = newId();
  const kind = kindOf(blob, voice);
  const mime = /^[a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,80}$/.test(blob.type) ? blob.type : "application/octet-stream";
  const file = { id, kind, mime, name: name.slice(-200), size: blob.size, seconds, ...(await measured(blob)) };
  const show = { photo: "image", voice: "audio", audio: "audio", video: "video", file: "save" }[kind];
  const act = { type: "message", id, text: "", file };
  const line = { kind: "file", body: [], file: { ...file, show, voice, local: URL.createObjectURL(blob) } };
  answered(act, line);
  setAbout(null);
  files.set(id, { blob, line, act, at: new Date().toISOString() });
  room.toEnd();
  await uploadOne(id);
}

async function uploadOne(id, wait = 1000) {
  const item = files.get(id);
  if (!item) return;
  const shown = (more) => room.put([{ ...item.line, key: `p${id}`, at: item.at, mine: true, state: "sending", ...more }]);
  const name = item.act.file.name || say(item.act.file.kind === "voice" ? "voice" : "file");
  shown({ progress: say("sending") });
  let status = 0;
  try {
    const progress = (part) => shown({ progress: say("uploading", { name, percent: Math.round(part * 100) }) });
    ({ status } = await put(`uploads/${id}`, item.blob, progress));
  } catch {
    status = 0;
  }
  if (status === 201) {
    files.delete(id);
    outbox.add(item.act, item.line);
  } else if (status === 413 || status === 400) {
    files.delete(id);
    shown({ state: "failed", failed: say(status === 413 ? "too_large" : "refused") });
  } else if (status === 401) gone();
  else {
    shown({ progress: say("not_sent") });
    await new Promise((resolve) => setTimeout(resolve, wait));
    await uploadOne(id, Math.min(wait * 2, 30000));
  }
}

// Tell that we write, now and then; that it is heard is of no importance.
function writing() {
  if (Date.now() - wrote < TYPING || !$("text").value) return;
  wrote = Date.now();
  post("typing").catch(() => {});
}

// -- begin -----------------------------------------------------------------------------------------

function begin() {
  if ($("compose")) {
    $("compose").addEventListener("submit", (event) => {
      event.preventDefault();
      write();
    });
    $("text").value = sessionStorage.getItem(DRAFT) ?? "";
    $("text").addEventListener("input", grow);
    $("text").addEventListener("input", writing);
    $("text").addEventListener("keydown", (event) => {
      const touch = matchMedia("(pointer: coarse)").matches;
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touch) {
        event.preventDefault();
        write();
      }
      if (event.key === "Escape" && about) setAbout(null);
    });
    $("text").addEventListener("paste", (event) => {
      for (const file of event.clipboardData.files) sendFile(file, file.name);
    });
    $("file").addEventListener("change", () => {
      for (const file of $("file").files) sendFile(file, file.name);
      $("file").value = "";
    });
    $("about-end").addEventListener("click", () => setAbout(null));
    recorder((blob, seconds) => sendFile(blob, "", seconds, true));
  }
  $("older").addEventListener("click", older);
  devices();
  document.addEventListener("click", (event) => {
    for (const open of document.querySelectorAll("details.actions[open], details.menu[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector("details.actions[open], details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
  const back = () => document.visibilityState === "visible" && Date.now() - heard > SILENT && source && again();
  document.addEventListener("visibilitychange", back);
  window.addEventListener("pageshow", back);
  window.addEventListener("online", () => source && again());
  window.addEventListener("offline", () => room.status(say("offline"), "offline"));
  setInterval(back, 5000);
  load();
}

begin();
