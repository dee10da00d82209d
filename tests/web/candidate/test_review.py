"""A draft on the pages: kept, looked over, changed, sent, thrown away."""

import asyncio
from typing import Any

import pytest

from tests.web.candidate.test_apply import LETTER, staff_of
from tests.web.site import ON_SQLITE, Site, Visitor, hidden, problems, summary, text_of
from tests.workflow.documents.making import pdf
from web.kit.visitors import SESSION_COOKIE
from workflow.applications.tables import Application, Draft
from workflow.offers.commands import move_offer

_LETTER = pdf()
WHOLE = LETTER | {"cv_url": "https://example.org/chloe"}


@pytest.fixture
async def chloe(site: Site, offer: str) -> Visitor:
    return await site.candidate()


async def begun(chloe: Visitor, then: str = "review", **form: str) -> Any:
    files = {"covering_letter": ("Letter.pdf", _LETTER), "cv": ("CV.pdf", pdf(compress_streams=False))}
    return await chloe.post("/offers/REF-1/apply", WHOLE | {"then": then} | form, files)


async def test_the_review_shows_all_that_will_be_sent(site: Site, chloe: Visitor) -> None:
    review = await chloe.follow(await begun(chloe, covering_letter_text="Dear all,\n\n- <b>one\n- two"))
    assert review.status_code == 200
    said = text_of(review)
    for part in ("Letter.pdf", "CV.pdf", "https://example.org/chloe", "Chloé Martin", "chlo@example.org"):
        assert part in said
    assert "<p>Dear all,</p>\n<ul><li>&lt;b&gt;one</li><li>two</li></ul>" in review.text
    assert "Not said, and not required: Nationality, Address," in said
    for change in ("#covering_letter", "#cv", "#cv_url"):
        assert f'href="/offers/REF-1/apply{change}">Change' in review.text
    assert "/candidate/profile?next=/offers/REF-1/apply/review" in review.text.replace("%2F", "/")
    assert not await Application.exists()
    done = await chloe.follow(await chloe.submit("REF-1", review))
    for part in ("on its way", "What you sent", "Letter.pdf", "CV.pdf", "https://example.org/chloe"):
        assert part in text_of(done)
    assert [kind for kind, _ in await site.mails()] == ["application_submitted", "application_received"]
    assert not await Draft.exists()


async def test_whoever_comes_back_finds_it_as_it_was(site: Site, chloe: Visitor) -> None:
    listed = await chloe.follow(await begun(chloe, then="later"))
    assert "All saved." in text_of(listed)
    assert "Begun, and not sent yet Chemist Last saved on 2 March 2026; kept until 1 April 2026." in text_of(
        listed
    )
    assert "You have not applied yet" not in text_of(listed)
    site.pass_time(hours=2)
    form = await chloe.get("/offers/REF-1/apply")
    assert "it was last saved on 2 March 2026, 10:30." in text_of(form)
    assert "I would like to join you.</textarea>" in form.text
    assert [name in form.text for name in ("Letter.pdf", "CV.pdf")] == [True, True]
    files = [part.split('"')[0] for part in form.text.split('href="/offers/REF-1/apply/documents/')[1:]]
    path = f"/offers/REF-1/apply/documents/{files[0]}"
    file = await chloe.get(path)
    assert (file.content, file.headers["content-disposition"].split(";")[0]) == (_LETTER, "attachment")
    other = await site.candidate("Basil")
    assert (await other.get(path)).status_code == 404
    assert (await (await site.visitor()).get(path)).status_code == 303
    again = await chloe.post("/offers/REF-1/apply", WHOLE | {"then": "review", "seen": hidden(form, "seen")})
    assert again.headers["location"] == "/offers/REF-1/apply/review"


@ON_SQLITE
async def test_a_file_is_not_chosen_again_because_another_field_is_wrong(site: Site, chloe: Visitor) -> None:
    answer = await begun(chloe, cv_url="nowhere")
    assert (answer.status_code, list(problems(answer))) == (422, ["cv_url"])
    assert "Letter.pdf" in answer.text
    seen = {"seen": hidden(answer, "seen")}
    taken_out = await chloe.post(
        "/offers/REF-1/apply", {"then": "review", "remove_covering_letter": "yes"} | seen
    )
    assert problems(taken_out) == {"covering_letter": "Attach a covering letter, or write one."}
    assert ("Letter.pdf" in taken_out.text, "CV.pdf" in taken_out.text) == (False, True)


async def test_two_tabs_lose_nothing(chloe: Visitor) -> None:
    await chloe.post("/offers/REF-1/apply", LETTER | {"then": "later"})
    first, second = [await chloe.get("/offers/REF-1/apply") for _ in "12"]
    await chloe.post(
        "/offers/REF-1/apply", {"covering_letter_text": "First tab", "seen": hidden(first, "seen")}
    )
    answer = await chloe.post(
        "/offers/REF-1/apply", {"covering_letter_text": "Second tab", "seen": hidden(second, "seen")}
    )
    assert answer.status_code == 409
    assert "Both texts are here" in summary(answer)[0]
    assert [words in answer.text for words in ("\nFirst tab</textarea>", "\nSecond tab</textarea>")] == [
        True
    ] * 2
    settled = await chloe.post(
        "/offers/REF-1/apply", {"covering_letter_text": "Both tabs", "seen": hidden(answer, "seen")}
    )
    assert "Both tabs" in text_of(await chloe.follow(settled))


async def test_what_was_changed_after_the_review_is_shown_before_it_is_sent(chloe: Visitor) -> None:
    review = await chloe.follow(await chloe.post("/offers/REF-1/apply", LETTER))
    form = await chloe.get("/offers/REF-1/apply")
    await chloe.post("/offers/REF-1/apply", {"covering_letter_text": "Better", "seen": hidden(form, "seen")})
    answer = await chloe.submit("REF-1", review)
    assert answer.status_code == 409
    assert summary(answer) == [
        "Your application was changed in another tab or on another device. Look at it again, then submit it."
    ]
    assert "<p>Better</p>" in answer.text
    assert not await Application.exists()
    assert (await chloe.submit("REF-1", answer)).headers["location"].endswith("/submitted")


async def test_an_offer_that_closes_gives_everything_back(site: Site, chloe: Visitor) -> None:
    review = await chloe.follow(await begun(chloe))
    await move_offer(await staff_of(site), "REF-1", "close", terms=site.house.terms, now=site.now)
    for answer, status in (
        (await chloe.submit("REF-1", review), 409),
        (await chloe.get("/offers/REF-1/apply/review"), 200),
        (await chloe.get("/offers/REF-1/apply"), 200),
    ):
        said = text_of(answer)
        assert answer.status_code == status
        assert "because the offer was closed before its last day." in said
        assert [part in said for part in ("I would like to join you.", "Letter.pdf", "CV.pdf")] == [True] * 3
        assert "stays among your applications until 1 April 2026" in said
    listed = text_of(await chloe.get("/candidate/applications"))
    assert "The offer closed before it was sent. What you wrote is kept until 1 April 2026." in listed
    sure = await chloe.get("/offers/REF-1/apply/discard")
    assert "This cannot be undone." in text_of(sure)
    assert 'action="/offers/REF-1/apply/discard"' in sure.text
    thrown = await chloe.post("/offers/REF-1/apply/discard")
    assert "What you had begun is thrown away." in text_of(await chloe.follow(thrown))
    assert (await chloe.get("/offers/REF-1/apply")).headers["location"] == "/offers/REF-1"
    assert not await Application.exists()


@ON_SQLITE
async def test_who_was_logged_out_goes_on_where_they_were(chloe: Visitor) -> None:
    review = await chloe.follow(await begun(chloe))
    chloe.client.cookies.pop(SESSION_COOKIE, None)
    for answer in (await chloe.submit("REF-1", review), await chloe.get("/offers/REF-1/apply/review")):
        assert answer.headers["location"] == "/candidate/login?next=/offers/REF-1/apply/review"
    for path in ("discard", "documents/00000000-0000-4000-8000-000000000000"):
        ask = chloe.post if path == "discard" else chloe.get
        answer = await ask(f"/offers/REF-1/apply/{path}")
        assert answer.headers["location"].startswith("/candidate/login")
    back = await chloe.log_in("chlo@example.org", next="/offers/REF-1/apply/review")
    page = await chloe.follow(back)
    assert "CV.pdf" in text_of(page)
    assert (await chloe.submit("REF-1", page)).headers["location"].endswith("/submitted")


@ON_SQLITE
async def test_there_is_nothing_to_review_before_there_is_a_letter(site: Site, chloe: Visitor) -> None:
    for ask in (
        chloe.get("/offers/REF-1/apply/review"),
        chloe.post("/offers/REF-1/apply/review", {"mark": "x"}),
    ):
        answer = await ask
        assert answer.headers["location"] == "/offers/REF-1/apply"
        assert "Something is still missing" in text_of(await chloe.follow(answer))
    assert (await chloe.get("/offers/NONE/apply/review")).status_code == 404
    assert (await chloe.post("/offers/NONE/apply/discard")).status_code == 404


@ON_SQLITE
async def test_a_page_that_saves_as_one_writes_is_told_so(site: Site, chloe: Visitor) -> None:
    stay = {"then": "stay"}
    answer = await chloe.post(
        "/offers/REF-1/apply", {"covering_letter_text": "See https://example.org/me.\n\n1. <i>a"} | stay
    )
    told = answer.json()
    assert told.pop("preview") == (
        '<p>See <a href="https://example.org/me" rel="noopener noreferrer nofollow">https://example.org/me</a>.</p>\n'
        '<ol start="1"><li>&lt;i&gt;a</li></ol>'
    )
    assert told == {
        "said": "All saved at 10:30.",
        "seen": hidden(await chloe.get("/offers/REF-1/apply"), "seen"),
    }
    stale = await chloe.post("/offers/REF-1/apply", {"covering_letter_text": "Other"} | stay)
    assert (stale.status_code, "seen" in stale.json()) == (409, False)
    await move_offer(await staff_of(site), "REF-1", "close", terms=site.house.terms, now=site.now)
    closed = await chloe.post("/offers/REF-1/apply", {"covering_letter_text": "Other"} | stay)
    assert (closed.status_code, closed.json()) == (
        409,
        {"said": "Not saved. This offer is closed: it takes no more applications."},
    )
    chloe.client.cookies.pop(SESSION_COOKIE, None)
    gone = await chloe.post("/offers/REF-1/apply", {"covering_letter_text": "Other"} | stay)
    assert (gone.status_code, list(gone.json())) == (401, ["said"])


@ON_SQLITE
async def test_a_text_that_is_too_long_is_saved_and_not_shown_and_one_without_end_is_not_saved(
    site: Site, chloe: Visitor
) -> None:
    stay = {"then": "stay"}
    answer = await chloe.post("/offers/REF-1/apply", {"covering_letter_text": "x" * 10_001} | stay)
    told = answer.json()
    assert (answer.status_code, told["preview"]) == (200, "")
    assert told["said"] == "All saved at 10:30. Use 10000 characters at most; there are 10001."
    answer = await chloe.post(
        "/offers/REF-1/apply", {"covering_letter_text": "y" * 50_001, "seen": told["seen"]} | stay
    )
    assert (answer.status_code, answer.json()) == (
        422,
        {"said": "Not saved. Use 10000 characters at most; there are 50001."},
    )
    assert "x" * 10_001 in (await chloe.get("/offers/REF-1/apply")).text


@ON_SQLITE
async def test_words_that_may_have_arrived_are_no_other_tab(site: Site, chloe: Visitor) -> None:
    await chloe.post("/offers/REF-1/apply", LETTER | {"then": "stay"})
    more = {"covering_letter_text": "Second thoughts", "then": "stay"}
    assert (await chloe.post("/offers/REF-1/apply", more)).status_code == 409
    sent = {f"sent_{name}": text for name, text in LETTER.items()}
    assert (await chloe.post("/offers/REF-1/apply", more | sent)).status_code == 200


@ON_SQLITE
async def test_a_script_that_sends_files_is_told_where_to_go(site: Site, chloe: Visitor) -> None:
    await chloe.get("/contact")
    chloe.client.headers["X-Sent-By-Script"] = "yes"
    answer = await begun(chloe)
    assert (answer.status_code, answer.json()) == (200, {"location": "/offers/REF-1/apply/review"})
    seen = hidden(await chloe.get("/offers/REF-1/apply"), "seen")
    refused = await begun(chloe, cv_url="nowhere", seen=seen)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "text/html; charset=utf-8")


async def test_two_devices_that_submit_at_once_send_one(site: Site, chloe: Visitor) -> None:
    review = await chloe.follow(await begun(chloe))
    phone = await site.visitor()
    await phone.log_in("chlo@example.org")
    there = await phone.get("/offers/REF-1/apply/review")
    answers = await asyncio.gather(chloe.submit("REF-1", review), phone.submit("REF-1", there))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await Application.count() == 1
