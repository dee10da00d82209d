"""The plain words of a DOCX or ODT, without anything that could act: paragraphs, tabs and line breaks."""

from workflow.documents import odt
from workflow.documents.archive import Archive

_MOST_WORDS = 60_000
_PARAGRAPHS = {"p", "h"}
_BREAKS = {"br", "cr", "line-break"}
_NOT_READ = {"instrText", "delText", "annotation", "tracked-changes", "note-citation"}
_WORD_TEXT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"


class _Words:
    """Gathers text as the XML streams by. `only`: the one element whose text counts; empty: all text in paragraphs."""

    def __init__(self, only: str = "") -> None:
        self.parts: list[str] = []
        self._length = 0
        self._only = only
        self._counts = not only
        self._skipped = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        name = _local(tag)
        self._skipped += name in _NOT_READ
        self._counts = not self._only or tag == self._only
        if name == "tab":
            self._add("\t")
        elif name in _BREAKS:
            self._add("\n")
        elif name == "s" and not self._only:
            self._add(" ")

    def end(self, tag: str) -> None:
        name = _local(tag)
        self._skipped -= name in _NOT_READ
        self._counts = not self._only
        if name in _PARAGRAPHS:
            self._add("\n")

    def data(self, text: str) -> None:
        if self._counts:
            self._add(text)

    def _add(self, text: str) -> None:
        if not self._skipped and self._length < _MOST_WORDS:
            self.parts.append(text)
            self._length += len(text)


def words_of(content: bytes) -> str:
    """What is written in an office document, cut where it is very long."""
    archive = Archive(content)
    if odt.is_odt(archive):
        words = _Words()
        archive.watch("content.xml", words)
    else:
        words = _Words(only=_WORD_TEXT)
        archive.watch("word/document.xml", words)
    text = "".join(words.parts)[:_MOST_WORDS]
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable()).strip()


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
