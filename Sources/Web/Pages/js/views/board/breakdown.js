// Where the deciding device's time went; the largest part is marked.

import { Component, element } from "../../component.js";
import { seconds } from "../../format.js";
import { text } from "../../strings.js";

const PARTS = ["desk", "crew", "network", "keyFrame", "decode", "uplink"];

export class Breakdown extends Component {
  constructor() {
    super(element("div", { class: "card figures" }));
  }

  render({ breakdown }) {
    const parts = PARTS.filter((part) => breakdown && breakdown[part] !== null && breakdown[part] !== undefined);
    this.root.hidden = parts.length === 0;
    return parts.length === 0 ? [] : [
      element("span", { class: "quiet" }, `${text("breakdown")} ${breakdown.device}`),
      parts.map((part) => element("span", {}, `${text(part)} `, element(part === breakdown.largest ? "mark" : "b", {}, seconds(breakdown[part])))),
    ];
  }
}
