// The wire from a browser: calls signed with TC3-HMAC-SHA256, uploads signed as COS wants them.
const VOD = { service: "vod", version: "2018-07-17" };
/** The few actions that are not the vendor's. */
export const OWN = { service: "openvod", version: "2026-11-01" };
const text = new TextEncoder();

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const digest = async (name, value) => hex(await crypto.subtle.digest(name, text.encode(value)));

async function hmac(name, key, value) {
  const bytes = typeof key === "string" ? text.encode(key) : key;
  const made = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: name }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", made, text.encode(value));
}

export class WireError extends Error {
  constructor(code, message) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** Why calls cannot be signed here, or "" when they can. */
export function obstacle() {
  return globalThis.crypto?.subtle ? "" : "Browsers sign only over https or on localhost; open this page there.";
}

/** One API call; `key` is {secretId, secretKey}. Resolves to the answer's fields, rejects with WireError. */
export async function call(key, action, params, api = VOD) {
  const body = JSON.stringify(params);
  const timestamp = Math.floor(Date.now() / 1000);
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const canonical = ["POST", "/", "", `content-type:application/json\nhost:${location.host}\n`, "content-type;host",
    await digest("SHA-256", body)].join("\n");
  const scope = `${date}/${api.service}/tc3_request`;
  const toSign = ["TC3-HMAC-SHA256", timestamp, scope, await digest("SHA-256", canonical)].join("\n");
  let derived = await hmac("SHA-256", `TC3${key.secretKey}`, date);
  derived = await hmac("SHA-256", await hmac("SHA-256", derived, api.service), "tc3_request");
  const signature = hex(await hmac("SHA-256", derived, toSign));
  const answer = await fetch("/", {
    method: "POST",
    body,
    headers: {
      "Content-Type": "application/json",
      "X-TC-Action": action,
      "X-TC-Version": api.version,
      "X-TC-Timestamp": String(timestamp),
      "X-TC-Language": navigator.language.startsWith("zh") ? "zh-CN" : "en-US",
      Authorization: `TC3-HMAC-SHA256 Credential=${key.secretId}/${scope}, SignedHeaders=content-type;host, Signature=${signature}`,
    },
  });
  const { Response: fields } = await answer.json();
  if (fields.Error) throw new WireError(fields.Error.Code, fields.Error.Message);
  return fields;
}

/** Uploads a File the way upload SDKs do: ApplyUpload, one COS PUT, CommitUpload. Resolves to the FileId. */
export async function upload(key, subApp, file, progress) {
  const extension = /\.([A-Za-z0-9]{1,10})$/.exec(file.name)?.[1] ?? "mp4";
  const applied = await call(key, "ApplyUpload", { ...subApp, MediaType: extension, MediaName: file.name });
  await put(applied, file, progress);
  return (await call(key, "CommitUpload", { ...subApp, VodSessionKey: applied.VodSessionKey })).FileId;
}

async function put(applied, file, progress) {
  const { SecretId: id, SecretKey: secret, Token: token } = applied.TempCertificate;
  const now = Math.floor(Date.now() / 1000);
  const span = `${now - 60};${now + 3600}`;
  const signKey = hex(await hmac("SHA-1", secret, span));
  const toSign = `sha1\n${span}\n${await digest("SHA-1", `put\n${applied.MediaStoragePath}\n\n\n`)}\n`;
  const signature = hex(await hmac("SHA-1", signKey, toSign));
  const authorization = `q-sign-algorithm=sha1&q-ak=${id}&q-sign-time=${span}&q-key-time=${span}`
    + `&q-header-list=&q-url-param-list=&q-signature=${signature}`;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch has no upload progress
    request.open("PUT", applied.MediaStoragePath);
    request.setRequestHeader("Authorization", authorization);
    request.setRequestHeader("x-cos-security-token", token);
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => (request.status === 200 ? resolve() : reject(new Error(request.responseText)));
    request.onerror = () => reject(new Error("the upload was interrupted"));
    request.send(file);
  });
}
