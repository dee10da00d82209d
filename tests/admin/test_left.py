"""An application whose candidate has left: the history stays, and there is nothing to do and nobody to name."""

import pytest

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


@pytest.mark.filterwarnings("ignore:.*SQLite doesn't support ILIKE", "ignore:If running sessions")
async def test_whoever_has_left_is_nobody_in_lists_programs_and_tables(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    house, application = laboratories.house, laboratories.applications[0]
    gone = laboratories.candidates[0]
    async with visiting("rose") as rose:
        await rose.admin("GET", f"/api/tables/candidate/{gone}/")
        assert await erase_candidate(
            gone, is_due=lambda _: True, reason="wish", terms=house.terms, now=house.now
        )
        seen = [
            await rose.get(path)
            for path in (
                "/console/",
                "/console/?status=withdrawn",
                "/console/?offer=REF-1",
                "/console/offers",
                "/console/offers/REF-1/cancel",
                f"/console/applications/{application}/moves/consider",
            )
        ]
        seen += [
            await rose.admin("GET", f"/api/tables/{path}")
            for path in (
                "candidate/?__readable=true",
                f"candidate/{gone}/?__readable=true",
                "candidate/ids/",
                "application/?__readable=true",
                f"application/{application}/?__readable=true",
                "application/ids/",
            )
        ]
        assert [each.status_code for each in seen] == [200] * 5 + [303] + [200] * 6
        assert [str(each.url) for each in seen if "Chloé" in each.text] == []
        assert "Zoé" in seen[0].text
        row = seen[7].json()
        assert (row["first_name"], row["email"], row["city"]) == ("", "", "")
        for name in ("covering_letter_text", "cv_url"):
            assert seen[10].json()[name] == ""
