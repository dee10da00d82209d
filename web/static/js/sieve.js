// A long list of choices can be narrowed by typing; the choices that are made stay in sight.

const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function sieve(list) {
  const field = document.createElement("input");
  const none = document.createElement("p");
  const choices = [...list.querySelectorAll(".choice")];
  const narrow = () => {
    const words = fold(field.value).split(/\s+/);
    for (const choice of choices) {
      const text = fold(choice.querySelector(".choice-text").textContent);
      choice.hidden = !choice.querySelector("input").checked && !words.every((word) => text.includes(word));
    }
    const isEmpty = choices.every((choice) => choice.hidden);
    none.textContent = isEmpty ? list.dataset.nothing : "";
  };
  field.type = "search";
  field.className = "input sieve";
  field.autocomplete = "off";
  field.placeholder = list.dataset.sieve;
  field.setAttribute("aria-label", list.dataset.sieve);
  none.className = "hint";
  none.role = "status";
  field.addEventListener("input", narrow);
  // it belongs to no search: Enter must not send the form around it
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  list.before(field, none);
}

const sieveAll = (root) => root.querySelectorAll("[data-sieve]").forEach(sieve);
sieveAll(document);
document.addEventListener("exchanged", (event) => sieveAll(event.target));
