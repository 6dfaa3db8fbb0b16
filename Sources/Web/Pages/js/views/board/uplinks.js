// The links to upper centres.

import { Component, element } from "../../component.js";
import { milliseconds } from "../../format.js";
import { text } from "../../strings.js";

export class Uplinks extends Component {
  constructor() {
    super(element("section"));
  }

  render({ uplinks }) {
    return [element("h2", {}, text("links")), element("ul", { id: "links" }, uplinks.length
      ? uplinks.map((link) => element("li", { class: "link" }, element("b", {}, link.name),
        element("span", { class: `badge ${link.up ? "pass" : "fail"}` }, text(link.up ? "up" : "down")),
        element("span", { class: "quiet" }, link.roundTripNs ? `${text("rtt")} ${milliseconds(link.roundTripNs / 1e6)}` : null)))
      : element("li", { class: "quiet" }, text("noLinks")))];
  }
}
