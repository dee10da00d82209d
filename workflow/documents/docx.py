"""DOCX: macros, controls, embedded objects, commands in fields and links that load are found here."""

import re
from dataclasses import dataclass

from workflow.documents.archive import Archive
from workflow.documents.dangers import is_remote, is_script_link
from workflow.errors import DocumentActive, DocumentDamaged, DocumentRemote, DocumentScripted

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_TYPES = "[Content_Types].xml"
_MAIN_TYPES = (f"{MEDIA_TYPE}.main+xml", "application/vnd.ms-word.document.macroenabled.main+xml")
_MACRO_TYPE = re.compile(r"vbaproject|macroenabled|activex|vbadata", re.IGNORECASE)
_MACRO_PART = re.compile(r"(^|/)(vbaproject[^/]*\.bin|vbadata\.xml|activex/.*)$", re.IGNORECASE)
_EMBEDDED_PART = re.compile(r"/embeddings/[^/]+\.(docx|xlsx|pptx)$", re.IGNORECASE)
_SCRIPTED_RELATIONS = {"vbaproject", "wordvbadata", "control", "activexcontrolbinary"}
_ACTIVE_RELATIONS = {"oleobject", "afchunk"}
# DDE and LINK ask another program; QUOTE with numbers spells words that nobody shall read.
_COMMAND_FIELD = re.compile(r"^\s*(DDE(AUTO)?\b|LINK\b|QUOTE(\s+\d+){3})", re.IGNORECASE | re.MULTILINE)
_LOADING_FIELD = re.compile(
    r"^\s*(?:INCLUDEPICTURE|INCLUDETEXT|INCLUDE|IMPORT|RD)\s+\"?([^\s\"]+)", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A line of a `.rels` part; `kind` is the last word of its type, in lower case."""

    kind: str
    target: str
    external: bool


class _Part:
    """What can matter in any part: content types, relationships, the instructions of fields."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.written_in_xml: set[str] = set()
        self.relationships: list[Relationship] = []
        self.instructions: list[str] = []
        self._in_instruction = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "Relationship":
            self.relationships.append(_relationship(attributes))
        elif name in ("Override", "Default"):
            self._declare(attributes)
        elif name == "fldSimple":
            self._begin_field("".join(value for key, value in attributes.items() if _local(key) == "instr"))
        elif name == "fldChar":
            self._begin_field("")
        self._in_instruction = name == "instrText"

    def _declare(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("ContentType", "").lower()
        self.types.add(kind)
        if kind.endswith("xml"):
            ending = "." + attributes["Extension"] if "Extension" in attributes else ""
            self.written_in_xml.add((attributes.get("PartName", "").lstrip("/") or ending).lower())

    def end(self, _tag: str) -> None:
        self._in_instruction = False

    def data(self, text: str) -> None:
        if self._in_instruction:
            self.instructions.append(text)

    def _begin_field(self, instruction: str) -> None:
        self.instructions += ["\n", instruction]


def is_docx(archive: Archive) -> bool:
    """Whether the archive says that it is a text document of Word, with or without macros."""
    names = archive.names()
    return _TYPES in names and not _part(archive, _TYPES).types.isdisjoint(_MAIN_TYPES)


def check_docx(archive: Archive) -> None:
    """Raise the DocumentRefused that tells what this document would do, or that a part is broken."""
    names = archive.names()
    if any(map(_MACRO_PART.search, names)):
        raise DocumentScripted
    if "_rels/.rels" not in names:
        raise DocumentDamaged
    written_in_xml = (".xml", ".rels", *_part(archive, _TYPES).written_in_xml)
    for name in names:
        if name.lower().endswith(written_in_xml):
            _check_part(archive, name)
        elif _EMBEDDED_PART.search(name):
            _check_embedded(archive.read(name))
    if not {"word/document.xml", *_main_parts(archive)} & set(names):
        raise DocumentDamaged


def _check_part(archive: Archive, name: str) -> None:
    part = _part(archive, name)
    if name == _TYPES and any(map(_MACRO_TYPE.search, part.types)):
        raise DocumentScripted
    instructions = "".join(part.instructions)
    if _COMMAND_FIELD.search(instructions):
        raise DocumentActive
    if any(is_remote(target.replace("\\\\", "\\")) for target in _LOADING_FIELD.findall(instructions)):
        raise DocumentRemote
    for relationship in part.relationships:
        _check_relationship(relationship)


def _check_relationship(relationship: Relationship) -> None:
    if relationship.kind in _SCRIPTED_RELATIONS:
        raise DocumentScripted
    if relationship.kind in _ACTIVE_RELATIONS:
        raise DocumentActive
    if relationship.kind == "hyperlink":
        if is_script_link(relationship.target):
            raise DocumentScripted
    elif relationship.external and is_remote(relationship.target):
        raise DocumentRemote


def _check_embedded(content: bytes) -> None:
    """A chart keeps its table as a workbook inside; that may have no macros and no objects of its own."""
    for name in Archive(content).names():
        if _MACRO_PART.search(name):
            raise DocumentScripted
        if "/embeddings/" in name:
            raise DocumentActive


def _main_parts(archive: Archive) -> set[str]:
    relationships = _part(archive, "_rels/.rels").relationships
    return {relation.target.lstrip("/") for relation in relationships if relation.kind == "officedocument"}


def _part(archive: Archive, name: str) -> _Part:
    part = _Part()
    archive.watch(name, part)
    return part


def _relationship(attributes: dict[str, str]) -> Relationship:
    kind = attributes.get("Type", "").rsplit("/", 1)[-1].lower()
    external = attributes.get("TargetMode", "").lower() == "external"
    return Relationship(kind, attributes.get("Target", ""), external)


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
