"""Your data, as pages: a copy, the end of the account with its two keys, and the way back (A9)."""

import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest

from jobs.archives import ArchiveMaker
from tests.support.house import PASSWORD
from tests.web.site import Site, problems, text_of
from workflow.candidates.tables import Candidate
from workflow.documents.storage import DiskStore
from workflow.engine.outbox import PENDING
from workflow.engine.tables import Outbox
from workflow.privacy.commands import MAKE_ARCHIVE
from workflow.sealing import unseal

BANNER = "Your account will be deleted on 9 March 2026, as you asked."


async def make_copies(site: Site) -> None:
    """What the worker would do."""
    maker = ArchiveMaker(
        site.app.state.portal.store,
        scratch=site.settings.var,
        zone=site.settings.timezone,
        clock=lambda: site.now,
    )
    while await maker.sweep():
        pass


async def fail_to_make_copies(site: Site) -> None:
    """What the worker would do with a disk that is gone."""
    gone = site.settings.var / "gone"
    maker = ArchiveMaker(DiskStore(gone), scratch=gone, zone=site.settings.timezone, clock=lambda: site.now)
    while await Outbox.exists().where((Outbox.kind == MAKE_ARCHIVE) & (Outbox.state == PENDING)):
        await maker.sweep()
        site.pass_time(minutes=5)


async def link(site: Site) -> str:
    """The path in the newest mail that asks whether the account shall be deleted."""
    rows = await Outbox.select().where(Outbox.kind == "deletion_confirmation").order_by(Outbox.id)
    path: str = unseal(rows[-1]["secret"], site.settings.secret_key)["path"]
    return path


async def test_a_copy_that_failed_is_told_and_can_be_asked_for_again(site: Site) -> None:
    candidate, failed = await site.candidate(), "We could not make the copy of your data."
    for _ in range(2):
        asked = await candidate.follow(await candidate.post("/candidate/account/archives"))
        assert failed not in text_of(asked)
        await fail_to_make_copies(site)
        page = await candidate.get("/candidate/account")
        assert failed in text_of(page)
        assert 'action="/candidate/account/archives"' in page.text
        assert "/candidate/account/archives/" not in page.text
    site.pass_time(days=1)
    assert failed not in text_of(await candidate.get("/candidate/account"))


async def test_a_copy_is_asked_for_made_and_fetched(site: Site) -> None:
    candidate = await site.candidate()
    page = await candidate.follow(await candidate.post("/candidate/account/archives"))
    assert "We are making the copy. You get an e-mail when it is ready." in text_of(page)
    assert "/candidate/account/archives/" not in page.text
    await make_copies(site)
    page = await candidate.get("/candidate/account")
    assert "Download the copy of 2 March 2026" in text_of(page)
    assert "You can ask for a new one from 2 March 2026, 11:30 on." in text_of(page)
    assert 'action="/candidate/account/archives"' not in page.text
    address = page.text.partition('href="/candidate/account/archives/')[2].partition('"')[0]
    file = await candidate.get(f"/candidate/account/archives/{address}")
    assert (file.status_code, file.headers["content-type"]) == (200, "application/zip")
    assert file.headers["content-disposition"].startswith('attachment; filename="vivier-2026-03-02.zip"')
    assert file.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (file.headers["cache-control"], int(file.headers["content-length"])) == (
        "private, no-store",
        len(file.content),
    )
    with ZipFile(io.BytesIO(file.content)) as archive:
        assert json.loads(archive.read("data.json"))["profile"]["first_name"] == "Chloé"
    site.pass_time(hours=1)
    page = await candidate.get("/candidate/account")
    assert 'action="/candidate/account/archives"' in page.text


async def test_asking_twice_makes_one(site: Site) -> None:
    candidate = await site.candidate()
    for _ in range(2):
        assert (await candidate.post("/candidate/account/archives")).status_code == 303
    assert await Outbox.count().where(Outbox.kind == "make_archive") == 1


async def test_a_copy_is_for_its_candidate_alone_and_for_a_week(site: Site) -> None:
    candidate, other, stranger = await site.candidate(), await site.candidate("Zoe"), await site.visitor()
    await candidate.post("/candidate/account/archives")
    page = await candidate.get("/candidate/account")
    await make_copies(site)
    page = await candidate.get("/candidate/account")
    path = "/candidate/account/archives/" + page.text.partition("/candidate/account/archives/")[2][:36]
    assert [(await visitor.get(path)).status_code for visitor in (candidate, other, stranger)] == [
        200,
        404,
        303,
    ]
    site.pass_time(hours=20)
    assert (await candidate.get(path)).status_code == 200
    site.pass_time(days=6, hours=5)
    await candidate.log_in("chlo@example.org")
    assert (await candidate.get(path)).status_code == 404


async def test_an_account_ends_by_two_keys_and_stays_by_one_button(site: Site) -> None:
    candidate, stranger = await site.candidate(), await site.visitor()
    page = await candidate.get("/candidate/account")
    assert 'href="/candidate/account/deletion"' in page.text
    wrong = await candidate.post("/candidate/account/deletion", {"current_password": "not mine"})
    assert (wrong.status_code, problems(wrong)) == (
        422,
        {"current_password": "This is not your present password."},
    )
    sent = await candidate.post("/candidate/account/deletion", {"current_password": PASSWORD})
    assert (sent.status_code, "chlo@example.org" in text_of(sent)) == (200, True)
    path = await link(site)
    for visitor in (stranger, candidate):
        shown = await visitor.get(path)
        assert (shown.status_code, shown.headers["referrer-policy"]) == (200, "no-referrer")
        assert "data-press" not in shown.text
    assert BANNER not in text_of(await candidate.get("/candidate"))
    planned = await stranger.post(path)
    assert (planned.status_code, "It will be on 9 March 2026." in text_of(planned)) == (200, True)
    for again in (await stranger.post(path), await stranger.get(path)):
        assert (again.status_code, "You have confirmed this already" in text_of(again)) == (409, True)
    for address in ("/candidate", "/candidate/profile", "/candidate/applications", "/candidate/account"):
        assert BANNER in text_of(await candidate.get(address))
    form = await candidate.get("/candidate/account/deletion")
    assert form.headers["location"] == "/candidate/account#own-data"
    kept = await candidate.follow(await candidate.post("/candidate/account/keep"))
    assert "Your account stays. Everything is as it was." in text_of(kept)
    assert BANNER not in text_of(kept)
    for after in (await stranger.post(path), await stranger.get(path)):
        assert (after.status_code, "You have kept your account" in text_of(after)) == (409, True)
        assert "ask again in your account settings" in text_of(after)
    assert BANNER not in text_of(await candidate.get("/candidate"))
    assert [kind for kind, _ in await site.mails()] == [
        "deletion_confirmation",
        "deletion_planned",
        "account_kept",
    ]


async def test_a_link_that_is_over_or_made_up_says_so(site: Site) -> None:
    candidate = await site.candidate()
    await candidate.post("/candidate/account/deletion", {"current_password": PASSWORD})
    path = await link(site)
    site.pass_time(hours=48)
    for address in (path, "/candidate/delete-account/made-up"):
        for answer in (await candidate.post(address), await candidate.get(address)):
            assert (answer.status_code, "This link does not work any more" in text_of(answer)) == (409, True)
    rows = await Candidate.select(Candidate.deletes_at)
    assert rows == [{"deletes_at": None}]


async def test_a_change_of_password_ends_the_link(site: Site) -> None:
    candidate = await site.candidate()
    await candidate.post("/candidate/account/deletion", {"current_password": PASSWORD})
    new = "eleven loud cranes above"
    changed = await candidate.post(
        "/candidate/account/password",
        {"current_password": PASSWORD, "password": new, "password_again": new},
    )
    assert changed.status_code == 303
    assert (await candidate.post(await link(site))).status_code == 409


async def test_guessing_the_password_here_is_limited(site: Site) -> None:
    candidate = await site.candidate()
    answers = [
        (await candidate.post("/candidate/account/deletion", {"current_password": f"guess {n}"})).status_code
        for n in range(11)
    ]
    assert answers == [422] * 10 + [429]


@pytest.mark.parametrize(
    "path", ["/candidate/account/archives", "/candidate/account/deletion", "/candidate/account/keep"]
)
async def test_strangers_and_forged_forms_do_nothing(site: Site, path: str) -> None:
    stranger, candidate = await site.visitor(), await site.candidate()
    assert (await stranger.post(path)).headers["location"].startswith("/candidate/login")
    assert (await candidate.client.post(path)).status_code == 403
    assert await Outbox.count() == 0


async def test_the_notice_says_what_the_settings_say(site: Site) -> None:
    visitor = await site.visitor()
    words = text_of(await visitor.get("/privacy"))
    for sentence in (
        "at most 2 years after you were last active.",
        "We write to you 30 days before.",
        "A registration that nobody confirms: 7 days after its last link was asked for.",
        "You then have 7 days to change your mind.",
        "A copy of your data that you asked for: 7 days.",
    ):
        assert sentence in words
    assert timedelta(days=site.settings.retention_days) == timedelta(days=730)
