// The clock since t1 and the two first pictures.

import { Component, element } from "../../component.js";
import { bracket, clock, dash, seconds } from "../../format.js";
import { text } from "../../strings.js";
import { elapsed, limit, urgency } from "./incident-times.js";

export class ElapsedCard extends Component {
  constructor() {
    super(element("div", { class: "card" }));
  }

  /** @param now the node's boot clock in milliseconds */
  tick(incident, now) {
    const duration = elapsed(incident, now);
    const most = limit(incident);
    this.update({
      elapsed: clock(Math.max(0, duration)), left: clock(most - duration), isOver: duration > most, tone: urgency(incident, duration),
      share: Math.max(0, Math.min(1, duration / most)).toFixed(3),
    });
  }

  render({ elapsed, left, isOver, tone, share }) {
    return [
      element("h2", {}, text("elapsed")), element("div", { class: "big", id: "elapsed" }, elapsed),
      element("progress", { class: tone, max: "1", value: share, "aria-label": text("elapsed") }),
      element("div", { class: "quiet", id: "left" }, `${text(isOver ? "overdue" : "remaining")} ${left}`),
    ];
  }
}

export class CountyCard extends Component {
  constructor() {
    super(element("div", { class: "card" }));
  }

  render({ county }) {
    return [
      element("h2", {}, text("county")), element("div", { class: "big" }, seconds(county.seconds)),
      element("div", { class: "quiet" }, county.device ?? text("waiting")),
    ];
  }
}

export class ProvinceCard extends Component {
  constructor() {
    super(element("div", { class: "card" }));
  }

  render({ province }) {
    const lines = [["countyBracket", bracket(province.countyBracket)], ["provinceBracket", bracket(province.provinceBracket)], ["grade", province.grade ?? dash]];
    return [
      element("h2", {}, text("province")),
      element("div", { class: "big" }, seconds(province.countyBracket?.upperSeconds ?? province.provinceBracket?.upperSeconds)),
      lines.map(([label, value]) => element("div", { class: "quiet" }, `${text(label)} ${value}`)),
    ];
  }
}
