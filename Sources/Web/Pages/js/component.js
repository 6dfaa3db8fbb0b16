// What every part of a page is made of. Strings become text nodes and attribute values; there is no way from a string to markup here, and the pages'
// policy (Trusted Types) makes every other way fail.

import { language } from "./strings.js";

/**
 * An element. `attributes` has attribute values, of which `true` stands for an empty one and `false`, `null` or `undefined` for none; `on` has listeners.
 * `children` are nodes, strings, lists of them, or nothing.
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (/^on|^style$|^srcdoc$/i.test(name)) {
      throw new Error(`attribute ${name} is not allowed`);
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...present(children));
  return node;
}

/** Lists flattened, and without what is nothing. */
export function present(children) {
  return [children].flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

/** A part of a page. It draws itself again when what it shows, or the language, has changed, and only then. */
export class Component {
  /** @param root the element that it fills */
  constructor(root) {
    this.root = root;
    this.shown = null;
  }

  /** @param model what to show: a value that JSON can hold */
  update(model) {
    const shown = JSON.stringify([language(), model]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.root.replaceChildren(...present(this.render(model)));
  }

  /** The next update draws, whatever it shows. */
  invalidate() {
    this.shown = null;
  }

  /** The children for a model. */
  render() {
    return [];
  }
}

/** One component an item, kept for as long as its item is there. */
export class ComponentList {
  /**
   * @param key names an item
   * @param make gives the component for a new one
   */
  constructor(root, key, make) {
    this.root = root;
    this.key = key;
    this.make = make;
    this.parts = new Map();
  }

  update(models) {
    const parts = new Map(models.map((model) => [this.key(model), this.parts.get(this.key(model)) ?? this.make(model)]));
    models.forEach((model) => parts.get(this.key(model)).update(model));
    this.parts = parts;
    const roots = [...parts.values()].map((part) => part.root);
    const isSame = roots.length === this.root.children.length && roots.every((root, index) => root === this.root.children[index]);
    if (!isSame) this.root.replaceChildren(...roots);
  }
}
