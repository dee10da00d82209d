// A file that was still being drawn when its page came: it is looked for again, and put in place once it is there.

const SECONDS = 2;
const MOST = 15;

/** The same part of the page as it is now, or nothing. */
async function lookAgain(paper) {
  try {
    const answer = await fetch(paper.dataset.drawnAt);
    if (!answer.ok || answer.url.includes("/login")) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(paper.id);
    return fresh && !fresh.dataset.drawnAt ? fresh : null;
  } catch {
    return null;
  }
}

for (const paper of document.querySelectorAll("[data-drawn-at]")) {
  for (let times = 0; times < MOST; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const fresh = await lookAgain(paper);
    if (fresh) {
      paper.replaceWith(fresh);
      break;
    }
  }
}
