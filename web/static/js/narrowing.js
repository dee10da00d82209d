// Filters act at once: the address that the form leads to is fetched, and its regions take the place of those shown.

const form = document.getElementById("search");
const filters = document.getElementById("filters");
const told = document.getElementById("told");
const offline = document.getElementById("offline");
const narrow = matchMedia("(max-width: 59.99rem)");
let underWay;
let waiting; // what is to be shown as soon as there is a connection
let shown = location.pathname + location.search;

/** The address that the form would lead to, without what is empty. */
function chosen() {
  const wanted = [...new FormData(form)].filter(([, value]) => value);
  const apply = document.getElementById("apply");
  if (apply.name && form.elements.keywords.value === form.elements.keywords.defaultValue) wanted.push([apply.name, apply.value]);
  const query = new URLSearchParams(wanted).toString();
  return location.pathname + (query && `?${query}`);
}

/** Show what `address` finds. Without a connection all stays as it is and is said; whatever else goes wrong, the
    browser goes there as it would have without this script. */
async function show(address, { isReturn = false } = {}) {
  underWay?.abort();
  waiting = null;
  const { signal } = (underWay = new AbortController());
  const results = document.getElementById("results");
  results.setAttribute("aria-busy", "true");
  told.textContent = "";
  try {
    const answer = await fetch(address, { signal, headers: { Accept: "text/html" } }).catch(withoutConnection);
    offline.hidden = true;
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (signal.aborted) return;
    exchange(page, isReturn);
    if (!isReturn) history.pushState(null, "", address);
    shown = address;
    for (const next of document.querySelectorAll('input[name="next"]')) next.value = address;
    told.textContent = document.getElementById("count").textContent;
  } catch (error) {
    if (error.name === "AbortError") return;
    if (error.name === "Offline") return wait(() => show(address, { isReturn }));
    if (isReturn) location.reload();
    else location.assign(address);
  }
}

/** A fetch that got no answer at all. */
function withoutConnection(error) {
  throw error.name === "AbortError" ? error : Object.assign(new Error(error.message), { name: "Offline" });
}

/** Say that there is no connection, and try again when there may be one. */
function wait(again) {
  document.getElementById("results").removeAttribute("aria-busy");
  offline.hidden = false;
  waiting = again;
  if (navigator.onLine) setTimeout(() => waiting === again && again(), 5000); // the server is away, not the network
}

/** Each region's new content, by id; focus, open lists, what was typed in them and their scrolling stay. */
function exchange(page, isReturn) {
  const focus = place(document.activeElement);
  const lists = [...filters.querySelectorAll("details")].map((details) => ({
    id: details.id,
    open: details.open,
    typed: details.querySelector(".sieve")?.value,
    top: details.querySelector(".long").scrollTop,
  }));
  for (const region of document.querySelectorAll("[data-region]")) {
    const fresh = page.getElementById(region.id);
    region.replaceChildren(...fresh.childNodes);
    region.removeAttribute("aria-busy");
    region.dispatchEvent(new CustomEvent("exchanged", { bubbles: true }));
  }
  filters.hidden = page.getElementById("filters").hidden;
  document.title = page.title;
  for (const link of ["link[rel=canonical]", 'link[type="application/atom+xml"]']) {
    document.querySelector(link).href = page.querySelector(link).href;
  }
  if (isReturn) form.elements.keywords.value = page.getElementById("keywords").value;
  form.elements.keywords.defaultValue = page.getElementById("keywords").value;
  for (const { id, open, typed, top } of lists) {
    const details = document.getElementById(id);
    if (!details) continue;
    details.open ||= open;
    const sieve = details.querySelector(".sieve");
    if (sieve && typed) {
      sieve.value = typed;
      sieve.dispatchEvent(new Event("input"));
    }
    details.querySelector(".long").scrollTop = top;
  }
  prepare();
  if (focus) (document.querySelector(focus) ?? document.getElementById("count")).focus({ preventScroll: true });
}

/** How to find an element again in the new content; nothing for one that stays. */
function place(element) {
  if (!element?.closest("[data-region]")) return null;
  if (element.matches("input[type=checkbox]")) {
    return `#choices input[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]`;
  }
  if (element.matches(".sieve")) return `#${element.closest("details").id} .sieve`;
  if (element.id) return `#${element.id}`;
  return element.matches(".switch a") ? `.switch a[href="${CSS.escape(element.getAttribute("href"))}"]` : "#count";
}

/** On a narrow screen a button shows the filters, and another one leads on to what they find. */
function prepare() {
  const button = document.getElementById("filters-button");
  const apply = document.getElementById("apply");
  button?.setAttribute("role", "button");
  button?.setAttribute("aria-controls", "filters");
  button?.setAttribute("aria-expanded", String(filters.dataset.open === "yes"));
  apply.textContent = apply.dataset.done;
  apply.classList.add("only-narrow");
}
function open(isOpen) {
  filters.dataset.open = isOpen ? "yes" : "no";
  document.getElementById("filters-button")?.setAttribute("aria-expanded", String(isOpen));
}

document.addEventListener("change", (event) => {
  if (event.target.matches("#choices input[type=checkbox]")) show(chosen());
});
document.addEventListener("click", (event) => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a, button");
  if (link?.matches("a[data-in-place]")) {
    event.preventDefault();
    show(link.pathname + link.search);
  } else if (link?.id === "filters-button") {
    event.preventDefault();
    open(filters.dataset.open !== "yes");
    if (filters.dataset.open === "yes") document.getElementById("filters-title").focus();
  } else if (link?.id === "apply") {
    event.preventDefault();
    if (narrow.matches) open(false);
    const count = document.getElementById("count");
    count.focus();
    count.scrollIntoView({ block: "start" });
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.id === "filters-button") {
    event.preventDefault();
    event.target.click();
  }
});
addEventListener("online", () => waiting?.());
addEventListener("popstate", () => {
  const address = location.pathname + location.search;
  if (address !== shown) show(address, { isReturn: true });
});

document.getElementById("filters-title").tabIndex = -1;
open(location.hash === "#filters");
prepare();
