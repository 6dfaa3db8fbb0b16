// The node's facts as they become durable, read by hand because EventSource cannot carry a key. Comes back by itself from the fact that it saw last.

import { NodeError, request } from "./api.js";

/** Splits a stream of server-sent events (HTML Living Standard, section 9.2) into `{id, event, data}`. */
export class EventParser {
  constructor(receive) {
    this.receive = receive;
    this.rest = "";
  }

  push(text) {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop();
    for (const block of blocks) this.read(block);
  }

  read(block) {
    const fields = {};
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).replace(/^ /, "");
    }
    if (fields.data !== undefined) this.receive(fields);
  }
}

export class EventStream {
  /** The node sends something every ten seconds; after so long without anything the connection is dead. */
  static silence = 25_000;
  static pause = 2_000;

  /**
   * @param open what to do before each connection, for example reading what is the case now
   * @param fact called with each fact: `{id, kind, fields}`
   * @param state called with `connecting`, `live`, `lost` or `refused`, and the error that made it so
   */
  constructor({ open, fact, state }) {
    this.open = open;
    this.fact = fact;
    this.state = state;
    this.last = null;
  }

  /** Never ends. */
  async run() {
    this.state("connecting");
    for (;;) {
      try {
        await this.open();
        await this.read();
        this.state("lost");
      } catch (error) {
        console.warn(error);
        this.state(error instanceof NodeError ? "refused" : "lost", error);
      }
      await new Promise((resolve) => setTimeout(resolve, EventStream.pause));
    }
  }

  async read() {
    const abort = new AbortController();
    const answer = await request("GET", "/api/v1/events" + (this.last === null ? "" : `?after=${this.last}`), { signal: abort.signal });
    this.state("live");
    const parser = new EventParser((event) => this.receive(event));
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let timer = null;
    try {
      for (;;) {
        clearTimeout(timer);
        timer = setTimeout(() => abort.abort(), EventStream.silence);
        const { done, value } = await reader.read();
        if (done) return;
        parser.push(value);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  receive({ id, event, data }) {
    this.last = id;
    this.fact({ id: Number(id), kind: event, fields: JSON.parse(data) });
  }
}
