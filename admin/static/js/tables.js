// Piccolo Admin's page of an application gets what only the console knows: its moves, drawing and history (C3, C4).
// Its router keeps the address after the #; the panel is a page of ours in a frame, whose links lead the whole window.
const APPLICATION = /^#\/application\/([0-9a-f-]{36})\/?$/;

function panelOf(id) {
  const frame = document.createElement("iframe");
  frame.id = "vivier-panel";
  frame.title = document.documentElement.lang === "fr" ? "Étapes et historique" : "Moves and history";
  frame.src = `/console/applications/${id}/panel`;
  frame.dataset.application = id;
  frame.style.cssText = "display:block;width:100%;border:0;min-height:24rem";
  frame.addEventListener("load", () => fit(frame));
  return frame;
}

function fit(frame) {
  const page = frame.contentDocument?.body;
  if (!page) return;
  const grow = () => { frame.style.height = `${page.scrollHeight}px`; };
  grow();
  new ResizeObserver(grow).observe(page);
}

function place() {
  const id = location.hash.match(APPLICATION)?.[1];
  document.documentElement.classList.toggle("of-application", Boolean(id));
  const present = document.getElementById("vivier-panel");
  if (present?.dataset.application === id) return;
  present?.remove();
  const form = id && document.querySelector("#app form");
  form?.before(panelOf(id));
}

// The page draws itself when its data arrives, and again when it is left: look whenever it has changed.
new MutationObserver(place).observe(document.body, { childList: true, subtree: true });
addEventListener("hashchange", place);
place();
