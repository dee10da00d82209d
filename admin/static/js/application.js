// The page of one application: keys for those who read many, and stars and notes that are kept without a new page.

const OFF = "vivier-keys-off";
const dialog = document.getElementById("keys");
const box = document.getElementById("use-keys");
const areOff = () => {
  try {
    return localStorage.getItem(OFF) === "yes";
  } catch {
    return false;
  }
};
box.checked = !areOff();
box.addEventListener("change", () => {
  try {
    if (box.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  } catch {
    // then the keys stay as they are
  }
});
document.querySelector("button[data-key='?']").addEventListener("click", () => dialog.showModal());

const isTyping = (target) => target.matches("textarea, select, input:not([type=radio], [type=checkbox]), [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented || event.repeat) return;
  if (dialog.open || areOff() || isTyping(event.target)) return;
  const found = event.key === "n" ? document.querySelector("#notes textarea") : document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!found) return;
  event.preventDefault();
  press(found);
});

/** Links are followed, stars are given, sections and fields are gone to. */
function press(found) {
  if (found.matches("section")) found = found.querySelector("a, button") ?? found;
  if (found.matches("input[type=radio]")) {
    found.focus();
    return found.click();
  }
  if (found.matches("[data-key=m] *, textarea")) {
    found.focus();
    return found.scrollIntoView({ block: "nearest" });
  }
  found.click();
}

/** A form is sent, and the parts of the page that it changes come back with it; if that fails, it goes the ordinary way. */
async function sendInPlace(form, submitter) {
  const focused = document.activeElement?.name;
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form, submitter) });
    if (!answer.ok || answer.url.includes("/login")) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-part]")) {
      const typed = part.id === "notes" && !part.contains(form) ? part.querySelector("textarea")?.value : "";
      const fresh = page.getElementById(part.id);
      part.replaceWith(fresh);
      if (typed) fresh.querySelector("textarea").value = typed;
    }
    prepare();
    const names = `#${form.closest("[data-part]").id} [name="${focused}"]`;
    (document.querySelector(`${names}:checked`) ?? document.querySelector(names))?.focus({ preventScroll: true });
  } catch {
    form.dataset.plainly = "yes";
    form.requestSubmit(submitter);
  }
}

function prepare() {
  for (const form of document.querySelectorAll("[data-rating], [data-noting]")) {
    form.addEventListener("submit", (event) => {
      const area = form.querySelector("textarea");
      if (form.dataset.plainly || (area && !area.value.trim())) return;
      event.preventDefault();
      sendInPlace(form, event.submitter);
    });
  }
  const rating = document.querySelector("[data-rating]");
  if (!rating) return;
  rating.querySelector("[data-rating-save]").hidden = true; // choosing is giving
  let pause;
  rating.addEventListener("change", () => {
    clearTimeout(pause);
    pause = setTimeout(() => sendInPlace(rating, null), 400);
  });
}

prepare();
