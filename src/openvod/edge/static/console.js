// The console: sign in, drop a file, watch its task, see what came out. Everything shown comes from API answers.
import { call, obstacle, OWN, upload } from "/console/wire.js";

const REFRESH = 1500;
const $ = (id) => document.getElementById(id);
let key = null;
let subApp = {};
let chosen = "";
let shown = "";
let timer = 0;
let playing = { fileId: "", player: null };

/** An element; strings become text, never markup: names and subtitles come from strangers. */
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

async function signIn(candidate) {
  const { SubAppIdInfoSet: apps } = await call(candidate, "DescribeSubAppIds", {});
  const own = apps.find((app) => !candidate.subAppId || app.SubAppId === Number(candidate.subAppId));
  if (!own) throw new Error(`There is no application ${candidate.subAppId}.`);
  key = candidate;
  subApp = { SubAppId: own.SubAppId };
  sessionStorage.setItem("key", JSON.stringify(candidate));
  $("sign-in").hidden = true;
  $("desk").hidden = $("sign-out").hidden = false;
  $("who").textContent = `${candidate.secretId} · ${own.SubAppId}`;
  await refresh();
}

async function refresh() {
  clearTimeout(timer);
  if (!key) return;
  try {
    const { TaskSet: tasks } = await call(key, "DescribeTasks", { ...subApp, Limit: 50 });
    $("tasks").replaceChildren(...tasks.map(row));
    if (!chosen && tasks.length) chosen = tasks[0].TaskId;
    if (chosen) await show(chosen);
    $("error").textContent = "";
  } catch (error) {
    $("error").textContent = error.message;
  }
  timer = setTimeout(refresh, REFRESH);
}

function row(task) {
  const button = make("button", { onclick: () => { chosen = task.TaskId; refresh(); } },
    make("span", {}, task.CreateTime.replace("T", " ").replace("Z", "")),
    make("span", { className: `state ${task.Status}` }, task.Status),
    make("small", {}, `file ${task.FileId}`));
  button.setAttribute("aria-current", String(task.TaskId === chosen));
  return make("li", {}, button);
}

async function show(taskId) {
  const detail = await call(key, "DescribeTaskDetail", { TaskId: taskId });
  const task = detail.ProcessMediaByMPSTask;
  const state = JSON.stringify([taskId, detail.Status, task.SubTaskSet.map((part) => part.Status)]);
  if (state === shown) return; // a playing video must not be rebuilt under the viewer
  const subTaskOwner = await mediaOf(taskId);
  const parts = await Promise.all(task.SubTaskSet.map(section));
  const exports = await timelines(taskId, detail.Status);
  if (taskId !== chosen) return;
  shown = state;
  const player = subTaskOwner && playerOf(subTaskOwner, parts.find((part) => part.cues));
  $("detail").replaceChildren(
    make("h2", {}, subTaskOwner?.BasicInfo.Name ?? "The file was deleted"),
    make("p", { className: "quiet" }, taskId),
    ...(player ? [player] : []),
    ...parts.map((part) => part.render(player)),
    ...exports,
    make("details", {}, make("summary", {}, "The answer of DescribeTaskDetail"),
      make("pre", {}, JSON.stringify(detail, null, 2))));
}

/** What was found in the video as files for editing programs and players: a link for each list and format. */
async function timelines(taskId, status) {
  if (status !== "FINISH") return [];
  const links = new Map();
  for (const format of ["edl", "otio", "chapters"]) {
    const { TimelineSet: found } = await call(key, "DescribeTimelines", { TaskId: taskId, Format: format }, OWN);
    for (const each of found) {
      const file = URL.createObjectURL(new Blob([each.Content], { type: each.ContentType }));
      const link = make("a", { href: file, download: each.FileName }, format.toUpperCase());
      links.set(each.Name, [...(links.get(each.Name) ?? [`${each.Name} (${each.Count}) `]), link, " "]);
    }
  }
  const rows = [...links.values()].map((row) => make("li", {}, ...row));
  return rows.length ? [make("section", {}, make("h2", {}, "Timelines"), make("ul", { className: "timelines" }, ...rows))] : [];
}

async function mediaOf(taskId) {
  const { TaskSet: tasks } = await call(key, "DescribeTasks", { ...subApp, Limit: 50 });
  const fileId = tasks.find((task) => task.TaskId === taskId)?.FileId;
  if (!fileId) return null;
  const found = await call(key, "DescribeMediaInfos", { ...subApp, FileIds: [fileId] });
  return found.MediaInfoSet[0] ?? null;
}

/** The player of a file: the one that is there as long as it is the same file, so that it plays on while its task goes on. */
function playerOf(media, subtitled) {
  const tag = { Video: "video", Audio: "audio" }[media.BasicInfo.Category];
  if (!tag) return null;
  if (playing.fileId !== media.FileId) {
    playing.player?.removeAttribute("src");
    playing.player?.load(); // lets go of its connection
    playing = { fileId: media.FileId, player: make(tag, { crossOrigin: "anonymous", controls: true, preload: "metadata" }) };
    playing.player.src = media.BasicInfo.MediaUrl;
  }
  const { player } = playing;
  if (subtitled?.url && !player.querySelector("track")) {
    player.append(make("track", { kind: "subtitles", src: subtitled.url, label: "Subtitles", default: true }));
    player.textTracks[0].mode = "showing"; // `default` only counts for tracks that were there when the file was chosen
  }
  return player;
}

/** One sub-task: what it made, and how to draw it. */
async function section(part) {
  const output = part.Output.OutputText ? JSON.parse(part.Output.OutputText) : {};
  const vtt = output.SubtitlePath?.split("?")[0].endsWith(".vtt") ? output.SubtitlePath : "";
  const head = () => make("h2", {}, `${part.TaskType} `, make("span", { className: `state ${part.Status}` }, part.Status));
  const body = (player) => [
    ...(part.Status === "FAIL" ? [make("p", { className: "error" }, part.Message)] : []),
    ...(output.TagSet ? [tags(output.TagSet)] : []),
    ...(output.SegmentSet ? [cues(output.SegmentSet, player)] : []),
    ...part.Output.OutputFiles.map((file) => make("p", {}, make("a", { href: file.Url, download: "" }, file.FileType))),
  ];
  return { cues: Boolean(vtt), url: vtt, render: (player) => make("section", {}, head(), ...body(player)) };
}

function tags(set) {
  return make("ul", { className: "tags" }, ...set.map((tag) =>
    make("li", { title: tag.SpecialInfo ?? "" }, `${tag.Tag} `, make("small", {}, `${Math.round(tag.Confidence)} %`))));
}

function cues(set, player) {
  return make("ol", { className: "cues" }, ...set.map((cue) => make("li", {}, make("button", {
    onclick: () => { if (player) { player.currentTime = cue.StartTimeOffset; player.play(); } },
  }, make("time", {}, clock(cue.StartTimeOffset)), make("span", {}, cue.Text)))));
}

function clock(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 22);
}

async function take(file) {
  const bar = $("upload-progress");
  const wanted = new Set([...$("wanted").querySelectorAll("input:checked")].map((box) => box.name));
  bar.hidden = false;
  try {
    const fileId = await upload(key, subApp, file, (done) => { bar.value = done; });
    const asked = {
      ...(wanted.has("subtitles") ? { SmartSubtitlesTask: { Definition: 200 } } : {}),
      ...(wanted.has("tags") ? { AiAnalysisTask: { Definition: 21 } } : {}),
    };
    chosen = (await call(key, "ProcessMediaByMPS", { ...subApp, FileId: fileId, ...asked })).TaskId;
    await refresh();
  } catch (error) {
    $("error").textContent = error.message;
  }
  bar.hidden = true;
}

$("sign-in").onsubmit = async (event) => {
  event.preventDefault();
  try {
    await signIn(Object.fromEntries(new FormData(event.target)));
  } catch (error) {
    $("sign-in-error").textContent = error.message;
  }
};
$("sign-out").onclick = () => { sessionStorage.clear(); location.reload(); };
$("file").onchange = (event) => event.target.files[0] && take(event.target.files[0]);
for (const name of ["dragover", "dragleave", "drop"]) {
  $("drop").addEventListener(name, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
}
$("sign-in").hidden = false;
$("sign-in-error").textContent = obstacle();
const kept = sessionStorage.getItem("key");
if (kept && !obstacle()) signIn(JSON.parse(kept)).catch((error) => { $("sign-in-error").textContent = error.message; });
