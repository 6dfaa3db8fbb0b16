// Asks for an access key. All who need one at the same time wait for the same dialog.

import { element } from "./component.js";
import { text } from "./strings.js";

let asking = null;

/** The key that was entered. */
export function askKey() {
  asking ??= open().finally(() => { asking = null; });
  return asking;
}

function open() {
  const secret = element("input", { id: "secret", type: "password", autocomplete: "off", "aria-label": text("keyNeeded") });
  const dialog = element("dialog", { id: "key" },
    element("form", { method: "dialog" }, element("h2", {}, text("keyNeeded")), secret, element("button", { class: "primary" }, text("enter"))));
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(secret.value.trim());
  }, { once: true }));
}
