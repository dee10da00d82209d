"""PDF: scripts, launches, actions that run by themselves and attached programs are found here.

qpdf can be made to allocate without bound: outside tests, this runs in a confined process only.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

from workflow.documents.dangers import is_program, is_script_link
from workflow.documents.filenames import clean_filename
from workflow.documents.office import check_office
from workflow.errors import (
    DocumentActive,
    DocumentAttachment,
    DocumentDamaged,
    DocumentEncrypted,
    DocumentRemote,
    DocumentScripted,
    DocumentSuspicious,
)

MEDIA_TYPE = "application/pdf"
HEADER = b"%PDF-"

_MOST_STREAM = 64 * 2**20
_DEEPEST_ATTACHMENT = 2
_LONGEST_CHAIN = 100
_END = b"%%EOF"
_END_WITHIN = 1024  # ISO 32000-1, annex H, implementation note 18
_SCRIPTED = {"/JavaScript"}
_ACTIVE = {"/Launch", "/ImportData", "/RichMediaExecute"}
_ACTIVE_KINDS = {"/RichMedia", "/3D"}
_QUIET = {"/GoTo", "/GoTo3DView", "/Hide", "/Named", "/ResetForm", "/SetOCGState", "/Trans"}
_BY_MOUSE = {"/D", "/U"}
_PASSIVE_ATTACHMENT = re.compile(
    r"\.(bib|csv|gif|ics|jpe?g|json|md|odf|png|rdf|rtf|tex|tiff?|txt|vcf|webp|xml|xmp|xsd)$", re.IGNORECASE
)
_ATTACHMENT_NAMES = ("/UF", "/F", "/DOS", "/Mac", "/Unix")  # each reader takes another one
_RTF_OBJECT = b"\\obj"
_DOCUMENT_ATTACHMENT = re.compile(r"\.(pdf|docx|odt)$", re.IGNORECASE)
# Serialised by qpdf, names have one spelling: only objects with one of these are looked at closely.
_NOTABLE = re.compile(
    rb"/(JavaScript|JS|Launch|ImportData|RichMedia|RichMediaExecute|3D|XFA|AA|OpenAction|EF|URI)(?![^\s/\[\]<>()])"
)
_MISSED = re.compile(
    r"bad_alloc|limits error|limit exceeded|error reading object|object as null because|error decoding|unfilterable"
)
_MENDED = "reconstruct cross-reference table"


def limit_qpdf() -> None:
    """Bound what one stream may unpack to; holds for the whole process."""
    pikepdf.settings.set_qpdf_limits(
        flate_max_memory=_MOST_STREAM,
        png_max_memory=_MOST_STREAM,
        run_length_max_memory=_MOST_STREAM,
        tiff_max_memory=_MOST_STREAM,
        max_stream_filters=4,
        doc_max_warnings=1000,
    )


def check_pdf(content: bytes, depth: int = 0) -> None:
    """Raise the DocumentRefused that tells what this document would do, or that it cannot be read.

    A broken cross-reference table is mended, as every reader does, unless objects lie hidden in
    streams, where readers may mend it otherwise. A password that only forbids printing or copying is
    no obstacle to reading, and passes.
    """
    if not content.startswith(HEADER) or _END not in content.rstrip(b"\x00\t\r\n ")[-_END_WITHIN:]:
        raise DocumentDamaged
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            _check_actions(pdf, depth)
            _check_pages(pdf)
            _check_nothing_was_missed(pdf)
    except pikepdf.PasswordError as error:
        raise DocumentEncrypted from error
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, ValueError, TypeError) as error:
        raise (DocumentSuspicious if "limit exceeded" in str(error) else DocumentDamaged) from error


def _check_pages(pdf: pikepdf.Pdf) -> None:
    if not len(pdf.pages):
        raise DocumentDamaged
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
            if isinstance(stream, pikepdf.Stream):
                stream.read_bytes()


def _check_nothing_was_missed(pdf: pikepdf.Pdf) -> None:
    """qpdf reads as null what it has no room for or cannot parse; a viewer may see more in it than we did."""
    warnings = " ".join(map(str, pdf.get_warnings()))
    if _MISSED.search(warnings):
        raise DocumentSuspicious
    if _MENDED in warnings and any(map(_hides_objects, pdf.objects)):
        raise DocumentDamaged


def _hides_objects(thing: Any) -> bool:
    return isinstance(thing, pikepdf.Stream) and thing.get("/Type") == "/ObjStm"


def _check_actions(pdf: pikepdf.Pdf, depth: int) -> None:
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Name):
            _check_action_name(str(thing))  # an action may name its kind by reference
        elif isinstance(thing, pikepdf.Stream):
            _check_stream(thing, depth)
        elif isinstance(thing, pikepdf.Object) and _NOTABLE.search(thing.unparse(resolved=True)):
            _check_object(thing, depth)


def _check_stream(stream: pikepdf.Stream, depth: int) -> None:
    if "/F" in stream:
        raise DocumentRemote  # its bytes lie in another file
    described = stream.stream_dict
    if _NOTABLE.search(described.unparse(resolved=True)):
        _check_object(described, depth)


def _check_object(thing: pikepdf.Object, depth: int) -> None:
    for dictionary in _dictionaries(thing):
        _check_action_name(str(dictionary.get("/S")))
        if "/JS" in dictionary and dictionary.get("/S") == "/Rendition":
            raise DocumentScripted
        if str(dictionary.get("/Subtype")) in _ACTIVE_KINDS or "/XFA" in dictionary:
            raise DocumentActive
        if "/URI" in dictionary and is_script_link(str(dictionary.get("/URI"))):
            raise DocumentScripted
        if "/EF" in dictionary:
            _check_attachment(dictionary, depth)
        for action in _automatic_actions(dictionary):
            _check_automatic(action)


def _dictionaries(thing: Any) -> Iterator[Any]:
    """The dictionaries written inside one object, itself included; others are met in their own turn."""
    waiting = [thing]
    while waiting:
        current = waiting.pop()
        if isinstance(current, pikepdf.Dictionary):
            yield current
            children = list(current.values())
        elif isinstance(current, pikepdf.Array):
            children = list(current)
        else:
            continue
        waiting += [
            child for child in children if isinstance(child, pikepdf.Object) and not child.is_indirect
        ]


def _check_action_name(name: str) -> None:
    if name in _SCRIPTED:
        raise DocumentScripted
    if name in _ACTIVE:
        raise DocumentActive


def _automatic_actions(dictionary: Any) -> Iterator[Any]:
    if isinstance(opening := dictionary.get("/OpenAction"), pikepdf.Dictionary):
        yield opening
    if isinstance(additional := dictionary.get("/AA"), pikepdf.Dictionary):
        yield from (action for key, action in additional.items() if key not in _BY_MOUSE)


def _check_automatic(action: Any) -> None:
    """Nobody has clicked: the action, and those that follow it, may only move about in this file."""
    waiting, met = [action], 0
    while waiting:
        current = waiting.pop()
        met += 1
        if isinstance(current, pikepdf.Array):
            waiting += list(current)
        elif isinstance(current, pikepdf.Dictionary):
            _check_action_name(str(current.get("/S")))
            if str(current.get("/S")) not in _QUIET or met > _LONGEST_CHAIN:
                raise DocumentActive
            waiting.append(current.get("/Next"))


def _check_attachment(specification: Any, depth: int) -> None:
    names = [str(specification[key]) for key in _ATTACHMENT_NAMES if key in specification] or ["?"]
    for stream in specification["/EF"].values():
        content = stream.read_bytes()
        for name in names:
            if not _is_harmless(name, content, depth):
                raise DocumentAttachment(attachment=clean_filename(name))


def _is_harmless(name: str, content: bytes, depth: int) -> bool:
    if depth >= _DEEPEST_ATTACHMENT or "\0" in name or is_program(name, content[:512]):
        return False
    if content.lstrip().startswith(b"{\\rt") and _RTF_OBJECT in content:
        return False
    if _DOCUMENT_ATTACHMENT.search(name):
        check_pdf(content, depth + 1) if content.startswith(HEADER) else check_office(content)
        return True
    return bool(_PASSIVE_ATTACHMENT.search(name))
