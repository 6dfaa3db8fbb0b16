"use strict";
const $ = (id) => document.getElementById(id);
const state = { language: localStorage.language || "zh", node: null, devices: [], incidents: [], streams: {}, links: { uplinks: [] }, chosen: null, key: sessionStorage.key || null, skew: 0, picked: null };
const text = (key, ...values) => (STRINGS[state.language][key] ?? key).replace(/\{(\d)\}/g, (_, i) => values[i] ?? "");
const STEPS = ["t2", "t3", "t4", "t5", "t5k", "t6", "t8", "t9"];

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

// ---------------------------------------------------------------- talking to the node
async function call(method, path, body) {
  const headers = state.key ? { Authorization: "Bearer " + state.key } : {};
  const answer = await fetch(path, { method, headers, body: body ? JSON.stringify(body) : undefined });
  if (answer.status === 401) { await askKey(); return call(method, path, body); }
  const type = answer.headers.get("content-type") || "";
  const value = type.startsWith("application/json") ? await answer.json() : await answer.blob();
  if (!answer.ok) throw value.error || { code: answer.status };
  return value;
}

function askKey() {
  return new Promise((resolve) => {
    const dialog = $("key");
    if (!dialog.open) dialog.showModal();
    dialog.addEventListener("close", () => { state.key = sessionStorage.key = $("secret").value.trim(); resolve(); }, { once: true });
  });
}

async function refresh() {
  const [incidents, streams, links] = await Promise.all([call("GET", "/api/v1/incidents"), call("GET", "/api/v1/streams"), call("GET", "/api/v1/links")]);
  state.incidents = incidents.incidents;
  state.streams = Object.fromEntries(streams.streams.map((stream) => [stream.name, stream]));
  state.links = links;
  if (!state.incidents.some((incident) => incident.id === state.chosen)) state.chosen = state.incidents[0]?.id ?? null;
  draw();
}

// EventSource cannot carry a key in a header, so the stream is read by hand.
async function follow() {
  for (;;) {
    try {
      state.node = await call("GET", "/api/v1/node");
      state.skew = state.node.boottimeNs / 1e6 - performance.now();
      state.devices = (await call("GET", "/api/v1/devices")).devices;
      await refresh();
      const answer = await fetch("/api/v1/events", { headers: state.key ? { Authorization: "Bearer " + state.key } : {} });
      if (!answer.ok || !answer.body) throw new Error("events");
      live(true);
      const reader = answer.body.getReader();
      let pending = null;
      for (;;) {
        const { done } = await reader.read();
        if (done) break;
        pending ??= setTimeout(() => { pending = null; refresh().catch(() => {}); }, 250);
      }
    } catch (error) { console.warn(error); }
    live(false);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

function live(on) { $("live").className = on ? "live on" : "live"; $("live").textContent = text(on ? "connected" : "reconnecting"); }

// ---------------------------------------------------------------- figures
const bootNow = () => performance.now() + state.skew;
const seconds = (value) => value === null || value === undefined ? "—" : value.toFixed(value < 100 ? 1 : 0) + " s";
const bracket = (value) => value ? `${value.lowerSeconds.toFixed(3)} … ${value.upperSeconds.toFixed(3)} s` : "—";
const clock = (ms) => { const s = Math.max(0, Math.floor(Math.abs(ms) / 1000)); return `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`; };
const started = (incident) => incident.steps.find((step) => step.id === "t1");
const step = (incident, id, device) => incident.steps.find((one) => one.id === id && (one.device === device || !one.device));
const limit = (incident) => (incident.limitSeconds ?? 1800) * 1000;

function advice(incident) {
  if (!incident) return [text("nextOpen"), ""];
  if (incident.closed) return [text("closed") + " · " + text(incident.verdict), incident.verdict === "pass" ? "good" : "warn"];
  const elapsed = bootNow() - started(incident).bootNs / 1e6;
  if (incident.province.countyBracket || incident.province.provinceBracket) return [text("nextDone"), "good"];
  if (elapsed > limit(incident)) return [text("nextLate"), "late"];
  const devices = incident.devices.filter((device) => device.eligible);
  const all = devices.length ? devices : incident.devices;
  const has = (id) => all.find((device) => incident.steps.some((one) => one.id === id && one.device === device.name));
  const tone = elapsed > limit(incident) * 2 / 3 ? "warn" : "";
  if (has("t6")) return (state.links.uplinks ?? []).some((link) => !link.up) ? [text("nextLink"), "warn"] : [text("nextUp"), tone];
  if (has("t5k")) return [text("nextCounty", has("t5k").name), tone];
  if (has("t5")) return [text("nextKey", has("t5").name), "warn"];
  return [text("nextCall", all.map((device) => device.name).join("、") || "—"), tone];
}

// ---------------------------------------------------------------- drawing
function draw() {
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  document.querySelectorAll("[data-text]").forEach((node) => { node.textContent = text(node.dataset.text); });
  $("language").textContent = text("other");
  if (state.node) $("node").textContent = `${state.node.node} · ${state.node.role}`;
  drawPick(); drawList(); drawLinks();
  const incident = state.incidents.find((one) => one.id === state.chosen);
  $("incident").replaceChildren(incident ? drawIncident(incident) : element("div", { className: "card" }, text("noIncident")));
  drawClock();
}

function drawPick() {
  const names = state.devices.map((device) => device.name);
  if (state.picked === names.join() + state.language) return;
  state.picked = names.join() + state.language;
  $("pick").replaceChildren(...(names.length ? names.map((name) => element("label", {}, element("input", { type: "checkbox", value: name, checked: true }), name)) : [element("span", { className: "quiet", textContent: text("noDevices") })]));
}

function drawList() {
  $("incidents").replaceChildren(...state.incidents.map((incident) => {
    const button = element("button", { type: "button", onclick: () => { state.chosen = incident.id; draw(); } },
      element("span", { textContent: incident.title }), element("span", { className: `badge ${incident.verdict}`, textContent: text(incident.verdict) }));
    button.setAttribute("aria-current", String(incident.id === state.chosen));
    return element("li", {}, button);
  }));
}

function drawLinks() {
  const links = state.links.uplinks ?? [];
  $("links").replaceChildren(...(links.length ? links.map((link) => element("li", {}, element("b", { textContent: link.name + " " }),
    element("span", { className: `badge ${link.up ? "pass" : "fail"}`, textContent: text(link.up ? "up" : "down") }),
    element("span", { className: "quiet", textContent: link.roundTripNs ? `  ${text("rtt")} ${(link.roundTripNs / 1e6).toFixed(1)} ms` : "" }))) : [element("li", { className: "quiet", textContent: text("noLinks") })]));
}

function drawIncident(incident) {
  const page = document.createDocumentFragment();
  page.append(element("div", { className: "top" },
    element("h1", { textContent: incident.title }), element("span", { className: `badge ${incident.verdict}`, textContent: text(incident.verdict) }),
    element("span", { className: "quiet", textContent: incident.id }), element("span", { className: "space" }),
    element("button", { type: "button", textContent: text("report"), onclick: () => openPage("reports", incident.id) }),
    element("button", { type: "button", textContent: text("inspect"), onclick: () => openPage("inspections", incident.id) }),
    incident.closed ? element("span", { className: "quiet", textContent: text("closed") }) : element("button", { type: "button", textContent: text("close"), onclick: () => act("POST", `/api/v1/incidents/${incident.id}/close`, {}) })));
  const clocks = element("div", { className: "clocks" });
  clocks.append(
    element("div", { className: "card" }, element("h2", { textContent: text("elapsed") }), element("div", { className: "big", id: "elapsed" }), element("div", { className: "bar", id: "bar" }, element("i")), element("div", { className: "quiet", id: "left" })),
    element("div", { className: "card" }, element("h2", { textContent: text("county") }), element("div", { className: "big", textContent: seconds(incident.county.seconds) }), element("div", { className: "quiet", textContent: incident.county.device ?? text("waiting") })),
    element("div", { className: "card" }, element("h2", { textContent: text("province") }), element("div", { className: "big", textContent: seconds(incident.province.countyBracket?.upperSeconds ?? incident.province.provinceBracket?.upperSeconds) }),
      element("div", { className: "quiet", textContent: `${text("countyBracket")} ${bracket(incident.province.countyBracket)}` }), element("div", { className: "quiet", textContent: `${text("provinceBracket")} ${bracket(incident.province.provinceBracket)}` }),
      element("div", { className: "quiet", textContent: `${text("grade")} ${incident.province.grade ?? "—"}` })));
  page.append(clocks, drawBreakdown(incident.breakdown), element("div", { className: "devices" }, ...incident.devices.map((device, index) => drawDevice(incident, device, index))));
  return page;
}

const PARTS = ["desk", "crew", "network", "keyFrame", "decode", "uplink"];

function drawBreakdown(made) {
  if (!made) return "";
  const words = PARTS.filter((part) => made[part] !== null).map((part) => element("span", {}, text("part_" + part) + " ", element(part === made.largest ? "mark" : "b", { textContent: seconds(made[part]) })));
  return words.length ? element("div", { className: "card figures", title: made.device }, element("span", { className: "quiet", textContent: `${text("breakdown")} ${made.device}` }), ...words) : "";
}

function drawDevice(incident, device, index) {
  const begin = started(incident).bootNs;
  const stream = state.streams[device.stream];
  const shot = element("div", { className: "shot" }, step(incident, "t6", device.name) ? null : text("waiting"));
  if (step(incident, "t6", device.name)) picture(shot, `/api/v1/snapshots/${state.node.node}-${incident.id}-${index}.jpg`, incident, device);
  const seen = step(incident, "t8", device.name);
  if (seen) shot.append(element("em", { textContent: "✓ " + text("provinceSnapshotNote") }));
  const steps = element("div", { className: "steps" }, ...STEPS.map((id) => {
    const taken = step(incident, id, device.name);
    return element("div", { className: taken ? "on" : "" }, element("b", { textContent: taken ? "+" + ((taken.bootNs - begin) / 1e9).toFixed(1) + "s" : "—" }), `${id} ${text(id)}`);
  }));
  const card = element("div", { className: "card" },
    element("div", { className: "top" }, element("b", { textContent: device.name }), element("span", { className: "quiet", textContent: [stream?.protocol, device.stream].filter(Boolean).join(" · ") }), element("span", { className: "space" }),
      element("span", { className: `badge ${stream?.state === "live" ? "pass" : "fail"}`, textContent: text(stream?.state === "live" ? "up" : "down") })),
    shot, steps, figures(stream?.quality?.inbound));
  if (device.preopened) card.append(element("div", { className: "quiet", textContent: text("preopened") }));
  if (!device.eligible) card.append(element("div", { className: "quiet", textContent: text("notCounted") }));
  if (!incident.closed) card.append(element("div", { className: "actions" }, ...[["acknowledged", "ack", "t3"], ["onScene", "onScene", "t4"]].map(([name, label, id]) =>
    element("button", { type: "button", textContent: text(label), disabled: Boolean(step(incident, id, device.name)), onclick: () => act("POST", `/api/v1/incidents/${incident.id}/steps`, { step: name, device: device.name }) }))));
  return card;
}

function figures(inbound) {
  if (!inbound) return element("div", { className: "figures", textContent: "—" });
  const one = (label, value) => element("span", {}, text(label) + " ", element("b", { textContent: value }));
  const clean = inbound.framesExpected ? `${inbound.framesClean}/${inbound.framesExpected}` : `${inbound.framesClean}/${inbound.framesReceived}`;
  return element("div", { className: "figures" },
    one("fps", clean), one("loss", inbound.packetsReordered === null ? "TCP" : `${inbound.packetsLost}/${inbound.packetsExpected}`),
    one("jitter", inbound.jitterMilliseconds === null ? "—" : inbound.jitterMilliseconds.toFixed(1) + " ms"),
    one("rtt", inbound.roundTripMilliseconds === null ? "—" : inbound.roundTripMilliseconds.toFixed(1) + " ms"), one("freeze", `${inbound.freezeCount} · ${inbound.freezeSeconds.toFixed(1)} s`));
}

const pictures = {};
async function picture(holder, path, incident, device) {
  try {
    pictures[path] ??= call("GET", path).then((blob) => URL.createObjectURL(blob));
    const image = element("img", { alt: text("snapshot"), src: await pictures[path] });
    holder.prepend(image);
    presented(image, incident, device);
  } catch { delete pictures[path]; }
}

// ---------------------------------------------------------------- shown: this browser's first presented picture, an event of its own and never t6
const viewer = sessionStorage.viewer ||= [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const told = new Set();

// For an image: decoded, in the page, and one frame later; for a video: the frame that the compositor was given.
async function presented(node, incident, device) {
  const what = node instanceof HTMLVideoElement ? "video" : "snapshot";
  const name = [incident.id, device.name, what].join("\n");
  if (incident.closed || told.has(name)) return;
  told.add(name);
  try {
    const at = await (what === "video" ? new Promise((resolve) => node.requestVideoFrameCallback((_, frame) => resolve(frame.presentationTime))) : painted(node));
    await call("POST", `/api/v1/incidents/${incident.id}/shown`, { device: device.name, what, viewer, ageMs: Math.max(0, Math.round(performance.now() - at)) });
  } catch { told.delete(name); }
}

async function painted(image) {
  await image.decode();
  if (document.hidden || !image.isConnected) throw new Error("not on the screen");
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return performance.now();
}

function drawClock() {
  const incident = state.incidents.find((one) => one.id === state.chosen);
  const [words, tone] = advice(incident);
  $("next").textContent = words;
  $("next").className = "next " + tone;
  if (!incident || !$("elapsed")) return;
  const end = incident.closed ? step(incident, "t10")?.bootNs / 1e6 : bootNow();
  const elapsed = end - started(incident).bootNs / 1e6;
  const left = limit(incident) - elapsed;
  $("elapsed").textContent = clock(elapsed);
  $("left").textContent = `${text(left >= 0 ? "remaining" : "overdue")} ${clock(left)}`;
  $("bar").className = "bar" + (left < 0 ? " late" : elapsed > limit(incident) * 2 / 3 ? " warn" : "");
  $("bar").firstChild.style.width = Math.min(100, elapsed / limit(incident) * 100) + "%";
}

// ---------------------------------------------------------------- doing
async function act(method, path, body) {
  try { await call(method, path, body); await refresh(); } catch (error) { alert(`${text("failed")}: ${error.happened?.[state.language] ?? error.code ?? error} ${error.toDo?.[state.language] ?? ""}`); }
}

async function openPage(kind, id) {
  const blob = await call("GET", `/api/v1/${kind}/${id}.html`);
  window.open(URL.createObjectURL(blob.type ? blob : new Blob([blob], { type: "text/html" })));
}

$("open").addEventListener("submit", async (event) => {
  event.preventDefault();
  const devices = [...document.querySelectorAll("#pick input:checked")].map((box) => box.value);
  try {
    const incident = await call("POST", "/api/v1/incidents", { title: $("title").value, devices });
    state.chosen = incident.id;
    $("title").value = "";
    await refresh();
  } catch (error) { alert(`${text("failed")}: ${error.happened?.[state.language] ?? error.code ?? error}`); }
});
$("language").addEventListener("click", () => { state.language = localStorage.language = state.language === "zh" ? "en" : "zh"; state.picked = null; draw(); });
setInterval(drawClock, 500);
setInterval(() => refresh().catch(() => {}), 3000);
live(false);
draw();
follow();
