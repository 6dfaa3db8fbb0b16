// Talking to the node: every request carries the key of this browser window, and asks for one when the node wants it.

import { askKey } from "./key-dialog.js";
import { bilingual, text } from "./strings.js";

/** What the node answered instead: a code of its catalogue, what happened, what to do. */
export class NodeError extends Error {
  constructor(status, error) {
    super(error?.code ?? `HTTP ${status}`);
    this.status = status;
    this.happened = error?.happened;
    this.toDo = error?.toDo;
  }

  /** As a person reads it. */
  get words() {
    return [bilingual(this.happened) || this.message, bilingual(this.toDo)].filter(Boolean).join("。");
  }
}

/** Any failure as a person reads it. */
export function wordsOf(error) {
  return error instanceof NodeError ? error.words : text("lost");
}

// By `getItem`: `sessionStorage.key` is a method of the storage itself.
let key = sessionStorage.getItem("key");

/** The answer to a request that succeeded; throws a NodeError. */
export async function request(method, path, { body, signal } = {}) {
  const used = key;
  const headers = used ? { Authorization: `Bearer ${used}` } : {};
  const answer = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.status === 401) {
    // Another request may have asked meanwhile.
    if (key === used) {
      key = await askKey();
      sessionStorage.setItem("key", key);
    }
    return request(method, path, { body, signal });
  }
  if (!answer.ok) throw new NodeError(answer.status, await answer.json().then((value) => value.error, () => null));
  return answer;
}

/** The value of a JSON answer. */
export async function call(method, path, body) {
  return (await request(method, path, { body })).json();
}
