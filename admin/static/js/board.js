// The board where scripts run: cards come as one scrolls, are dragged, and follow what colleagues do.

const board = document.getElementById("board");
const said = document.getElementById("said");
const refused = document.getElementById("refused");
const moving = document.getElementById("moving");
const closing = document.getElementById("moving-over");
const EVERY = 3_000;
const LONGEST = 60_000;
const known = new Set(); // steps that were told
const received = new WeakMap(); // how each card came; what is told again looks the same
let after = board.dataset.after;
let pause = EVERY;
let timer;
let dragged;

const columnOf = (state) => board.querySelector(`[data-column="${CSS.escape(state)}"]`);
const cardOf = (id) => document.getElementById(`card-${id}`);
const wantsMotion = () => !matchMedia("(prefers-reduced-motion: reduce)").matches;
const waysOf = (card) => Object.fromEntries(card.dataset.ways.split(" ").filter(Boolean).map((way) => way.split(":")));
const parsed = (text) => new DOMParser().parseFromString(text, "text/html");

/* ---- Cards: where they stand, and how they get there ---- */

/** By the day that they were sent, as the server sorts them. */
function isBefore(card, other) {
  const [one, two] = [Number(card.dataset.at), Number(other.dataset.at)];
  return one === two ? card.dataset.id < other.dataset.id : one < two;
}

/** How a card looks, but for the time that passes. */
const lookOf = (card) => card.outerHTML.replace(/<time[^]*?<\/time>/g, "");

/** Put a card where it belongs, in the place of an older version of itself; it goes there in sight. */
function put(card, { moves = true } = {}) {
  const old = cardOf(card.dataset.id);
  const from = old?.getBoundingClientRect();
  const isSame = old?.dataset.state === card.dataset.state;
  const hadFocus = old?.contains(document.activeElement);
  if (old) card.querySelector('input[name="application"]').checked = old.querySelector('input[name="application"]').checked;
  old?.remove();
  const list = columnOf(card.dataset.state)?.querySelector(".board-cards");
  if (!list) return;
  list.insertBefore(card, [...list.children].find((other) => isBefore(card, other)) ?? null);
  prepare(card);
  if (hadFocus) card.querySelector("h3 a").focus({ preventScroll: true });
  if (moves && !isSame) show(card, from);
}

function show(card, from) {
  card.classList.add("just-moved");
  setTimeout(() => card.classList.remove("just-moved"), 4_000);
  if (!wantsMotion() || !from) return;
  const to = card.getBoundingClientRect();
  const way = `translate(${from.left - to.left}px, ${from.top - to.top}px)`;
  card.animate([{ transform: way, zIndex: 2 }, { transform: "none", zIndex: 2 }], { duration: 260, easing: "ease-out" });
}

function prepare(card) {
  received.set(card, lookOf(card));
  const article = card.querySelector(".card");
  article.draggable = Object.keys(waysOf(card)).length > 0;
  for (const link of article.querySelectorAll("a")) link.draggable = false;
}

/* ---- More as one scrolls ---- */

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) more(entry.target);
}, { rootMargin: "400px" });

async function more(link) {
  if (link.dataset.busy) return;
  link.dataset.busy = "yes";
  const column = link.closest("[data-column]");
  const query = new URLSearchParams(board.dataset.query);
  query.set("column", column.dataset.column);
  query.set("after", link.dataset.more);
  try {
    const answer = await fetch(`/console/board/column?${query}`);
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const cards = [...parsed(await answer.text()).querySelectorAll(".board-item")];
    for (const card of cards) if (!cardOf(card.dataset.id)) put(document.adoptNode(card), { moves: false });
    if (!cards.length) return link.parentElement.remove();
    link.dataset.more = cards.at(-1).dataset.id;
    delete link.dataset.busy;
    watcher.unobserve(link); // and ask anew whether it is in sight
    watcher.observe(link);
  } catch {
    watcher.unobserve(link); // a click on it goes on
  }
}

/* ---- What others do ---- */

function changesAddress(more = {}) {
  const query = new URLSearchParams(board.dataset.query);
  query.set("after", after);
  for (const [name, value] of Object.entries(more)) for (const each of [value].flat()) query.append(name, each);
  return `/console/board/changes?${query}`;
}

/** Cards whose decision has been told by now show other moves. */
function ripe() {
  const now = Date.now() / 1000;
  return [...board.querySelectorAll("[data-until]")].filter((card) => Number(card.dataset.until) <= now).map((card) => card.dataset.id);
}

/** Nothing is taken away from under somebody's pointer; it is asked for again. */
const isInHand = () => dragged || board.querySelector(".card:active");

async function follow() {
  clearTimeout(timer);
  if (document.hidden) return;
  if (isInHand()) return (timer = setTimeout(follow, EVERY));
  try {
    const answer = await fetch(changesAddress({ card: ripe().slice(0, 20) }));
    if (answer.redirected) return location.reload(); // logged out
    if (!answer.ok) throw new Error(answer.status);
    const text = await answer.text();
    if (!isInHand()) await apply(text);
    if (pause > EVERY) say("");
    pause = EVERY;
  } catch {
    pause = Math.min(pause * 2, LONGEST);
    if (pause > 4 * EVERY) say(said.dataset.lost);
  }
  clearTimeout(timer);
  timer = setTimeout(follow, pause);
}

async function apply(text) {
  const changes = parsed(text).getElementById("changes");
  if (!changes) return false;
  if (changes.hasAttribute("data-anew")) return anew();
  after = String(Math.max(Number(after), Number(changes.dataset.after)));
  for (const card of changes.querySelectorAll(".board-item")) {
    const old = cardOf(card.dataset.id);
    if (!old || received.get(old) !== lookOf(card)) put(document.adoptNode(card));
  }
  for (const gone of changes.querySelectorAll("[data-gone]")) cardOf(gone.dataset.gone)?.remove();
  const counts = [...changes.querySelectorAll("[data-count]")];
  for (const one of counts) board.querySelector(`.count[data-count="${one.dataset.count}"]`).textContent = one.textContent;
  if (counts.length) document.getElementById("total").textContent = counts.reduce((sum, one) => sum + Number(one.textContent), 0);
  const flash = [...changes.querySelectorAll("[data-flash]")].map((one) => one.textContent);
  const fresh = [...changes.querySelectorAll("[data-step]")].filter((one) => !known.has(one.dataset.step));
  for (const one of fresh) known.add(one.dataset.step);
  const sentences = [...flash, ...fresh.map((one) => one.textContent)];
  if (sentences.length) say(sentences.slice(-3).join(" "));
  document.dispatchEvent(new Event("cards"));
  return true;
}

/** Too much has happened to tell it card by card. */
async function anew() {
  const answer = await fetch(location.pathname + location.search);
  if (answer.redirected) return location.reload();
  const page = parsed(await answer.text());
  const fresh = page.getElementById("board");
  after = fresh.dataset.after;
  board.replaceChildren(...fresh.childNodes);
  document.getElementById("total").textContent = page.getElementById("total").textContent;
  begin();
  return true;
}

let hush;
function say(text) {
  said.textContent = text;
  clearTimeout(hush);
  hush = setTimeout(() => (said.textContent = ""), 12_000);
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return clearTimeout(timer);
  pause = EVERY;
  follow();
});

/* ---- Moves: by button, by key, by hand ---- */

/** What a card offers for an event: the form that fires it, or the link to where it is prepared. */
function perform(card, event) {
  const input = [...card.querySelectorAll('form input[name="event"]')].find((one) => one.value === event);
  if (input) return send(input.form, card);
  const link = [...card.querySelectorAll(".card-actions a")].find((one) => new URL(one.href).pathname.endsWith(`/moves/${event}`));
  if (link) ask(link, card);
}

/** The mail first: over the board, where the move needs no more than a look; else on a page of its own. */
async function ask(link, card) {
  if (!("inDialog" in link.dataset)) return location.assign(link.href);
  refused.hidden = true;
  try {
    const answer = await fetch(`${link.href}&part=dialog`);
    if (answer.redirected) return await standsElsewhere(card);
    if (!answer.ok) throw new Error(answer.status);
    link.focus({ preventScroll: true }); // and so again when the dialog is closed
    fill(await answer.text());
    if (!moving.open) moving.showModal();
    moving.querySelector("[autofocus]")?.focus();
  } catch {
    location.assign(link.href); // the page says what stands in the way
  }
}

/** It is not possible any more: somebody was first, and where the card is now says more than an error. */
async function standsElsewhere(card) {
  const answer = await fetch(changesAddress({ card: card.dataset.id }));
  if (answer.redirected) return location.reload(); // logged out
  refuse("");
  await apply(await answer.text());
}

/** Put into the dialog what the server shows: the form, or why there is none any more. */
function fill(text) {
  const page = parsed(text);
  const form = page.querySelector("form[data-moving]");
  if (form) return moving.firstElementChild.replaceChildren(document.adoptNode(form));
  const why = [...page.querySelectorAll('main [role="alert"], main .notice')].map((one) => document.adoptNode(one));
  if (!why.length) return refuse("");
  moving.firstElementChild.replaceChildren(...why, closing.content.cloneNode(true));
  moving.querySelector("[data-close]").focus();
}

moving.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) moving.close();
});
moving.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-moving]")) return;
  event.preventDefault();
  if (event.submitter?.name === "then") return; // preview.js has put the words in
  const id = event.target.action.match(/applications\/([^/]+)\//)[1];
  send(event.target, cardOf(id));
});

async function send(form, card) {
  if (!card || card.hasAttribute("aria-busy")) return;
  card.setAttribute("aria-busy", "true");
  refused.hidden = true;
  const body = new URLSearchParams(new FormData(form));
  const own = { own: "yes", card: card.dataset.id };
  body.set("next", changesAddress(own));
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const text = await answer.text();
    if (answer.redirected && answer.url.includes("/console/login")) return location.reload();
    if (answer.ok && parsed(text).getElementById("changes")) {
      moving.close();
      await apply(text);
      if (body.get("event") === "undo") document.querySelector(`.undo-bar:has(form[action*="${card.dataset.id}"])`)?.remove();
      return;
    }
    if (moving.open) fill(text);
    else refuse(parsed(text).querySelector('[role="alert"]')?.innerText ?? "");
    await apply(await (await fetch(changesAddress({ card: card.dataset.id }))).text());
  } catch {
    moving.close();
    refuse("");
  } finally {
    cardOf(card.dataset.id)?.removeAttribute("aria-busy");
  }
}

function refuse(text) {
  refused.textContent = text.replace(/\s+/g, " ").trim() || said.dataset.failed;
  refused.hidden = false;
}

board.addEventListener("submit", (event) => {
  const card = event.target.closest(".board-item");
  if (!card) return;
  event.preventDefault();
  send(event.target, card);
});
board.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-in-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  ask(link, link.closest(".board-item"));
});
board.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.(".board-item");
  if (!card) return;
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.querySelector("h3").textContent.trim());
  card.classList.add("dragged");
  for (const state of Object.keys(waysOf(card))) columnOf(state)?.setAttribute("data-drop", "");
  board.setAttribute("data-dragging", "");
});
board.addEventListener("dragover", (event) => {
  const column = event.target.closest("[data-drop]");
  for (const other of board.querySelectorAll("[data-over]")) if (other !== column) other.removeAttribute("data-over");
  if (!column || !dragged) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  column.setAttribute("data-over", "");
});
board.addEventListener("drop", (event) => {
  const column = event.target.closest("[data-drop]");
  if (!column || !dragged) return;
  event.preventDefault();
  const card = dragged;
  letGo();
  perform(card, waysOf(card)[column.dataset.column]);
});
board.addEventListener("dragend", letGo);

function letGo() {
  dragged?.classList.remove("dragged");
  dragged = undefined;
  board.removeAttribute("data-dragging");
  for (const column of board.querySelectorAll("[data-column]")) {
    column.removeAttribute("data-drop");
    column.removeAttribute("data-over");
  }
}

function begin() {
  board.querySelectorAll(".board-item").forEach(prepare);
  watcher.disconnect();
  for (const link of board.querySelectorAll("[data-more]")) watcher.observe(link);
  document.dispatchEvent(new Event("cards"));
}

begin();
timer = setTimeout(follow, EVERY);
