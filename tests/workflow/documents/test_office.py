import io
import zipfile

import pytest

from tests.workflow.documents.making import (
    DOCX,
    ODT,
    PROGRAM,
    Parts,
    archive,
    docx,
    docx_parts,
    docx_relating,
    odt,
    relationships,
    verdict,
)
from workflow.documents.archive import MOST_ENTRIES
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

ENTITIES = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>'
OUTSIDE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
SHEET_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
WORKBOOK = archive({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})


def _command_field(*texts: str) -> str:
    runs = "".join(f"<w:r><w:instrText>{text}</w:instrText></w:r>" for text in texts)
    return f'<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r>{runs}</w:p>'


def _main_part_under_another_ending() -> bytes:
    parts = docx_parts(body=_command_field("DDEAUTO cmd"))
    return archive(
        {str(name).replace("document.xml", "document.bin"): _renamed(text) for name, text in parts.items()}
    )


def _renamed(text: bytes | str) -> str:
    return str(text).replace("document.xml", "document.bin")


def _linked(element: str, target: str) -> str:
    return f'<{element} xlink:href="{target}"/>'


@pytest.mark.parametrize(
    "content",
    [
        docx(),
        docx({"word/media/icon.svg": "<svg/>", "word/fonts/font1.odttf": PROGRAM}),
        docx({"word/embeddings/sheet1.xlsx": WORKBOOK}),
        docx(body=_command_field("HYPERLINK ", "https://example.org/DDE")),
        docx_relating("hyperlink", "https://example.org/", external=True),
        docx_relating("hyperlink", "mailto:a@example.org", external=True),
        docx_relating("attachedTemplate", r"file:///C:\Users\me\CV.dotx", external=True),
        docx_relating("attachedTemplate", "CV.dotx", external=True),
        docx(body=_command_field(' INCLUDEPICTURE "C:\\\\photos\\\\me.png" \\* MERGEFORMAT')),
        docx(body=_command_field(" QUOTE 2026 ") + _command_field(" LINKED ")),
    ],
)
def test_docx_with_ordinary_habits_is_accepted(content: bytes) -> None:
    assert verdict(content) == DOCX


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (docx({"word/vbaProject.bin": b"x"}), DocumentScripted),
        (docx({"word/activeX/activeX1.xml": "<x/>"}), DocumentScripted),
        (archive(docx_parts(MACRO_MAIN)), DocumentScripted),
        (docx_relating("vbaProject", "renamed.bin", external=False), DocumentScripted),
        (docx_relating("control", "renamed.xml", external=False), DocumentScripted),
        (docx_relating("hyperlink", "javascript:alert(1)", external=True), DocumentScripted),
        (docx({"word/embeddings/a.xlsx": archive({"xl/vbaProject.bin": b"x"})}), DocumentScripted),
        (docx({"word/embeddings/a.xlsx": archive({"xl/embeddings/b.bin": b"x"})}), DocumentActive),
        (docx({"word/embeddings/a.xlsx": b"no archive"}), DocumentDamaged),
        (docx_relating("oleObject", "embeddings/oleObject1.bin", external=False), DocumentActive),
        (docx_relating("aFChunk", "afchunk.htm", external=False), DocumentActive),
        (docx(body=_command_field(" DDE", "AUTO c:\\cmd.exe")), DocumentActive),
        (docx(body='<w:fldSimple w:instr=" DDEAUTO c:\\cmd.exe"/>'), DocumentActive),
        (docx(body=_command_field(" QUOTE 68 68 69 65 85 84 79 ")), DocumentActive),
        (docx(body=_command_field(' LINK Excel.Sheet.8 "C:\\\\a.xlsx" ')), DocumentActive),
        (docx(body=_command_field(' INCLUDEPICTURE "https://example.org/p.png" \\d')), DocumentRemote),
        (docx(body=_command_field(" INCLUDETEXT ", '"\\\\\\\\example.org\\\\a.docx"')), DocumentRemote),
        (_main_part_under_another_ending(), DocumentActive),
        (
            docx_relating("hyperlink", "ms-word:ofe|u|https://example.org/a.docm", external=True),
            DocumentScripted,
        ),
        (docx_relating("frame", "https://example.org/a.docx", external=True), DocumentRemote),
        (docx_relating("subDocument", r"\\?\UNC\example.org\a.docx", external=True), DocumentRemote),
        (docx_relating("attachedTemplate", "https://example.org/a.dotm", external=True), DocumentRemote),
        (docx_relating("attachedTemplate", r"\\example.org\a.dotm", external=True), DocumentRemote),
        (docx_relating("attachedTemplate", "file://example.org/a.dotm", external=True), DocumentRemote),
        (docx_relating("attachedTemplate", r"file:///\\example.org\a.dotm", external=True), DocumentRemote),
        (docx_relating("image", "http://example.org/pixel.png", external=True), DocumentRemote),
        (docx({"word/media/tool.exe": b"text"}), DocumentAttachment),
        (docx({"word/media/image1.png": PROGRAM}), DocumentAttachment),
        (docx({"word/embeddings/object.bin": OLE}), DocumentAttachment),
        (docx({"word/comments.xml": ENTITIES}), DocumentSuspicious),
        (docx({"word/comments.xml": OUTSIDE}), DocumentSuspicious),
        (docx({"word/comments.xml": ENTITIES.encode("utf-16")}), DocumentSuspicious),
        (docx({"word/comments.xml": "<a><b></a>"}), DocumentDamaged),
        (archive({**docx_parts(), "word/document.xml": ""}), DocumentDamaged),
        (
            archive({name: text for name, text in docx_parts().items() if name != "_rels/.rels"}),
            DocumentDamaged,
        ),
        (archive(docx_parts(SHEET_MAIN)), DocumentTypeUnknown),
        (archive({"a.txt": "text"}), DocumentTypeUnknown),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), DocumentEncrypted),
        (OLE + bytes(600), DocumentTypeUnknown),
    ],
)
def test_docx_is_refused_for_what_it_does(content: bytes, refusal: type) -> None:
    assert verdict(content) == refusal


def test_docx_without_its_main_part_is_refused() -> None:
    parts = {name: text for name, text in docx_parts().items() if name != "word/document.xml"}
    assert verdict(archive(parts)) == DocumentDamaged
    moved: Parts = {
        "_rels/.rels": relationships(("officeDocument", "/doc/main.xml", False)),
        "doc/main.xml": "<d/>",
    }
    assert verdict(archive({**parts, **moved})) == DOCX


@pytest.mark.parametrize(
    "content",
    [
        odt(),
        odt({"Basic/script-lc.xml": "<x/>", "Basic/Standard/script-lb.xml": "<x/>"}),
        odt({"Configurations2/accelerator/current.xml": "", "Object 1/content.xml": "<math/>"}),
        odt(head="<office:scripts><office:script><libraries xmlns='x'/></office:script></office:scripts>"),
        odt(body=_linked("text:a", "https://example.org/")),
        odt(body=_linked("draw:image", "Pictures/a.png") + _linked("draw:object", "./Object 1")),
        odt({"meta.xml": "<m/>"}, head=_linked("meta:template", "/C:/Program Files/LibreOffice/cv.ott")),
    ],
)
def test_odt_with_ordinary_habits_is_accepted(content: bytes) -> None:
    assert verdict(content) == ODT


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (odt({"Basic/Standard/Module1.xml": "<x/>"}), DocumentScripted),
        (odt({"Scripts/python/a.txt": "print()"}), DocumentScripted),
        (odt({"Object 1/Basic/Standard/Module1.xml": "<x/>"}), DocumentScripted),
        (odt(body=_linked("text:a", "ms-msdt:/id")), DocumentScripted),
        (odt(body=_linked("text:a", "vnd.sun.star.expand:$X")), DocumentScripted),
        (odt(head="<office:scripts><office:script>run()</office:script></office:scripts>"), DocumentScripted),
        (odt(head=_linked("script:event-listener", "vnd.sun.star.script:a")), DocumentScripted),
        (odt(body="<text:script>run()</text:script>"), DocumentScripted),
        (odt(body=_linked("text:a", "vnd.sun.star.script:a?language=Basic")), DocumentScripted),
        (odt(body=_linked("draw:object-ole", "./Object 1")), DocumentActive),
        (odt(body="<draw:applet/>"), DocumentActive),
        (odt(body="<text:dde-connection-decl/>"), DocumentActive),
        (odt(body=_linked("draw:image", "https://example.org/pixel.png")), DocumentRemote),
        (odt(body=_linked("text:section-source", "//example.org/a.odt")), DocumentRemote),
        (odt(head=_linked("meta:template", "https://example.org/cv.ott")), DocumentRemote),
        (odt({"Pictures/tool.exe": b"text"}), DocumentAttachment),
        (odt({"Pictures/a.png": PROGRAM}), DocumentAttachment),
        (odt({"styles.xml": ENTITIES}), DocumentSuspicious),
        (odt({"META-INF/manifest.xml": ENTITIES}), DocumentSuspicious),
        (odt({"content.xml": "random bytes"}, manifest="<manifest:encryption-data/>"), DocumentEncrypted),
        (odt({"content.xml": "<a>"}), DocumentDamaged),
        (archive({zipfile.ZipInfo("mimetype"): ODT}), DocumentDamaged),
        (archive({zipfile.ZipInfo("mimetype"): ODT + "-template"}), DocumentTypeUnknown),
    ],
)
def test_odt_is_refused_for_what_it_does(content: bytes, refusal: type) -> None:
    assert verdict(content) == refusal


def _symbolic_link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("word/link")
    link.external_attr = 0o120777 << 16
    return link


@pytest.mark.parametrize(
    "content",
    [
        docx({"../evil.xml": "<x/>"}),
        docx({"word/../../evil.xml": "<x/>"}),
        docx({"/etc/passwd": "x"}),
        docx({r"word\..\evil.xml": "<x/>"}),
        docx({"C:evil.xml": "<x/>"}),
        docx({"word/DOCUMENT.xml": "<x/>"}),
        docx({_symbolic_link(): "/etc/passwd"}),
        docx({"word/media/zeros.png": bytes(20 * 2**20)}),
        docx({f"word/media/{number}.png": b"" for number in range(MOST_ENTRIES)}),
        archive(docx_parts(), zipfile.ZIP_LZMA),
        archive({"prefix": b""}) + docx(),
    ],
)
def test_archive_with_tricks_is_refused(content: bytes) -> None:
    assert verdict(content) == DocumentSuspicious


def test_archive_that_lies_about_sizes_is_refused() -> None:
    content = docx({"word/media/zeros.png": bytes(3_000_000)})
    assert content.count((3_000_000).to_bytes(4, "little")) == 2
    assert (
        verdict(content.replace((3_000_000).to_bytes(4, "little"), (300).to_bytes(4, "little")))
        == DocumentDamaged
    )


def test_archive_with_too_much_xml_is_refused() -> None:
    # Below the ratio, so that only the sum of the parts can be found too much.
    part = b"<a>" + bytes(range(32, 38)) * 30 * 2**10 + b"</a>"
    part = part.replace(b"&", b"+")
    many = {f"word/part{number}.xml": part for number in range(190)}
    assert verdict(docx(many)) == DocumentSuspicious


def test_archive_with_changed_bytes_is_refused() -> None:
    content = bytearray(archive({**docx_parts(), "word/media/a.png": b"a" * 99}, zipfile.ZIP_STORED))
    content[content.index(b"a" * 99) + 50] = 0
    assert verdict(bytes(content)) == DocumentDamaged


def test_archive_cut_short_is_refused() -> None:
    assert verdict(docx()[:-30]) == DocumentDamaged


def test_archive_with_a_password_is_refused() -> None:
    content = bytearray(docx())
    with zipfile.ZipFile(io.BytesIO(content)) as container:
        start = container.start_dir
    content[start + 8] |= 1
    assert verdict(bytes(content)) == DocumentEncrypted
