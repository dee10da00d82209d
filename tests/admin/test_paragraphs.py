"""The pages of saved paragraphs."""

import re

import pytest

from tests.admin.conftest import PEOPLE, Laboratories, Visiting
from workflow.reviews.paragraphs import save_paragraph
from workflow.reviews.tables import Paragraph

LIST = "/console/paragraphs"


def fields(laboratories: Laboratories, **changes: str) -> dict[str, str]:
    unit = str(laboratories.units[0])
    return {"name": "Soon", "event": "reject", "language": "fr", "unit": unit, "words": "À bientôt"} | changes


async def test_a_paragraph_is_kept_changed_and_deleted(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("rose") as rose:
        assert "No paragraphs yet" in (await rose.get(LIST)).text
        made = await rose.submit(f"{LIST}/new", **fields(laboratories))
        assert (made.status_code, made.headers["location"]) == (303, LIST)
        page = (await rose.get(LIST)).text
        assert ("À bientôt" in page, "LAB1" in page, "All saved." in page) == (True, True, True)
        (address,) = re.findall(rf'<h3><a href="({LIST}/\d+)">Soon</a>', page)
        form = (await rose.get(address)).text
        assert ("À bientôt</textarea>" in form, 'value="Soon"' in form) == (True, True)
        await rose.submit(address, **fields(laboratories, name="Later <b>", language="en"))
        assert "Later &lt;b&gt;" in (await rose.get(LIST)).text
        assert "Mails that were sent with it keep it." in (await rose.get(f"{address}/delete")).text
        gone = await rose.submit(f"{address}/delete")
        assert (gone.status_code, gone.headers["location"]) == (303, LIST)
        assert [(await rose.get(path)).status_code for path in (address, f"{address}/delete")] == [404, 404]
    assert await Paragraph.count() == 0


async def test_what_is_wrong_is_told_and_what_was_typed_stays(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("rose") as rose:
        wrong = fields(laboratories, name="", event="withdraw", unit=str(laboratories.units[1]))
        answer = await rose.submit(f"{LIST}/new", **wrong)
    assert answer.status_code == 422
    assert re.findall(r'<a href="#(\w+)">', answer.text) == ["name", "event", "unit"]
    assert "À bientôt</textarea>" in answer.text


@pytest.mark.parametrize("name", PEOPLE)
async def test_each_changes_those_of_their_units(
    laboratories: Laboratories, visiting: Visiting, name: str
) -> None:
    house, ada = laboratories.house, laboratories.staff["ada"]
    ids = [
        await save_paragraph(
            ada, fields(laboratories, name=f"Of {unit or 'all'}", unit=str(unit)), now=house.now
        )
        for unit in ("", *laboratories.units)
    ]
    seen = {"rose": [0, 1], "ivan": [0, 2], "nina": [0], "ada": [0, 1, 2]}[name]
    mine = {"rose": [1], "ivan": [2], "nina": [], "ada": [0, 1, 2]}[name]
    async with visiting(name) as visitor:
        page = (await visitor.get(LIST)).text
        pages = [(await visitor.get(f"{LIST}/{each}")).status_code for each in ids]
        asked = [(await visitor.get(f"{LIST}/{each}/delete")).status_code for each in ids]
        deleted = [(await visitor.submit(f"{LIST}/{each}/delete")).status_code for each in ids]
        units = re.findall(
            r'<option value="(\d*)"', (await visitor.get(f"{LIST}/new")).text.partition('id="unit"')[2]
        )
    names = [f"Of {unit or 'all'}" for unit in ("", *laboratories.units)]
    assert [f">{each}<" in page for each in names] == [number in seen for number in range(3)]
    assert pages == asked == [200 if number in mine else 404 for number in range(3)]
    assert deleted == [303 if number in mine else 404 for number in range(3)]
    own = {"rose": [0], "ivan": [1], "nina": [], "ada": [0, 1]}[name]
    everybodys = [""] if name == "ada" else []
    assert units == everybodys + [str(laboratories.units[number]) for number in own]
