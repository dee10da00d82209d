// What makes the pages quicker where scripts run; without them everything works all the same.

/** Errors first: the reader lands on the summary after a refused form. */
document.querySelector("[data-summary]")?.focus();

/** A form goes once. The button says so; coming back through the history, or ten seconds without an answer, free it again. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "get") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(free, 10_000);
  const button = event.submitter;
  if (!button?.dataset.busy) return;
  button.dataset.label = button.textContent;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", free);
function free() {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-busy][data-label]")) {
    button.textContent = button.dataset.label;
    button.removeAttribute("aria-busy");
  }
}

/** Characters left, said aloud only when the writer pauses. */
for (const area of document.querySelectorAll("textarea[data-limit]")) {
  const counter = document.getElementById(`${area.id}-counter`);
  const limit = Number(area.dataset.limit);
  const count = () => {
    const left = limit - [...area.value].length;
    counter.textContent = (left < 0 ? counter.dataset.tooMany : counter.dataset.left).replace("{n}", Math.abs(left));
    counter.toggleAttribute("data-over", left < 0);
  };
  counter.setAttribute("aria-live", "polite");
  area.addEventListener("input", count);
  count();
}

/** A password can be looked at. */
for (const box of document.querySelectorAll("[data-reveal]")) {
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
for (const input of document.querySelectorAll(".upload input")) {
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

/** Links in mails never act by themselves: the page has one button, and a visitor's browser presses it. */
const waiting = document.querySelector("form[data-press]");
waiting?.requestSubmit(waiting.querySelector("button"));
