// The menu: another device, sign out elsewhere, sign out here.

import { post } from "./api.js";
import { $, ask, say, trouble, who } from "./page.js";

function drawn(rows) {
  const scale = 6;
  const quiet = 4;
  const canvas = $("code-drawn");
  canvas.width = canvas.height = (rows.length + 2 * quiet) * scale;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  rows.forEach((row, y) => {
    [...row].forEach((bit, x) => {
      if (bit === "1") pen.fillRect((x + quiet) * scale, (y + quiet) * scale, scale, scale);
    });
  });
}

async function another() {
  const { status, body } = await post("device");
  if (status !== 200) return trouble(say("refused"));
  drawn(body.drawn);
  $("code-lead").textContent = say("link_lead", { minutes: body.minutes });
  $("code-text").textContent = body.code;
  $("code-url").textContent = body.url;
  $("code-url").href = body.url;
  $("code").showModal();
}

async function others() {
  const { status, body } = await post("devices/end");
  if (status === 200) trouble(say("signed_out_others", { count: body.count }));
}

async function leave() {
  if (!(await ask(say("sign_out_sure"), say("sign_out")))) return;
  const { status } = await post("leave");
  if (status === 200 || status === 401) {
    localStorage.removeItem(`webchat-outbox-${who}`);
    location.assign("/chat/join");
  }
}

export function devices() {
  const doing = { device: another, others, leave };
  for (const [id, call] of Object.entries(doing)) {
    $(id).addEventListener("click", async () => {
      $("menu").open = false;
      try {
        await call();
      } catch {
        trouble(say("offline"));
      }
    });
  }
  $("code-end").addEventListener("click", () => $("code").close());
}
