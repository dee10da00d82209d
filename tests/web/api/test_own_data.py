"""One's data, for programs: a copy, and the end of the account."""

import io
from zipfile import ZipFile

from tests.support.house import PASSWORD
from tests.web.api.program import candidate, program, recruiter
from tests.web.candidate.test_own_data import fail_to_make_copies, link, make_copies
from tests.web.site import Site
from workflow.privacy.erasure import erase_candidate


async def test_a_copy_is_asked_for_made_and_fetched(site: Site) -> None:
    mine, other, stranger = await candidate(site), await candidate(site, "Zoe"), await program(site)
    asked = await mine.post("/me/archives")
    archive = asked.json()
    path = f"/me/archives/{archive['id']}"
    assert (asked.status_code, asked.headers["location"], archive["url"]) == (202, f"/api/v1{path}", None)
    again = await mine.post("/me/archives")
    assert (again.status_code, again.json()["type"]) == (409, "urn:vivier:problem:archive-under-way")
    assert (await mine.get(f"{path}/content")).status_code == 404
    await make_copies(site)
    ready = (await mine.get(path)).json()
    assert (ready["url"], (await mine.get("/me/archives")).json()) == (
        f"/api/v1{path}/content",
        {"items": [ready]},
    )
    content = await mine.get(f"{path}/content")
    assert (content.headers["content-type"], len(content.content)) == ("application/zip", ready["size"])
    assert ZipFile(io.BytesIO(content.content)).namelist() == ["data.json", "README.txt"]
    soon = await mine.post("/me/archives")
    assert (soon.status_code, soon.headers["retry-after"]) == (429, "3600")
    for address in (path, f"{path}/content"):
        assert [(await each.get(address)).status_code for each in (other, stranger)] == [404, 401]


async def test_a_copy_that_failed_says_so_and_stands_in_nobodys_way(site: Site) -> None:
    mine = await candidate(site)
    path = f"/me/archives/{(await mine.post('/me/archives')).json()['id']}"
    assert (await mine.get(path)).json()["failed_at"] is None
    await fail_to_make_copies(site)
    assert (await mine.get(path)).json()["failed_at"] == "2026-03-02T09:50:00Z"
    assert (await mine.post("/me/archives")).status_code == 202


async def test_the_end_of_an_account(site: Site) -> None:
    mine, stranger = await candidate(site), await program(site)
    assert (await mine.get("/me/deletion")).json() == {"deletes_at": None}
    wrong = await mine.post("/me/deletion", {"current_password": "not mine"})
    assert (wrong.status_code, [each["field"] for each in wrong.json()["errors"]]) == (
        422,
        ["current_password"],
    )
    assert (await mine.post("/me/deletion", {"current_password": PASSWORD})).status_code == 202
    token = (await link(site)).rpartition("/")[2]
    planned = await stranger.post("/candidates/deletion", {"token": token})
    assert planned.json() == {"deletes_at": "2026-03-09T09:30:00Z"}
    assert (await mine.get("/me/deletion")).json() == planned.json()
    again = await stranger.post("/candidates/deletion", {"token": token})
    assert (again.status_code, again.json()["type"]) == (409, "urn:vivier:problem:link-used")
    refused = await mine.post("/me/deletion", {"current_password": PASSWORD})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:vivier:problem:deletion-planned")
    for _ in range(2):
        assert (await mine.delete("/me/deletion")).status_code == 204
    assert (await mine.get("/me/deletion")).json() == {"deletes_at": None}
    late = await stranger.post("/candidates/deletion", {"token": token})
    assert (late.status_code, late.json()["type"]) == (409, "urn:vivier:problem:account-kept")
    assert (await stranger.post("/candidates/deletion", {"token": "made up"})).status_code == 409


async def test_whoever_has_left_is_nobody_to_recruiters_programs(site: Site, offer: str) -> None:
    mine = await candidate(site)
    sent = await mine.apply(offer)
    assert await erase_candidate(
        await site.candidate_id(),
        is_due=lambda _: True,
        reason="wish",
        terms=site.house.terms,
        now=site.now,
    )
    assert (await mine.get("/me/archives")).status_code == 401
    rose = await recruiter(site)
    (card,) = (await rose.get("/console/applications")).json()["items"]
    assert (card["status"], card["actions"]) == ("withdrawn", [])
    application = await rose.get(f"/console/applications/{sent.json()['id']}")
    assert (application.status_code, application.json()["actions"]) == (200, [])
    assert "Chloé" not in application.text
