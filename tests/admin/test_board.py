"""The board: columns with their counts, more as one scrolls, filters, and what happens meanwhile."""

import html
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from admin.applications.board import FIRST_CARDS, NEXT_CARDS
from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting, Visitor
from tests.support.house import House
from workflow.applications.changes import last_change
from workflow.applications.commands import move_application
from workflow.database.connection import write_transaction
from workflow.recruiters.tables import Unit
from workflow.reviews.tables import ApplicationNote, ApplicationRating


def names(page: str) -> list[str]:
    """Whose cards are on a page, in order."""
    return re.findall(r'<h3><a href="/console/applications/[^"]+">([^<]+)</a>', page)


def counts(page: str) -> dict[str, int]:
    return {state: int(number) for state, number in re.findall(r'data-count="(\w+)">(\d+)<', page)}


def column(page: str, state: str) -> str:
    return page.split(f'data-column="{state}"')[1].split("</section>", maxsplit=1)[0]


def card(page: str, application_id: UUID) -> str:
    """The words of one card, as they are read."""
    found = page.split(f'id="card-{application_id}"')[1].split("</article>", maxsplit=1)[0].split(">", 1)[1]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found)).split())


def facts(page: str) -> dict[str, Any]:
    """What a part with changes says."""
    return {
        "cards": names(page),
        "gone": re.findall(r'data-gone="([^"]+)"', page),
        "counts": counts(page),
        "told": [html.unescape(text) for text in re.findall(r'data-step="\d+">([^<]+)<', page)],
        "flash": [html.unescape(text) for text in re.findall(r"data-flash>([^<]+)<", page)],
    }


NOTHING: dict[str, Any] = {"cards": [], "gone": [], "counts": {}, "told": [], "flash": []}


async def fill(laboratories: Laboratories, number: int) -> list[UUID]:
    """More applications to REF-1, each a minute after the one before."""
    house, ids = laboratories.house, []
    for minutes in range(1, number + 1):
        later = House(house.now + timedelta(minutes=minutes), house.terms, house.folder)
        ids.append(await later.application(await house.candidate(f"Nr{minutes:03}"), "REF-1"))
    return ids


async def test_counts_filters_and_changes_hold_own_rows_alone(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move_application(
        laboratories.staff["ada"],
        laboratories.applications[2],
        "consider",
        terms=laboratories.house.terms,
        now=clock.now,
    )
    seen = {}
    for name in PEOPLE:
        async with visiting(name) as visitor:
            page = (await visitor.get("/console/")).text
            guess = (await visitor.get("/console/?offer=REF-2")).text
            changes = (await visitor.get("/console/board/changes?after=0")).text
            clock.now += timedelta(minutes=1)
            by_card = await visitor.get(
                f"/console/board/changes?after={await last_change()}&card={laboratories.applications[2]}"
            )
            more = await visitor.get(
                f"/console/board/column?column=under_consideration&after={laboratories.applications[0]}"
            )
        of_page = counts(page)
        seen[name] = (
            (of_page["submitted"], of_page["under_consideration"]),
            sorted(re.findall(r'<option value="(REF-\d)"', page)),
            re.findall(r'<option value="\d+">(LAB\d)</option>', page),
            names(guess),
            sorted(names(changes)),
            names(by_card.text),
            names(more.text),
        )
    two = ["Chloé Martin", "Zoé Martin"]
    assert seen == {
        "rose": ((2, 0), ["REF-1"], [], [], two, [], []),
        "ivan": ((0, 1), ["REF-2"], [], ["Omar Martin"], ["Omar Martin"], ["Omar Martin"], seen["ivan"][6]),
        "nina": ((0, 0), [], [], [], [], [], []),
        "ada": (
            (2, 1),
            ["REF-1", "REF-2"],
            ["LAB1", "LAB2"],
            ["Omar Martin"],
            ["Chloé Martin", "Omar Martin", "Zoé Martin"],
            ["Omar Martin"],
            seen["ada"][6],
        ),
    }
    assert {*seen["ivan"][6], *seen["ada"][6]} <= {"Omar Martin"}


async def test_long_column_comes_in_parts(laboratories: Laboratories, visiting: Visiting) -> None:
    ids = await fill(laboratories, FIRST_CARDS + NEXT_CARDS)
    everybody = FIRST_CARDS + NEXT_CARDS + 2
    async with visiting("rose") as rose:
        page = (await rose.get("/console/?offer=REF-1")).text
        first = names(column(page, "submitted"))
        (link,) = re.findall(r'<a href="([^"]+)" data-more="([^"]+)"', page)
        longer = (await rose.get(html.unescape(link[0]))).text
        part = (await rose.get(f"/console/board/column?column=submitted&offer=REF-1&after={link[1]}")).text
        rest = (await rose.get(f"/console/board/column?column=submitted&offer=REF-1&after={ids[-3]}")).text
        odd = await rose.get(f"/console/board/column?column=lost&after={ids[0]}")
    whole = sorted(["Chloé Martin", "Zoé Martin"]) + [f"Nr{n:03} Martin" for n in range(1, everybody - 1)]
    assert (len(first), counts(page)["submitted"]) == (FIRST_CARDS, everybody)
    assert sorted(first[:2]) + first[2:] == whole[:FIRST_CARDS]
    assert names(column(longer, "submitted"))[2:] == whole[2 : FIRST_CARDS + NEXT_CARDS]
    assert names(part) == whole[FIRST_CARDS : FIRST_CARDS + NEXT_CARDS]
    assert names(rest) == whole[-2:]
    assert odd.status_code == 404


@pytest.mark.parametrize("number", ["0", "-4", "x", "99999999", "٣"])
async def test_odd_number_of_cards_shows_the_first(
    laboratories: Laboratories, visiting: Visiting, number: str
) -> None:
    async with visiting("rose") as rose:
        page = await rose.get(f"/console/?longer=submitted&cards={number}")
    assert (page.status_code, sorted(names(page.text))) == (200, ["Chloé Martin", "Zoé Martin"])


async def test_card_tells_what_one_decides_by(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    chloe, zoe, _ = laboratories.applications
    async with write_transaction():
        for staff, stars in (("rose", 5), ("ada", 4)):
            await ApplicationRating.insert(
                ApplicationRating(
                    application=chloe, recruiter=laboratories.staff[staff].id, stars=stars, rated_at=clock.now
                )
            )
        await ApplicationNote.insert(
            ApplicationNote(
                id=UUID(int=7),
                application=chloe,
                recruiter=laboratories.staff["ada"].id,
                words="Good.",
                written_at=clock.now,
            )
        )
        await Unit.update({Unit.waiting_days: 2}).where(Unit.id == laboratories.units[0])
    clock.now += timedelta(days=3)
    async with visiting("rose") as rose:
        page = (await rose.get("/console/?offer=REF-1")).text
        across = (await rose.get("/console/")).text
        french = (await rose.client.get("/console/?offer=REF-1", headers={"Accept-Language": "fr"})).text
    told = card(page, chloe)
    assert told.startswith(
        "Chloé Martin Choose Chloé Martin Overdue, for 3 days ★ Rating: 4.5 from 2 recruiters (2)"
    )
    assert "Letter · 1 note" in told
    assert "Take under consideration… Chloé Martin" in told
    assert "Rating" not in card(page, zoe)
    assert ("Chemist" in card(across, chloe), "Chemist" in told) == (True, False)
    assert "4,5" in card(french, chloe)


async def test_filters_leave_what_fits(laboratories: Laboratories, visiting: Visiting, clock: Clock) -> None:
    chloe, zoe, omar = laboratories.applications
    async with write_transaction():
        await ApplicationRating.insert(
            ApplicationRating(
                application=zoe, recruiter=laboratories.staff["rose"].id, stars=4, rated_at=clock.now
            )
        )
        await Unit.update({Unit.waiting_days: 2}).where(Unit.id == laboratories.units[1])
    clock.now += timedelta(days=3)
    async with visiting("ada") as ada:

        async def left(query: str) -> list[str]:
            return sorted(name.split()[0] for name in names((await ada.get(f"/console/?{query}")).text))

        assert await left("stars=4") == ["Zoé"]
        assert await left("stars=5") == []
        assert await left("overdue=yes") == ["Omar"]
        assert await left(f"unit={laboratories.units[0]}&name=chl") == ["Chloé"]
        assert await left("status=rejected") == ["Chloé", "Omar", "Zoé"]
        page = (await ada.get("/console/?overdue=yes&name=om")).text
    assert 'name="overdue" value="yes" checked' in page
    assert '<a href="/console/">Show all</a>' in page
    assert {chloe, zoe, omar} == set(laboratories.applications)


async def followed(visitor: Visitor, after: int, query: str = "") -> dict[str, Any]:
    answer = await visitor.get(f"/console/board/changes?after={after}&{query}")
    assert answer.status_code == 200
    return facts(answer.text)


async def test_what_colleagues_do_is_told(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    house, staff = laboratories.house, laboratories.staff
    chloe = laboratories.applications[0]
    after = await last_change()
    clock.now += timedelta(minutes=5)
    async with visiting("rose") as rose, visiting("ivan") as ivan:
        assert await followed(rose, after) == NOTHING
        await move_application(staff["ada"], chloe, "consider", terms=house.terms, now=clock.now)
        one = {"submitted": 1, "under_consideration": 1, "rejected": 0, "successful": 0, "withdrawn": 0}
        told = "Ada Recruiter moved Chloé Martin to “Under consideration”."
        everything = {**NOTHING, "cards": ["Chloé Martin"], "counts": one, "told": [told]}
        assert await followed(rose, after) == everything
        assert await followed(rose, after, "offer=REF-1&name=chlo") == everything | {
            "counts": one | {"submitted": 0}
        }
        assert await followed(rose, after, "name=zoe") == NOTHING
        assert await followed(rose, after, "overdue=yes") == {
            **NOTHING,
            "gone": [str(chloe)],
            "counts": dict.fromkeys(one, 0),
            "told": [told],
        }
        assert await followed(ivan, after) == NOTHING
        french = await rose.client.get(
            f"/console/board/changes?after={after}", headers={"Accept-Language": "fr"}
        )
        assert facts(french.text)["told"] == [
            "Ada Recruiter a placé Chloé Martin dans «\xa0En cours d’examen\xa0»."
        ]
        # a step may be seen late, behind one that was numbered after it; when it is old it is not told again
        assert await followed(rose, await last_change()) == everything
        clock.now += timedelta(minutes=1)
        assert await followed(rose, await last_change()) == NOTHING


async def test_what_candidates_and_oneself_do(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    house = laboratories.house
    clock.now += timedelta(minutes=1)
    later = House(clock.now, house.terms, house.folder)
    after = await last_change()
    await later.application(await house.candidate("Lou"), "REF-1")
    chloe = laboratories.applications[0]
    async with visiting("rose") as rose:
        answer = await rose.submit(
            f"/console/applications/{chloe}/moves",
            event="consider",
            version="1",
            next=f"/console/board/changes?after={after}&own=yes",
        )
        quiet = await followed(rose, after)
        shown = await followed(rose, after, "own=yes")
        again = await followed(rose, after, "own=yes")
    assert answer.status_code == 303
    assert (sorted(quiet["cards"]), quiet["told"], quiet["flash"]) == (
        ["Chloé Martin", "Lou Martin"],
        ["Lou Martin has applied."],
        [],
    )
    assert shown == quiet | {"flash": ["Under consideration. We tell the candidate."]}
    assert again == quiet


async def test_too_much_is_not_told_one_by_one(laboratories: Laboratories, visiting: Visiting) -> None:
    await fill(laboratories, 61)
    async with visiting("rose") as rose:
        page = (await rose.get("/console/board/changes?after=0")).text
    assert ("data-anew" in page, facts(page)) == (True, NOTHING)


async def test_odd_changes_are_refused(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        statuses = [
            (await rose.get(f"/console/board/changes?{query}")).status_code
            for query in ("after=x", "card=x", f"after={10**30}", "after=-5", "")
        ]
    assert statuses == [422, 422, 200, 200, 200]


async def test_board_that_is_empty_says_what_comes(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("nina") as nina:
        empty = (await nina.get("/console/")).text
        filtered = (await nina.get("/console/?name=x")).text
    assert ("No applications yet" in empty, "No applications yet" in filtered) == (True, False)
    assert ("Nobody like that" in empty, "Nobody like that" in filtered) == (False, True)
    assert '<a class="button button-brand" href="/console/">Show all</a>' in filtered
