"""The audit as a page, and what Piccolo Admin's page of an application shows of the console."""

from tests.admin.conftest import PEOPLE, Laboratories, Visiting
from workflow.applications.commands import move_application


async def considered(laboratories: Laboratories) -> None:
    """Rose takes her first application under consideration, Ivan his."""
    house = laboratories.house
    for name, number in (("rose", 0), ("ivan", 2)):
        staff = laboratories.staff[name]
        await move_application(
            staff, laboratories.applications[number], "consider", terms=house.terms, now=house.now
        )


async def test_each_reads_of_their_units_alone(laboratories: Laboratories, visiting: Visiting) -> None:
    await considered(laboratories)
    addresses = [f"/console/applications/{each}" for each in laboratories.applications]
    seen = {}
    for name in PEOPLE:
        async with visiting(name) as visitor:
            page = (await visitor.get("/console/audit")).text
        seen[name] = [address in page for address in addresses]
    assert seen == {
        "rose": [True, False, False],
        "ivan": [False, False, True],
        "nina": [False, False, False],
        "ada": [True, False, True],
    }


async def test_words_and_people_narrow_it(laboratories: Laboratories, visiting: Visiting) -> None:
    await considered(laboratories)
    ivan = laboratories.staff["ivan"].actor.id
    found = {}
    async with visiting("ada") as visitor:
        for query in (
            "words=chloe",
            "words=REF-2&kind=moves",
            f"who={ivan}",
            "words=nobody",
            "kind=paragraph",
            "words=under+consid",
        ):
            page = (await visitor.get(f"/console/audit?{query}")).text
            found[query] = [name in page for name in ("Chloé Martin", "Omar Martin")]
    assert found == {
        "words=chloe": [True, False],
        "words=REF-2&kind=moves": [False, True],
        f"who={ivan}": [False, True],
        "words=nobody": [False, False],
        "kind=paragraph": [False, False],
        "words=under+consid": [True, True],
    }


async def test_odd_questions_get_an_answer(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("ada") as visitor:
        answers = {
            query: (await visitor.get(f"/console/audit?{query}")).status_code
            for query in (
                "first=yesterday",
                "words=%00%25_%5C",
                "before=x~y~z",
                "before=2026-01-01T00:00:00%2B00:00~1~99999999999999999999",
                "kind=none",
                "who=" + "x" * 500,
                "before=2026-01-01T00:00:00%2B00:00~1~-99999999999999999999",
                "before=0001-01-01T00:00:00%2B14:00~1~5",
            )
        }
    assert list(answers.values()) == [422, 200, 200, 200, 404, 200, 200, 200]


async def test_the_panel_is_of_own_applications_alone(laboratories: Laboratories, visiting: Visiting) -> None:
    answers = {}
    for name in PEOPLE:
        async with visiting(name) as visitor:
            answers[name] = [
                (await visitor.get(f"/console/applications/{each}/panel")).status_code
                for each in laboratories.applications
            ]
    assert answers == {"rose": [200, 200, 404], "ivan": [404, 404, 200], "nina": [404] * 3, "ada": [200] * 3}


async def test_piccolo_admin_loads_the_script_of_the_panel(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("rose") as visitor:
        page = (await visitor.get("/admin/")).text
    assert '<script type="module" src="/static/js/tables.js"></script>' in page
