"""Exports hold what their reader may see, nothing of those who left, and leave a trace (C8)."""

import csv
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from httpx import Response

from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting
from tests.web.site import ON_SQLITE
from tests.workflow.documents.making import pdf
from workflow.applications import exporting
from workflow.applications.commands import move_application
from workflow.audit.tables import AuditEntry
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.documents.commands import Upload
from workflow.offers.tables import Offer
from workflow.privacy.erasure import erase_candidate
from workflow.reviews.tables import ApplicationRating

APPLICATIONS, OFFERS = "/console/exports/applications.csv", "/console/exports/offers.csv"


def rows(answer: Response) -> list[dict[str, str]]:
    """As a spreadsheet opens it."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    text = answer.content.decode()
    assert text[0] == "\ufeff"
    return list(csv.DictReader(StringIO(text[1:], newline="")))


async def entries() -> list[Mapping[str, Any]]:
    return [
        {**row, "after": json.loads(row["after"])}
        for row in await AuditEntry.select(
            AuditEntry.actor_id, AuditEntry.action, AuditEntry.subject_id, AuditEntry.unit, AuditEntry.after
        )
        .where(AuditEntry.subject_type == "export")
        .order_by(AuditEntry.id)
    ]


async def test_everybody_exports_what_they_see(laboratories: Laboratories, visiting: Visiting) -> None:
    first, second = laboratories.units
    seen: dict[str, list[int]] = {}
    for name in PEOPLE:
        async with visiting(name) as visitor:
            seen[name] = [
                len(rows(await visitor.get(path)))
                for path in (
                    APPLICATIONS,
                    f"{APPLICATIONS}?unit={first}",
                    f"{APPLICATIONS}?unit={second}",
                    f"{APPLICATIONS}?offer=REF-1",
                    f"{APPLICATIONS}?offer=REF-2",
                    f"{APPLICATIONS}?status=submitted",
                    f"{APPLICATIONS}?status=rejected",
                    f"{APPLICATIONS}?name=zo",
                    f"{APPLICATIONS}?overdue=yes",
                    f"{APPLICATIONS}?stars=1&unit=99999",
                    OFFERS,
                    f"{OFFERS}?unit={first}",
                    f"{OFFERS}?offer=REF-2",
                    f"{OFFERS}?unit=99999",
                )
            ]
    assert seen == {
        "rose": [2, 2, 0, 2, 0, 2, 0, 1, 0, 0, 1, 1, 0, 0],
        "ivan": [1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 0],
        "nina": [0] * 14,
        "ada": [3, 2, 1, 2, 1, 3, 0, 1, 0, 0, 2, 1, 1, 0],
    }


async def test_a_row_tells_all_of_an_application(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    rose, house = laboratories.staff["rose"], laboratories.house
    await move_application(
        rose, laboratories.applications[0], "consider", terms=house.terms, now=clock.now + timedelta(days=1)
    )
    async with write_transaction():
        await Candidate.update({Candidate.city: "Brest", Candidate.phone: "+33 2 98 00 00 00"}).where(
            Candidate.id == laboratories.candidates[0]
        )
        for name, stars in (("rose", 4), ("ada", 5)):
            await ApplicationRating.insert(
                ApplicationRating(
                    application=laboratories.applications[0],
                    recruiter=laboratories.staff[name].id,
                    stars=stars,
                    rated_at=clock.now,
                )
            )
    clock.now += timedelta(days=9, hours=3)
    async with visiting("rose") as visitor:
        answer = await visitor.get(APPLICATIONS)
    found = {row["First name"]: row for row in rows(answer)}
    address = (
        await Candidate.select(Candidate.email).where(Candidate.id == laboratories.candidates[0]).first()
    )
    assert address
    assert found["Chloé"] == {
        "Reference": "REF-1",
        "Offer": "Chemist",
        "Unit": "LAB1",
        "First name": "Chloé",
        "Last name": "Martin",
        "E-mail address": address["email"],
        "Phone": "+33 2 98 00 00 00",
        "City": "Brest",
        "State": "Under consideration",
        "Sent": "2026-03-02 10:30",
        "In this state since": "2026-03-03 10:30",
        "Days waiting": "8",
        "Average rating": "4.5",
        "Documents": "",
    }
    assert (found["Zoé"]["Days waiting"], found["Zoé"]["Average rating"]) == ("9", "")
    assert 'filename="vivier-applications-2026-03-11.csv"' in answer.headers["content-disposition"]


async def test_offers_are_told_with_their_applications(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("ivan") as visitor:
        (offer,) = rows(await visitor.get(OFFERS))
    assert offer == {
        "Reference": "REF-2",
        "Title (French)": "Physicien",
        "Title (English)": "Physicist",
        "Unit": "LAB2",
        "State": "Published",
        "Published": "2026-03-02 10:30",
        "Last day": "2026-04-01",
        "Positions": "1",
        "Submitted": "1",
        "Under consideration": "0",
        "Rejected": "0",
        "Successful": "0",
        "Withdrawn": "0",
    }


async def test_each_export_leaves_a_trace_without_the_name(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    first, second = laboratories.units
    rose, ada = laboratories.staff["rose"], laboratories.staff["ada"]
    async with visiting("rose") as visitor:
        await visitor.get(f"{APPLICATIONS}?name=Chlo%C3%A9&status=submitted")
    async with visiting("ada") as visitor:
        for query in ("", f"?unit={second}", "?unit=99999&offer=REF-1"):
            await visitor.get(APPLICATIONS + query)
        await visitor.get(f"{OFFERS}?offer=REF-2&name=Omar")
    applications = {"action": "applications.exported", "subject_id": "applications"}
    assert await entries() == [
        {
            **applications,
            "actor_id": rose.actor.id,
            "unit": first,
            "after": {"rows": 1, "status": "submitted"},
        },
        {**applications, "actor_id": ada.actor.id, "unit": None, "after": {"rows": 3}},
        {**applications, "actor_id": ada.actor.id, "unit": second, "after": {"rows": 1, "unit": str(second)}},
        {
            **applications,
            "actor_id": ada.actor.id,
            "unit": None,
            "after": {"rows": 0, "unit": "99999", "offer": "REF-1"},
        },
        {
            "action": "offers.exported",
            "subject_id": "offers",
            "actor_id": ada.actor.id,
            "unit": second,
            "after": {"rows": 1, "offer": "REF-2"},
        },
    ]


async def test_nothing_is_told_of_those_who_left(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    house = laboratories.house
    leaving = await house.candidate("Ottilie", email="ottilie@example.org", phone="+33600000000", city="Metz")
    await house.application(leaving, "REF-1", cv=Upload("Ottilie.pdf", pdf()))
    async with visiting("rose") as visitor:
        before = (await visitor.get(APPLICATIONS)).text
        assert all(word in before for word in ("Ottilie", "ottilie@", "Metz", "Ottilie.pdf"))
        await erase_candidate(
            leaving,
            is_due=lambda _: True,
            reason="wish",
            terms=house.terms,
            now=clock.now + timedelta(hours=1),
        )
        answer = await visitor.get(APPLICATIONS)
        searched = rows(await visitor.get(f"{APPLICATIONS}?name=Ottilie"))
    assert not re.search("ottilie|33600000000|Metz|erased", answer.text, re.IGNORECASE)
    (left,) = [row for row in rows(answer) if row["Last name"] == "Deleted account"]
    personal = ("First name", "E-mail address", "Phone", "City", "Days waiting", "Documents")
    assert ({left[name] for name in personal}, left["State"], searched) == ({""}, "Withdrawn", [])


async def test_what_strangers_typed_is_no_formula(laboratories: Laboratories, visiting: Visiting) -> None:
    names = ["=HYPERLINK(1)", "@SUM(1)", "-2+3", "+1x", "\tTab", "\uff1d1", "a;=1", 'quo"te,;\nline']
    async with write_transaction():
        await Candidate.update(
            {Candidate.first_name: names[0], Candidate.last_name: names[6], Candidate.city: names[4]}
        ).where(Candidate.id == laboratories.candidates[0])
        await Candidate.update(
            {Candidate.first_name: names[7], Candidate.last_name: names[1], Candidate.phone: names[3]}
        ).where(Candidate.id == laboratories.candidates[1])
        await Offer.update({Offer.title_en: names[2], Offer.title_fr: names[5]}).where(
            Offer.id == laboratories.offers[0]
        )
    async with visiting("rose") as visitor:
        found = rows(await visitor.get(APPLICATIONS))
        (offer,) = rows(await visitor.get(OFFERS))
    assert [
        [row[name] for name in ("First name", "Last name", "City", "Phone", "Offer")] for row in found
    ] in (
        [
            ["'=HYPERLINK(1)", "a;'=1", "'\tTab", "", "'-2+3"],
            ['quo"te,;\nline', "'@SUM(1)", "", "'+1x", "'-2+3"],
        ],
        [
            ['quo"te,;\nline', "'@SUM(1)", "", "'+1x", "'-2+3"],
            ["'=HYPERLINK(1)", "a;'=1", "'\tTab", "", "'-2+3"],
        ],
    )
    assert (offer["Title (French)"], offer["Title (English)"]) == ("'\uff1d1", "'-2+3")


async def test_many_rows_go_out_part_by_part(
    laboratories: Laboratories, visiting: Visiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_AT_ONCE", 2)
    asked: list[int] = []
    read = exporting._rows

    async def counted(ids: list[UUID]) -> list[dict[str, Any]]:
        asked.append(len(ids))
        return await read(ids)

    monkeypatch.setattr(exporting, "_rows", counted)
    house = laboratories.house
    people = [await house.candidate(f"Nr{number}") for number in range(5)]
    for person in people:
        await house.application(person, "REF-2")
    async with visiting("ivan") as visitor:
        found = rows(await visitor.get(APPLICATIONS))
    assert (len(found), asked) == (6, [2, 2, 2])


async def test_the_french_have_their_own_words_and_separator(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("rose") as visitor:
        visitor.client.headers["Accept-Language"] = "fr"
        text = (await visitor.get(APPLICATIONS)).content.decode()
    head = text.lstrip("\ufeff").splitlines()[0].split(";")
    assert (head[0], head[2], len(head)) == ("Référence", "Unité", 14)
    assert "Chimiste (H/F)" in text


@ON_SQLITE
async def test_a_filter_without_sense_is_refused(laboratories: Laboratories, visiting: Visiting) -> None:
    """Left alone it would give everything."""
    odd = (f"unit={'9' * 20}", "unit=LAB1", "unit=0", "unit=-1", "status=lost", "overdue=1", "stars=6")
    async with visiting("ada") as visitor:
        refused = [(await visitor.get(f"{APPLICATIONS}?{query}")).status_code for query in odd]
        of_offers = [(await visitor.get(f"{OFFERS}?{query}")).status_code for query in odd[:4]]
        empty = await visitor.get(f"{APPLICATIONS}?unit=&status=&overdue=&stars=&name=&offer=")
    assert (refused, of_offers) == ([422] * 7, [422] * 4)
    assert len(rows(empty)) == 3
    assert len(await entries()) == 1
