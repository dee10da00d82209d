import hashlib

import pytest

from tests.workflow.documents.making import (
    DOCX,
    ODT,
    PDF,
    docx,
    odt,
    pdf,
    pdf_bomb,
    pdf_carrying,
    pdf_with,
    pdf_with_object,
)
from workflow import errors
from workflow.documents.inspection import Inspected, inspect_document

LIMIT = 5 * 2**20


@pytest.mark.parametrize(
    ("content", "filename", "media_type"),
    [
        (pdf(), "../Élodie\u202e.PDF", PDF),
        (docx(), "Élodie.DOCX", DOCX),
        (odt(), r"C:\Élodie.ODT", ODT),
    ],
)
def test_inspection_describes_accepted_file(content: bytes, filename: str, media_type: str) -> None:
    kept = "Élodie." + filename.rsplit(".", 1)[1]
    digest = hashlib.sha256(content).hexdigest()
    assert inspect_document(content, filename, LIMIT) == Inspected(media_type, kept, len(content), digest)


def test_inspection_takes_exactly_the_limit() -> None:
    content = pdf()
    assert inspect_document(content, "cv.pdf", len(content)).size == len(content)
    with pytest.raises(errors.TooLarge):
        inspect_document(content, "cv.pdf", len(content) - 1)


@pytest.mark.parametrize(
    ("limit", "said"), [(5 * 2**20, "5 MB"), (3 * 2**19, "1.5 MB"), (300 * 2**10, "300 kB")]
)
def test_inspection_says_how_much_is_allowed(limit: int, said: str) -> None:
    with pytest.raises(errors.TooLarge) as refusal:
        inspect_document(bytes(limit + 1), "cv.pdf", limit)
    assert refusal.value.facts == {"limit": said}


@pytest.mark.parametrize(
    ("content", "filename", "code", "facts"),
    [
        (b"", "cv.pdf", "document-empty", {}),
        (b"<!doctype html><script>1</script>", "cv.pdf", "document-type-unknown", {}),
        (pdf(), "cv.exe", "document-type-mismatch", {"filename": "cv.exe", "ending": ".pdf"}),
        (pdf(), "cv", "document-type-mismatch", {"filename": "cv", "ending": ".pdf"}),
        (pdf(), "cv.pdf\0.docx", "document-type-mismatch", {"filename": "cv.pdf.docx", "ending": ".pdf"}),
        (odt(), "cv.docx", "document-type-mismatch", {"filename": "cv.docx", "ending": ".odt"}),
        (docx(), "cv.odt", "document-type-mismatch", {"filename": "cv.odt", "ending": ".docx"}),
        (pdf()[:300], "cv.pdf", "document-damaged", {}),
        (pdf_carrying("tool.exe", b"x"), "cv.pdf", "document-attachment", {"attachment": "tool.exe"}),
        (pdf_with(AcroForm={"/XFA": []}), "cv.pdf", "document-active", {}),
        (pdf_bomb(), "cv.pdf", "document-suspicious", {}),
    ],
)  # fmt: skip
def test_inspection_says_what_is_wrong(
    content: bytes, filename: str, code: str, facts: dict[str, str]
) -> None:
    with pytest.raises(errors.DocumentRefused) as refusal:
        inspect_document(content, filename, LIMIT)
    assert (refusal.value.code, refusal.value.facts) == (code, facts)
    assert "{" not in refusal.value.message


def test_inspection_survives_what_exhausts_the_parser() -> None:
    # Five million arrays in ten megabytes: more memory than the confined process may have.
    content = pdf_with_object(b"[" + b"[]" * 5_000_000 + b"]")
    with pytest.raises(errors.DocumentSuspicious):
        inspect_document(content, "cv.pdf", 2 * len(content))
