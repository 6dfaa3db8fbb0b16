// The chosen incident: its clocks, where the time went, its devices.

import { Component, ComponentList, element } from "../../component.js";
import { text } from "../../strings.js";
import { Breakdown } from "./breakdown.js";
import { CountyCard, ElapsedCard, ProvinceCard } from "./clocks.js";
import { DeviceCard } from "./device-card.js";
import { verdictBadge } from "./incident-list.js";

export class IncidentView {
  /** @param actions `{openDocument(kind, id), close(id), report(id, step, device)}` */
  constructor(actions) {
    this.head = new Head(element("div", { class: "top" }), actions);
    this.elapsed = new ElapsedCard();
    this.county = new CountyCard();
    this.province = new ProvinceCard();
    this.breakdown = new Breakdown();
    this.devices = new ComponentList(element("div", { class: "devices" }), ({ incident, device }) => `${incident.id}\n${device.name}`,
      ({ incident }) => new DeviceCard((step, device) => actions.report(incident.id, step, device)));
    this.empty = new Empty(element("div", { class: "card" }));
    this.page = element("div", {}, this.head.root, element("div", { class: "clocks" }, this.elapsed.root, this.county.root, this.province.root),
      this.breakdown.root, this.devices.root);
    this.root = element("article", { id: "incident" }, this.empty.root, this.page);
  }

  /**
   * @param incident nothing when there is none
   * @param streams by name
   * @param node the node's name: snapshots are stored under it
   */
  update(incident, streams, node) {
    this.empty.update(null);
    this.empty.root.hidden = Boolean(incident);
    this.page.hidden = !incident;
    if (!incident) return;
    this.head.update({ id: incident.id, title: incident.title, verdict: incident.verdict, closed: incident.closed });
    this.county.update({ county: incident.county });
    this.province.update({ province: incident.province });
    this.breakdown.update({ breakdown: incident.breakdown });
    this.devices.update(incident.devices.map((device, index) => ({
      incident, device, stream: streams[device.stream], picture: `/api/v1/snapshots/${node}-${incident.id}-${index}.jpg`,
    })));
  }

  /** @param now the node's boot clock in milliseconds */
  tick(incident, now) {
    if (incident) this.elapsed.tick(incident, now);
  }
}

class Empty extends Component {
  render() {
    return text("noIncident");
  }
}

class Head extends Component {
  constructor(root, actions) {
    super(root);
    this.actions = actions;
  }

  render({ id, title, verdict, closed }) {
    const button = (label, click) => element("button", { type: "button", on: { click } }, text(label));
    return [
      element("h1", {}, title), verdictBadge(verdict), element("span", { class: "quiet" }, id), element("span", { class: "space" }),
      button("report", () => this.actions.openDocument("reports", id)), button("inspect", () => this.actions.openDocument("inspections", id)),
      closed ? element("span", { class: "quiet" }, text("closed")) : button("close", () => this.actions.close(id)),
    ];
  }
}
