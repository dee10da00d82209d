// Before a move: the mail follows the words that are typed, and a saved paragraph is put in where the cursor is.

const form = document.querySelector("form[data-preview-at]");
const area = form?.elements.paragraph;
if (area) {
  let pause;
  let asked = 0;

  const show = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.previewAt, { method: "POST", body: new FormData(form) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-preview]");
      if (mine !== asked || !answer.ok || !fresh) return;
      const frame = document.querySelector("[data-preview] iframe");
      frame.srcdoc = fresh.querySelector("iframe").getAttribute("srcdoc");
      document.querySelector("[data-preview] pre").textContent = fresh.querySelector("pre").textContent;
    } catch {
      // the button still shows it
    }
  };

  area.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(show, 350);
  });

  form.querySelector("button[value=insert]")?.addEventListener("click", async (event) => {
    event.preventDefault();
    const body = new FormData(form);
    body.set("paragraph", "");
    body.set("then", "insert");
    const answer = await fetch(form.dataset.previewAt, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const words = page.getElementById("paragraph")?.value;
    if (!words) return;
    const [before, after] = [area.value.slice(0, area.selectionStart).trimEnd(), area.value.slice(area.selectionEnd).trimStart()];
    area.value = [before, words, after].filter(Boolean).join("\n\n");
    area.dispatchEvent(new Event("input"));
    area.focus();
  });
}
