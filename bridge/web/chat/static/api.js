// Calls to our own server. A call that got no answer throws; an answer is {status, body}.

export async function call(path, options = {}) {
  const answer = await fetch(`/chat/${path}`, { credentials: "same-origin", ...options });
  let body = {};
  try {
    body = await answer.json();
  } catch {
    body = {};
  }
  return { status: answer.status, body, retry: Number(answer.headers.get("Retry-After")) || 0 };
}

export const post = (path, body) =>
  call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });

// Send a file; fetch cannot tell how far it is, so this is an XMLHttpRequest.
export function put(path, blob, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/chat/${path}`);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onload = () => resolve({ status: request.status });
    request.onerror = () => reject(new Error("no answer"));
    request.ontimeout = request.onerror;
    request.send(blob);
  });
}

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // plain http has no randomUUID
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
