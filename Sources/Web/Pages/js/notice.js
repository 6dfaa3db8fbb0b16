// A message that stays until somebody has read it.

import { element } from "./component.js";
import { text } from "./strings.js";

/** Shows `words`; a newer message takes the place of an older one. */
export function notice(words) {
  document.getElementById("notice")?.remove();
  const box = element("div", { id: "notice", class: "notice", role: "alert" }, element("span", {}, words),
    element("button", { type: "button", on: { click: () => box.remove() } }, text("dismiss")));
  document.body.append(box);
}
