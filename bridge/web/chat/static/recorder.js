// Voice notes: recorded in the page, sent as a file.

import { $, say, trouble } from "./page.js";

const KINDS = ["audio/ogg;codecs=opus", "audio/mp4", "audio/webm;codecs=opus", "audio/webm"];
const LONGEST = 600;

export function recorder(done) {
  const button = $("record");
  if (!button) return;
  if (!window.MediaRecorder || !navigator.mediaDevices?.getUserMedia) {
    button.hidden = true;
    return;
  }
  let media = null;
  let stream = null;
  let began = 0;
  let ticking = 0;
  let keep = false;
  const seconds = () => Math.round((Date.now() - began) / 1000);

  function tick() {
    const now = seconds();
    $("clock").textContent = `${Math.floor(now / 60)}:${String(now % 60).padStart(2, "0")}`;
    if (now >= LONGEST) {
      trouble(say("record_long"));
      finish(true);
    }
  }

  function show(on) {
    $("recording").hidden = !on;
    $("compose").hidden = on;
    (on ? $("record-send") : $("record")).focus();
  }

  async function start() {
    trouble("");
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      trouble(say("record_refused"));
      return;
    }
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    media = new MediaRecorder(stream, mimeType ? { mimeType } : {});
    const pieces = [];
    media.ondataavailable = (event) => pieces.push(event.data);
    media.onstop = () => {
      for (const track of stream.getTracks()) track.stop();
      clearInterval(ticking);
      show(false);
      const blob = new Blob(pieces, { type: media.mimeType.split(";")[0] });
      if (keep && blob.size) done(blob, Math.max(1, seconds()));
    };
    began = Date.now();
    tick();
    ticking = setInterval(tick, 500);
    media.start(1000);
    show(true);
  }

  function finish(send) {
    keep = send;
    if (media?.state === "recording") media.stop();
  }

  button.addEventListener("click", start);
  $("record-end").addEventListener("click", () => finish(false));
  $("record-send").addEventListener("click", () => finish(true));
  $("recording").addEventListener("keydown", (event) => {
    if (event.key === "Escape") finish(false);
  });
}
