"""Documents as they are read in the console: drawn apart, page by page, and kept in memory alone."""

import asyncio
import io
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from PIL import Image

from tests.workflow.documents.making import DOCX, ODT, PDF, docx, hard_pdf, odt, pdf
from workflow.documents import confinement, pages
from workflow.documents.pages import LARGE, NORMAL, PageSize, Reading, is_busy, page_picture, reading_of
from workflow.documents.queries import DocumentView
from workflow.documents.storage import DiskStore
from workflow.errors import NotFound


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "documents")


async def stored(store: DiskStore, content: bytes, media_type: str = PDF) -> DocumentView:
    digest = await store.put(content)
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return DocumentView(uuid4(), uuid4(), "cv", "CV", media_type, len(content), digest, now)


def pdf_of(*lines: str) -> bytes:
    """A page of 200 by 100 for each line."""
    document = pikepdf.new()
    font = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
    )
    for line in lines:
        page = document.add_blank_page(page_size=(200, 100))
        page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.obj.Contents = document.make_stream(f"BT /F1 24 Tf 20 40 Td ({line}) Tj ET".encode())
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


async def test_pages_are_counted_read_and_drawn(store: DiskStore) -> None:
    document = await stored(store, pdf_of("First", "Second"))
    assert await reading_of(document, store) == Reading(2, (PageSize(1100, 550),) * 2, ("First", "Second"))
    for size, width in ((NORMAL, 1100), (LARGE, 1800)):
        for page in (1, 2):
            image = Image.open(io.BytesIO(await page_picture(document, store, page, size)))
            assert (image.format, image.size) == ("WEBP", (width, width // 2))
            assert image.convert("L").getextrema() == (0, 255)  # black on white


async def test_other_pages_and_sizes_are_not_there(store: DiskStore) -> None:
    document = await stored(store, pdf_of("Only"))
    for page, size in ((0, NORMAL), (-1, NORMAL), (2, NORMAL), (41, NORMAL), (10**9, NORMAL), (1, "huge")):
        with pytest.raises(NotFound):
            await page_picture(document, store, page, size)


async def test_of_a_long_document_the_first_pages_are_shown(store: DiskStore) -> None:
    document = await stored(store, pdf_of(*map(str, range(45))))
    reading = await reading_of(document, store)
    assert (reading.count, len(reading.pages), reading.words[-1]) == (45, 40, "39")


async def test_odd_shapes_do_not_make_odd_pictures(store: DiskStore) -> None:
    made = pikepdf.new()
    for shape in ((14_400, 3), (3, 14_400)):
        made.add_blank_page(page_size=shape)
    out = io.BytesIO()
    made.save(out)
    document = await stored(store, out.getvalue())
    reading = await reading_of(document, store)
    for page, size in enumerate(reading.pages, 1):
        image = Image.open(io.BytesIO(await page_picture(document, store, page, LARGE)))
        assert size.width <= 1100
        assert (image.width <= 1800, image.height <= 5400) == (True, True)


@pytest.mark.parametrize(
    ("content", "media_type", "words"),
    [
        (
            docx(
                body="<w:p><w:r><w:t>One</w:t><w:tab/><w:t>two</w:t></w:r></w:p><w:p><w:r><w:t>Three</w:t></w:r></w:p>"
            ),
            DOCX,
            "One\ttwo\nThree",
        ),
        (
            docx(body="<w:p><w:r><w:instrText>PAGE</w:instrText><w:delText>gone</w:delText></w:r></w:p>"),
            DOCX,
            "",
        ),
        (odt(body="<text:h>Title</text:h><text:p>A<text:line-break/>text</text:p>"), ODT, "Title\nA\ntext"),
    ],
)
async def test_of_office_documents_the_words_are_read(
    store: DiskStore, content: bytes, media_type: str, words: str
) -> None:
    document = await stored(store, content, media_type)
    assert await reading_of(document, store) == Reading(0, (), (words,))
    with pytest.raises(NotFound):
        await page_picture(document, store, 1, NORMAL)


async def test_what_cannot_be_drawn_is_not_shown(store: DiskStore) -> None:
    for content in (b"%PDF-1.7 and nothing else", b""):
        assert await reading_of(await stored(store, content), store) == Reading(0, (), ())


async def test_what_takes_too_long_is_not_shown_and_not_tried_again(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(confinement.MOST_SECONDS, "pages", 0.001)
    document = await stored(store, pdf_of("Slow", uuid4().hex))
    assert await reading_of(document, store) == Reading(0, (), ())
    monkeypatch.undo()
    assert await reading_of(document, store) == Reading(0, (), ())


def short_for(page: int, runs: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second for what draws that page; all that is drawn is noted."""
    run = confinement.confined

    def limited(job: str, content: bytes, *arguments: str) -> dict[str, object]:
        runs.append(arguments[1:])
        first, number = map(int, arguments[2:])
        with pytest.MonkeyPatch.context() as patch:
            if first <= page < first + number:
                patch.setitem(confinement.MOST_SECONDS, "pages", 0.5)
            return run(job, content, *arguments)

    monkeypatch.setattr("workflow.documents.pages.confined", limited)


async def test_a_document_with_a_hard_first_page_is_given_up_for_good(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[str, ...]] = []
    short_for(1, runs, monkeypatch)
    document = await stored(store, hard_pdf())
    for _ in range(2):
        monkeypatch.setattr(
            pages, "_memory", pages._Memory()
        )  # as later on, when what was drawn is forgotten
        assert await reading_of(document, store) == Reading(0, (), ())
        for size in (NORMAL, LARGE):
            with pytest.raises(NotFound):
                await page_picture(document, store, 1, size)
    assert runs == [(NORMAL, "1", "1")]


async def test_of_a_document_with_a_hard_page_only_that_one_is_missing(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[str, ...]] = []
    short_for(2, runs, monkeypatch)
    document = await stored(store, hard_pdf(hard=2, count=3))
    for _ in range(2):
        reading = await reading_of(document, store)
        assert (reading.count, len(reading.pages), reading.words[2][:6]) == (3, 3, "Page 3")
        with pytest.raises(NotFound):
            await page_picture(document, store, 2, NORMAL)
        for page in (1, 3):
            assert Image.open(io.BytesIO(await page_picture(document, store, page, NORMAL))).width == 1100
    assert runs == [(NORMAL, "1", "1"), (NORMAL, "2", "4"), (NORMAL, "2", "1"), (NORMAL, "3", "1")]


async def test_what_is_given_up_is_remembered_of_so_many_only(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_MOST_HARD", 2)
    for number in range(4):
        await reading_of(await stored(store, f"%PDF-1.7 {number} {uuid4()}".encode()), store)
    assert len(pages._hard) == 2


async def test_who_stops_waiting_finds_it_drawn_later(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[tuple[str, ...]] = []
    short_for(0, runs, monkeypatch)
    document = await stored(store, pdf_of("Later", uuid4().hex))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reading_of(document, store), 0.01)
    assert (await reading_of(document, store)).count == 2
    assert runs == [(NORMAL, "1", "1")]


async def test_the_documents_of_a_candidate_are_drawn_one_after_the_other(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_enough = threading.Event()

    def slow(*_given: object) -> dict[str, object]:
        is_enough.wait(30)
        return {"count": 0, "sizes": [], "words": [], "pictures": {}}

    monkeypatch.setattr("workflow.documents.pages.confined", slow)
    first = await stored(store, uuid4().bytes)
    others = [replace(await stored(store, uuid4().bytes), candidate_id=first.candidate_id) for _ in range(3)]
    drawing = [asyncio.create_task(reading_of(document, store)) for document in (first, *others)]
    try:
        await asyncio.sleep(0.2)
        assert not is_busy()
    finally:
        is_enough.set()
        await asyncio.gather(*drawing)


async def test_the_same_is_drawn_once(store: DiskStore, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[tuple[str, ...]] = []
    run = confinement.confined

    def counted(job: str, content: bytes, *arguments: str) -> dict[str, object]:
        runs.append(arguments)
        return run(job, content, *arguments)

    monkeypatch.setattr("workflow.documents.pages.confined", counted)
    document = await stored(store, pdf_of(*(f"{uuid4().hex[:6]} {number}" for number in range(6))))
    for _ in range(2):
        await reading_of(document, store)
        for page in range(1, 7):
            await page_picture(document, store, page, NORMAL)
    assert runs == [(PDF, NORMAL, "1", "1"), (PDF, NORMAL, "2", "4"), (PDF, NORMAL, "6", "4")]


async def test_who_waits_for_drawing_leaves_the_threads_to_others(
    store: DiskStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_enough = threading.Event()

    def slow(*_given: object) -> dict[str, object]:
        is_enough.wait(30)
        return {"count": 0, "sizes": [], "words": [], "pictures": {}}

    monkeypatch.setattr("workflow.documents.pages.confined", slow)
    documents = [await stored(store, uuid4().bytes) for _ in range(40)]
    assert not is_busy()
    drawing = [asyncio.create_task(reading_of(document, store)) for document in documents]
    try:
        await asyncio.sleep(0.2)
        assert is_busy()
        assert await asyncio.wait_for(asyncio.to_thread(int, "1"), 5) == 1
    finally:
        is_enough.set()
        readings = await asyncio.gather(*drawing)
    assert (readings, is_busy()) == ([Reading(0, (), ())] * 40, False)


def files_within(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_nothing_that_was_drawn_lies_on_disk(store: DiskStore, tmp_path: Path) -> None:
    document = await stored(store, pdf())
    await reading_of(document, store)
    await page_picture(document, store, 1, NORMAL)
    assert files_within(tmp_path / "documents") == [document.digest]
