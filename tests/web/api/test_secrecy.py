"""A decision that is not told yet: nothing that its candidate can get says that there is one (C5, decision 2)."""

from typing import Any

from tests.web.api.program import candidate, problem, recruiter
from tests.web.site import Site


async def test_a_held_decision_changes_nothing_that_its_candidate_can_get(site: Site, offer: str) -> None:
    chloe = await candidate(site)
    own = f"/me/applications/{(await chloe.apply(offer)).json()['id']}"
    moves = own.replace("/me/", "/console/") + "/moves"
    rose = await recruiter(site)
    await rose.post(moves, {"event": "consider", "version": 1})

    async def known() -> list[Any]:
        answers = [await chloe.get(own), await chloe.get("/me/applications"), await chloe.apply(offer)]
        return [(each.status_code, each.json(), dict(each.headers)) for each in answers]

    before = await known()
    assert before[0][1]["version"] == 2
    await rose.post(moves, {"event": "reject", "version": 2, "note": "Not enough chemistry."})
    site.pass_time(minutes=14)
    assert await known() == before
    undone = await rose.post(moves, {"event": "undo", "version": 3})
    assert (undone.json()["status"], undone.json()["version"], undone.json()["announce_at"]) == (
        "under_consideration",
        4,
        None,
    )
    site.pass_time(minutes=2)
    assert await known() == before


async def test_versions_do_not_give_away_a_decision_that_was_taken_back(site: Site, offer: str) -> None:
    chloe = await candidate(site)
    own = f"/me/applications/{(await chloe.apply(offer)).json()['id']}"
    rose = await recruiter(site)
    moves = own.replace("/me/", "/console/") + "/moves"
    await rose.post(moves, {"event": "consider", "version": 1})
    await rose.post(moves, {"event": "accept", "version": 2})
    withdrawn = (await chloe.post(f"{own}/withdrawal", {"message": None})).json()
    assert (withdrawn["status"], withdrawn["version"]) == ("withdrawn", 3)
    assert [step["status"] for step in withdrawn["history"]] == [
        "submitted",
        "under_consideration",
        "withdrawn",
    ]
    seen = (await rose.get(own.replace("/me/", "/console/"))).json()
    facts = ("version", "event", "from_status", "status", "by", "role", "undoes")
    assert [tuple(step[name] for name in facts) for step in seen["history"]] == [
        (1, "submit", None, "submitted", None, "candidate", None),
        (2, "consider", "submitted", "under_consideration", "Rose Recruiter", "recruiter", None),
        (3, "accept", "under_consideration", "successful", "Rose Recruiter", "recruiter", None),
        (4, "undo", "successful", "under_consideration", None, "system", 3),
        (5, "withdraw", "under_consideration", "withdrawn", None, "candidate", None),
    ]
    assert [set(step) for step in withdrawn["history"]] == [{"status", "label", "at"}] * 3


async def test_applications_and_files_of_others_do_not_exist(site: Site, offer: str) -> None:
    chloe, paul = await candidate(site), await candidate(site, "Paul")
    application = (await chloe.apply(offer)).json()
    own = f"/me/applications/{application['id']}"
    document = f"{own}/documents/00000000-0000-0000-0000-000000000000"
    answers = [await paul.get(own), await paul.post(f"{own}/withdrawal", {"message": None})]
    answers += [await paul.get(document), await chloe.get(document)]
    assert [problem(each) for each in answers] == [(404, "not-found")] * 4
    assert (await paul.get("/me/applications")).json() == {"items": []}


async def test_recruiters_of_other_units_find_nothing(site: Site, offer: str) -> None:
    application = (await (await candidate(site)).apply(offer)).json()
    await site.house.recruiter(await site.house.unit("LAB2"), name="Luc")
    luc = await recruiter(site, "Luc")
    own = f"/console/applications/{application['id']}"
    answers = [await luc.get(own), await luc.post(f"{own}/moves", {"event": "consider", "version": 1})]
    assert [problem(each) for each in answers] == [(404, "not-found")] * 2
    assert (await luc.get("/console/applications")).json() == {
        "items": [],
        "total": 0,
        "page": 1,
        "page_size": 200,
    }
