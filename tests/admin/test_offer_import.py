"""Importing offers in the console: what each line would do, then all of it or nothing; one's own units (C1, C2)."""

import html
import json
import re
from datetime import timedelta

import httpx

from tests.admin.conftest import Clock, Laboratories, Visiting, Visitor
from tests.admin.test_schedule import read
from web.kit.security import CSRF_COOKIE
from workflow.audit.tables import AuditEntry
from workflow.engine.machine import Terms
from workflow.offers.commands import extend_offer
from workflow.offers.tables import Offer
from workflow.recruiters.tables import Unit
from workflow.sealing import seal
from workflow.settings import Settings

IMPORT = "/console/offers/import"
HEADER = "reference,title_fr,contract_type,contract_code,unit_code,region_code,date_published,date_deadline"
LINES = (
    "NEW-1,Chimiste,scientific,fixed_term,LAB1,53,2026-03-01,2026-04-15",
    "OVER-1,Chimiste,scientific,fixed_term,LAB1,53,2026-01-01,2026-02-01",
    "REF-1,Chimiste d’État,scientific,,LAB1,53,2026-03-01,2026-04-01",
    "REF-2,Autrui,scientific,,LAB1,53,2026-03-01,2026-04-01",
    "NEW-2,Chimiste,scientific,,LAB2,53,2026-03-01,2026-04-01",
    "NEW-3,Chimiste,scientific,,LAB9,99,2026-03-01,soon",
)
FILE = "\n".join((HEADER, *LINES)).encode()


async def upload(visitor: Visitor, content: bytes, name: str = "offers.csv") -> httpx.Response:
    if CSRF_COOKIE not in visitor.client.cookies:
        await visitor.get(IMPORT)
    token = visitor.client.cookies[CSRF_COOKIE]
    return await visitor.client.post(IMPORT, data={"_csrf_token": token}, files={"file": (name, content)})


def cells(page: str) -> list[list[str]]:
    """The lines of the table, as they are read."""
    body = html.unescape(page).split("<tbody>")[1].split("</tbody>")[0]
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<t[dh] ?[^>]*>(.*?)</t[dh]>", row, re.DOTALL)
        ]
        for row in body.split("<tr")[1:]
    ]


def lines(page: str) -> list[tuple[str, str]]:
    """Of each line its reference and what happens to it."""
    return [(told[1].split()[-1], told[3]) for told in cells(page)]


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(plan|file)" value="([^"]*)"', page))


async def offers() -> list[tuple[str, str]]:
    rows = await Offer.select(Offer.reference, Offer.status).order_by(Offer.reference)
    return [(row["reference"], row["status"]) for row in rows]


async def test_lines_are_told_before_anything_is_written_and_carried_out_once_confirmed(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    before = await offers()
    async with visiting("rose") as rose:
        report = await upload(rose, FILE)
        assert (report.status_code, await offers()) == (200, before)
        assert lines(report.text) == [
            ("NEW-1", "New offer published"),
            ("OVER-1", "New offer closed, for its last day is over"),
            ("REF-1", "Changes In French – Title of the job"),
            (
                "REF-2",
                "Is left out reference There is an offer with this reference already, in another unit.",
            ),
            ("NEW-2", "Is left out unit_code “LAB2” is none of your units."),
            (
                "NEW-3",
                (
                    "Is left out date_deadline Write the day as year-month-day, such as 2026-12-31. "
                    "unit_code “LAB9” is none of your units. "
                    "region_code “99” is not in the list. Choose one of it."
                ),
            ),
        ]
        assert "Import 3 offers" in report.text
        done = await rose.submit(f"{IMPORT}/confirm", **hidden(report.text))
        assert (done.status_code, clock.nudges) == (200, [clock.now])
        assert re.findall(r"<b>(\d+)</b>", done.text) == ["2", "1", "0", "3"]
        assert cells(done.text)[:2] == [
            [
                "5",
                "Autrui REF-2",
                "reference There is an offer with this reference already, in another unit.",
            ],
            ["6", "Chimiste NEW-2", "unit_code “LAB2” is none of your units."],
        ]
    assert await offers() == [("NEW-1", "published"), ("OVER-1", "closed"), ("REF-1", "published"), before[1]]
    assert await Unit.count() == 2
    rows = await AuditEntry.select().where(AuditEntry.action == "offer.imported").order_by(AuditEntry.id)
    assert {(row["actor_id"], row["unit"]) for row in rows} == {
        (laboratories.staff["rose"].actor.id, laboratories.units[0])
    }
    changed = json.loads(rows[2]["before"]), json.loads(rows[2]["after"])
    assert changed == ({"title_fr": "Chimiste (H/F)"}, {"title_fr": "Chimiste d’État"})


async def test_what_changed_meanwhile_is_shown_again_and_nothing_written(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, terms: Terms
) -> None:
    async with visiting("rose") as rose:
        report = await upload(rose, FILE)
        await extend_offer(laboratories.staff["rose"], "REF-1", "2026-05-01", terms=terms, now=clock.now)
        before = await offers()
        again = await rose.submit(f"{IMPORT}/confirm", **hidden(report.text))
        assert (again.status_code, await offers()) == (409, before)
        assert "Nothing was written. Look again." in again.text
        assert lines(again.text)[2] == (
            "REF-1",
            "Changes In French – Title of the job, Last day to apply",
        )
        assert (await rose.submit(f"{IMPORT}/confirm", **hidden(again.text))).status_code == 200
        twice = await rose.submit(f"{IMPORT}/confirm", **hidden(again.text))
        assert (twice.status_code, lines(twice.text)[0]) == (409, ("NEW-1", "Stays as it is"))


async def test_administrators_import_into_every_unit_and_make_new_ones(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    content = FILE.replace(b"LAB9,99,2026-03-01,soon", b"LAB9,53,2026-03-01,2026-04-01")
    async with visiting("ada") as ada:
        report = await upload(ada, content)
        assert "These units are made, for they are not known yet: LAB9." in report.text
        done = await ada.submit(f"{IMPORT}/confirm", **hidden(report.text))
        assert re.findall(r"<b>(\d+)</b>", done.text) == ["4", "2", "0", "0"]
    assert await Unit.exists().where(Unit.code == "LAB9")
    assert await AuditEntry.count().where(AuditEntry.action == "unit.created") == 1


async def test_a_page_of_somebody_else_or_of_yesterday_imports_nothing(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    before = await offers()
    async with visiting("rose") as rose:
        fields = hidden((await upload(rose, FILE)).text)
        key = Settings.from_environment({}).secret_key
        for_undoing = seal({"application": str(laboratories.applications[0]), "version": "2"}, key).decode()
        for file in ("", "x", fields["file"][:-9], for_undoing):
            changes = {"file": file}
            assert (await rose.submit(f"{IMPORT}/confirm", **{**fields, **changes})).status_code == 422
        assert (await rose.submit(f"{IMPORT}/confirm", **{**fields, "plan": ""})).status_code == 409
        async with visiting("ada") as ada:
            assert (await ada.submit(f"{IMPORT}/confirm", **fields)).status_code == 422
        clock.now += timedelta(hours=1, seconds=1)
        late = await rose.submit(f"{IMPORT}/confirm", **fields)
        assert (late.status_code, "Choose it once more." in late.text) == (422, True)
    assert await offers() == before


async def test_files_that_cannot_be_taken_say_why(laboratories: Laboratories, visiting: Visiting) -> None:
    many = "\n".join(
        [HEADER, *(f"R{number},x,scientific,,LAB1,53,2026-03-01,2026-04-01" for number in range(501))]
    )
    wrong = {
        b"": "it is empty.",
        b"\x89PNG\0": "it is not a text file.",
        b"a,b\n1,2\n": "its first line must name these columns, too",
        b"x" * (4 * 2**20 + 1): "This file is larger than we can take.",
        many.encode(): "There are 501 offers in this file; at most 500",
    }
    async with visiting("rose") as rose:
        for content, reason in wrong.items():
            answer = await upload(rose, content)
            assert (answer.status_code, reason in html.unescape(answer.text)) == (422, True), reason
        none = await rose.submit(IMPORT)
        assert (none.status_code, "Choose a file." in none.text) == (422, True)
        rose.client.headers["Accept-Language"] = "fr"
        french = html.unescape((await upload(rose, b"\n")).text)
        assert "Ce fichier ne peut pas être importé\u00a0: il est vide." in french


async def test_sample_can_be_imported_as_it_is(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        sample = await rose.get(f"{IMPORT}/sample.csv")
        assert sample.headers["content-type"] == "text/csv; charset=utf-8"
        report = await upload(rose, sample.content)
        assert lines(report.text) == [("2026-SAMPLE-1", "New offer published")]
        again = await read(rose, f"{IMPORT}/confirm")
    assert again.startswith("id=") or "Import offers" in again
