// All incidents, the newest first, with their verdicts.

import { Component, element } from "../../component.js";
import { text } from "../../strings.js";

export function verdictBadge(verdict) {
  return element("span", { class: `badge ${verdict}` }, text(verdict));
}

export class IncidentList extends Component {
  /** @param choose called with an incident's id */
  constructor(choose) {
    super(element("section"));
    this.choose = choose;
  }

  render({ incidents, chosen }) {
    return [element("h2", {}, text("incidents")), element("ol", { class: "incidents", id: "incidents" }, incidents.map(({ id, title, verdict }) =>
      element("li", {}, element("button", { type: "button", "aria-current": String(id === chosen), on: { click: () => this.choose(id) } },
        element("span", {}, title), verdictBadge(verdict)))))];
  }
}
