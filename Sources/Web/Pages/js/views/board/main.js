// The page `/`: the board, kept up to date by the node's events, and every three seconds for what makes no event.

import { EventStream } from "../../events.js";
import { Shell } from "../../shell.js";
import { addWords } from "../../strings.js";
import { Board } from "./board.js";
import { words } from "./words.js";

addWords(words);
const board = new Board(document.getElementById("view"));
const shell = new Shell(() => board.draw());

// Facts come in groups: one reading for all of a quarter of a second.
let pending = null;
function refreshSoon() {
  pending ??= setTimeout(() => {
    pending = null;
    board.refresh().catch(() => {});
  }, 250);
}

board.draw();
setInterval(() => board.tick(), 500);
setInterval(refreshSoon, 3000);
new EventStream({
  open: async () => shell.showNode(await board.begin()),
  fact: refreshSoon,
  state: (state, error) => shell.showConnection(state, error),
}).run();
