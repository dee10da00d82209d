"""The picture of the machine on the page of an application (C4)."""

import re
from datetime import timedelta
from html import unescape

from tests.admin.conftest import Clock, Laboratories, Visiting


def told(page: str) -> str:
    """What the drawing says to those who cannot see it."""
    found = re.search(r'<desc id="drawing-desc">([^<]*)</desc>', page)
    assert found
    return unescape(found[1])


def looks(page: str) -> dict[str, str]:
    return {state: look for look, state in re.findall(r'<g class="state-(\w+) tone-(\w+)">', page)}


def texts(page: str, look: str) -> list[str]:
    return re.findall(rf'<text class="text-{look}"[^>]*>([^<]*)</text>', page)


async def test_drawing_follows_an_application(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    async with visiting("rose") as rose:
        await rose.submit(f"{address}/moves", event="consider", version="1")
        clock.now += timedelta(days=1)
        await rose.submit(f"{address}/moves", event="accept", version="2")
        held = (await rose.get(address)).text
        clock.now += timedelta(days=365)
        a_year_later = (await rose.get(address)).text
    assert looks(held) == {
        "submitted": "visited",
        "under_consideration": "move",
        "rejected": "possible",
        "successful": "here",
        "withdrawn": "possible",
    }
    assert texts(held, "move") == ["Undo"]
    assert texts(held, "held") == ["told at 10:45"]
    assert texts(a_year_later, "move") == ["Reopen"]
    assert texts(a_year_later, "held") == []
    assert texts(a_year_later, "date") == ["2 Mar 2026, 10:30", "2 Mar 2026, 10:30", "3 Mar 2026, 10:30"]
    assert told(held) == (
        "It stands at “Successful”. "
        "2 Mar, 10:30: “Applied”, to “Submitted”. "
        "2 Mar, 10:30: “Take under consideration”, to “Under consideration”. "
        "10:30: “Accept”, to “Successful”. It is told at 10:45. "
        "“Reopen”, to “Under consideration”, is not open to you now. "
        "You may do “Undo” now: it leads to “Under consideration”."
    )


async def test_drawing_speaks_french(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        rose.client.cookies.set("language", "fr")
        page = (await rose.get(f"/console/applications/{laboratories.applications[0]}")).text
    assert told(page) == (
        "État actuel : « Reçue ». 10:30 : « Candidature déposée », vers « Reçue ». "
        "Vous pouvez maintenant choisir « Examiner », qui mène à « En cours d’examen ». "
        "« Retirer la candidature », vers « Retirée », ne vous est pas ouvert maintenant. "
        "« Annuler avec l’offre », vers « Non retenue », ne vous est pas ouvert maintenant."
    ).replace("« ", "«\u00a0").replace(" »", "\u00a0»").replace(" :", "\u00a0:")


async def test_drawing_asks_for_no_inline_styles(laboratories: Laboratories, visiting: Visiting) -> None:
    """The policy of our pages would refuse them."""
    async with visiting("rose") as rose:
        page = await rose.get(f"/console/applications/{laboratories.applications[0]}")
    assert "style-src" not in page.headers["content-security-policy"]
    assert "<style" not in page.text
    assert " style=" not in page.text
