// A stream's figures as they are now.

import { element } from "../../component.js";
import { dash, milliseconds } from "../../format.js";
import { text } from "../../strings.js";

/** @param inbound as the API gives it; nothing when nobody publishes */
export function quality(inbound) {
  if (!inbound) return element("div", { class: "figures" }, dash);
  const figures = [
    ["fps", `${inbound.framesClean}/${inbound.framesExpected || inbound.framesReceived}`],
    // Over TCP nothing is lost on the way: packets are late instead.
    ["loss", inbound.packetsReordered === null ? "TCP" : `${inbound.packetsLost}/${inbound.packetsExpected}`],
    ["jitter", milliseconds(inbound.jitterMilliseconds)],
    ["rtt", milliseconds(inbound.roundTripMilliseconds)],
    ["freeze", `${inbound.freezeCount} · ${inbound.freezeSeconds.toFixed(1)} s`],
  ];
  return element("div", { class: "figures" }, figures.map(([label, value]) => element("span", {}, `${text(label)} `, element("b", {}, value))));
}
