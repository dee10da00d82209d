// The bar after a decision: how long it can be undone, counted down; when the time is over it says so and goes.
// The key `u` undoes.
const bar = document.querySelector("[data-undo-until]");
if (bar) {
  const until = Date.parse(bar.dataset.undoUntil);
  const left = bar.querySelector("[data-undo-left]");
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds > 0) {
      left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      return;
    }
    clearInterval(timer);
    bar.querySelector("[data-undo-when]").textContent = bar.dataset.told;
    bar.querySelector("form").remove();
    setTimeout(() => bar.remove(), 10_000);
  };
  const areKeysOff = () => {
    try {
      return localStorage.getItem("vivier-keys-off") === "yes"; // as it is kept by application.js
    } catch {
      return false;
    }
  };
  document.addEventListener("keydown", (event) => {
    if (event.key !== "u" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], dialog") || areKeysOff()) return;
    bar.querySelector("form button")?.click();
  });
  const timer = setInterval(tick, 1000);
  tick();
}
