// The form of an alert follows each choice: it is sent to be looked at, and its regions take the place of those shown.

const PAUSE = 400;
const form = document.getElementById("alert");
let underWay;
let timer;

/** What the server shows for the choices as they are. When that fails all stays: the form works by steps as well. */
async function follow() {
  clearTimeout(timer);
  underWay?.abort();
  const { signal } = (underWay = new AbortController());
  const body = new FormData(form);
  body.set("then", "look");
  const preview = document.getElementById("alert-preview");
  preview.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal, redirect: "error" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && !signal.aborted) exchange(page);
  } catch (error) {
    if (error.name === "AbortError") return;
  }
  preview.removeAttribute("aria-busy");
}

/** Each region's new content, by id; what has the focus keeps it. */
function exchange(page) {
  const focused = document.activeElement?.id;
  for (const region of form.querySelectorAll("[data-region]")) {
    const fresh = page.getElementById(region.id);
    if (fresh && fresh.innerHTML !== region.innerHTML) region.replaceChildren(...fresh.childNodes);
  }
  prepare();
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
}

/** Steps are for those without scripts. Their buttons would also be what Enter presses. */
function prepare() {
  for (const button of form.querySelectorAll(".by-steps")) button.remove();
}

form.addEventListener("change", (event) => {
  if (event.target.name !== "frequency") follow();
});
form.addEventListener("input", (event) => {
  if (event.target.name !== "keywords") return;
  clearTimeout(timer);
  timer = setTimeout(follow, PAUSE);
});
prepare();
