"""The closing date as an event for one's calendar: S6, RFC 5545."""

import re
from datetime import date
from typing import Any

from tests.web.site import ON_SQLITE, Site
from workflow.offers.commands import move_offer

pytestmark = ON_SQLITE

_HOSTILE = 'Ingénieur\\e; "BEGIN:VEVENT", 🦉 ' + "très " * 40 + "long"


def properties(content: bytes) -> list[tuple[str, str]]:
    """Name and value of each line, after undoing what RFC 5545 does to them (3.1, 3.3.11)."""
    assert content.endswith(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    for line in lines:
        line.decode()  # no character is parted
    whole = b"\r\n".join(lines).replace(b"\r\n ", b"").decode().split("\r\n")
    pairs = [line.partition(":")[::2] for line in whole]
    return [
        (name, re.sub(r"\\(.)", lambda found: {"n": "\n"}.get(found[1], found[1]), value))
        for name, value in pairs
    ]


async def closing_day(site: Site, language: str = "en", **offer: Any) -> list[tuple[str, str]]:
    unit = await site.house.unit()
    await site.house.offer(await site.house.recruiter(unit), unit, **offer)
    answer = await (await site.visitor(language)).get("/offers/REF-1/closing.ics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="REF-1.ics"')
    return properties(answer.content)


async def test_the_closing_day_is_a_whole_day_with_a_reminder(site: Site) -> None:
    found = await closing_day(site)
    assert [(name, value) for name, value in found if name != "UID"] == [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Vivier//Offers//EN"),
        ("BEGIN", "VEVENT"),
        ("DTSTAMP", "20260302T093000Z"),
        ("DTSTART;VALUE=DATE", "20260401"),
        ("DTEND;VALUE=DATE", "20260402"),
        ("SUMMARY;LANGUAGE=en", "Last day to apply: Chemist"),
        ("DESCRIPTION;LANGUAGE=en", "Laboratory LAB1 · Brest · Brittany\nhttp://localhost:8000/offers/REF-1"),
        ("URL", "http://localhost:8000/offers/REF-1"),
        ("TRANSP", "TRANSPARENT"),
        ("BEGIN", "VALARM"),
        ("ACTION", "DISPLAY"),
        ("TRIGGER", "-PT15H"),
        ("DESCRIPTION", "Last day to apply: Chemist"),
        ("END", "VALARM"),
        ("END", "VEVENT"),
        ("END", "VCALENDAR"),
    ]
    assert re.fullmatch(r"[0-9a-f-]{36}@localhost", dict(found)["UID"])


async def test_the_last_day_of_a_month_ends_in_the_next(site: Site) -> None:
    found = dict(await closing_day(site, closes_on=date(2026, 12, 31)))
    assert (found["DTSTART;VALUE=DATE"], found["DTEND;VALUE=DATE"]) == ("20261231", "20270101")


async def test_a_title_of_any_letters_comes_through_whole(site: Site) -> None:
    found = await closing_day(site, "fr", title_fr=_HOSTILE)
    assert ("SUMMARY;LANGUAGE=fr", f"Dernier jour pour postuler\u00a0: {_HOSTILE}") in found
    assert [value for name, value in found if name == "BEGIN"] == ["VCALENDAR", "VEVENT", "VALARM"]


async def test_the_event_stays_the_same_event(site: Site) -> None:
    first = dict(await closing_day(site))
    site.pass_time(days=1)
    again = await (await site.visitor("fr")).get("/offers/REF-1/closing.ics")
    later = dict(properties(again.content))
    assert (later["UID"], later["DTSTAMP"]) == (first["UID"], "20260303T093000Z")


async def test_an_offer_links_to_its_closing_day_until_it_ends(site: Site, offer: str) -> None:
    visitor = await site.visitor()
    link = '<a href="/offers/REF-1/closing.ics">Add the closing date to my calendar</a>'
    assert link in (await visitor.get("/offers/REF-1")).text
    site.pass_time(days=31)
    assert "closing.ics" not in (await visitor.get("/offers/REF-1")).text
    ended = await visitor.get("/offers/REF-1/closing.ics")
    assert (ended.status_code, ended.headers["location"]) == (303, "/offers/REF-1")


async def test_what_was_never_published_has_no_closing_day(site: Site) -> None:
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    await site.house.offer(staff, unit, "DRAFT", publish=False)
    visitor = await site.visitor()
    assert (await visitor.get("/offers/DRAFT/closing.ics")).status_code == 404
    assert (await visitor.get("/offers/none/closing.ics")).status_code == 404
    assert (await visitor.get("/offers/%00/closing.ics")).status_code == 404
    await move_offer(staff, "DRAFT", "publish", terms=site.house.terms, now=site.now)
    assert (await visitor.get("/offers/DRAFT/closing.ics")).status_code == 200
