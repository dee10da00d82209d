// Choosing several: ranges with Shift, all of a page, a bar that says how many they are and what may happen to them.

const bar = document.getElementById("choosing");
const everything = bar.elements.everything;
const count = bar.querySelector(".choosing-count");
const nothing = bar.querySelector(".choosing-nothing");
let last;

const boxes = (root = document) => [...root.querySelectorAll('input[name="application"][form="choosing"]')];
const eventsOf = (box) => box.closest("[data-ways]").dataset.ways.split(" ").map((way) => way.split(":")[1]);

/** The bar says what is chosen; an event that none of them can take is not offered. */
function tell() {
  const chosen = boxes().filter((box) => box.checked);
  const isAny = chosen.length > 0 || everything.checked;
  const possible = new Set(chosen.flatMap(eventsOf));
  bar.toggleAttribute("data-some", isAny);
  count.textContent = chosen.length && !everything.checked ? count.dataset.chosen.replace("{n}", chosen.length) : count.dataset.none;
  for (const button of bar.querySelectorAll('button[name="event"]')) {
    button.hidden = !everything.checked && !possible.has(button.value);
  }
  const isStuck = chosen.length > 0 && ![...bar.querySelectorAll('button[name="event"]')].some((button) => !button.hidden);
  nothing.textContent = isStuck ? nothing.dataset.nothing : "";
  for (const box of boxes()) box.closest("[data-id]").toggleAttribute("data-chosen", box.checked);
  const all = document.querySelector("[data-choose-all]");
  if (!all) return;
  all.checked = chosen.length > 0 && chosen.length === boxes().length;
  all.indeterminate = chosen.length > 0 && !all.checked;
}

function chooseRange(box) {
  const own = boxes(box.closest("ul, tbody"));
  const [from, to] = [own.indexOf(last), own.indexOf(box)].sort((one, other) => one - other);
  if (from < 0) return;
  for (const each of own.slice(from, to + 1)) each.checked = box.checked;
}

document.addEventListener("click", (event) => {
  if (event.target.matches("[data-unchoose]")) {
    for (const box of [...boxes(), everything]) box.checked = false;
    return tell();
  }
  if (!event.target.matches('input[name="application"][form="choosing"]')) return;
  if (event.shiftKey) chooseRange(event.target);
  last = event.target;
  tell();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.form === bar || event.target.matches("[data-choose-all]")) tell();
});
document.addEventListener("cards", tell); // others came, or went
addEventListener("pageshow", tell);
