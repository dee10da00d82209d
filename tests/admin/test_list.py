"""The list: sorting, filters, pages, whose rows it holds, and the form that many are chosen with."""

import html
import re
from datetime import timedelta

import pytest

from admin.kit.paging import PAGE_SIZE
from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting
from tests.support.house import House
from workflow.applications.commands import move_application
from workflow.database.connection import write_transaction
from workflow.recruiters.tables import Unit
from workflow.reviews.tables import ApplicationRating


def rows(page: str) -> list[str]:
    """First names, row by row."""
    return re.findall(r'<th scope="row"><a href="/console/applications/[^"]+">(\S+)', page)


def heads(page: str) -> dict[str, str]:
    """Where the heads of the columns lead."""
    found = re.findall(r'<a class="sort" href="([^"]+)">([^<]+)<', page)
    return {label.strip(): html.unescape(address) for address, label in found}


async def test_list_sort_filter_and_total_hold_own_rows_alone(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    expected = {"rose": ["Chloé", "Zoé"], "ivan": ["Omar"], "nina": [], "ada": ["Chloé", "Omar", "Zoé"]}
    queries = ["", "sort=name", "sort=-waiting", "sort=rating", "status=submitted", "name=martin"]
    for name in PEOPLE:
        async with visiting(name) as visitor:
            pages = [(await visitor.get(f"/console/list?{query}")).text for query in queries]
            of_others = (await visitor.get("/console/list?offer=REF-2")).text
        assert [sorted(rows(page)) for page in pages] == [expected[name]] * len(queries)
        totals = [re.findall(r'<span class="count">(\d+)</span>', page) for page in pages]
        assert totals == [[str(len(expected[name]))]] * len(queries)
        assert rows(of_others) == [first for first in expected[name] if first == "Omar"]


async def test_list_is_sorted_by_any_column_and_back(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    house, rose = laboratories.house, laboratories.staff["rose"]
    chloe, zoe, _ = laboratories.applications
    later = House(clock.now + timedelta(hours=1), house.terms, house.folder)
    lou = await later.application(await house.candidate("Lou", last_name="Abel"), "REF-1")
    clock.now += timedelta(hours=2)
    await move_application(rose, chloe, "consider", terms=house.terms, now=clock.now)
    async with write_transaction():
        for application, stars in ((zoe, 2), (lou, 5)):
            await ApplicationRating.insert(
                ApplicationRating(application=application, recruiter=rose.id, stars=stars, rated_at=clock.now)
            )
    async with visiting("rose") as visitor:

        async def by(sort: str) -> list[str]:
            return rows((await visitor.get(f"/console/list?sort={sort}")).text)

        assert await by("name") == ["Lou", "Chloé", "Zoé"]
        assert await by("-name") == ["Zoé", "Chloé", "Lou"]
        assert await by("waiting") == ["Zoé", "Lou", "Chloé"]
        assert await by("-waiting") == ["Chloé", "Lou", "Zoé"]
        assert await by("-rating") == ["Lou", "Zoé", "Chloé"]
        assert (await by("submitted"))[-1] == "Lou"
        assert (await by("-submitted"))[0] == "Lou"
        assert (await by("-status"))[0] == "Chloé"
        assert sorted(await by("password")) == ["Chloé", "Lou", "Zoé"]
        page = (await visitor.get("/console/list?sort=name&offer=REF-1")).text
    assert heads(page) == {
        "Name": "/console/list?offer=REF-1&sort=-name",
        "Offer": "/console/list?offer=REF-1&sort=offer",
        "State": "/console/list?offer=REF-1&sort=status",
        "Waiting": "/console/list?offer=REF-1&sort=waiting",
        "Rating": "/console/list?offer=REF-1&sort=-rating",
        "Received": "/console/list?offer=REF-1",
    }
    assert page.count("aria-sort") == 1
    assert '<th scope="col" aria-sort="ascending">' in page


async def test_pages_part_the_list(laboratories: Laboratories, visiting: Visiting) -> None:
    house = laboratories.house
    for number in range(PAGE_SIZE):
        later = House(house.now + timedelta(minutes=1 + number), house.terms, house.folder)
        await later.application(await house.candidate(f"Nr{number:02}"), "REF-1")
    async with visiting("rose") as rose:
        first = (await rose.get("/console/list?name=martin")).text
        second = (await rose.get("/console/list?name=martin&page=2")).text
        odd = [
            (await rose.get(f"/console/list?page={page}")).status_code
            for page in ("3", "0", "-1", "9" * 30, "x")
        ]
    assert rows(first)[2:] == [f"Nr{number:02}" for number in range(PAGE_SIZE - 2)]
    assert rows(second) == [f"Nr{PAGE_SIZE - 2}", f"Nr{PAGE_SIZE - 1}"]
    assert 'href="/console/list?name=martin&amp;page=2"' in first
    assert odd == [404, 404, 404, 404, 422]


async def test_form_for_many_carries_the_filters(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        pages = [
            (await rose.get(f"{path}?offer=REF-1&name=m&stars=&overdue=no")).text
            for path in ("/console/", "/console/list")
        ]
    for page in pages:
        form = page.split('id="choosing"')[1].split("</form>", maxsplit=1)[0]
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        events = re.findall(r'name="event" value="(\w+)"', form)
        chosen = re.findall(r'form="choosing" name="application" value="([^"]+)"', page)
        assert {**hidden, "_csrf_token": "", "next": ""} == {
            "_csrf_token": "",
            "next": "",
            "offer": "REF-1",
            "name": "m",
        }
        assert events == ["consider", "accept", "reject"]
        assert sorted(chosen) == sorted(map(str, laboratories.applications[:2]))
        assert ('action="/console/batches/new"' in form, 'name="everything" value="yes"' in form) == (
            True,
            True,
        )


async def test_overdue_is_told_by_word_and_shape(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    async with write_transaction():
        await Unit.update({Unit.waiting_days: 2}).where(Unit.id == laboratories.units[0])
    clock.now += timedelta(days=2)
    async with visiting("rose") as rose:
        on_time = (await rose.get("/console/list")).text
        clock.now += timedelta(seconds=1)
        late = (await rose.get("/console/list?overdue=yes")).text
    assert ("Overdue, for" in on_time, sorted(rows(late))) == (False, ["Chloé", "Zoé"])
    assert re.search(r'<time class="overdue"[^>]*><svg[^>]*>.*?</svg>Overdue, for 2 days</time>', late)


async def test_a_batch_leads_back_to_where_it_was_chosen(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    chloe = str(laboratories.applications[0])
    places = {"/console/list?name=chlo&sort=-name": "List", "/console/?name=chlo": "Board"}
    async with visiting("rose") as rose:
        for here, label in places.items():
            page = (await rose.get(here)).text
            (next_,) = re.findall(
                r'name="next" value="([^"]+)"', page.split('id="choosing"')[1].split("</form>")[0]
            )
            form = {"next": html.unescape(next_), "name": "chlo", "application": chloe}
            assert form["next"] == here
            for event in ("consider", ""):
                page = (await rose.submit("/console/batches/new", event=event, **form)).text
                (items,) = re.findall(r'name="items" value="([^"]+)"', page)
                again = (
                    await rose.submit("/console/batches/new", event="consider", items=items, next=here)
                ).text
                for each in (page, again):
                    back = re.findall(r'<a class="back" href="([^"]+)"><svg.*?</svg>([^<]+)', each)
                    assert [(html.unescape(where), text) for where, text in back] == [(here, label)]
        away = await rose.submit(
            "/console/batches/new", event="consider", application=chloe, next="//else.example"
        )
    assert "else.example" not in away.text


async def test_what_is_decided_waits_no_more(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    ada, chloe = laboratories.staff["ada"], laboratories.applications[0]
    async with visiting("rose") as rose:
        fresh = (await rose.get("/console/list?name=zo")).text
        for event in ("consider", "reject"):
            await move_application(
                ada, chloe, event, terms=laboratories.house.terms, now=clock.now, note="Because"
            )
        decided = clock.now
        clock.now += timedelta(hours=1)
        listed = (await rose.get("/console/list?name=chlo")).text
        board = (await rose.get("/console/?name=chlo")).text
    assert ("just now</time>" in fresh, "second" in fresh) == (True, False)
    assert re.findall(r'<td data-label="Waiting"([^>]*)><span>(.*?)</span>', listed) == [
        (' class="list-none"', "")
    ]
    assert f"since {decided.day} {decided:%B}</time>" in board


@pytest.mark.parametrize(
    ("query", "words"), [("name=nobody", "Nobody like that"), ("", "No applications yet")]
)
async def test_empty_list_says_why(
    laboratories: Laboratories, visiting: Visiting, query: str, words: str
) -> None:
    async with visiting("nina") as nina:
        page = await nina.get(f"/console/list?{query}")
    assert (page.status_code, words in page.text) == (200, True)
