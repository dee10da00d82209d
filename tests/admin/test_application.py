"""The page of one application: what was sent is read in it, notes and stars are given, one goes on to the next."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import structlog
from httpx import Response

from tests.admin.conftest import PEOPLE, Clock, Laboratories, Visiting
from tests.workflow.documents.making import docx, hard_pdf
from tests.workflow.documents.test_pages import pdf_of
from workflow.applications.commands import move_application
from workflow.applications.tables import Application
from workflow.documents import confinement
from workflow.documents.commands import Upload
from workflow.documents.pages import Reading, reading_of
from workflow.documents.queries import DocumentView
from workflow.documents.storage import DocumentStore
from workflow.privacy.erasure import erase_candidate
from workflow.reviews.tables import ApplicationNote, ApplicationRating


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine: pages come with what is drawn in them."""
    monkeypatch.setattr("admin.applications.reading._PATIENCE", 30.0)


def said(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def part(page: str, name: str) -> str:
    """What a section of the page says."""
    found = re.search(rf'<section [^>]*id="{name}".*?</section>', page, re.DOTALL)
    assert found, page
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[0])).split())


def sheets(page: str) -> list[str]:
    return re.findall(r'<img class="sheet" src="([^"]+)"', page)


async def with_files(laboratories: Laboratories, cv: bytes, letter: bytes | None = None) -> UUID:
    """A new application to REF-1 with files."""
    house = laboratories.house
    candidate = await house.candidate("Flore")
    files = {"cv": Upload("CV Flore.pdf", cv)}
    if letter:
        files["covering_letter"] = Upload("Lettre.docx", letter)
    return await house.application(candidate, "REF-1", **files)


async def test_documents_are_read_in_the_page(laboratories: Laboratories, visiting: Visiting) -> None:
    letter = docx(body="<w:p><w:r><w:t>Dear &lt;all&gt;</w:t></w:r></w:p>")
    application = await with_files(laboratories, pdf_of("Flore Martin", "Second page"), letter)
    async with visiting("rose") as rose:
        page = (await rose.get(f"/console/applications/{application}")).text
        large = (await rose.get(f"/console/applications/{application}?zoom=large")).text
        answers = [await rose.get(address) for address in sheets(page) + sheets(large)]
    assert "2 pages" in said(page)
    assert "Text of the file Page 1 Flore Martin Page 2 Second page" in part(page, "cv")
    assert "Dear <all>" in part(page, "letter")
    assert "Dear &lt;all&gt;" in page
    assert [(each.status_code, each.headers["content-type"]) for each in answers] == [(200, "image/webp")] * 4
    assert [address.rpartition("/")[2] for address in sheets(large)] == ["1?size=large", "2?size=large"]
    assert len({each.content for each in answers}) == 4
    assert "application/pdf" not in page
    assert "<iframe" not in page


async def test_pages_are_kept_by_nobody_else_and_are_asked_for_again(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    application = await with_files(laboratories, pdf_of("Flore"))
    async with visiting("rose") as rose:
        (address,) = sheets((await rose.get(f"/console/applications/{application}")).text)
        first = await rose.get(address)
        known = {"If-None-Match": first.headers["etag"]}
        again = await rose.client.get(address, headers=known)
        beyond = await rose.get(address.replace("/pages/1", "/pages/2"))
    async with visiting("ivan") as ivan:
        foreign = await ivan.client.get(address, headers=known)
    async with visiting() as nobody:
        stranger = await nobody.client.get(address, headers=known)
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (beyond.status_code, foreign.status_code, stranger.status_code) == (404, 404, 303)
    for answer in (first, again):
        headers = answer.headers
        assert headers["cache-control"] == "private, no-cache"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["x-content-type-options"] == "nosniff"


async def test_a_document_that_is_shown_is_logged_once(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    application = await with_files(laboratories, pdf_of("Flore", "Two"))
    with structlog.testing.capture_logs() as lines:
        async with visiting("rose") as rose:
            page = (await rose.get(f"/console/applications/{application}")).text
            for address in sheets(page):
                await rose.get(address)
        async with visiting("ada") as ada:
            await ada.get(sheets(page)[1])
    shown = [(line["reader"], line["application"]) for line in lines if line["event"] == "document shown"]
    staff = laboratories.staff
    assert shown == [(staff[name].actor.id, str(application)) for name in ("rose", "ada")]


async def test_what_cannot_be_shown_can_be_saved(laboratories: Laboratories, visiting: Visiting) -> None:
    application = await with_files(laboratories, pdf_of("Flore"))
    row = await Application.select(Application.cv.digest.as_alias("digest")).where(
        Application.id == application
    )
    await laboratories.house.documents.store.delete(row[0]["digest"])
    async with visiting("rose") as rose:
        page = await rose.get(f"/console/applications/{application}")
    assert page.status_code == 200
    assert "This file cannot be shown here. Save it to read it." in part(page.text, "cv")


async def test_a_page_does_not_wait_for_what_is_hard_to_draw(
    laboratories: Laboratories, visiting: Visiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("admin.applications.reading._PATIENCE", 0.05)
    monkeypatch.setitem(confinement.MOST_SECONDS, "pages", 0.5)
    application = await with_files(laboratories, hard_pdf())
    async with visiting("rose") as rose:
        page = (await rose.get(f"/console/applications/{application}")).text
        (address,) = sheets(page)
        picture = await rose.get(address)
        later = (await rose.get(f"/console/applications/{application}")).text
    assert "This file takes a moment to draw. Look again" in part(page, "cv")
    assert f'data-drawn-at="/console/applications/{application}?' in page
    assert "/js/paper.js" in page
    assert picture.status_code == 404
    assert "This file cannot be shown here. Save it to read it." in part(later, "cv")
    assert "paper.js" not in later


def going(page: str) -> tuple[str, str, str]:
    """Where one stands, and the addresses of the previous and the next."""
    nav = page.partition('<nav class="neighbours"')[2].partition("</nav>")[0]
    place = re.search(r'<span class="soft small">(.*?)</span>', nav)
    links = {rel: html.unescape(href) for rel, href in re.findall(r'rel="(\w+)" href="([^"]+)"', nav)}
    return (place[1] if place else "", links.get("prev", ""), links.get("next", ""))


async def test_documents_are_drawn_ahead_unless_others_would_wait_for_it(
    laboratories: Laboratories, visiting: Visiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [pdf_of(f"Ahead {uuid4().hex}") for _ in range(2)]
    applications = sorted([await with_files(laboratories, each) for each in files], key=str)
    drawn: list[str] = []

    async def counted(document: DocumentView, store: DocumentStore) -> Reading:
        drawn.append(document.digest)
        return await reading_of(document, store)

    monkeypatch.setattr("admin.applications.reading.reading_of", counted)
    opened = []
    for others_wait in (False, True):
        monkeypatch.setattr("admin.applications.reading.is_busy", lambda others_wait=others_wait: others_wait)
        drawn.clear()
        async with visiting("rose") as rose:
            await rose.get(f"/console/applications/{applications[0]}?offer=REF-1&name=Flore")
        opened.append(len(set(drawn)))
    assert opened == [2, 1]


async def test_one_goes_through_the_same_selection(laboratories: Laboratories, visiting: Visiting) -> None:
    house = laboratories.house
    chloe, zoe, omar = (f"/console/applications/{each}" for each in laboratories.applications)
    third = await house.application(await house.candidate("Ugo"), "REF-1")
    query = "offer=REF-1&status=submitted"
    async with visiting("rose") as rose:
        own = (await rose.get(f"{zoe}?{query}")).text
        alone = (await rose.get(f"{zoe}?name=zo%C3%A9")).text
        without = (await rose.get(zoe)).text
        from_list = (await rose.get(f"{zoe}?{query}&from=list")).text
    async with visiting("ivan") as ivan:
        others = (await ivan.get(f"{omar}?offer=REF-1")).text
    order = sorted([laboratories.applications[0], laboratories.applications[1], third], key=str)
    at = order.index(laboratories.applications[1])
    around = [f"/console/applications/{each}?{query}" for each in order]
    expected = (
        f"{at + 1} of 3",
        around[at - 1] if at else "",
        around[at + 1] if at < 2 else "",
    )
    assert going(own) == going(without) == expected
    assert going(alone) == ("1 of 1", "", "")
    assert going(others) == ("", "", "")
    assert f'class="back" href="/console/?{query.replace("&", "&amp;")}"' in own
    assert 'class="back" href="/console/"' in without
    assert f'class="back" href="/console/list?{query.replace("&", "&amp;")}"' in from_list
    assert chloe in going(own)[1] + going(own)[2] + chloe


async def test_after_a_move_the_next_one_takes_its_place(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    later = replace(laboratories.house, now=clock.now + timedelta(minutes=1))
    third = await later.application(await later.candidate("Ugo"), "REF-1")
    first, own = sorted(laboratories.applications[:2], key=str)
    second = f"/console/applications/{own}"
    async with visiting("rose") as rose:
        page = (await rose.get(f"{second}?offer=REF-1&status=submitted")).text
        leads = html.unescape(re.findall(r'href="([^"]*/moves/consider[^"]*)"', page)[0])
        preview = (await rose.get(leads)).text
        here = html.unescape(
            re.findall(r'name="version" value="1"><input type="hidden" name="next" value="([^"]+)"', preview)[
                0
            ]
        )
        assert here == f"{second}?offer=REF-1&status=submitted"
        moved = await rose.submit(f"{second}/moves", event="consider", version="1", next=here)
        after = (await rose.get(moved.headers["location"])).text
    query = "?offer=REF-1&status=submitted"
    assert going(after) == (
        "2 more",
        f"/console/applications/{first}{query}",
        f"/console/applications/{third}{query}",
    )


async def test_other_applications_of_the_candidate_are_those_that_one_sees(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    house = laboratories.house
    await house.offer(laboratories.staff["rose"], laboratories.units[0], "REF-3", title_en="Biologist")
    for reference in ("REF-2", "REF-3"):
        await house.application(laboratories.candidates[0], reference)
    address = f"/console/applications/{laboratories.applications[0]}"
    seen = {}
    for name in ("rose", "ada"):
        async with visiting(name) as visitor:
            page = (await visitor.get(address)).text
        listed = page.partition('<ul class="others"')[2].partition("</ul>")[0]
        seen[name] = sorted(re.findall(r'">([^<]+)</a> <span class="soft small">', listed))
    assert seen == {"rose": ["Biologist"], "ada": ["Biologist", "Physicist"]}


async def test_notes_are_for_those_who_see_the_application(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    here = f"{address}?offer=REF-1&status=submitted"
    async with visiting("rose") as rose, visiting("ada") as ada, visiting("ivan") as ivan:
        saved = await rose.submit(f"{address}/notes", words="<b>Bright</b>\n\nCall her", next=here)
        assert (saved.status_code, saved.headers["location"]) == (303, f"{here}#notes")
        clock.now += timedelta(minutes=3)
        page = (await ada.get(address)).text
        assert "Rose Recruiter 10:30 <b>Bright</b> Call her" in part(page, "notes")
        assert "/delete" not in page
        note = (await ApplicationNote.select().first() or {})["id"]
        removal = f"{address}/notes/{note}/delete"
        assert [(await each.get(removal)).status_code for each in (rose, ada, ivan)] == [200, 404, 404]
        assert [(await each.submit(removal)).status_code for each in (ada, ivan)] == [404, 404]
        assert (await ivan.submit(f"{address}/notes", words="Hello")).status_code == 404
        asked = (await rose.get(f"{removal}?next={here}")).text
        assert "Delete this note? <b>Bright</b> Call her It is gone for everybody, for good." in said(asked)
        gone = await rose.submit(removal, next=here)
        assert (gone.status_code, gone.headers["location"]) == (303, f"{here}#notes")
        assert (await rose.get(removal)).status_code == 404
    assert await ApplicationNote.count() == 0


async def test_a_note_that_cannot_be_kept_comes_back(laboratories: Laboratories, visiting: Visiting) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    async with visiting("rose") as rose:
        for words, problem in (
            (" ", "Fill in this field."),
            ("é" * 5_001, "Use 5000 characters at most; there are 5001."),
        ):
            answer = await rose.submit(f"{address}/notes", words=words)
            assert (answer.status_code, problem in part(answer.text, "notes")) == (422, True)
            assert words.strip() in answer.text
        away = await rose.submit(f"{address}/notes", words="Fine", next="https://elsewhere.example/")
        assert away.headers["location"] == f"{address}#notes"
        assert (await rose.get(f"{address}/notes")).headers["location"] == address


async def test_stars_are_given_changed_and_taken_back(laboratories: Laboratories, visiting: Visiting) -> None:
    address = f"/console/applications/{laboratories.applications[0]}"
    async with visiting("rose") as rose, visiting("ada") as ada:
        assert "Nobody has rated it yet." in part((await rose.get(address)).text, "rating")
        await rose.submit(f"{address}/rating", stars="2")
        await rose.submit(f"{address}/rating", stars="4")
        await ada.submit(f"{address}/rating", stars="5")
        page = (await rose.get(address)).text
        assert "4.5 from 2 recruiters" in part(page, "rating")
        assert 'name="stars" value="4" checked' in page
        assert re.findall(r"<li><span>([^<]+)</span>.*?unseen\">(\d) stars?<", page) == [
            ("Ada Recruiter", "5"),
            ("Rose Recruiter", "4"),
        ]
        for odd in ("0", "6", "many", ""):
            answer = await rose.submit(f"{address}/rating", stars=odd)
            assert (answer.status_code, "Give one to five stars." in answer.text) == (422, True)
        back = await rose.submit(f"{address}/rating", stars="4", clear="yes")
        assert (back.status_code, back.headers["location"]) == (303, f"{address}#rating")
    assert [row["stars"] for row in await ApplicationRating.select()] == [5]


@pytest.mark.parametrize("name", PEOPLE)
async def test_notes_and_stars_of_others_cannot_be_written(
    laboratories: Laboratories, visiting: Visiting, name: str
) -> None:
    may = {"rose": (303, 303, 404), "ivan": (404, 404, 303), "nina": (404,) * 3, "ada": (303,) * 3}[name]
    async with visiting(name) as visitor:
        for application, status in zip(laboratories.applications, may, strict=True):
            address = f"/console/applications/{application}"
            answers: list[Response] = [
                await visitor.submit(f"{address}/notes", words="A word"),
                await visitor.submit(f"{address}/rating", stars="3"),
            ]
            assert [each.status_code for each in answers] == [status] * 2


async def test_of_whoever_has_left_nothing_is_left_to_write(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    house, address = laboratories.house, f"/console/applications/{laboratories.applications[0]}"
    async with visiting("rose") as rose:
        await rose.submit(f"{address}/notes", words="Rutabaga")
        await rose.submit(f"{address}/rating", stars="3")
        assert await erase_candidate(
            laboratories.candidates[0], is_due=lambda _: True, reason="wish", terms=house.terms, now=house.now
        )
        page = (await rose.get(address)).text
        assert ("Rutabaga" in page, "data-noting" in page, "data-rating" in page) == (False, False, False)
        for path, fields in (("notes", {"words": "Late"}), ("rating", {"stars": "1"})):
            late = await rose.submit(f"{address}/{path}", **fields)
            assert (late.status_code, "has deleted their account" in late.text) == (409, True)


async def test_the_page_speaks_french(laboratories: Laboratories, visiting: Visiting, clock: Clock) -> None:
    house = laboratories.house
    application = await with_files(laboratories, pdf_of("Flore"))
    await move_application(
        laboratories.staff["ada"], application, "consider", terms=house.terms, now=clock.now
    )
    async with visiting("rose") as rose:
        rose.client.cookies.set("language", "fr")
        await rose.submit(f"/console/applications/{application}/rating", stars="3")
        page = said((await rose.get(f"/console/applications/{application}")).text)
    for english in ("Rating", "Text of the file", "Larger", "Keys", "What next", "colleagues"):
        assert english not in page
