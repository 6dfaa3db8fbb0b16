// A device's first picture, and when this browser presented it.

import { request } from "../../api.js";
import { Component, element } from "../../component.js";
import { text } from "../../strings.js";
import { presented } from "./presented.js";

const pictures = new Map();

/** An object URL of a stored picture; fetched once. */
function load(path) {
  if (!pictures.has(path)) {
    const loading = request("GET", path).then((answer) => answer.blob()).then((blob) => URL.createObjectURL(blob));
    loading.catch(() => pictures.delete(path));
    pictures.set(path, loading);
  }
  return pictures.get(path);
}

export class Snapshot extends Component {
  constructor() {
    super(element("div", { class: "shot" }));
  }

  /** @param path of the picture; nothing while there is none */
  render({ path, receipted, incident, device, closed }) {
    if (path) this.show(path, { id: incident, closed }, device);
    return [path ? null : text("waiting"), receipted ? element("em", {}, `✓ ${text("receipted")}`) : null];
  }

  async show(path, incident, device) {
    const drawn = this.shown;
    try {
      const image = element("img", { alt: `${text("snapshot")} ${device}`, src: await load(path) });
      if (drawn !== this.shown) return;
      this.root.prepend(image);
      presented(image, incident, device);
    } catch {
      this.invalidate();
    }
  }
}
