"""Applying: P1–P4, and everything that can be wrong with it."""

import asyncio
from datetime import date, timedelta

import pytest

from tests.web.site import ON_SQLITE, Site, hidden, problems, summary, text_of
from tests.workflow.documents.making import pdf
from web.kit.visitors import SESSION_COOKIE
from workflow.applications.tables import Application
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.documents.tables import Document
from workflow.offers.commands import edit_offer, move_offer
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Recruiter

LETTER = {"covering_letter_text": "I would like to join you."}


async def staff_of(site: Site) -> StaffMember:
    row = await Recruiter.select().first()
    assert row is not None
    return StaffMember(row["id"], row["email"], "Rose", "Recruiter", None)


async def test_a_letter_is_needed_and_words_are_kept(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    answer = await candidate.post(
        f"/offers/{offer}/apply", {"cv_url": "javascript:alert(1)"}, {"covering_letter": ("", b"")}
    )
    assert answer.status_code == 422
    assert problems(answer) == {
        "covering_letter": "Attach a covering letter, or write one.",
        "cv_url": "Write a full web address that begins with https:// or http://.",
    }
    assert 'value="javascript:alert(1)"' in answer.text
    assert not await Application.exists()


async def test_files_are_refused_for_what_they_are(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    answer = await candidate.post(
        f"/offers/{offer}/apply",
        LETTER,
        {"covering_letter": ("letter.docx", pdf()), "cv": ("cv.pdf", bytes(9 * 1024 * 1024))},
    )
    assert answer.status_code == 422
    assert problems(answer) == {
        "covering_letter": "The name “letter.docx” does not fit its content. "
        "Let its name end in .pdf and send it again.",
        "cv": "What you sent is larger than the 8 MB that we can take.",
    }
    assert "I would like to join you." in answer.text
    assert not await Application.exists()


@ON_SQLITE
async def test_a_refused_letter_is_told_once(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    answer = await candidate.post(
        f"/offers/{offer}/apply", {"then": "review"}, {"covering_letter": ("letter.pdf", b"no PDF at all")}
    )
    assert summary(answer) == [
        "Covering letter: This is not a PDF, DOCX or ODT file. Export your document as a PDF and send that."
    ]


@ON_SQLITE
@pytest.mark.parametrize("text", ["\u200b", "- \n-"], ids=ascii)
async def test_a_letter_that_says_nothing_is_none(site: Site, offer: str, text: str) -> None:
    candidate = await site.candidate()
    form = {"covering_letter_text": text, "then": "review"}
    answer = await candidate.post(f"/offers/{offer}/apply", form)
    assert (answer.status_code, summary(answer)) == (
        422,
        ["Covering letter: Attach a covering letter, or write one."],
    )
    review = await candidate.get(f"/offers/{offer}/apply/review")
    assert review.headers["location"] == f"/offers/{offer}/apply"


@ON_SQLITE
async def test_a_file_far_too_large_costs_no_words(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    answer = await candidate.post(
        f"/offers/{offer}/apply", LETTER, {"cv": ("scan.pdf", b"%PDF" + bytes(40 * 1024 * 1024))}
    )
    assert (answer.status_code, problems(answer)) == (
        422,
        {"cv": "What you sent is larger than the 8 MB that we can take."},
    )
    assert "I would like to join you.</textarea>" in answer.text


@ON_SQLITE
async def test_words_without_end_come_back_with_what_is_wrong(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    text = "word " * 10_001
    answer = await candidate.post(
        f"/offers/{offer}/apply",
        {"covering_letter_text": text, "then": "review"},
        {"cv": ("CV.pdf", pdf())},
    )
    assert (answer.status_code, problems(answer)) == (
        422,
        {"covering_letter_text": "Use 10000 characters at most; there are 50005."},
    )
    assert text in answer.text
    assert "Browsers forget chosen files." in answer.text
    assert not await Document.exists()


@ON_SQLITE
async def test_a_stranger_reads_what_happened_and_for_which_offer(site: Site, offer: str) -> None:
    visitor = await site.visitor()
    answer = await visitor.get(f"/offers/{offer}/apply")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/?offer={offer}")
    page = (await visitor.follow(answer)).text
    places = [
        page.index(part)
        for part in (
            "<title>To apply, register or log in",
            "To apply, register or log in</h1>",
            '<a href="/offers/REF-1">Chemist</a>',
            '<a class="button button-main" href="/candidate/register?offer=REF-1">',
            'role="search"',
        )
    ]
    assert places == sorted(places)


@ON_SQLITE
async def test_a_planned_deletion_is_told_wherever_one_applies(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    await candidate.post(f"/offers/{offer}/apply", LETTER)
    review = f"/offers/{offer}/apply/review"
    this_one = "this application withdrawn with it"
    assert this_one not in text_of(await candidate.get(review))
    mine = Candidate.id == await site.candidate_id()
    async with write_transaction():
        await Candidate.update({Candidate.deletes_at: site.now + timedelta(days=7)}).where(mine)
    for path in ("/", "/offers", f"/offers/{offer}", f"/offers/{offer}/apply", review):
        said = text_of(await candidate.get(path))
        assert "Your account will be deleted on 9 March 2026, as you asked." in said
        assert "Applications that are still under way are withdrawn then." in said
    page = await candidate.get(review)
    assert this_one in text_of(page)
    kept = await candidate.post("/candidate/account/keep", {"next": hidden(page, "next")})
    assert kept.headers["location"] == review
    assert "will be deleted" not in text_of(await candidate.follow(kept))
    elsewhere = await candidate.post("/candidate/account/keep", {"next": "//evil.example"})
    assert elsewhere.headers["location"] == "/candidate/account#own-data"


async def test_files_go_with_the_application_and_to_nobody_else(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    letter, cv = pdf(), pdf(compress_streams=False)
    answer = await candidate.apply(
        offer, {}, {"covering_letter": ("Letter.pdf", letter), "cv": ("CV.pdf", cv)}
    )
    own = answer.headers["location"].removesuffix("/submitted")
    page = await candidate.get(own)
    files = [part.split('"')[0] for part in page.text.split(f'href="{own}/documents/')[1:]]
    assert [(await candidate.get(f"{own}/documents/{file}")).content for file in files] == [letter, cv]
    other = await site.candidate("Basil")
    for path in (
        own,
        f"{own}/submitted",
        f"{own}/withdraw",
        f"{own}/withdrawn",
        f"{own}/documents/{files[0]}",
    ):
        assert (await other.get(path)).status_code == 404
    assert (await other.post(f"{own}/withdraw", {"send": "none"})).status_code == 404
    sent = await other.apply(offer, LETTER)
    others = sent.headers["location"].removesuffix("/submitted")
    assert (await other.get(f"{others}/documents/{files[0]}")).status_code == 404


async def test_a_double_click_makes_one_application(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    review = await candidate.follow(
        await candidate.post(f"/offers/{offer}/apply", LETTER | {"then": "review"})
    )
    answers = await asyncio.gather(*(candidate.submit(offer, review) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert answers[0].headers["location"].endswith("/submitted")
    assert await Application.count() == 1


async def test_a_second_application_leads_to_the_first(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    first = await candidate.apply(offer, LETTER)
    own = first.headers["location"].removesuffix("/submitted")
    site.pass_time(hours=1)
    for ask in (
        candidate.get(f"/offers/{offer}/apply"),
        candidate.get(f"/offers/{offer}/apply/review"),
        candidate.post(f"/offers/{offer}/apply", LETTER),
        candidate.post(f"/offers/{offer}/apply/review", {"mark": ""}),
    ):
        again = await ask
        assert (again.status_code, again.headers["location"]) == (303, own)
        assert "You have already applied to this offer." in text_of(await candidate.follow(again))
    page = await candidate.get(f"/offers/{offer}")
    assert f'href="{own}"' in page.text
    assert f"/offers/{offer}/apply" not in page.text


async def test_an_offer_that_closed_meanwhile_says_so(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    assert (await candidate.get(f"/offers/{offer}/apply")).status_code == 200
    await move_offer(await staff_of(site), offer, "close", terms=site.house.terms, now=site.now)
    answer = await candidate.apply(offer, LETTER)
    assert answer.status_code == 409
    said = text_of(answer)
    assert said.count("The application was not sent, because the offer was closed before its last day.") == 1
    assert "I would like to join you.</textarea>" in answer.text
    assert not await Application.exists()


@ON_SQLITE
async def test_a_last_day_that_passes_while_writing_is_named(site: Site, offer: str) -> None:
    candidate = await site.candidate(language="fr")
    site.pass_time(days=31)
    assert (await candidate.log_in("chlo@example.org")).status_code == 303
    letter = {"covering_letter_text": "</textarea><b>Bonjour"}
    answer = await candidate.post(f"/offers/{offer}/apply", letter)
    assert answer.status_code == 409
    assert "parce que l’offre a été clôturée le 1er avril 2026." in text_of(answer)
    assert "&lt;/textarea&gt;&lt;b&gt;Bonjour</textarea>" in answer.text
    attached = await candidate.post(f"/offers/{offer}/apply", {}, {"covering_letter": ("a.pdf", pdf())})
    assert (attached.status_code, "<textarea" in attached.text) == (409, False)


@ON_SQLITE
async def test_a_cv_is_welcome_and_not_required(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    assert "A covering letter is needed, a CV is welcome" in text_of(await candidate.get(f"/offers/{offer}"))
    form = text_of(await candidate.get(f"/offers/{offer}/apply"))
    assert "most laboratories expect one" in form
    await candidate.post(
        "/candidate/profile",
        {"title": "mx", "first_name": "Chloé", "last_name": "Blanc"},
        {"cv": ("CV.pdf", pdf())},
    )
    assert "expect one" not in text_of(await candidate.get(f"/offers/{offer}/apply"))


@ON_SQLITE
async def test_mistakes_are_listed_in_the_order_of_the_fields(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    answer = await candidate.post(
        f"/offers/{offer}/apply", {"cv_url": "nowhere"}, {"cv": ("cv.pdf", b"no PDF at all")}
    )
    assert [line.split(":")[0] for line in summary(answer)] == ["Covering letter", "CV", "Link"]


async def test_after_a_withdrawal_one_may_apply_again(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    first = await candidate.apply(offer, LETTER)
    await candidate.post(first.headers["location"].replace("submitted", "withdraw"), {"send": "none"})
    site.pass_time(minutes=1)
    assert (await candidate.get(f"/offers/{offer}/apply")).status_code == 200
    second = await candidate.apply(offer, LETTER)
    assert second.headers["location"].endswith("/submitted")
    assert second.headers["location"] != first.headers["location"]
    listed = text_of(await candidate.get("/candidate/applications"))
    assert listed.index("Application submitted") < listed.index("Candidate withdrawn")


@ON_SQLITE
async def test_who_was_logged_out_while_writing_loses_no_word(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    await candidate.get(f"/offers/{offer}/apply")
    session = candidate.client.cookies.pop(SESSION_COOKIE, None)
    answer = await candidate.apply(offer, LETTER)
    assert answer.status_code == 401
    assert "You are no longer logged in." in text_of(answer)
    assert "I would like to join you." in answer.text
    candidate.client.cookies[SESSION_COOKIE] = str(session)
    assert (await candidate.apply(offer, LETTER)).status_code == 303


@ON_SQLITE
async def test_hostile_words_are_only_words(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    answer = await candidate.post(
        f"/offers/{offer}/apply",
        {
            "covering_letter_text": "</textarea><script>alert(1)</script>\0",
            "cv_url": "https://x.example/\"onclick='x",
        },
    )
    page = await (candidate.follow(answer) if answer.status_code == 303 else asyncio.sleep(0, answer))
    assert "<script>alert" not in page.text


@ON_SQLITE
async def test_an_offer_may_be_prolonged_after_its_day(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    site.pass_time(days=31)
    assert (await candidate.log_in("chlo@example.org")).status_code == 303
    assert (await candidate.get(f"/offers/{offer}/apply")).headers["location"] == f"/offers/{offer}"
    data = site.house.offer_data(closes_on=date(2026, 5, 1))
    await edit_offer(await staff_of(site), offer, data, terms=site.house.terms, now=site.now)
    assert (await candidate.get(f"/offers/{offer}/apply")).status_code == 200
