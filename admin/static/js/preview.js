// Before a move: the mail follows the words that are typed, and a saved paragraph is put in where the cursor is. The form
// is that of a page, or stands in a dialog that the board fills.

const pauses = new WeakMap();
const asked = new WeakMap();

const formOf = (element) => element.closest("form[data-preview-at]");

async function pageWith(form, changes = {}) {
  const body = new FormData(form);
  for (const name of [...body.keys()]) if (name.startsWith("others_")) body.delete(name); // they may be thousands
  body.set("part", form.elements.part.value || "mail");
  for (const [name, value] of Object.entries(changes)) body.set(name, value);
  const answer = await fetch(form.dataset.previewAt, { method: "POST", body });
  if (!answer.ok) throw new Error(answer.status);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function show(form) {
  const mine = (asked.get(form) ?? 0) + 1;
  asked.set(form, mine);
  try {
    const fresh = (await pageWith(form)).querySelector("[data-preview]");
    const shown = form.querySelector("[data-preview]");
    if (mine !== asked.get(form) || !fresh || !shown) return;
    const frame = shown.querySelector("iframe");
    if (frame) frame.srcdoc = fresh.querySelector("iframe").getAttribute("srcdoc");
    shown.querySelector("pre").textContent = fresh.querySelector("pre").textContent;
  } catch {
    // the button still shows it
  }
}

document.addEventListener("input", ({ target }) => {
  const form = target.name === "paragraph" && formOf(target);
  if (!form) return;
  clearTimeout(pauses.get(form));
  pauses.set(form, setTimeout(show, 350, form));
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[name=then][value=insert]");
  const form = button && formOf(button);
  if (!form) return;
  event.preventDefault();
  const area = form.elements.paragraph;
  const words = (await pageWith(form, { paragraph: "", then: "insert" })).getElementById("paragraph")?.value;
  if (!words) return;
  const [before, after] = [area.value.slice(0, area.selectionStart).trimEnd(), area.value.slice(area.selectionEnd).trimStart()];
  area.value = [before, words, after].filter(Boolean).join("\n\n");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
});
