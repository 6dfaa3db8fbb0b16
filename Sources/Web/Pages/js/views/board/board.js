// The board: what the node says now, and the parts that show it.

import { call, request, wordsOf } from "../../api.js";
import { nodeNow, setNodeClock } from "../../clock.js";
import { element } from "../../component.js";
import { notice } from "../../notice.js";
import { text } from "../../strings.js";
import { Advice, advice } from "./advice.js";
import { IncidentList } from "./incident-list.js";
import { IncidentView } from "./incident.js";
import { OpenForm } from "./open-form.js";
import { Uplinks } from "./uplinks.js";

export class Board {
  constructor(root) {
    this.node = null;
    this.devices = [];
    this.incidents = [];
    /** Pages of older incidents that somebody asked for: closed ones, which do not change. */
    this.past = [];
    this.next = null;
    this.streams = {};
    this.uplinks = [];
    this.chosen = null;
    this.advice = new Advice(element("section", { id: "next", "aria-live": "polite" }));
    this.form = new OpenForm((title, devices) => this.open(title, devices));
    this.list = new IncidentList((id) => this.choose(id), () => this.showOlder());
    this.links = new Uplinks();
    this.view = new IncidentView({
      openDocument: (kind, id) => this.openDocument(kind, id),
      close: (id) => this.act(`/api/v1/incidents/${id}/close`, {}),
      report: (id, step, device) => this.act(`/api/v1/incidents/${id}/steps`, { step, device }),
    });
    root.replaceChildren(element("aside", {}, this.advice.root, this.form.root, this.list.root, this.links.root), this.view.root);
  }

  /** The node itself and its devices: what changes only when the node starts again. */
  async begin() {
    this.node = await call("GET", "/api/v1/node");
    setNodeClock(this.node.boottimeNs);
    this.devices = (await call("GET", "/api/v1/devices")).devices;
    await this.refresh();
    return this.node;
  }

  async refresh() {
    const [incidents, streams, links] = await Promise.all(["incidents", "streams", "links"].map((subject) => call("GET", `/api/v1/${subject}`)));
    const shown = new Set(incidents.incidents.map((one) => one.id));
    this.incidents = [...incidents.incidents, ...this.past.filter((one) => !shown.has(one.id))];
    if (this.past.length === 0) this.next = incidents.next ?? null;
    this.streams = Object.fromEntries(streams.streams.map((stream) => [stream.name, stream]));
    this.uplinks = links.uplinks ?? [];
    if (!this.incident) this.chosen = this.incidents[0]?.id ?? null;
    this.draw();
  }

  /** The chosen one. */
  get incident() {
    return this.incidents.find((one) => one.id === this.chosen);
  }

  draw() {
    this.form.update({ devices: this.devices });
    this.list.update({ incidents: this.incidents.map(({ id, title, verdict }) => ({ id, title, verdict })), chosen: this.chosen, hasOlder: this.next !== null });
    this.links.update({ uplinks: this.uplinks });
    this.view.update(this.incident, this.streams, this.node?.node);
    this.tick();
  }

  tick() {
    const now = nodeNow();
    this.advice.update({ ...advice(this.incident, this.uplinks, now), verdict: this.incident?.verdict });
    this.view.tick(this.incident, now);
  }

  // What people do.

  async showOlder() {
    await this.attempt(async () => {
      const page = await call("GET", `/api/v1/incidents?before=${encodeURIComponent(this.next)}`);
      this.past = [...this.past, ...page.incidents];
      this.next = page.next ?? null;
      await this.refresh();
    });
  }

  choose(id) {
    this.chosen = id;
    this.draw();
  }

  open(title, devices) {
    return this.attempt(async () => {
      this.chosen = (await call("POST", "/api/v1/incidents", { title, devices })).id;
      await this.refresh();
    });
  }

  async act(path, body) {
    await this.attempt(async () => {
      await call("POST", path, body);
      await this.refresh();
    });
  }

  /** A report or an inspector's page in a window of its own. It is fetched here, for a link carries no key. */
  async openDocument(kind, id) {
    // Opened at once: after an answer has come, a browser takes it for a pop-up of the page's own.
    const page = window.open("about:blank");
    await this.attempt(async () => {
      const address = URL.createObjectURL(await (await request("GET", `/api/v1/${kind}/${id}.html`)).blob());
      (page ?? window).location.assign(address);
    }, () => page?.close());
  }

  /** True when it was done; a failure is shown. */
  async attempt(action, undo = () => {}) {
    try {
      await action();
      return true;
    } catch (error) {
      undo();
      notice(`${text("failed")}: ${wordsOf(error)}`);
      return false;
    }
  }
}
