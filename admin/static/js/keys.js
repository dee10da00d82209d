// Board and list by keyboard: from one application to the next, to its moves, choosing it. `?` shows all of it.

const TYPING = "input:not([type=checkbox]), select, textarea, [contenteditable]";
const dialog = document.getElementById("keys");

const linkOf = (item) => item?.querySelector("h3 a, th a");
const itemsOf = (column) => [...column.querySelectorAll("[data-id]")];
const columns = () => [...document.querySelectorAll("[data-column]")].filter((column) => itemsOf(column).length);

/** The application that the focus is in. */
function here() {
  return document.activeElement?.closest("[data-id]");
}

/** The next one in a direction; from nowhere, the first. */
function neighbour(item, key) {
  const all = columns();
  if (!item) return itemsOf(all[0] ?? document)[0];
  const column = all.findIndex((each) => each.contains(item));
  const own = itemsOf(all[column]);
  const place = own.indexOf(item);
  if (key === "ArrowDown") return own[place + 1];
  if (key === "ArrowUp") return own[place - 1];
  const beside = all[column + (key === "ArrowRight" ? 1 : -1)];
  return beside && itemsOf(beside)[Math.min(place, itemsOf(beside).length - 1)];
}

function walk(key) {
  const next = neighbour(here(), key);
  if (!next) return false;
  linkOf(next).focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
  return true;
}

/** Within the moves of a card the arrows go from button to button. */
function walkMoves(key) {
  const moves = [...document.activeElement.closest(".card-actions").querySelectorAll("a, button")];
  const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  moves[(moves.indexOf(document.activeElement) + step + moves.length) % moves.length].focus();
  return true;
}

const ACTIONS = {
  m: () => {
    if (!here()) return document.getElementById("board") && isNowhere() && walk("ArrowDown");
    const move = here()?.querySelector(".card-actions a, .card-actions button");
    move?.focus();
    return move;
  },
  x: () => {
    if (!here()) return isNowhere() && walk("ArrowDown");
    const box = here()?.querySelector('input[name="application"]');
    box?.click();
    return box;
  },
  Escape: () => {
    const link = linkOf(here());
    link?.focus();
    return link;
  },
  "/": () => {
    const name = document.getElementById("name");
    name?.focus();
    return name;
  },
  "?": () => {
    dialog?.showModal();
    return dialog;
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || event.target.closest(TYPING)) return;
  const isArrow = event.key.startsWith("Arrow");
  const inMoves = document.activeElement?.closest(".card-actions");
  const isDone = isArrow ? (inMoves ? walkMoves(event.key) : isOurs(event.key) && walk(event.key)) : ACTIONS[event.key]?.();
  if (isDone) event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-keys]")) dialog?.showModal();
});

/** Nothing has the focus, or the board as a whole. */
function isNowhere() {
  const focused = document.activeElement;
  return !focused || focused === document.body || focused.id === "board";
}

/** On the board arrows go to the cards; on the list they scroll as ever, until somebody is among the rows. */
function isOurs(key) {
  if (!here() && !(isNowhere() && document.getElementById("board"))) return false;
  return key === "ArrowUp" || key === "ArrowDown" || document.getElementById("board");
}
