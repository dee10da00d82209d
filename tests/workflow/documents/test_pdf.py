from collections.abc import Callable

import pikepdf
import pytest

from tests.workflow.documents.making import (
    PDF,
    PROGRAM,
    action,
    docx,
    pdf,
    pdf_carrying,
    pdf_linking,
    pdf_with,
    pdf_with_object,
    verdict,
)
from workflow.errors import (
    DocumentActive,
    DocumentAttachment,
    DocumentDamaged,
    DocumentEncrypted,
    DocumentRemote,
    DocumentScripted,
    DocumentSuspicious,
    DocumentTypeUnknown,
)

SCRIPT = action("JavaScript", JS="app.alert(1)")
LAUNCH = action("Launch", F="calc.exe")
WEBSITE = action("URI", URI="https://example.org/")


def _with_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = SCRIPT


def _with_a_second_name(document: pikepdf.Pdf) -> None:
    file = document.make_stream(b"text")
    document.Root.Extra = pikepdf.Dictionary(
        Type=pikepdf.Name.Filespec, F="tool.bat", UF="europass.xml", EF=pikepdf.Dictionary(F=file)
    )


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        pdf_with(OpenAction=action("GoTo", D=[0, pikepdf.Name.Fit])),
        pdf_with(OpenAction=action("Named", N=pikepdf.Name.Print)),
        pdf_linking(WEBSITE),
        pdf_linking(action("SubmitForm", F="https://example.org/")),
        pdf_carrying("europass.xml", b"<?xml version='1.0'?><learner/>"),
        pdf_carrying("diploma.pdf", pdf()),
        pdf_carrying("source.docx", docx()),
        pdf_carrying("lettre.rtf", b"{\\rtf1 Bonjour}"),
        pdf_linking(action("URI", URI="mailto:me@example.org")),
        pdf(encryption=pikepdf.Encryption(owner="secret", user="")),
        pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
        pdf() + b"\0" * 5000,
        pdf_with(Lang="/S /JavaScript /JS (words are no script)"),
    ],
)
def test_pdf_with_ordinary_habits_is_accepted(content: bytes) -> None:
    assert verdict(content) == PDF


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (pdf_with(OpenAction=SCRIPT), DocumentScripted),
        (pdf_linking(SCRIPT), DocumentScripted),
        (pdf_with(Names={"/JavaScript": {"/Names": ["a", SCRIPT]}}), DocumentScripted),
        (pdf_with(AA={"/WC": SCRIPT}), DocumentScripted),
        (pdf_with(OpenAction=action("GoTo", D=[0], Next=[WEBSITE])), DocumentActive),
        (pdf_linking(action("GoTo", D=[0], Next=[SCRIPT])), DocumentScripted),
        (pdf_linking(action("Rendition", JS="app.alert(1)")), DocumentScripted),
        (pdf_linking(action("URI", URI=" java\tscript:alert(1)")), DocumentScripted),
        (pdf_linking(LAUNCH), DocumentActive),
        (pdf_with(OpenAction=LAUNCH), DocumentActive),
        (pdf_with(OpenAction=WEBSITE), DocumentActive),
        (pdf_with(OpenAction=action("GoToR", F=r"\\example.org\a.pdf", D=[0])), DocumentActive),
        (pdf_with(AA={"/O": action("SubmitForm", F="https://example.org/")}), DocumentActive),
        (pdf_linking(action("ImportData", F="a.fdf")), DocumentActive),
        (pdf_with(AcroForm={"/XFA": ["template", "x"]}), DocumentActive),
        (pdf_with(Extra={"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.RichMedia}), DocumentActive),
        (pdf_carrying("tool.exe", b"text"), DocumentAttachment),
        (pdf_carrying("europass.xml", PROGRAM), DocumentAttachment),
        (pdf_carrying("unknown", b"text"), DocumentAttachment),
        (pdf_carrying("tool.exe\0.xml", b"text"), DocumentAttachment),
        (pdf_carrying("letter.rtf", b"{\\rtf1 {\\object\\objdata 01}}"), DocumentAttachment),
        (pdf_carrying("letter.txt", b" {\\rt {\\objemb 01}}"), DocumentAttachment),
        (pdf_carrying("page.html", b"<script>"), DocumentAttachment),
        (pdf_linking(action("URI", URI="ms-msdt:/id PCWDiagnostic")), DocumentScripted),
        (
            pdf_linking(action("URI", URI="search-ms:query=x&crumb=location:\\\\example.org")),
            DocumentScripted,
        ),
        (pdf_carrying("inner.pdf", pdf_with(OpenAction=SCRIPT)), DocumentScripted),
        (pdf_carrying("a.pdf", pdf_carrying("b.pdf", pdf_carrying("c.txt", b"text"))), DocumentAttachment),
        (pdf(encryption=pikepdf.Encryption(owner="secret", user="secret")), DocumentEncrypted),
        (pdf(_with_script, encryption=pikepdf.Encryption(owner="secret", user="")), DocumentScripted),
        (b"%PDF-1.7\n", DocumentDamaged),
        (pdf()[:-100], DocumentDamaged),
        (b" " + pdf(), DocumentDamaged),
        (bytes(600) + pdf(), DocumentDamaged),
        (bytes(1100) + pdf(), DocumentTypeUnknown),
    ],
)
def test_pdf_is_refused_for_what_it_does(content: bytes, refusal: type) -> None:
    assert verdict(content) == refusal


def _with_indirect_kind(document: pikepdf.Pdf) -> None:
    kind = document.make_indirect(pikepdf.Name.JavaScript)
    document.Root.Extra = pikepdf.Dictionary(S=kind, JS="app.alert(1)")


def _with_external_bytes(document: pikepdf.Pdf) -> None:
    document.pages[0].obj.Contents.stream_dict.F = r"\\example.org\a"


def _without_pages(document: pikepdf.Pdf) -> None:
    del document.pages[0]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (_with_indirect_kind, DocumentScripted),
        (_with_external_bytes, DocumentRemote),
        (_with_a_second_name, DocumentAttachment),
        (_without_pages, DocumentDamaged),
    ],
)
def test_pdf_hides_nothing(change: Callable[[pikepdf.Pdf], None], refusal: type) -> None:
    assert verdict(pdf(change)) == refusal


def test_pdf_script_is_found_under_another_spelling_of_its_name() -> None:
    plain = pdf_with(Extra=action("JavaXcript", JS="app.alert(1)"))
    assert verdict(plain) == PDF
    assert verdict(plain.replace(b"/JavaXcript", b"/Jav#61Script")) == DocumentScripted


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        (b"[" * 600 + b"<</S/JavaScript/JS(1)>>" + b"]" * 600, DocumentSuspicious),
        (b"<</S/JavaScript/JS(1)>> stream\nendstream endobj", DocumentScripted),
        (b"[ foo %\n bar << (x) <</S/JavaScript/JS(1)>> >> ]", DocumentScripted),
    ],
)
def test_pdf_script_is_not_hidden_by_what_the_parser_gives_up(written: bytes, refusal: type) -> None:
    assert verdict(pdf_with_object(written)) == refusal


def test_pdf_script_is_found_inside_an_object_stream() -> None:
    def change(document: pikepdf.Pdf) -> None:
        document.Root.Extra = document.make_indirect(SCRIPT)

    content = pdf(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert b"JavaScript" not in content
    assert verdict(content) == DocumentScripted


def test_pdf_with_broken_table_of_objects_is_mended() -> None:
    content = pdf()
    place = content.rindex(b"startxref")
    assert verdict(content[:place] + b"startxref\n1\n%%EOF\n") == PDF


def test_pdf_with_broken_table_of_hidden_objects_is_refused() -> None:
    content = pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate)
    place = content.rindex(b"startxref")
    assert verdict(content[:place] + b"startxref\n1\n%%EOF\n") == DocumentDamaged


def test_pdf_with_spoilt_page_is_refused() -> None:
    def change(document: pikepdf.Pdf) -> None:
        stream = pikepdf.Stream(document, b"no deflated bytes", Filter=pikepdf.Name.FlateDecode)
        document.pages[0].obj.Contents = document.make_indirect(stream)

    content = pdf(change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert verdict(content) == DocumentDamaged
