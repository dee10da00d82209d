"""No way around the state machines through Piccolo Admin's REST, for recruiters and administrators alike (C10)."""

import asyncio
from typing import Any

import pytest
from piccolo.conf.apps import Finder

from tests.admin.conftest import Clock, Laboratories, Visiting
from tests.support.locks import ON_POSTGRES, somebody_else
from workflow.applications.tables import Application
from workflow.audit.tables import AuditEntry
from workflow.candidates.tables import Candidate
from workflow.documents.tables import Document
from workflow.engine.tables import History, HistoryNote, Outbox
from workflow.offers.tables import Offer
from workflow.recruiters.tables import RecruiterUnit, Unit

pytestmark = pytest.mark.filterwarnings("ignore:.*SQLite doesn't support ILIKE", "ignore:If running sessions")

EVERYTHING = (Application, Offer, History, HistoryNote, Outbox, Candidate, Document, Unit, RecruiterUnit)


async def everything() -> list[Any]:
    """All that must not have changed."""
    return [sorted(map(str, await table.select())) for table in EVERYTHING]


async def refused(visitor: Any, method: str, path: str, json: Any = None) -> tuple[int, Any]:
    before = await everything()
    answer = await visitor.admin(method, path, json)
    assert await everything() == before
    return answer.status_code, answer.json()["detail"]


async def test_application_cannot_be_written(laboratories: Laboratories, visiting: Visiting) -> None:
    for name in ("rose", "ada"):
        one = f"/api/tables/application/{laboratories.applications[0]}/"
        moves = "An application changes only through its moves: use the buttons at /console/."
        replaces = "Rows are not replaced here. Change single fields instead."
        async with visiting(name) as visitor:
            row = (await visitor.admin("GET", one)).json()
            assert row["status"] == "submitted"
            found = [
                await refused(visitor, "PATCH", one, {"status": "successful"}),
                await refused(visitor, "PATCH", one, {"version": 7}),
                await refused(visitor, "PATCH", one, {"id": str(laboratories.applications[1])}),
                await refused(visitor, "PATCH", one, {"covering_letter_text": "Mine now"}),
                await refused(visitor, "PUT", one, {**row, "status": "successful"}),
                await refused(visitor, "POST", "/api/tables/application/", row),
                await refused(visitor, "DELETE", one),
                await refused(visitor, "DELETE", "/api/tables/application/"),
                await refused(visitor, "PATCH", "/api/tables/application/", {"status": "successful"}),
            ]
        assert found == [
            (405, moves),
            (405, moves),
            (405, moves),
            (405, moves),
            (405, replaces),
            (405, "Applications are made by candidates, on the page of an offer."),
            (405, "Applications are never deleted."),
            (405, "Applications are never deleted."),
            (405, moves),
        ]


async def test_offer_keeps_what_its_machine_guards(laboratories: Laboratories, visiting: Visiting) -> None:
    for name in ("rose", "ada"):
        one = f"/api/tables/offer/{laboratories.offers[0]}/"
        hint = "cannot be changed here. Publish, close, archive or cancel an offer at /console/offers."
        never = "Offers are never deleted. Archive or cancel them at /console/offers."
        async with visiting(name) as visitor:
            row = (await visitor.admin("GET", one)).json()
            found = [
                await refused(visitor, "PATCH", one, {**row, "status": "archived"}),
                await refused(visitor, "PATCH", one, {"version": 9}),
                await refused(visitor, "PATCH", one, {"status": "closed", "version": 3}),
                await refused(visitor, "PATCH", one, {"id": str(laboratories.offers[1])}),
                await refused(visitor, "PATCH", one, {"unit": laboratories.units[1]}),
                await refused(visitor, "PATCH", one, {"reference": "REF-9", "title_fr": "Autre"}),
                await refused(visitor, "PATCH", one, {"created_at": "2020-01-01T00:00:00Z"}),
                await refused(visitor, "PATCH", one, {"published_at": None}),
                await refused(visitor, "PATCH", "/api/tables/offer/", {"title_fr": "Tout"}),
                await refused(visitor, "PUT", one, {**row, "title_fr": "Autre"}),
                await refused(visitor, "POST", "/api/tables/offer/", {**row, "reference": "REF-9"}),
                await refused(visitor, "DELETE", one),
                await refused(visitor, "DELETE", "/api/tables/offer/"),
            ]
        assert found == [
            (405, f"status: {hint}"),
            (405, f"version: {hint}"),
            (405, f"status, version: {hint}"),
            (405, f"id: {hint}"),
            (405, f"unit: {hint}"),
            (405, f"reference: {hint}"),
            (405, f"created_at: {hint}"),
            (405, f"published_at: {hint}"),
            (405, "Many rows at once cannot be changed here."),
            (405, "Rows are not replaced here. Change single fields instead."),
            (405, "Write a new offer at /console/offers/new."),
            (405, never),
            (405, never),
        ]


async def test_records_can_only_be_read(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("ada") as ada:
        step = (await ada.admin("GET", "/api/tables/history/")).json()["rows"][0]
        effect = (await ada.admin("GET", "/api/tables/outbox/")).json()["rows"][0]
        found = [
            await refused(ada, method, f"/api/tables/{table}/{row['id']}/", row)
            for table, row in (("history", step), ("outbox", effect))
            for method in ("PATCH", "DELETE")
        ]
        found.append(await refused(ada, "POST", "/api/tables/outbox/", effect))
    assert found == [(405, "This table can only be read.")] * 5
    assert not {"digest", "note_digest", "secret", "params", "rendered", "lease_token"} & {*step, *effect}


OPEN = {
    ("offer", "PATCH", "one"),
    ("unit", "PATCH", "one"),
    ("unit", "POST", "all"),
    ("recruiter", "PATCH", "one"),
    ("recruiter_unit", "POST", "all"),
    ("recruiter_unit", "DELETE", "one"),
}
"""What an administrator may write at all; other tests say which of it."""


async def test_every_door_is_closed_but_those_that_are_named(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    before = await everything()
    tables = {table._meta.tablename for table in Finder().get_table_classes()}
    found = set()
    async with visiting("ada") as ada:
        for name in sorted(tables):
            listed = (await ada.admin("GET", f"/api/tables/{name}/")).json().get("rows") or [{"id": 1}]
            row = {**listed[0], "status": "successful", "state": "cancelled", "version": 9}
            for method in ("PATCH", "PUT", "POST", "DELETE"):
                for size, path in (("one", f"{listed[0]['id']}/"), ("all", "")):
                    if (name, method, size) in OPEN:
                        continue
                    answer = await ada.admin(method, f"/api/tables/{name}/{path}", row)
                    if answer.status_code not in {404, 405}:
                        found.add((name, method, size, answer.status_code))
    assert found == set()
    assert await everything() == before


async def test_offer_text_changes_through_the_command(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    one = f"/api/tables/offer/{laboratories.offers[0]}/"
    effects = await Outbox.count().where(Outbox.kind == "index_offer")
    async with visiting("rose") as rose:
        row = (await rose.admin("GET", one)).json()
        answer = await rose.admin("PATCH", one, {**row, "title_fr": "Chimiste\u202e des eaux", "level": ""})
    assert (answer.status_code, answer.json()["title_fr"]) == (200, "Chimiste des eaux")
    assert await Outbox.count().where(Outbox.kind == "index_offer") == effects + 1
    assert clock.nudges == [clock.now]
    stored = await Offer.select(Offer.status, Offer.version, Offer.title_fr, Offer.title_en).where(
        Offer.id == laboratories.offers[0]
    )
    assert stored == [
        {"status": "published", "version": 2, "title_fr": "Chimiste des eaux", "title_en": "Chemist"}
    ]


async def test_offer_text_is_checked(laboratories: Laboratories, visiting: Visiting) -> None:
    one = f"/api/tables/offer/{laboratories.offers[0]}/"
    async with visiting("rose") as rose:
        status, detail = await refused(rose, "PATCH", one, {"region": "zz", "positions": 0})
    assert (status, detail) == (
        422,
        [
            {
                "loc": ["body", "region"],
                "msg": "“zz” is not in the list. Choose one of it.",
                "type": "value_error",
            },
            {
                "loc": ["body", "positions"],
                "msg": "Write a whole number from 1 to 999.",
                "type": "value_error",
            },
        ],
    )


async def test_form_sent_back_unchanged_changes_nothing(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    one = f"/api/tables/offer/{laboratories.offers[0]}/"
    async with visiting("rose") as rose:
        row = (await rose.admin("GET", one)).json()
        before = await everything()
        answer = await rose.admin("PATCH", one, {**row, "published_at": row["published_at"][:19] + "Z"})
        assert answer.status_code == 200
    assert await everything() == before


async def test_units_belong_to_administrators_and_accounts_to_their_own_page(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    first = laboratories.units[0]
    unit = f"/api/tables/unit/{first}/"
    rose = laboratories.staff["rose"].id
    at_team = (405, "People are invited, changed and let go at /console/team.")
    membership = {"recruiter": rose, "unit": laboratories.units[1]}
    async with visiting("rose") as visitor:
        found = [
            await refused(visitor, "PATCH", unit, {"name": "Mine"}),
            await refused(visitor, "POST", "/api/tables/unit/", {"code": "LAB3"}),
            await refused(visitor, "PATCH", f"/api/tables/recruiter/{rose}/", {"superuser": True}),
            await refused(visitor, "POST", "/api/tables/recruiter_unit/", membership),
        ]
    assert found == [
        (405, "Only administrators may change this table."),
        (405, "Make a new unit at /console/units/new."),
        (404, "There is nothing at this address."),
        (404, "There is nothing at this address."),
    ]
    async with visiting("ada") as visitor:
        found = [
            await refused(visitor, "DELETE", unit),
            await refused(visitor, "POST", "/api/tables/unit/", {"code": "LAB3"}),
            await refused(visitor, "PATCH", unit, {"code": "OTHER"}),
            await refused(visitor, "PATCH", f"/api/tables/recruiter/{rose}/", {"superuser": True}),
            await refused(visitor, "POST", "/api/tables/recruiter/", {"username": "x"}),
            await refused(visitor, "POST", "/api/tables/recruiter_unit/", membership),
            await refused(visitor, "DELETE", "/api/tables/audit/1/"),
        ]
        odd = await visitor.admin("PATCH", unit, {"waiting_days": 0})
        saved = await visitor.admin("PATCH", unit, {"name": "First one", "waiting_days": 10})
    assert found == [
        (405, "Units are never deleted: offers and histories name them."),
        (405, "Make a new unit at /console/units/new."),
        (405, "code: cannot be changed here."),
        at_team,
        at_team,
        at_team,
        (405, "This table can only be read."),
    ]
    assert (odd.status_code, saved.status_code) == (422, 200)
    assert await Unit.select(Unit.name, Unit.waiting_days).where(Unit.id == first) == [
        {"name": "First one", "waiting_days": 10}
    ]
    entries = await AuditEntry.select(AuditEntry.action, AuditEntry.after).where(
        AuditEntry.subject_type == "unit"
    )
    assert entries == [{"action": "unit.edited", "after": '{"name": "First one", "waiting_days": 10}'}]


@ON_POSTGRES
async def test_nobody_writes_over_what_is_saved_at_the_same_moment(
    database: str, laboratories: Laboratories, visiting: Visiting
) -> None:
    offer = f"/api/tables/offer/{laboratories.offers[0]}/"
    unit = f"/api/tables/unit/{laboratories.units[0]}/"
    async with visiting("ada") as ada:
        await ada.get("/admin/public/meta/")

        async def at_once(table: str, condition: str, path: str, *changes: dict[str, str]) -> Any:
            async with somebody_else(database) as other:
                await other.hold(table, condition)
                saving = [asyncio.create_task(ada.admin("PATCH", path, each)) for each in changes]
                await other.see_waiting(2)
            answers = await asyncio.gather(*saving)
            return sorted((each.status_code, each.json().get("detail")) for each in answers)

        of_offer = await at_once("offer", "reference = 'REF-1'", offer, {"city": "A"}, {"salary": "B"})
        of_unit = await at_once("unit", "code = 'LAB1'", unit, {"city": "A"}, {"name": "B"})
    (saved,) = await Offer.select(Offer.city, Offer.salary).where(Offer.reference == "REF-1")
    changed = "Somebody else has changed this offer since you opened it."
    assert of_offer == [(200, None), (405, changed)]
    assert saved in ({"city": "A", "salary": ""}, {"city": "Brest", "salary": "B"})
    assert of_unit == [(200, None), (200, None)]
    assert await Unit.select(Unit.city, Unit.name).where(Unit.code == "LAB1") == [{"city": "A", "name": "B"}]
