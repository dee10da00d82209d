"""Who sees which rows of Piccolo Admin, counted through every list, filter, sort and look-up by four people (C1)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.admin.conftest import PEOPLE, Laboratories, Visiting, Visitor
from tests.web.site import ON_SQLITE

pytestmark = pytest.mark.filterwarnings("ignore:.*SQLite doesn't support ILIKE", "ignore:If running sessions")

SEEN = {"rose": (2, 2, 1, 1), "ivan": (1, 1, 1, 1), "nina": (0, 0, 0, 0), "ada": (3, 3, 2, 2)}
"""Applications, candidates, offers, units."""

TABLES = ("application", "candidate", "offer", "unit")


async def test_lists_and_counts_hold_own_rows_alone(laboratories: Laboratories, visiting: Visiting) -> None:
    for name in PEOPLE:
        expected = dict(zip(TABLES, SEEN[name], strict=True))
        async with visiting(name) as visitor:
            for table, number in expected.items():
                path = f"/api/tables/{table}/"
                lists = [
                    len((await visitor.admin("GET", f"{path}{query}")).json()["rows"])
                    for query in (
                        "",
                        "?__page_size=1000&__readable=true",
                        "?__order=-id",
                        "?id__operator=not_null",
                        "?__visible_fields=id",
                        "?__page=1&__page_size=100&__range_header=true",
                    )
                ]
                counted = (await visitor.admin("GET", f"{path}count/")).json()["count"]
                named = len((await visitor.admin("GET", f"{path}ids/")).json())
                searched = len((await visitor.admin("GET", f"{path}ids/?search=&limit=9&offset=0")).json())
                assert (table, lists, counted, named, searched) == (
                    table,
                    [number] * 6,
                    number,
                    number,
                    number,
                )


async def test_rows_by_guess_are_seen_by_their_unit_alone(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    for name in PEOPLE:
        rows = [
            *(f"application/{row}" for row in laboratories.applications),
            *(f"candidate/{row}" for row in laboratories.candidates),
            *(f"offer/{row}" for row in laboratories.offers),
            *(f"unit/{row}" for row in laboratories.units),
        ]
        first = {"rose": 1, "ada": 1}.get(name, 0)
        second = {"ivan": 1, "ada": 1}.get(name, 0)
        expected = [first, first, second, first, first, second, first, second, first, second]
        async with visiting(name) as visitor:
            answers = [(await visitor.admin("GET", f"/api/tables/{row}/")).status_code for row in rows]
        assert answers == [200 if seen else 404 for seen in expected]


async def test_filter_finds_own_rows_alone(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        answer = await rose.admin("GET", f"/api/tables/offer/?unit={laboratories.units[1]}")
        assert answer.json() == {"rows": []}
        answer = await rose.admin("GET", "/api/tables/candidate/?first_name=omar")
        assert answer.json() == {"rows": []}
        answer = await rose.admin("GET", "/api/tables/candidate/?first_name=chlo")
        assert [row["first_name"] for row in answer.json()["rows"]] == ["Chloé"]


async def test_offer_of_others_cannot_be_changed(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        answer = await rose.admin("PATCH", f"/api/tables/offer/{laboratories.offers[1]}/", {"title_fr": "X"})
    assert answer.status_code == 404


async def test_only_tables_in_reach_are_listed(laboratories: Laboratories, visiting: Visiting) -> None:
    records = ["alert_run", "audit", "history", "outbox"]
    closed = [*records, "paragraph", "recruiter", "recruiter_unit", "synonym"]
    for name in PEOPLE:
        async with visiting(name) as visitor:
            listed = (await visitor.admin("GET", "/api/tables/")).json()
            grouped = (await visitor.admin("GET", "/api/tables/grouped/")).json()["grouped"]
            answers = [(await visitor.admin("GET", f"/api/tables/{table}/")).status_code for table in closed]
            absent = [
                (await visitor.admin("GET", f"/api/tables/{table}/")).status_code
                for table in (
                    "recruiter_session",
                    "candidate_session",
                    "candidate_link",
                    "document",
                    "history_note",
                )
            ]
            references = (await visitor.admin("GET", "/api/tables/unit/references/")).json()["references"]
        sees_all = name == "ada"
        assert listed == sorted([*TABLES, *(closed if sees_all else [])])
        assert sorted(name for names in grouped.values() for name in names) == listed
        assert answers == [200 if sees_all else 404] * len(closed)
        assert absent == [404] * 5
        assert [each["tableName"] for each in references] == [
            "offer",
            *(["recruiter_unit", "paragraph"] if sees_all else []),
        ]


async def test_account_list_has_no_passwords(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("ada") as ada:
        answer = await ada.admin("GET", "/api/tables/recruiter/")
        assert [row["username"] for row in answer.json()["rows"]] == [
            "ada@example.org",
            "nina@example.org",
            "ivan@example.org",
            "rose@example.org",
        ]
        assert "argon2" not in answer.text
        assert (await ada.admin("GET", "/api/tables/recruiter/?__order=password")).status_code == 400


async def test_nobody_sees_nothing(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting() as stranger:
        answers = [
            (await stranger.admin("GET", path)).status_code
            for path in ("/api/tables/", "/api/tables/offer/", "/api/user/", "/api/links/")
        ]
        written = await stranger.admin(
            "PATCH", f"/api/tables/offer/{laboratories.offers[0]}/", {"title_fr": "X"}
        )
    assert answers == [401] * 4
    assert written.status_code == 401


LOOKING = ("rose", "ivan", "bea", "ada")
"""Recruiters of LAB1, of LAB2, of both, and an administrator."""


def questions(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A sort by every column, and a filter by what the last row has in it: it is not everybody's."""
    for column, value in rows[-1].items():
        yield urlencode({"__order": f"-{column}"})
        if isinstance(value, (str, int)):
            yield urlencode({column: value})


async def found(visitor: Visitor, table: str, query: str = "") -> set[Any]:
    """The ids that a list holds; the count says as many of the same filter."""
    listed = await visitor.admin("GET", f"/api/tables/{table}/?__page_size=1000&{query}")
    ids = {row["id"] for row in listed.json()["rows"]}
    if not query.startswith("__"):
        counted = await visitor.admin("GET", f"/api/tables/{table}/count/?{query}")
        assert (query, counted.json()["count"]) == (query, len(ids))
    return ids


@ON_SQLITE
@pytest.mark.parametrize("table", TABLES)
async def test_no_sort_filter_or_count_reaches_beyond_the_units(
    laboratories: Laboratories, visiting: Visiting, table: str
) -> None:
    """Whatever is asked, each gets what the administrator gets, as far as it is theirs."""
    laboratories.staff["bea"] = await laboratories.house.recruiter(*laboratories.units, name="Bea")
    own: dict[str, set[Any]] = {}
    async with visiting("ada") as ada:
        rows = (await ada.admin("GET", f"/api/tables/{table}/?__page_size=1000")).json()["rows"]
        asked = {query: await found(ada, table, query) for query in questions(rows)}
    for name in LOOKING:
        async with visiting(name) as visitor:
            own[name] = await found(visitor, table)
            seen = {query: await found(visitor, table, query) for query in asked}
        assert seen == {query: ids & own[name] for query, ids in asked.items()}
    assert own["rose"] | own["ivan"] == own["bea"] == own["ada"] == {row["id"] for row in rows}
    assert own["rose"] & own["ivan"] == set()
