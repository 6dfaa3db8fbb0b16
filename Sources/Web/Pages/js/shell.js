// What stands around every view: the navigation's words, the language, the node's name, the state of the connection.

import { wordsOf } from "./api.js";
import { bilingual, language, setLanguage, text } from "./strings.js";

export class Shell {
  /** @param changed called when the language has changed */
  constructor(changed) {
    this.connection = { state: "connecting", error: null };
    this.problems = [];
    this.watchHealth();
    document.getElementById("language").addEventListener("click", () => {
      setLanguage(language() === "zh" ? "en" : "zh");
      this.draw();
      changed();
    });
    this.draw();
  }

  /** @param state as EventStream has it */
  showConnection(state, error) {
    this.connection = { state, error };
    this.draw();
  }

  showNode({ node, role }) {
    document.getElementById("node").textContent = `${node} · ${role}`;
  }

  /** Asks every ten seconds what the node cannot do now; a node that does not answer shows in the connection. */
  async watchHealth() {
    try {
      // By itself: 503 is an answer here, and nobody needs a key.
      const answer = await fetch("/healthz", { cache: "no-store" });
      this.problems = (await answer.json()).problems ?? [];
      this.draw();
    } catch {
      // The connection tells it.
    }
    setTimeout(() => this.watchHealth(), 10_000);
  }

  draw() {
    document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
    for (const node of document.querySelectorAll("[data-zh]")) node.textContent = node.dataset[language()];
    document.title += language() === "zh" ? " · 首帧" : " · FirstFrame";
    document.getElementById("language").textContent = text("other");
    const { state, error } = this.connection;
    const shown = document.getElementById("connection");
    shown.className = `connection ${state}`;
    shown.textContent = state === "refused" ? `${text("refused")}: ${wordsOf(error)}` : text(state);
    const health = document.getElementById("health");
    health.hidden = this.problems.length === 0;
    health.textContent = this.problems
      .map(({ part, happened, toDo }) => `${text(`health.${part}`)}: ${bilingual(happened)}。${bilingual(toDo)}`).join(" · ");
  }
}
