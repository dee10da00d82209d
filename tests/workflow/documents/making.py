"""Small valid and hostile documents, made by the tests so that they need no file from elsewhere."""

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import pikepdf

from workflow.documents.kinds import checked_media_type
from workflow.errors import DocumentRefused

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"

PROGRAM = b"MZ\x90\x00" + bytes(60)

RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_ODF = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "text": "text",
        "draw": "drawing",
        "script": "script",
        "manifest": "manifest",
        "meta": "meta",
    }.items()
)


def verdict(content: bytes) -> str | type[DocumentRefused]:
    """The media type of what is accepted, the kind of refusal of what is not."""
    try:
        return checked_media_type(content)
    except DocumentRefused as refusal:
        return type(refusal)


def pdf(change: Callable[[pikepdf.Pdf], None] | None = None, **saving: Any) -> bytes:
    """A document of one page with a text, changed before it is saved."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(200, 200))
    page.obj.Contents = document.make_stream(b"BT (A text) Tj ET")
    if change:
        change(document)
    out = io.BytesIO()
    document.save(out, **saving)
    return out.getvalue()


def pdf_with(**entries: Any) -> bytes:
    """A PDF whose catalogue has these entries."""

    def change(document: pikepdf.Pdf) -> None:
        for key, value in entries.items():
            document.Root[f"/{key}"] = value

    return pdf(change)


def pdf_with_object(written: bytes) -> bytes:
    """A PDF that has one object more, written just so, which nothing refers to."""
    place = "@" * (len(written) - 2)

    def change(document: pikepdf.Pdf) -> None:
        document.Root.Extra = document.make_indirect(pikepdf.String(place))

    return pdf(change).replace(f"({place})".encode(), written)


def action(kind: str, **entries: Any) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **entries)


def pdf_linking(target: pikepdf.Dictionary) -> bytes:
    """A PDF with a link to click that does `target`."""

    def change(document: pikepdf.Pdf) -> None:
        link = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=target
        )
        document.pages[0].obj.Annots = pikepdf.Array([document.make_indirect(link)])

    return pdf(change)


def pdf_carrying(name: str, content: bytes) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        document.attachments[name] = pikepdf.AttachedFileSpec(
            document, content, filename=name, description="", mime_type="", creation_date="", mod_date=""
        )

    return pdf(change)


def pdf_bomb() -> bytes:
    """A page whose content unpacks to 256 MB."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(256)) + packer.flush()

    def change(document: pikepdf.Pdf) -> None:
        stream = pikepdf.Stream(document, packed, Filter=pikepdf.Name.FlateDecode)
        document.pages[0].obj.Contents = document.make_indirect(stream)

    return pdf(change, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def hard_pdf(*, hard: int = 1, count: int = 1) -> bytes:
    """Pages with a number each, of which one takes minutes to draw: a few bytes that shade the page 3000 times."""
    document = pikepdf.new()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    shade = document.make_stream(
        b"{ 2 copy mul sin exch cos add dup dup 0.5 mul }",
        FunctionType=4,
        Domain=[0, 1, 0, 1],
        Range=[0, 1, 0, 1, 0, 1],
    )
    shading = pikepdf.Dictionary(
        ShadingType=1,
        ColorSpace=pikepdf.Name.DeviceRGB,
        Domain=[0, 1, 0, 1],
        Matrix=[595, 0, 0, 842, 0, 0],
        Function=shade,
    )
    for number in range(1, count + 1):
        page = document.add_blank_page(page_size=(595, 842))
        page.obj.Resources = pikepdf.Dictionary(
            Font=pikepdf.Dictionary(F=font), Shading=pikepdf.Dictionary(S=shading)
        )
        words = f"BT /F 20 Tf 50 700 Td (Page {number} {uuid4().hex}) Tj ET ".encode()
        page.obj.Contents = document.make_stream(words + (b"/S sh " * 3000 if number == hard else b""))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def archive(parts: Mapping[Any, bytes | str], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return out.getvalue()


def relationships(*relations: tuple[str, str, bool]) -> str:
    """The part that lists (kind, target, whether external)."""
    lines = (
        f'<Relationship Type="{RELATION}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        for kind, target, mode in ((k, t, "External" if e else "Internal") for k, t, e in relations)
    )
    return f"<Relationships>{''.join(lines)}</Relationships>"


Parts = dict[str | zipfile.ZipInfo, bytes | str]


def docx_parts(main: str = f"{DOCX}.main+xml", body: str = "<w:p/>") -> Parts:
    return {
        "[Content_Types].xml": f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": relationships(("officeDocument", "word/document.xml", False)),
        "word/document.xml": f"<w:document {_WORD}><w:body>{body}</w:body></w:document>",
    }


def docx(extra: Mapping[Any, bytes | str] | None = None, body: str = "<w:p/>") -> bytes:
    return archive({**docx_parts(body=body), **(extra or {})})


def docx_relating(kind: str, target: str, *, external: bool) -> bytes:
    return docx({"word/_rels/document.xml.rels": relationships((kind, target, external))})


def odt(
    extra: Mapping[Any, bytes | str] | None = None,
    body: str = "<text:p>A text</text:p>",
    head: str = "<office:scripts/>",
    manifest: str = "",
) -> bytes:
    opened = f'<office:document-content {_ODF} xmlns:xlink="http://www.w3.org/1999/xlink">'
    parts: Parts = {
        zipfile.ZipInfo("mimetype"): ODT,
        "content.xml": f"{opened}{head}<office:body>{body}</office:body></office:document-content>",
        "META-INF/manifest.xml": f"<manifest:manifest {_ODF}>{manifest}</manifest:manifest>",
    }
    return archive({**parts, **(extra or {})})
