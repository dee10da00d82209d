"""Titles that break things elsewhere, on every way that an offer leaves the portal by (S5, S6)."""

import re

from tests.support.real_data import naughty_strings, needs_real_data
from tests.web.public.posting_rules import complaints
from tests.web.public.test_closing_day import properties
from tests.web.public.test_feeds import titles, valid_feed
from tests.web.public.test_job_posting import postings
from tests.web.public.test_sharing import told
from tests.web.public.test_sitemap import places
from tests.web.site import ON_SQLITE, Site
from workflow.checks import clean_line, is_seen
from workflow.database.connection import write_transaction
from workflow.offers.commands import move_offer
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember

pytestmark = ON_SQLITE

_OUR_OWN = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]><entry/><![CDATA[",
    "&amp;&lt;&#0;&bogus;",
    "\u2028\u2029 line ends",
    "\ufffe\uffff no characters",
    "BEGIN:VEVENT\\nEND:VCALENDAR;,:\\",
    "{{ 7 * 7 }}{% raw %}%(num)s {title} %s",
    "' onload='x' \" onload=\"x\"",
    "🦉" * 60,
]
_PAST_OUR_CHECKS = [
    "tab\there",
    "line\nbreak\r\nBEGIN:VALARM",
    "bell\x07 escape\x1b[31m",
    "\x85next \x9bline\x7f",
]
_BATCH = 50
_NOT_SHOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


def seen(title: str | None) -> str:
    """What is left of a title everywhere: XML cannot hold the rest, calendars and browsers do not show it."""
    return " ".join(_NOT_SHOWN.sub("", title or "").split())


async def hold_against(site: Site, first: int, wanted: list[str]) -> None:
    """The offers of these titles, the newest, by every way: titles are read back, and nothing around them moved."""
    visitor = await site.visitor("fr")
    feed = valid_feed(await visitor.get("/offers.atom"))
    assert sorted(map(seen, titles(feed)[: len(wanted)])) == sorted(map(seen, wanted))
    assert len(places(await visitor.get("/sitemap.xml"))) == 6 + first + len(wanted)
    for number, title in enumerate(wanted, first):
        page = await visitor.get(f"/offers/R{number}")
        (posting,) = postings(page)
        assert complaints(posting) == []
        assert posting["title"] == title
        assert seen(told(page)["og:title"]) == seen(title)
        assert page.text.count("<script") == 2  # the page's own, and the posting
        event = properties((await visitor.get(f"/offers/R{number}/closing.ics")).content)
        assert [value for name, value in event if name == "BEGIN"] == ["VCALENDAR", "VEVENT", "VALARM"]
        summary = dict(event)["SUMMARY;LANGUAGE=fr"].removeprefix("Dernier jour pour postuler\u00a0: ")
        assert seen(summary) == seen(title)


async def publish(site: Site, staff: StaffMember, unit: int, first: int, wanted: list[str]) -> None:
    for number, title in enumerate(wanted, first):
        await site.house.offer(
            staff, unit, f"R{number}", publish=False, title_fr=title, title_en="", description_fr=title
        )
        await move_offer(staff, f"R{number}", "publish", terms=site.house.terms, now=site.now)
    await site.index()


async def come_through(site: Site, wanted: list[str]) -> None:
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    for first in range(0, len(wanted), _BATCH):
        site.pass_time(minutes=1)
        batch = wanted[first : first + _BATCH]
        await publish(site, staff, unit, first, batch)
        await hold_against(site, first, batch)


async def test_hostile_titles_come_through(site: Site) -> None:
    await come_through(site, [clean_line(title) for title in _OUR_OWN])


@needs_real_data
async def test_naughty_strings_come_through(site: Site) -> None:
    """The Big List of Naughty Strings, as far as a title can hold them."""
    lines = [clean_line(line) for line in naughty_strings()]
    naughty = [line for line in dict.fromkeys(lines) if is_seen(line) and len(line) <= 300]
    assert len(naughty) > 400
    await come_through(site, naughty)


async def test_titles_that_came_past_our_checks_break_nothing(site: Site) -> None:
    unit = await site.house.unit()
    await publish(site, await site.house.recruiter(unit), unit, 0, ["x"] * len(_PAST_OUR_CHECKS))
    for number, title in enumerate(_PAST_OUR_CHECKS):
        async with write_transaction():
            await Offer.update({Offer.title_fr: title}).where(Offer.reference == f"R{number}")
    await hold_against(site, 0, _PAST_OUR_CHECKS)
