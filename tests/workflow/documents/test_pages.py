"""Documents as they are read in the console: drawn apart, page by page, and kept in memory alone."""

import io
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from PIL import Image

from tests.workflow.documents.making import DOCX, ODT, PDF, docx, odt, pdf
from workflow.documents import confinement
from workflow.documents.pages import LARGE, NORMAL, PageSize, Reading, page_picture, reading_of
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
    monkeypatch.setattr(confinement, "MOST_SECONDS", 0.001)
    document = await stored(store, pdf_of("Slow", uuid4().hex))
    assert await reading_of(document, store) == Reading(0, (), ())
    monkeypatch.undo()
    assert await reading_of(document, store) == Reading(0, (), ())


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


def files_within(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_nothing_that_was_drawn_lies_on_disk(store: DiskStore, tmp_path: Path) -> None:
    document = await stored(store, pdf())
    await reading_of(document, store)
    await page_picture(document, store, 1, NORMAL)
    assert files_within(tmp_path / "documents") == [document.digest]
