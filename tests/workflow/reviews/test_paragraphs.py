"""Saved paragraphs: whose they are, where they fit, and what the audit says of them."""

import asyncio
import json
from typing import Any

import pytest

from tests.support.locks import ON_POSTGRES, somebody_else
from tests.workflow.reviews.conftest import Scene
from workflow.audit.tables import AuditEntry
from workflow.errors import InvalidInput, NotFound
from workflow.recruiters.queries import StaffMember
from workflow.reviews.paragraphs import (
    EVENTS,
    delete_paragraph,
    paragraph_of,
    paragraphs_for,
    paragraphs_of,
    save_paragraph,
)

WORDS = {"name": "Soon", "event": "reject", "language": "fr", "words": "D’autres offres suivront."}


async def names(staff: StaffMember) -> list[tuple[str, bool]]:
    return [(each.name, each.may_change) for each in await paragraphs_of(staff)]


def test_paragraphs_are_for_the_mails_that_recruiters_cause() -> None:
    assert EVENTS == ("consider", "accept", "reject", "reopen", "cancel")


async def test_own_units_are_ones_own_and_everybodys_are_the_administrators(scene: Scene) -> None:
    now, (first, second) = scene.house.now, scene.units
    own = await save_paragraph(scene.rose, WORDS | {"unit": first}, now=now)
    others = await save_paragraph(scene.ivan, WORDS | {"name": "Later", "unit": second}, now=now)
    everybodys = await save_paragraph(scene.ada, WORDS | {"name": "All", "unit": ""}, now=now)
    assert await names(scene.rose) == [("All", False), ("Soon", True)]
    assert await names(scene.ivan) == [("All", False), ("Later", True)]
    assert await names(scene.ada) == [("All", True), ("Later", True), ("Soon", True)]
    for foreign in (others, everybodys, 999, 2**40):
        with pytest.raises(NotFound):
            await paragraph_of(scene.rose, foreign)
        with pytest.raises(NotFound):
            await save_paragraph(scene.rose, WORDS | {"unit": first}, now=now, paragraph_id=foreign)
        with pytest.raises(NotFound):
            await delete_paragraph(scene.rose, foreign, now=now)
    assert (await paragraph_of(scene.rose, own)).words == WORDS["words"]


async def test_those_that_fit_are_offered(scene: Scene) -> None:
    now, (first, second) = scene.house.now, scene.units
    for changes in (
        {"name": "fits", "unit": first},
        {"name": "everybody's", "unit": ""},
        {"name": "of another unit", "unit": second},
        {"name": "in English", "language": "en", "unit": first},
        {"name": "for another mail", "event": "accept", "unit": first},
    ):
        await save_paragraph(scene.ada, WORDS | changes, now=now)
    found = await paragraphs_for(scene.ada, "reject", "fr", first)
    assert [each.name for each in found] == ["everybody's", "fits"]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": " "}, ["name"]),
        ({"words": "x" * 3_001}, ["words"]),
        ({"event": "withdraw", "language": "de"}, ["event", "language"]),
        ({"unit": ""}, ["unit"]),
        ({"unit": "2"}, ["unit"]),
        ({"unit": "²"}, ["unit"]),
    ],
)
async def test_what_makes_no_sense_is_refused(
    scene: Scene, changes: dict[str, Any], fields: list[str]
) -> None:
    data = WORDS | {"unit": scene.units[0]} | changes
    with pytest.raises(InvalidInput) as refused:
        await save_paragraph(scene.rose, data, now=scene.house.now)
    assert [error.field for error in refused.value.errors] == fields
    assert await paragraphs_of(scene.ada) == ()


async def test_the_audit_tells_what_was_changed(scene: Scene) -> None:
    now, unit = scene.house.now, scene.units[0]
    number = await save_paragraph(scene.rose, WORDS | {"unit": unit}, now=now)
    await save_paragraph(scene.rose, WORDS | {"unit": unit, "name": "Later"}, now=now, paragraph_id=number)
    await save_paragraph(scene.rose, WORDS | {"unit": unit, "name": "Later"}, now=now, paragraph_id=number)
    await delete_paragraph(scene.rose, number, now=now)
    rows = await AuditEntry.select().where(AuditEntry.subject_type == "paragraph").order_by(AuditEntry.id)
    assert {(row["actor_id"], row["subject_id"], row["unit"]) for row in rows} == {
        (scene.rose.actor.id, str(number), unit)
    }
    last = WORDS | {"unit": unit, "name": "Later"}
    assert [(row["action"], json.loads(row["before"]), json.loads(row["after"])) for row in rows] == [
        ("paragraph.made", {}, WORDS | {"unit": unit}),
        ("paragraph.edited", {"name": "Soon"}, {"name": "Later"}),
        ("paragraph.deleted", last, {}),
    ]


async def test_one_that_goes_to_another_unit_is_told_to_both(scene: Scene) -> None:
    now, (first, second) = scene.house.now, scene.units
    number = await save_paragraph(scene.ada, WORDS | {"unit": first}, now=now)
    await save_paragraph(scene.ada, WORDS | {"unit": second}, now=now, paragraph_id=number)
    await save_paragraph(scene.ada, WORDS | {"unit": ""}, now=now, paragraph_id=number)
    rows = await AuditEntry.select().where(AuditEntry.action == "paragraph.edited").order_by(AuditEntry.id)
    assert [(row["unit"], json.loads(row["before"]), json.loads(row["after"])) for row in rows] == [
        (first, {"unit": first}, {"unit": second}),
        (second, {"unit": first}, {"unit": second}),
        (second, {"unit": second}, {"unit": None}),
        (None, {"unit": second}, {"unit": None}),
    ]


@ON_POSTGRES
async def test_each_of_two_changes_at_once_follows_the_other(scene: Scene, database: str) -> None:
    now, data = scene.house.now, WORDS | {"unit": scene.units[0]}
    number = await save_paragraph(scene.rose, data, now=now)
    async with somebody_else(database) as other:
        await other.hold("paragraph", "name = 'Soon'")
        changes = [
            asyncio.create_task(save_paragraph(person, data | {"name": name}, now=now, paragraph_id=number))
            for person, name in ((scene.rose, "A"), (scene.ada, "B"))
        ]
        await other.see_waiting(2)
    await asyncio.gather(*changes)
    rows = await AuditEntry.select().where(AuditEntry.action == "paragraph.edited").order_by(AuditEntry.id)
    names = [[json.loads(row[key])["name"] for key in ("before", "after")] for row in rows]
    assert names in ([["Soon", "A"], ["A", "B"]], [["Soon", "B"], ["B", "A"]])
