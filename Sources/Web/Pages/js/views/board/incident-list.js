// The incidents, the newest first, with their verdicts; older ones when asked for.

import { Component, element } from "../../component.js";
import { text } from "../../strings.js";

export function verdictBadge(verdict) {
  return element("span", { class: `badge ${verdict}` }, text(verdict));
}

export class IncidentList extends Component {
  /**
   * @param choose called with an incident's id
   * @param older called when somebody asks for older ones
   */
  constructor(choose, older) {
    super(element("section"));
    this.choose = choose;
    this.older = older;
  }

  render({ incidents, chosen, hasOlder }) {
    return [element("h2", {}, text("incidents")), element("ol", { class: "incidents", id: "incidents" }, incidents.map(({ id, title, verdict }) =>
      element("li", {}, element("button", { type: "button", "aria-current": String(id === chosen), on: { click: () => this.choose(id) } },
        element("span", {}, title), verdictBadge(verdict))))),
      ...(hasOlder ? [element("button", { type: "button", class: "older", on: { click: () => this.older() } }, text("older"))] : [])];
  }
}
