// How far a move of many is: looked up each second, until its report is there.

const PAUSE = 1_000;
const told = document.getElementById("told");
let quarter = 0;

/** Said aloud only now and then: at each quarter, and at the end. */
function tell({ done, total, finished }) {
  if (finished !== undefined) {
    told.textContent = told.dataset.finished;
    return;
  }
  const reached = Math.floor((4 * Number(done)) / Number(total));
  if (reached > quarter) told.textContent = told.dataset.text.replace("{done}", done);
  quarter = reached;
}

async function look() {
  const shown = document.getElementById("batch");
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected || answer.status === 404) return location.reload(); // logged out, or gone
    if (answer.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("batch");
      if ("finished" in fresh.dataset) shown.replaceWith(fresh);
      else advance(shown, fresh);
      tell(fresh.dataset);
      if ("finished" in fresh.dataset) return;
    }
  } catch {
    // offline for a moment: look again
  }
  setTimeout(look, PAUSE);
}

/** Only the figures change: whoever is about to press a button still finds it there, with the focus on it. */
function advance(shown, fresh) {
  shown.querySelector("progress").value = fresh.querySelector("progress").value;
  shown.querySelector("p").replaceChildren(...fresh.querySelector("p").childNodes);
}

setTimeout(look, PAUSE / 2);
