// What makes the pages quicker where scripts run; without them everything works all the same.

/** What fields and forms of a page, or of a part that came later, can do more. */
function enhance(root) {
  root.querySelectorAll("textarea[data-limit]").forEach(count);
  root.querySelectorAll("[data-reveal]").forEach(reveal);
  root.querySelectorAll(".upload input").forEach(measure);
  root.querySelectorAll("form[data-saves]").forEach(saveAsWritten);
  root.querySelectorAll("form[data-asks]").forEach(askBeforeLeaving);
  // Errors first: the reader lands on the summary after a refused form.
  root.querySelector("[data-summary]")?.focus();
}

/** A form goes once. The button says so; coming back through the history, or ten seconds without an answer, free it again. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (button?.dataset.busy) {
    button.dataset.label = button.textContent;
    button.textContent = button.dataset.busy;
    button.setAttribute("aria-busy", "true");
  }
  const isUpload = form.matches("[data-progress]") && [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  if (!isUpload) return setTimeout(free, 10_000);
  event.preventDefault();
  sendWithProgress(form, button);
});
addEventListener("pageshow", free);
function free() {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy][data-label]")) {
    button.textContent = button.dataset.label;
    button.removeAttribute("aria-busy");
  }
}

/** Files on their way: how far they are. The answer is where to go on to, or the page with what is to be mended. */
function sendWithProgress(form, button) {
  const note = form.querySelector("[data-sending]");
  const bar = document.createElement("progress");
  bar.className = "progress";
  bar.max = 1;
  bar.setAttribute("aria-label", button?.dataset.busy ?? "");
  note.replaceChildren(bar);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("X-Sent-By-Script", "yes");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    if (request.getResponseHeader("Content-Type")?.startsWith("application/json")) {
      return location.assign(JSON.parse(request.responseText).location);
    }
    free();
    note.replaceChildren();
    showAnswer(form, request);
  });
  request.addEventListener("error", () => {
    free();
    note.textContent = form.dataset.offline;
  });
  request.send(new FormData(form, button));
}

/** Somebody who was logged out, here or in another tab, keeps the page with the files that they chose; all others see
 *  the page that came. */
function showAnswer(form, request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const summary = page.querySelector("[data-summary]");
  const outdated = page.querySelector("[data-outdated]");
  const flashes = page.querySelector("div.flashes");
  document.querySelector("div.flashes")?.remove(); // what was said of the page before
  if (flashes) document.querySelector("header").after(flashes);
  if ((request.status === 401 && summary) || outdated) {
    const told = outdated ?? summary;
    if (outdated) {
      form.elements._csrf_token.value = page.querySelector("[name=_csrf_token]").value;
      outdated.className = "summary stack-s";
      outdated.setAttribute("role", "alert");
    }
    form.parentElement.querySelector("[data-summary], [data-outdated]")?.remove();
    form.before(told);
    return told.focus();
  }
  const main = page.querySelector("main");
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  enhance(main);
  if (!summary) main.focus();
}

const TYPED = "textarea, input[type=url]";

/** What is written is saved at every pause and whenever one leaves, and the letter shown as it will be read. */
function saveAsWritten(form) {
  const note = form.querySelector("[data-saving]");
  const preview = form.querySelector("[data-preview]");
  const seen = form.elements.seen;
  let timer;
  let underWay = null;
  let isUnsaved = false;
  let isRefused = false;
  let unanswered = []; // words that went out, and may have arrived
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (underWay || form.dataset.sent ? later() : save()), 1_200);
  };
  const save = () => {
    clearTimeout(timer);
    underWay = send().finally(() => (underWay = null));
    return underWay;
  };
  const send = async () => {
    const words = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !name.startsWith("remove_"));
    const body = new FormData();
    for (const [name, value] of [...words, ...unanswered, ["then", "stay"]]) body.append(name, value);
    const mine = unanswered = words.filter(([name]) => form.elements[name].matches(TYPED)).map(([name, value]) => [`sent_${name}`, value]);
    isUnsaved = false;
    try {
      const keepalive = new Blob([...body.values()]).size < 60_000; // what outlives its page may have 64 KiB
      const answer = await fetch(form.action, { method: "POST", body, keepalive, headers: { Accept: "application/json" } });
      const told = await answer.json();
      isRefused = !answer.ok;
      note.textContent = told.said;
      if ("seen" in told) seen.value = told.seen;
      if ("preview" in told) {
        preview.lastElementChild.innerHTML = told.preview;
        preview.hidden = !told.preview;
      }
      if (unanswered === mine) unanswered = [];
    } catch {
      isRefused = true;
      note.textContent = form.dataset.unsavable;
    }
    isUnsaved ||= isRefused;
    note.toggleAttribute("data-over", isRefused);
  };
  const saveNow = () => {
    if (isUnsaved && form.isConnected && !form.dataset.sent) save();
  };
  addEventListener("pagehide", saveNow);
  document.addEventListener("visibilitychange", () => document.hidden && Promise.resolve(underWay).then(saveNow));
  // What cannot be saved is lost by leaving.
  addEventListener("beforeunload", (event) => {
    if (isUnsaved && isRefused && form.isConnected && !form.dataset.sent) event.preventDefault();
  });
  // What is on its way comes first, so that this form knows of it, and other ones (log out, throw away) do not overtake it.
  let hasWaited = false;
  document.addEventListener("submit", (event) => {
    const isOther = event.target !== form;
    if (!form.isConnected || hasWaited || !(underWay || (isOther && isUnsaved))) return clearTimeout(timer);
    event.preventDefault();
    event.stopImmediatePropagation();
    Promise.resolve(underWay).then(() => (isOther && isUnsaved ? save() : null)).then(() => {
      hasWaited = true;
      event.target.requestSubmit(event.submitter);
      hasWaited = false;
    });
  }, { capture: true });
  form.addEventListener("input", (event) => {
    if (!event.target.matches(TYPED)) return;
    isUnsaved = true;
    note.textContent = form.dataset.unsaved;
    later();
  });
}

/** Whoever leaves a form that they have changed is asked first. */
function askBeforeLeaving(form) {
  const note = form.querySelector("[data-saving]");
  let isChanged = Boolean(form.matches("[data-changed]") || form.querySelector("[aria-invalid=true]")); // a form that came back is not saved
  form.addEventListener("input", () => {
    isChanged = true;
    note.textContent = form.dataset.unsaved;
  });
  addEventListener("beforeunload", (event) => {
    if (isChanged && form.isConnected && !form.dataset.sent) event.preventDefault();
  });
}

/** Characters left, said aloud only when the writer pauses. */
function count(area) {
  const counter = document.getElementById(`${area.id}-counter`);
  const limit = Number(area.dataset.limit);
  const tell = () => {
    const left = limit - [...area.value].length;
    counter.textContent = (left < 0 ? counter.dataset.tooMany : counter.dataset.left).replace("{n}", Math.abs(left));
    counter.toggleAttribute("data-over", left < 0);
  };
  counter.setAttribute("aria-live", "polite");
  area.addEventListener("input", tell);
  tell();
}

/** A password can be looked at. */
function reveal(box) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  const set = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? box.dataset.hide : box.dataset.show;
    button.setAttribute("aria-label", `${button.textContent}: ${input.labels[0].textContent.trim()}`);
  };
  button.addEventListener("click", () => set(input.type === "password"));
  input.form?.addEventListener("submit", () => set(false));
  set(false);
  box.append(button);
}

/** The chosen file: its size, before it is sent; one that is too large is not sent at all. */
function measure(input) {
  const note = document.createElement("output");
  note.className = "counter";
  note.id = `${input.id}-chosen`;
  note.htmlFor = input.id;
  input.after(note);
  input.setAttribute("aria-describedby", `${input.getAttribute("aria-describedby") ?? ""} ${note.id}`.trim());
  const size = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 });
  const isTooLarge = () => input.files[0]?.size > Number(input.dataset.limit);
  input.addEventListener("change", () => {
    const file = input.files[0];
    const said = file ? `${file.name} – ${size.format(file.size / 2 ** 20)}` : "";
    note.textContent = isTooLarge() ? `${said}. ${input.dataset.tooLarge}` : said;
    note.toggleAttribute("data-over", isTooLarge());
    input.setAttribute("aria-invalid", String(isTooLarge()));
  });
  input.form?.addEventListener("submit", (event) => {
    if (!isTooLarge()) return;
    event.preventDefault();
    input.focus();
  });
}

enhance(document);

/** Links in mails never act by themselves: the page has one button, and a visitor's browser presses it. */
const waiting = document.querySelector("form[data-press]");
waiting?.requestSubmit(waiting.querySelector("button"));
