"""Files of many producers, and hostile ones, that lie beside the checkout."""

import base64
import csv
import json

import pytest

from tests.support.real_data import INPUTS
from tests.workflow.documents.making import DOCX, ODT, PDF, verdict
from workflow.documents.filenames import clean_filename
from workflow.documents.inspection import inspect_document
from workflow.errors import (
    DocumentActive,
    DocumentDamaged,
    DocumentEmpty,
    DocumentEncrypted,
    DocumentRefused,
    DocumentScripted,
    DocumentSuspicious,
    DocumentTypeUnknown,
)

CRAFTED: dict[str, str | type[DocumentRefused]] = {
    "valid_minimal.pdf": PDF,
    "empty.pdf": DocumentEmpty,
    "only_header.pdf": DocumentDamaged,
    "truncated.pdf": DocumentDamaged,
    "junk_before_header.pdf": DocumentDamaged,
    "javascript_openaction.pdf": DocumentScripted,
    "uri_action.pdf": DocumentActive,  # it calls a site without a click
    "polyglot_pdf_zip.pdf": PDF,
    "html_named.pdf": DocumentTypeUnknown,
    "svg_script.svg": DocumentTypeUnknown,
    "valid_minimal.docx": DOCX,
    "docx_bomb_100MB.docx": DocumentSuspicious,
    "docx_with_vbaproject.docx": DocumentScripted,
    "docx_billion_laughs.docx": DocumentSuspicious,
    "valid_minimal.odt": ODT,
    "zip_bomb_100MB.zip": DocumentSuspicious,
    "eicar.base64.txt": DocumentTypeUnknown,
}
OTHERS = {
    "libreoffice-writer-password.pdf": DocumentEncrypted,
    "pikepdf-form_dd0293.pdf": DocumentActive,  # an XFA form that runs JavaScript when opened
    "nasty.odt": DocumentSuspicious,  # an entity that reads a file
}
WELL_FORMED = [
    (path, OTHERS.get(path.name, media_type))
    for folder, media_type in (("pdf", PDF), ("docx", DOCX), ("odt", ODT))
    for path in sorted((INPUTS / f"{folder}_ok").glob(f"*.{folder}"))
]


def _inspected(content: bytes, filename: str) -> str | type[DocumentRefused]:
    try:
        return inspect_document(content, filename, 2**20).media_type
    except DocumentRefused as refusal:
        return type(refusal)


def test_every_crafted_file_has_its_verdict() -> None:
    with (INPUTS / "crafted" / "MANIFEST.csv").open(encoding="utf-8") as lines:
        names = [row["file"] for row in csv.DictReader(lines)]
    assert {name: _inspected((INPUTS / "crafted" / name).read_bytes(), name) for name in names} == CRAFTED


def test_bare_virus_signature_is_no_document() -> None:
    content = base64.b64decode((INPUTS / "crafted" / "eicar.base64.txt").read_bytes())
    assert verdict(content) == DocumentTypeUnknown


def test_every_file_of_real_producers_has_its_verdict() -> None:
    assert {path.name: verdict(path.read_bytes()) for path, _ in WELL_FORMED} == {
        path.name: expected for path, expected in WELL_FORMED
    }
    assert len(WELL_FORMED) >= 30


@pytest.mark.parametrize("name", json.loads((INPUTS / "crafted" / "filenames.json").read_text())["filenames"])
def test_hostile_filename_is_either_clean_or_refused(name: str) -> None:
    content = (INPUTS / "crafted" / "valid_minimal.pdf").read_bytes()
    shown = clean_filename(name)
    assert clean_filename(shown) == shown
    assert (_inspected(content, name) == PDF) == shown.lower().endswith(".pdf")
