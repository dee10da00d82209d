"""Before a move the mail as it will go out, with words of one's own; after it a way back, and what it proposes."""

import html
import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting, said
from tests.admin.test_application import said as everything_said
from workflow.applications.commands import PARAGRAPH_LENGTH, move_application
from workflow.applications.tables import Application
from workflow.batches.tables import Batch
from workflow.engine.tables import Outbox
from workflow.messages.rendering import House, render
from workflow.offers.tables import Offer
from workflow.reviews.paragraphs import save_paragraph

HOUSE = House("http://localhost:8000", "", "")


def mail(page: str) -> str:
    """The HTML in the frame."""
    frame = re.search(r'<iframe [^>]*sandbox srcdoc="([^"]*)"', page)
    assert frame, page
    return html.unescape(frame[1])


def words_of(mail_or_page: str) -> str:
    return " ".join(
        html.unescape(re.sub(r"<style.*?</style>|<[^>]+>", " ", mail_or_page, flags=re.DOTALL)).split()
    )


async def move(laboratories: Laboratories, clock: Clock, number: int, event: str) -> None:
    await move_application(
        laboratories.staff["ada"],
        laboratories.applications[number],
        event,
        terms=laboratories.house.terms,
        now=clock.now,
        note="Because",
    )


async def status_of(application: UUID) -> tuple[str, int]:
    row = await Application.select().where(Application.id == application).first()
    assert row
    return row["status"], row["version"]


async def params_of(kind: str) -> dict[str, Any]:
    """What the newest mail of a kind says."""
    rows = await Outbox.select().where(Outbox.kind == kind).order_by(Outbox.id)
    params: dict[str, Any] = json.loads(rows[-1]["params"])
    return params


@pytest.mark.parametrize(
    ("before", "event", "subject", "when"),
    [
        ([], "consider", "En cours d’examen", "At once. It cannot be undone."),
        (["consider"], "reject", "Décision sur votre candidature", "At 10:45, if you confirm now."),
        (["consider"], "accept", "Candidature retenue", "At 10:45, if you confirm now."),
        (["consider", "accept", "an hour"], "reopen", "De nouveau en cours d’examen", "At once."),
    ],
)
async def test_each_mail_is_seen_first_in_the_candidates_language(
    laboratories: Laboratories,
    visiting: Visiting,
    clock: Clock,
    before: list[str],
    event: str,
    subject: str,
    when: str,
) -> None:
    for each in before:
        if each == "an hour":
            clock.now += timedelta(hours=1)
        else:
            await move(laboratories, clock, 0, each)
    before_it = await status_of(laboratories.applications[0])
    async with visiting("rose") as rose:
        answer = await rose.get(f"/console/applications/{laboratories.applications[0]}/moves/{event}")
    page = answer.text
    assert answer.status_code == 200
    assert re.search(r'<dd lang="fr">([^:<]*)', page)[1].strip().startswith(subject)  # type: ignore[index]
    assert when in everything_said(page)
    assert "Bonjour Chloé Martin," in words_of(mail(page))
    assert "cid:" not in mail(page)
    assert "data:image/png;base64," in mail(page)
    assert ('name="note"' in page) == (event in ("reject", "reopen"))
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert await status_of(laboratories.applications[0]) == before_it


async def test_words_of_ones_own_are_seen_first_and_go_out(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    typed = {
        "event": "reject",
        "version": "2",
        "note": "Too far",
        "paragraph": "Merci à vous.\n<script>alert(1)</script>",
    }
    async with visiting("rose") as rose:
        page = (await rose.submit(f"{address}/reject", **typed, then="preview", next="/console/list")).text
        shown = mail(page)
        assert "Merci à vous.<br>&lt;script&gt;alert(1)&lt;/script&gt;" in shown
        assert ("<script" in shown, "> Merci à vous." in everything_said(page)) == (False, True)
        assert "Too far</textarea>" in page
        assert ('name="next" value="/console/list"' in page, 'value="2"' in page) == (True, True)
        assert await status_of(laboratories.applications[0]) == ("under_consideration", 2)
        moved = await rose.submit(address, **typed, next="/console/list")
    assert (moved.status_code, moved.headers["location"]) == (303, "/console/list")
    params = await params_of("application_rejected")
    assert params["paragraph"] == typed["paragraph"]
    sent = render("application_rejected", "fr", params, house=HOUSE)
    preview = words_of(shown)
    assert words_of(sent.html).split("Vivier, le")[0].split(HOUSE.base_url)[0] in preview


async def test_a_paragraph_that_is_too_long_is_not_sent(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    words = "é" * (PARAGRAPH_LENGTH + 1)
    async with visiting("rose") as rose:
        answer = await rose.submit(address, event="accept", version="2", paragraph=words)
    assert answer.status_code == 422
    assert "Use 3000 characters at most; there are 3001." in answer.text
    assert words in answer.text
    assert await status_of(laboratories.applications[0]) == ("under_consideration", 2)


async def test_saved_paragraphs_are_inserted_without_a_script(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    ada = laboratories.staff["ada"]
    saved = {}
    for name, language, unit in (("Ours", "fr", 0), ("Theirs", "fr", 1), ("English", "en", 0)):
        data = {
            "name": name,
            "event": "reject",
            "language": language,
            "unit": laboratories.units[unit],
            "words": f"Words of {name}",
        }
        saved[name] = str(await save_paragraph(ada, data, now=clock.now))
    address = f"/console/applications/{laboratories.applications[0]}/moves/reject"
    async with visiting("rose") as rose:
        page = (await rose.get(address)).text
        assert re.findall(r'<option value="(\d+)">([^<]+)</option>', page) == [(saved["Ours"], "Ours")]
        typed = {"version": "2", "paragraph": "Before", "note": "", "then": "insert"}
        inserted = (await rose.submit(address, **typed, saved=saved["Ours"])).text
        assert "Before\n\nWords of Ours</textarea>" in inserted
        assert "Before<br><br>Words of Ours" in mail(inserted)
        for foreign in (saved["Theirs"], saved["English"], "", "many"):
            assert "Before</textarea>" in (await rose.submit(address, **typed, saved=foreign)).text


async def test_words_are_kept_when_somebody_was_first(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    typed = {"event": "accept", "version": "2", "paragraph": "Bienvenue"}
    async with visiting("rose") as rose:
        await move(laboratories, clock, 0, "reject")
        gone = await rose.submit(address, **typed)
        assert (gone.status_code, said(gone.text).startswith("Ada Recruiter was first.")) == (409, True)
        assert "The paragraph that you wrote was not sent. Here it is, to copy: Bienvenue" in everything_said(
            gone.text
        )
        await move(laboratories, clock, 0, "undo")
        possible = await rose.submit(address, **typed)
        assert (possible.status_code, "Bienvenue</textarea>" in possible.text) == (409, True)
        assert 'name="version" value="4"' in possible.text
        done = await rose.submit(address, **typed | {"version": "4"})
    assert (done.status_code, (await params_of("application_successful"))["paragraph"]) == (303, "Bienvenue")


@pytest.mark.parametrize(("event", "field"), [("consider", ""), ("accept", "paragraph"), ("reject", "note")])
async def test_what_is_needed_first_has_the_focus(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, event: str, field: str
) -> None:
    if event != "consider":
        await move(laboratories, clock, 0, "consider")
    async with visiting("rose") as rose:
        page = (await rose.get(f"/console/applications/{laboratories.applications[0]}/moves/{event}")).text
    assert re.findall(r'<textarea [^>]*name="(\w+)"[^>]* autofocus', page) == ([field] if field else [])
    assert ("<button" in page.partition(" autofocus")[0].rpartition("\n")[2]) == (not field)
    assert page.count(" autofocus") == 1


@pytest.mark.parametrize("event", ["undo", "withdraw", "cancel", "submit", "nothing", "accept"])
async def test_there_is_no_page_for_what_cannot_be_done(
    laboratories: Laboratories, visiting: Visiting, event: str
) -> None:
    home = f"/console/applications/{laboratories.applications[0]}"
    async with visiting("rose") as rose:
        answer = await rose.get(f"{home}/moves/{event}")
        posted = await rose.submit(f"{home}/moves/{event}", next="//elsewhere.example")
    assert [(each.status_code, each.headers["location"]) for each in (answer, posted)] == [(303, home)] * 2


async def test_previews_of_others_are_not_there(laboratories: Laboratories, visiting: Visiting) -> None:
    may = {"rose": [200, 200, 404], "ivan": [404, 404, 200], "nina": [404] * 3, "ada": [200] * 3}
    for name in PEOPLE:
        async with visiting(name) as visitor:
            addresses = [f"/console/applications/{each}/moves/consider" for each in laboratories.applications]
            assert [(await visitor.get(each)).status_code for each in addresses] == may[name]
            assert [(await visitor.submit(each)).status_code for each in addresses] == may[name]


def bar(page: str) -> str:
    """What the bar after a decision says; nothing where there is none."""
    found = re.search(r'<div class="undo-bar".*?</form>', page, re.DOTALL)
    return words_of(found[0]) if found else ""


async def test_a_decision_can_be_undone_from_every_page_until_it_is_told(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    async with visiting("rose") as rose, visiting("ada") as ada:
        assert bar((await rose.get("/console/offers")).text) == ""
        await rose.submit(address, event="accept", version="2")
        for path in ("/console/offers", "/console/paragraphs", "/console/offers/REF-1/edit"):
            page = (await rose.get(path)).text
            assert bar(page) == "Chloé Martin : Successful. Told at 10:45. Undo"
            assert f'name="next" value="{path}"' in page
        assert bar((await ada.get("/console/offers")).text) == ""
        undone = await rose.submit(address, event="undo", version="3", next="/console/offers")
        assert undone.headers["location"] == "/console/offers"
        assert bar((await rose.get("/console/offers")).text) == ""
        await rose.submit(address, event="reject", version="4", note="No")
        assert bar((await rose.get("/console/offers")).text) == "Chloé Martin : Rejected. Told at 10:45. Undo"
        rose.client.cookies.set("language", "fr")
        assert bar((await rose.get("/console/offers")).text) == (
            "Chloé Martin : Non retenue. Annonce à 10:45. Annuler la décision"
        )
        clock.now += timedelta(minutes=15)
        assert bar((await rose.get("/console/offers")).text) == ""


async def test_the_bar_goes_when_a_colleague_moves_on_and_is_nobody_elses(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    async with visiting("rose") as rose, visiting("ivan") as ivan:
        await rose.submit(address, event="accept", version="2")
        ivan.client.cookies.set("vivier_undo", rose.client.cookies["vivier_undo"])
        assert bar((await ivan.get("/console/offers")).text) == ""
        ivan.client.cookies.set("vivier_undo", "made-up")
        assert (await ivan.get("/console/offers")).status_code == 200
        assert bar((await rose.get("/console/offers")).text) != ""
        await move(laboratories, clock, 0, "undo")
        assert bar((await rose.get("/console/offers")).text) == ""


async def offer_status() -> str:
    rows = await Offer.select(Offer.status).where(Offer.reference == "REF-1")
    return str(rows[0]["status"])


def hidden(page: str, *names: str) -> dict[str, str]:
    """What the form sends again of what it has shown."""
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return {name: found[name] for name in names}


async def batches() -> list[dict[str, Any]]:
    columns = [getattr(Batch, name) for name in ("event", "note", "paragraph_fr", "paragraph_en")]
    return await Batch.select(*columns).order_by(Batch.created_at)


async def test_naming_one_successful_rejects_the_others_and_closes_with_one_confirmation(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    for number in (0, 1):
        await move(laboratories, clock, number, "consider")
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    typed = {"event": "accept", "version": "2", "paragraph": "Bienvenue"}
    async with visiting("rose") as rose:
        page = (await rose.get(f"{address}/accept")).text
        assert re.findall(r'<input type="checkbox" name="(\w+)" value="yes"( checked)?>', page) == [
            ("others", ""),
            ("close", ""),
        ]
        told = everything_said(page)
        assert "Also reject the other application that is still to be decided" in told
        assert "Close the offer for good: its one position is filled. It does not open again" in told
        assert "1 other application is still to be decided 1 will move Zoé Martin Under consideration" in told
        assert (
            "What they are told French 1 As Zoé Martin will read it: Décision sur votre candidature" in told
        )
        typed |= hidden(page, "others_batch", "others_items")
        typed |= {"others": "yes", "close": "yes", "others_paragraph_fr": "Merci & au revoir"}
        shown = (await rose.submit(f"{address}/accept", **typed, then="preview")).text
        assert ("&gt; Merci &amp; au revoir" in shown, "Merci & au revoir" in words_of(mail(shown))) == (
            True,
            False,
        )
        follows = (await rose.submit(f"{address}/accept", **typed, part="mail")).text
        assert ("Bienvenue" in words_of(mail(follows)), 'name="others"' in follows) == (True, False)
        assert hidden(shown, "others_batch", "others_items") == hidden(page, "others_batch", "others_items")
        asked = await rose.submit(address, **typed)
        assert (
            asked.status_code,
            "Why are they rejected?: Say why, in a sentence" in everything_said(asked.text),
        ) == (
            422,
            True,
        )
        assert 'name="others" value="yes" checked' in asked.text
        assert (await status_of(laboratories.applications[0]))[0] == "under_consideration"
        assert (await batches(), await offer_status()) == ([], "published")
        done = await rose.submit(address, **typed, others_note="Another one was better")
        assert (done.status_code, done.headers["location"]) == (
            303,
            f"/console/batches/{typed['others_batch']}",
        )
        page = (await rose.get(done.headers["location"])).text
        assert ("Reject 1 application" in page, bar(page)) == (
            True,
            "Chloé Martin : Successful. Told at 10:45. Undo",
        )
        again = await rose.submit(address, **typed, others_note="Another one was better")
        assert (again.status_code, "You have already done this" in said(again.text)) == (409, True)
    assert await batches() == [
        {
            "event": "reject",
            "note": "Another one was better",
            "paragraph_fr": "Merci & au revoir",
            "paragraph_en": "",
        }
    ]
    assert await offer_status() == "closed"
    assert [await status_of(each) for each in laboratories.applications[:2]] == [
        ("successful", 3),
        ("under_consideration", 2),  # until a worker comes
    ]
    assert (await params_of("application_successful"))["paragraph"] == "Bienvenue"


async def test_what_cannot_be_accepted_rejects_nobody_and_keeps_all_words(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    async with visiting("rose") as rose:
        page = (await rose.get(f"{address}/accept")).text
        assert "1 is not under consideration yet It is taken under consideration first" in everything_said(
            page
        )
        typed = {"event": "accept", "version": "2", "paragraph": "Bienvenue", "others": "yes", "close": "yes"}
        typed |= hidden(page, "others_batch", "others_items", "others_via")
        typed |= {"others_note": "Full", "others_paragraph_fr": "Merci"}
        nobody = await rose.submit(address, **typed | {"others_items": ""})
        assert (nobody.status_code, "None of these applications can be moved like this." in nobody.text) == (
            422,
            True,
        )
        long = await rose.submit(address, **typed | {"others_paragraph_fr": "é" * (PARAGRAPH_LENGTH + 1)})
        assert (long.status_code, 'href="#others_paragraph_fr"' in long.text) == (422, True)
        await move(laboratories, clock, 0, "reject")
        gone = await rose.submit(address, **typed)
        assert (gone.status_code, said(gone.text).startswith("Ada Recruiter was first.")) == (409, True)
        assert [each in everything_said(gone.text) for each in ("Bienvenue", "Full", "Merci")] == [True] * 3
        await move(laboratories, clock, 0, "undo")
        possible = (await rose.submit(address, **typed)).text
        assert [
            each in possible for each in ("Bienvenue</textarea>", "Full</textarea>", "Merci</textarea>")
        ] == [True] * 3
        assert (await batches(), await offer_status()) == ([], "published")
        done = await rose.submit(address, **typed | {"version": "4"})
    assert done.status_code == 303
    assert (len(await batches()), await offer_status()) == (1, "closed")


async def test_words_are_put_into_the_mails_of_the_others_without_a_script(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    data = {
        "name": "Many",
        "event": "reject",
        "language": "fr",
        "unit": laboratories.units[0],
        "words": "Trop",
    }
    saved = str(await save_paragraph(laboratories.staff["ada"], data, now=clock.now))
    address = f"/console/applications/{laboratories.applications[0]}/moves/accept"
    async with visiting("rose") as rose:
        page = (await rose.get(address)).text
        typed = {"version": "2", "others": "yes", "others_saved_fr": saved, "others_insert": "fr"}
        typed |= hidden(page, "others_batch", "others_items") | {"others_paragraph_fr": "Bon"}
        inserted = (await rose.submit(address, **typed)).text
    assert f'formaction="{address}#others"' in page
    assert ("Bon\n\nTrop</textarea>" in inserted, "&gt; Trop" in inserted) == (True, True)
    assert 'name="others" value="yes" checked' in inserted


async def test_nothing_is_proposed_where_there_is_nothing(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    """More positions than successful ones, and nobody else; and what is not ticked is not done."""
    await Offer.update({Offer.positions: 2}).where(Offer.reference == "REF-1")
    for number in (0, 1):
        await move(laboratories, clock, number, "consider")
    first, second = (f"/console/applications/{each}/moves" for each in laboratories.applications[:2])
    async with visiting("rose") as rose:
        page = (await rose.get(f"{first}/accept")).text
        assert ('name="others"' in page, 'name="close"' in page) == (True, False)
        moved = await rose.submit(first, event="accept", version="2")
        assert moved.headers["location"] == first.removesuffix("/moves")
        page = (await rose.get(f"{second}/accept")).text
        assert ('name="others"' in page, 'name="close"' in page) == (False, True)
        assert "Close the offer for good: its 2 positions are filled" in page
        page = (await rose.get(f"{second}/reject")).text
        assert ('name="others"' in page, 'name="close"' in page) == (False, False)
        await rose.submit(second, event="reject", version="2", note="No", others="yes", close="yes")
    assert await offer_status() == "published"


async def test_an_offer_that_closed_meanwhile_is_told_of(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    await move(laboratories, clock, 0, "consider")
    address = f"/console/applications/{laboratories.applications[0]}/moves"
    async with visiting("rose") as rose:
        await rose.submit("/console/offers/REF-1/moves", event="close", version="2")
        assert await offer_status() == "closed"
        assert 'name="close"' not in (await rose.get(f"{address}/accept")).text
        moved = await rose.submit(address, event="accept", version="2", close="yes")
        page = (await rose.get(moved.headers["location"])).text
    assert "The offer was not closed: it is not open any more." in page
    assert (await status_of(laboratories.applications[0]))[0] == "successful"


async def test_the_board_gets_the_same_preview_for_its_dialog(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    """A part of a page: with the words as typed, with what stands in the way, and the flash left to the board."""
    chloe = laboratories.applications[0]
    address = f"/console/applications/{chloe}/moves"
    async with visiting("rose") as rose:
        board = (await rose.get("/console/")).text
        assert f'href="{address}/consider?next=/console/%23card-{chloe}" data-in-dialog' in board
        assert 'type="hidden" name="event" value="consider"' not in board
        answer = await rose.get(f"{address}/consider?next=/console/&part=dialog")
        part = answer.text
        assert ("<html" in part, "<iframe" in part) == (False, False)
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        told = words_of(part)
        assert "Take under consideration: Chloé Martin Recipient" in told
        assert "At once. It cannot be undone." in told
        assert "Bonjour Chloé Martin," in told
        assert re.findall(r"<button ([^>]*)>Take under consideration", part) == [
            'class="button button-main" autofocus data-busy="One moment…"'
        ]
        typed = {"event": "consider", "paragraph": "Bonjour !"} | hidden(part, "version", "next", "part")
        follows = await rose.submit(f"{address}/consider", **typed)
        assert ("&gt; Bonjour !" in follows.text, "<html" in follows.text) == (True, False)
        long = await rose.submit(address, **typed | {"paragraph": "é" * (PARAGRAPH_LENGTH + 1)})
        assert (long.status_code, "<html" in long.text, "Use 3000 characters at most" in long.text) == (
            422,
            False,
            True,
        )
        assert await status_of(chloe) == ("submitted", 1)
        moved = await rose.submit(address, **typed)
        assert (moved.status_code, moved.headers["location"]) == (303, "/console/")
        late = await rose.submit(address, **typed)
        assert (late.status_code, "You have already done this" in said(late.text)) == (409, True)
    assert (await params_of("application_considered"))["paragraph"] == "Bonjour !"
