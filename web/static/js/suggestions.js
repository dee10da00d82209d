// Ways to complete keywords, while they are typed: an editable combobox with a list (WAI-ARIA APG).

const PAUSE = 120;
const SHORTEST = 2;

/** Gives a field a list of suggestions. The words that it says stand on the form, in the reader's language. */
function suggest(form) {
  const { suggestions: address, suggestionsLabel: label, one, several } = form.dataset;
  const input = form.elements.keywords;
  const box = document.createElement("div");
  const list = document.createElement("ul");
  const told = document.createElement("p");
  let typed = input.value;
  let active = -1;
  let timer;
  let underWay;

  const options = () => [...list.children];
  const isOpen = () => !list.hidden;

  const close = () => {
    clearTimeout(timer);
    underWay?.abort();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    activate(-1);
  };

  /** The active option's words stand in the field; without one, what was typed. */
  const activate = (number) => {
    active = number;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === number)));
    const option = list.children[number];
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const go = (number) => {
    activate(number);
    input.value = list.children[number]?.textContent ?? typed;
  };

  const choose = (option) => {
    input.value = typed = option.textContent;
    told.textContent = "";
    close();
    if ("searches" in form.dataset) form.requestSubmit();
  };

  const show = (found) => {
    const items = found.map((text, at) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${at}`;
      option.role = "option";
      option.textContent = text;
      return option;
    });
    list.replaceChildren(...items);
    activate(-1);
    list.hidden = !items.length;
    input.setAttribute("aria-expanded", String(items.length > 0));
    told.textContent = items.length ? (items.length === 1 ? one : several).replace("{n}", items.length) : "";
  };

  const ask = async (then) => {
    underWay?.abort();
    typed = input.value;
    if (typed.trim().length < SHORTEST) return show([]);
    const { signal } = (underWay = new AbortController());
    try {
      const answer = await fetch(`${address}?${new URLSearchParams({ keywords: typed })}`, { signal, credentials: "omit" });
      const found = answer.ok ? (await answer.json()).suggestions : [];
      if (signal.aborted || document.activeElement !== input) return;
      show(found);
      then?.();
    } catch (error) {
      if (error.name !== "AbortError") show([]); // nothing to suggest; the search itself goes on
    }
  };

  const step = (by) => {
    if (!isOpen()) return ask(() => go(by > 0 ? 0 : options().length - 1));
    // -1 is the field itself: the way round leads through it
    const places = options().length + 1;
    go(((active + 1 + by + places) % places) - 1);
  };
  const keys = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    Home: () => active >= 0 && go(0),
    End: () => active >= 0 && go(options().length - 1),
    Enter: () => active >= 0 && choose(list.children[active]),
    Escape: () => {
      if (!isOpen()) return false;
      input.value = typed;
      close();
    },
  };

  box.className = "suggesting";
  input.before(box);
  list.id = `${input.id}-suggestions`;
  list.className = "suggestions";
  list.hidden = true;
  list.role = "listbox";
  list.setAttribute("aria-label", label);
  told.className = "unseen";
  told.role = "status";
  box.append(input, list, told);
  input.role = "combobox";
  input.autocomplete = "off";
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  input.addEventListener("input", (event) => {
    clearTimeout(timer);
    underWay?.abort();
    if (!event.isComposing) timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("compositionend", () => (timer = setTimeout(ask, PAUSE)));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const act = keys[event.key];
    if (act && act() !== false) event.preventDefault();
  });
  input.addEventListener("blur", close);
  form.addEventListener("submit", close);
  addEventListener("pageshow", close);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("li");
    if (option) choose(option);
  });
}

document.querySelectorAll("form[data-suggestions]").forEach(suggest);
