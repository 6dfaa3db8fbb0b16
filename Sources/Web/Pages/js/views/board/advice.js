// The one sentence that says what to do next.

import { Component } from "../../component.js";
import { text } from "../../strings.js";
import { elapsed, urgency } from "./incident-times.js";

/**
 * @param incident nothing when there is none
 * @param uplinks as the API gives them
 * @param now the node's boot clock in milliseconds
 * @returns {{key: string, values: string[], tone: string}} the sentence's key and what goes into it
 */
export function advice(incident, uplinks, now) {
  const say = (key, tone = "", ...values) => ({ key, tone, values });
  if (!incident) return say("nextOpen");
  if (incident.closed) return say("closed", incident.verdict === "pass" ? "good" : "warn");
  if (incident.province.countyBracket || incident.province.provinceBracket) return say("nextDone", "good");
  const tone = urgency(incident, elapsed(incident, now));
  if (tone === "late") return say("nextLate", "late");
  const eligible = incident.devices.filter((device) => device.eligible);
  const devices = eligible.length ? eligible : incident.devices;
  const reached = (id) => devices.find((device) => incident.steps.some((one) => one.id === id && one.device === device.name))?.name;
  if (reached("t6")) {
    if (!uplinks.length) return say("nextAlone", "good");
    return uplinks.some((link) => !link.up) ? say("nextLink", "warn") : say("nextUp", tone);
  }
  if (reached("t5k")) return say("nextCounty", tone, reached("t5k"));
  if (reached("t5")) return say("nextKey", "warn", reached("t5"));
  return say("nextCall", tone, devices.map((device) => device.name).join("、") || "—");
}

export class Advice extends Component {
  render({ key, values, tone, verdict }) {
    this.root.className = `next ${tone}`;
    return key === "closed" ? `${text(key)} · ${text(verdict)}` : text(key, ...values);
  }
}
