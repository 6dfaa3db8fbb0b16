// One device of an incident: its first picture, its steps, its figures, and what a person reports of it.

import { Component, element } from "../../component.js";
import { dash } from "../../format.js";
import { text } from "../../strings.js";
import { received, step } from "./incident-times.js";
import { quality } from "./quality.js";
import { Snapshot } from "./snapshot.js";

const STEPS = ["t2", "t3", "t4", "t5", "t5k", "t6", "t8", "t9"];
const REPORTED = [["acknowledged", "t3"], ["onScene", "t4"]];

export class DeviceCard {
  /** @param report called with a step's name and a device's */
  constructor(report) {
    this.head = new Head(element("div", { class: "top" }));
    this.snapshot = new Snapshot();
    this.steps = new Steps(element("div", { class: "steps" }));
    this.state = new State(element("div", {}), report);
    this.root = element("div", { class: "card device" }, this.head.root, this.snapshot.root, this.steps.root, this.state.root);
  }

  /** @param picture where the device's first picture is stored, if there is one */
  update({ incident, device, stream, picture }) {
    this.head.update({ name: device.name, stream: device.stream, protocol: stream?.protocol, isLive: stream?.state === "live" });
    this.snapshot.update({
      path: step(incident, "t6", device.name) ? picture : null, receipted: Boolean(step(incident, "t8", device.name)), incident: incident.id,
      device: device.name, closed: incident.closed,
    });
    this.steps.update(STEPS.map((id) => ({ id, at: step(incident, id, device.name)?.bootNs, begin: received(incident) * 1e6 })));
    this.state.update({
      device, inbound: stream?.quality?.inbound, closed: incident.closed,
      done: REPORTED.filter(([, id]) => step(incident, id, device.name)).map(([name]) => name),
    });
  }
}

class Head extends Component {
  render({ name, stream, protocol, isLive }) {
    return [
      element("b", {}, name), element("span", { class: "quiet" }, [protocol, stream].filter(Boolean).join(" · ")), element("span", { class: "space" }),
      element("span", { class: `badge ${isLive ? "pass" : "fail"}` }, text(isLive ? "up" : "down")),
    ];
  }
}

class Steps extends Component {
  render(steps) {
    return steps.map(({ id, at, begin }) => element("div", { class: at ? "on" : null },
      element("b", {}, at ? `+${((at - begin) / 1e9).toFixed(1)}s` : dash), `${id} ${text(id)}`));
  }
}

class State extends Component {
  constructor(root, report) {
    super(root);
    this.report = report;
  }

  render({ device, inbound, closed, done }) {
    return [
      quality(inbound),
      device.preopened ? element("div", { class: "quiet" }, text("preopened")) : null,
      device.eligible ? null : element("div", { class: "quiet" }, text("notCounted")),
      closed ? null : element("div", { class: "actions" }, REPORTED.map(([name]) => element("button",
        { type: "button", disabled: done.includes(name), on: { click: () => this.report(name, device.name) } }, text(name)))),
    ];
  }
}
