"""The overview: what each sees in it, for which days, the tables behind its charts; and the units' clocks (C7, C9)."""

import csv
import html
import re
from collections.abc import Mapping
from datetime import timedelta
from io import StringIO

from httpx import Response

from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting
from tests.web.site import ON_SQLITE
from workflow.applications.commands import move_application
from workflow.audit.tables import AuditEntry
from workflow.recruiters.tables import Unit

OVERVIEW = "/console/overview"


def figures(page: str) -> list[str]:
    """The key figures: open, overdue, median wait; applications and hires of the period."""
    found = re.findall(r"<dd>(.*?)</dd>", page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", each)).strip() for each in found]


def said(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rows(answer: Response) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.content.decode().lstrip("\ufeff"), newline="")))


async def busy(laboratories: Laboratories, clock: Clock) -> None:
    """After 20 days: Chloé was hired, Zoé is under consideration, Omar waits."""
    rose, house = laboratories.staff["rose"], laboratories.house
    first, second, _ = laboratories.applications
    for application, event, days in ((first, "consider", 2), (second, "consider", 3), (first, "accept", 10)):
        now = clock.now + timedelta(days=days)
        await move_application(rose, application, event, terms=house.terms, now=now)
    clock.now += timedelta(days=20)


async def test_everybody_sees_the_numbers_of_their_units(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await busy(laboratories, clock)
    seen = {}
    for name in PEOPLE:
        async with visiting(name) as visitor:
            page = (await visitor.get(OVERVIEW)).text
            seen[name] = (figures(page), [word in page for word in ("Chloé", "Zoé", "Omar", "LAB1", "LAB2")])
    assert seen == {
        "rose": (["1", "1", "17 days", "2", "1"], [False, True, False, True, False]),
        "ivan": (["1", "1", "20 days", "1", "0"], [False, False, True, False, True]),
        "nina": (["0", "0", "–", "0", "0"], [False] * 5),
        "ada": (["2", "2", "17 days", "3", "1"], [False, True, True, True, True]),
    }


async def test_unit_and_offer_narrow_it_never_beyond_ones_own(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await busy(laboratories, clock)
    first, second = laboratories.units
    queries = (f"unit={first}", f"unit={second}", "offer=REF-1", "offer=REF-2", "offer=none", "unit=99999")
    seen = {}
    for name in ("rose", "ada"):
        async with visiting(name) as visitor:
            seen[name] = [figures((await visitor.get(f"{OVERVIEW}?{query}")).text)[3] for query in queries]
    assert seen == {"rose": ["2", "0", "2", "0", "0", "0"], "ada": ["2", "1", "2", "1", "0", "0"]}


PERIODS = (
    ("", 200, "3", "21 February 2026 to 22 March 2026"),
    ("period=30", 200, "3", "21 February 2026 to 22 March 2026"),
    ("period=90", 200, "3", "23 December 2025 to 22 March 2026"),
    ("period=year", 200, "3", "1 January 2026 to 22 March 2026"),
    ("period=nonsense", 200, "3", "21 February 2026 to 22 March 2026"),
    ("period=own&first=2026-03-02&last=2026-03-02", 200, "3", "2 March 2026 to 2 March 2026"),
    ("period=own&first=2026-03-03&last=2026-03-10", 200, "0", "3 March 2026 to 10 March 2026"),
    ("period=own&first=2024-01-01&last=2099-01-01", 200, "3", "1 January 2024 to 22 March 2026"),
    ("period=own&first=2026-03-10&last=2026-03-03", 422, "3", "Choose a day that is not before"),
    ("first=2026-03-03&last=2026-03-10", 200, "0", "3 March 2026 to 10 March 2026"),
    ("first=2026-03-10&last=2026-03-03", 422, "3", "Choose a day that is not before"),
    ("period=own&first=2026-04-10&last=2026-05-03", 422, "3", "Choose a day that is not in the future."),
    ("period=own&first=2012-04-10&last=2026-03-03", 422, "3", "Choose ten years at most."),
    ("period=own&first=soon&last=", 422, "3", "Write the day as year-month-day"),
)


async def test_the_period_is_what_one_asks_for(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await busy(laboratories, clock)
    async with visiting("ada") as visitor:
        for query, status, number, told in PERIODS:
            answer = await visitor.get(f"{OVERVIEW}?{query}")
            assert (query, answer.status_code, figures(answer.text)[3]) == (query, status, number)
            assert told in said(answer.text)


async def test_the_data_of_each_chart_is_what_the_page_tells(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await busy(laboratories, clock)
    query = "period=own&first=2026-03-01&last=2026-03-20"
    async with visiting("rose") as visitor:
        page = (await visitor.get(f"{OVERVIEW}?{query}")).text
        links = re.findall(r'href="(/console/overview/data/[^"]+)"', page)
        data = {
            link.split("/")[4].split(".")[0]: rows(await visitor.get(html.unescape(link))) for link in links
        }
        name = (await visitor.get(html.unescape(links[0]))).headers["content-disposition"]
    assert 'filename="vivier-days-2026-03-01-2026-03-20.csv"' in name
    days = [["Day", "Applications"]]
    days += [[f"2026-03-{day:02}", "2" if day == 2 else "0"] for day in range(1, 21)]
    counted = ["Came in", "Ever taken under consideration", "Successful now", "Rejected now", "Withdrawn now"]
    assert data == {
        "days": days,
        "funnel": [
            ["State", "Applications"],
            ["Came in", "2"],
            ["Ever taken under consideration", "2"],
            ["Successful now", "1"],
            ["Rejected now", "0"],
            ["Withdrawn now", "0"],
            ["Without an answer yet", "1"],
        ],
        "waits": [
            ["State", "Number", "Median in days", "90th percentile in days", "Longest in days"],
            ["Submitted, ended in the period", "2", "2.0", "3.0", "3.0"],
            ["Submitted, not ended yet", "0", "", "", ""],
            ["Under consideration, ended in the period", "1", "8.0", "8.0", "8.0"],
            ["Under consideration, not ended yet", "1", "17.0", "17.0", "17.0"],
        ],
        "units": [
            ["Code", "Unit", *counted, "Waiting", "Overdue", "Overdue after how many days"],
            ["LAB1", "Laboratory LAB1", "2", "2", "1", "0", "0", "1", "1", "14"],
        ],
        "offers": [
            ["Reference", "Offer", "Unit", *counted, "Waiting", "Overdue"],
            ["REF-1", "Chemist", "LAB1", "2", "2", "1", "0", "0", "1", "1"],
        ],
    }


async def test_data_of_another_name_is_not_there(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("ada") as visitor:
        found = [
            (await visitor.get(f"{OVERVIEW}/data/{name}")).status_code
            for name in ("days.csv", "days", "nothing.csv", ".csv")
        ]
    assert found == [200, 404, 404, 404]


@ON_SQLITE
async def test_data_of_days_or_units_that_make_no_sense_are_refused(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    """A page would say so beside its fields; a file would tell of other days, and nobody would see it."""
    odd = [query for query, status, *_ in PERIODS if status == 422]
    odd += ["period=nonsense", f"unit={'9' * 20}", "unit=LAB1"]
    async with visiting("ada") as visitor:
        found = [(await visitor.get(f"{OVERVIEW}/data/days.csv?{query}")).status_code for query in odd]
    assert found == [422] * 8


async def test_long_periods_are_drawn_by_week_and_by_month(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    async with visiting("rose") as visitor:
        for days, title, columns in (
            (99, "Applications a day", 100),
            (100, "Applications a week", 16),
            (749, "Applications a week", 108),
            (750, "Applications a month", 26),
        ):
            first = (clock.now - timedelta(days=days)).date()
            page = (await visitor.get(f"{OVERVIEW}?period=own&first={first}&last={clock.now.date()}")).text
            wide = page.partition('<svg class="chart chart-wide"')[2].partition("</svg>")[0]
            assert f">{title}</title>" in wide
            assert wide.count('class="column"') == columns
            table = page.partition("<tbody>")[2].partition("</tbody>")[0]
            assert sum(int(number) for number in re.findall(r'<td class="number">(\d+)</td>', table)) == 2


async def test_what_waits_leads_to_the_applications_that_wait_longest(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await busy(laboratories, clock)
    async with visiting("ada") as visitor:
        page = (await visitor.get(OVERVIEW)).text
    waits = page.partition('id="waits"')[2].partition("</section>")[0]
    assert re.findall(r"/console/applications/([^\"]+)", waits) == [
        str(laboratories.applications[1]),
        str(laboratories.applications[2]),
    ]
    assert "Zoé Martin for 2 weeks, overdue Under consideration · Chemist" in said(waits)
    assert f"/console/?unit={laboratories.units[0]}&amp;overdue=yes" in waits


async def test_the_clock_of_a_unit_is_set_by_its_own_people_and_written_down(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await busy(laboratories, clock)
    first, _ = laboratories.units
    path = f"/console/units/{first}/clock"
    answers: Mapping[str, list[int]] = {name: [] for name in PEOPLE}
    for name, days in (("rose", "30"), ("ivan", "1"), ("nina", "1"), ("ada", "18")):
        async with visiting(name) as visitor:
            answers[name].append((await visitor.get(path)).status_code)
            answers[name].append((await visitor.submit(path, waiting_days=days)).status_code)
            answers[name].append((await visitor.submit(path, waiting_days="0")).status_code)
    assert answers == {
        "rose": [200, 303, 422],
        "ivan": [404, 404, 404],
        "nina": [404, 404, 404],
        "ada": [200, 303, 422],
    }
    assert (await Unit.select(Unit.waiting_days).order_by(Unit.id)) == [
        {"waiting_days": 18},
        {"waiting_days": 14},
    ]
    found = (
        await AuditEntry.select(AuditEntry.actor_id, AuditEntry.unit, AuditEntry.before, AuditEntry.after)
        .where(AuditEntry.action == "unit.edited")
        .order_by(AuditEntry.id)
    )
    assert found == [
        {
            "actor_id": laboratories.staff[name].actor.id,
            "unit": first,
            "before": f'{{"waiting_days": {before}}}',
            "after": f'{{"waiting_days": {after}}}',
        }
        for name, before, after in (("rose", 14, 30), ("ada", 30, 18))
    ]
    async with visiting("rose") as visitor:
        page = (await visitor.get(OVERVIEW)).text
    assert figures(page)[:2] == ["1", "0"]
    async with visiting("ada") as visitor:
        for odd in ("0", "99999", "9" * 30, "-1"):
            assert (await visitor.get(f"/console/units/{odd}/clock")).status_code == 404
