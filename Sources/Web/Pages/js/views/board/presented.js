// This browser's first presented picture of a device: an event of its own, and never t6.

import { call } from "../../api.js";

/** This window's own random name. */
const viewer = sessionStorage.getItem("viewer") ?? [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
sessionStorage.setItem("viewer", viewer);

const reported = new Set();

/** Reports once when `node`, an image or a video, was first on the screen: the node is given how long ago that was, for its clock is the one that counts. */
export async function presented(node, incident, device) {
  const what = node instanceof HTMLVideoElement ? "video" : "snapshot";
  const name = [incident.id, device, what].join("\n");
  if (incident.closed || reported.has(name)) return;
  reported.add(name);
  try {
    const at = await (what === "video" ? composited(node) : painted(node));
    const ageMs = Math.max(0, Math.round(performance.now() - at));
    await call("POST", `/api/v1/incidents/${incident.id}/shown`, { device, what, viewer, ageMs });
  } catch {
    reported.delete(name);
  }
}

/** The frame that the compositor was given. */
function composited(video) {
  return new Promise((resolve) => video.requestVideoFrameCallback((_, frame) => resolve(frame.presentationTime)));
}

/** Decoded, in the page, and one frame later. */
async function painted(image) {
  await image.decode();
  if (document.hidden || !image.isConnected) throw new Error("not on the screen");
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return performance.now();
}
