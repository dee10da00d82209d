"""The list of offers: what each filter leaves, for whom, in what order, page by page (C1, C2)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.support.house import ZONE, House
from workflow.applications.commands import move_application
from workflow.applications.offer_clocks import standings, told_of_cancelling
from workflow.applications.offer_lists import OfferFilters, found_offers, offer_filters_from
from workflow.offers.commands import move_offer
from workflow.offers.queries import offers_by_ids
from workflow.recruiters.queries import StaffMember

PEOPLE = ("rose", "nina", "ada")


@pytest.fixture
async def staff(database: str, house: House) -> dict[str, StaffMember]:
    """Offers A to E of two units, A the oldest; Rose sees the first unit, Nina none, Ada all.

    To A two have applied, of whom one waits; to C one.
    """
    units = await house.unit("LAB1"), await house.unit("LAB2")
    people = {
        "rose": await house.recruiter(units[0]),
        "nina": await house.recruiter(name="Nina"),
        "ada": await house.recruiter(name="Ada", is_administrator=True),
    }
    titles = ("Électronicien", "Chimiste", "Physicien", "Chimiste en chef", "Archéologue")
    for number, (letter, title) in enumerate(zip("ABCDE", titles, strict=True)):
        then = House(house.now + timedelta(minutes=number), house.terms, house.folder)
        await then.offer(
            people["ada"],
            units[number // 3],
            f"REF-{letter}",
            publish=letter != "B",
            title_fr=title,
            title_en="",
            closes_on=date(2026, 3, 5 + 7 * (number % 2)),
        )
    first = await house.application(await house.candidate(), "REF-A")
    await house.application(await house.candidate("Ann", language="en"), "REF-A")
    await house.application(await house.candidate(), "REF-C")
    for event in ("consider", "reject"):
        await move_application(people["ada"], first, event, terms=house.terms, now=house.now, note="No.")
    await move_offer(people["ada"], "REF-E", "close", terms=house.terms, now=house.now)
    return people


async def found(staff: StaffMember, at: datetime, **query: str) -> tuple[str, int]:
    """The letters of the offers on the first page, and how many there are on all."""
    offers = await found_offers(
        staff,
        offer_filters_from(query),
        today=at.astimezone(ZONE).date(),
        now=at,
        limit=10,
        offset=0,
    )
    return "".join(offer.reference[-1] for offer in await offers_by_ids(offers.ids)), offers.total


QUERIES: list[tuple[dict[str, str], tuple[str, str, str]]] = [
    ({}, ("CBA", "", "EDCBA")),
    ({"order": "closing"}, ("ACB", "", "ACEBD")),
    ({"order": "waiting"}, ("CAB", "", "CAEDB")),
    ({"order": "reference"}, ("ABC", "", "ABCDE")),
    ({"order": "nothing", "status": "nothing", "unit": "x", "words": " "}, ("CBA", "", "EDCBA")),
    ({"status": "draft"}, ("B", "", "B")),
    ({"words": "electron"}, ("A", "", "A")),
    ({"words": "CHIMISTE"}, ("B", "", "DB")),
    ({"words": "chef chimiste"}, ("", "", "D")),
    ({"words": "archeologue"}, ("", "", "E")),
    ({"words": "ref-c"}, ("C", "", "C")),
    ({"words": "lab2"}, ("", "", "ED")),
    ({"words": "chimiste", "status": "published"}, ("", "", "D")),
    ({"words": "%"}, ("", "", "")),
    ({"words": "_"}, ("", "", "")),
    ({"words": "'"}, ("", "", "")),
    ({"closing": "yes"}, ("CA", "", "CA")),
    ({"overdue": "yes"}, ("", "", "")),
]
"""A query, and what it leaves to each of PEOPLE."""


async def test_filters_leave_what_they_say_of_what_one_sees(
    staff: dict[str, StaffMember], now: datetime
) -> None:
    answers = [(query, [await found(staff[name], now, **query) for name in PEOPLE]) for query, _ in QUERIES]
    assert answers == [(query, [(each, len(each)) for each in letters]) for query, letters in QUERIES]


async def test_a_unit_of_others_leaves_nothing(staff: dict[str, StaffMember], now: datetime) -> None:
    assert staff["rose"].unit_ids
    own = min(staff["rose"].unit_ids)
    answers = [await found(staff["rose"], now, unit=str(unit)) for unit in (own, own + 1, 999_999)]
    assert answers == [("CBA", 3), ("", 0), ("", 0)]


async def test_overdue_ones_are_found_after_the_days_of_their_unit(
    staff: dict[str, StaffMember], now: datetime
) -> None:
    answers = [
        await found(staff["rose"], now + timedelta(days=days, seconds=1), overdue="yes") for days in (13, 14)
    ]
    assert answers == [("", 0), ("CA", 2)]


async def test_states_are_counted_whatever_state_is_asked_for(
    staff: dict[str, StaffMember], now: datetime
) -> None:
    today = now.astimezone(ZONE).date()
    expected = {"draft": 1, "published": 3, "closed": 1, "archived": 0, "cancelled": 0}
    for changes in ({}, {"status": "draft"}, {"status": "cancelled", "words": "e"}):
        filters = OfferFilters(**changes)  # type: ignore[arg-type]  # its own fields
        offers = await found_offers(staff["ada"], filters, today=today, now=now, limit=2, offset=0)
        assert offers.states == expected


async def test_pages_follow_one_another(staff: dict[str, StaffMember], now: datetime) -> None:
    today = now.astimezone(ZONE).date()
    for words in ("", "ref"):
        pages = [
            await found_offers(
                staff["ada"], OfferFilters(words=words), today=today, now=now, limit=2, offset=offset
            )
            for offset in (0, 2, 4, 6)
        ]
        assert [page.total for page in pages] == [5] * 4
        ids = [each for page in pages for each in page.ids]
        assert "".join(offer.reference[-1] for offer in await offers_by_ids(ids)) == "EDCBA"


async def test_standings_count_states_and_what_waits(staff: dict[str, StaffMember], now: datetime) -> None:
    offers = await offers_by_ids(
        (await found_offers(staff["rose"], OfferFilters(), today=now.date(), now=now, limit=9, offset=0)).ids
    )
    late = await standings(offers, now=now + timedelta(days=15))
    told: dict[str, Any] = {
        reference: (dict(each.states), each.total, each.undecided, each.overdue)
        for reference, each in late.items()
    }
    assert told == {
        "REF-A": ({"submitted": 1, "rejected": 1}, 2, 1, 1),
        "REF-B": ({}, 0, 0, 0),
        "REF-C": ({"submitted": 1}, 1, 1, 1),
    }
    assert await standings([], now=now) == {}


async def test_who_would_hear_of_a_cancelled_offer_is_counted_by_language(
    staff: dict[str, StaffMember], now: datetime, house: House
) -> None:
    offers = {
        offer.reference: offer.id
        for offer in await offers_by_ids(
            (
                await found_offers(staff["ada"], OfferFilters(), today=now.date(), now=now, limit=9, offset=0)
            ).ids
        )
    }
    at_once = [(told.language, told.number) for told in await told_of_cancelling(offers["REF-A"], now=now)]
    later = await told_of_cancelling(offers["REF-A"], now=now + timedelta(days=1))
    assert at_once == [("fr", 1), ("en", 1)]  # the rejection is not told yet, and would be taken back
    assert [(told.language, told.number) for told in later] == [("en", 1)]
    assert await told_of_cancelling(offers["REF-D"], now=now) == ()
