"""An application whose candidate has left: the history stays, and there is nothing to do and nobody to name."""

from tests.admin.conftest import Laboratories, Visiting
from tests.admin.test_console import cards
from workflow.applications.tables import Application
from workflow.privacy.erasure import erase_candidate


async def test_whoever_has_left_is_nobody_on_the_board_and_cannot_be_moved(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    application = laboratories.applications[0]
    row = await Application.select().where(Application.id == application).first()
    assert row is not None
    house = laboratories.house
    async with visiting("rose") as rose:
        assert "Chloé Martin" in cards((await rose.get("/console/")).text)
        assert await erase_candidate(
            row["candidate"], is_due=lambda _: True, reason="wish", terms=house.terms, now=house.now
        )
        board = await rose.get("/console/")
        assert "Deleted account" in cards(board.text)
        page = await rose.get(f"/console/applications/{application}")
        assert (page.status_code, "Chloé" in page.text, "mailto:" in page.text) == (200, False, False)
        assert "This account is deleted, with its profile, letters and files. The history stays." in page.text
        assert "Nothing is left to decide." in page.text
