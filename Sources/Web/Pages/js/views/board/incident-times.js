// What the board reads out of an incident as the API gives it.

/** The step of that id: a device's own, or the incident's. */
export function step(incident, id, device) {
  return incident.steps.find((one) => one.id === id && (one.device === device || !one.device));
}

/** t1 on the node's boot clock, in milliseconds. */
export function received(incident) {
  return incident.steps.find((one) => one.id === "t1").bootNs / 1e6;
}

/** How long the first picture may take, in milliseconds. */
export function limit(incident) {
  return (incident.limitSeconds ?? 1800) * 1000;
}

/** Since t1, in milliseconds; of a closed incident until it was closed. */
export function elapsed(incident, now) {
  const end = incident.closed ? (step(incident, "t10")?.bootNs ?? now * 1e6) / 1e6 : now;
  return end - received(incident);
}

/** `late` beyond the limit, `warn` beyond two thirds of it. */
export function urgency(incident, duration) {
  return duration > limit(incident) ? "late" : duration > (limit(incident) * 2) / 3 ? "warn" : "";
}
