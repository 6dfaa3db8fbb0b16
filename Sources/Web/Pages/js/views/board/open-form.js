// 接报: a title, the devices to call out, and the start of the clock.

import { Component, element } from "../../component.js";
import { text } from "../../strings.js";

export class OpenForm extends Component {
  /** @param open called with a title and the names of devices; unless it says that it is done, the title stays */
  constructor(open) {
    super(element("form", { id: "open", on: { submit: (event) => this.submit(event) } }));
    this.open = open;
  }

  /** @param devices the registered ones */
  render({ devices }) {
    this.title = element("input", { id: "title", maxlength: "80", required: true, autocomplete: "off", value: this.title?.value });
    this.boxes = devices.map(({ name }) => element("input", { type: "checkbox", value: name, checked: true }));
    return [
      element("h2", {}, text("openIncident")),
      element("label", {}, element("span", {}, text("title")), this.title),
      element("fieldset", {}, element("legend", {}, text("devices")), element("div", { class: "pick" }, this.boxes.length
        ? this.boxes.map((box) => element("label", {}, box, box.value))
        : element("span", { class: "quiet" }, text("noDevices")))),
      element("button", { class: "primary" }, text("start")),
    ];
  }

  async submit(event) {
    event.preventDefault();
    const chosen = this.boxes.filter((box) => box.checked).map((box) => box.value);
    if (await this.open(this.title.value, chosen)) this.title.value = "";
  }
}
