"""ZIP containers of office documents, opened so that no bomb, path or entity in them can do harm."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from typing import Protocol
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from workflow.errors import DocumentDamaged, DocumentEncrypted, DocumentSuspicious

MOST_ENTRIES = 2000
MOST_EXPANDED = 128 * 2**20
MOST_XML = 32 * 2**20
# Deflate reaches 1,032; the XML of real documents stays below 60, and small parts may be anything.
HIGHEST_RATIO = 200
RATIO_COUNTS_FROM = 2**20

_CHUNK = 2**16
_CENTRAL_ENTRY = b"PK\x01\x02"
_SEPARATORS_OR_CONTROLS = re.compile(r"[\x00-\x1f\x7f\\:]")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


class Watcher(Protocol):
    """What is told of each element while an XML part streams by; `end` and `data` too, if it has them."""

    def start(self, tag: str, attributes: dict[str, str], /) -> None: ...


class Archive:
    """A container whose directory was found sound; nothing is unpacked beyond its declared, bounded size.

    Raises DocumentDamaged, DocumentEncrypted or DocumentSuspicious.
    """

    def __init__(self, content: bytes) -> None:
        # A cheap upper bound, asked before the directory is read into memory.
        if content.count(_CENTRAL_ENTRY) > 2 * MOST_ENTRIES:
            raise DocumentSuspicious
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _BROKEN as error:
            raise DocumentDamaged from error
        self._entries = self._zip.infolist()
        _check_directory(self._entries)
        self._xml_left = MOST_XML

    def names(self) -> list[str]:
        """The names of all files, in their order."""
        return [entry.filename for entry in self._entries if not entry.is_dir()]

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content piece by piece; its checksum is compared at the end."""
        try:
            with self._zip.open(name) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except _BROKEN as error:
            raise DocumentDamaged from error

    def read(self, name: str) -> bytes:
        """The whole content of one entry, up to MOST_EXPANDED."""
        return b"".join(self.chunks(name))

    def head(self, name: str) -> bytes:
        """The first bytes, after the whole entry has been read and its checksum compared."""
        head = b""
        for chunk in self.chunks(name):
            head = head or chunk[:512]
        return head

    def watch(self, name: str, watcher: Watcher) -> None:
        """Stream an XML part through `watcher`; a document type or an entity is refused as suspicious."""
        self._take_xml(self._zip.getinfo(name).file_size)
        parser = DefusedXMLParser(target=watcher, forbid_dtd=True)
        try:
            for chunk in self.chunks(name):
                parser.feed(chunk)
            parser.close()
        except DefusedXmlException as error:
            raise DocumentSuspicious from error
        except (ParseError, LookupError, ValueError) as error:
            raise DocumentDamaged from error

    def _take_xml(self, size: int) -> None:
        self._xml_left -= size
        if self._xml_left < 0:
            raise DocumentSuspicious


def _check_directory(entries: list[zipfile.ZipInfo]) -> None:
    names = {entry.filename.casefold() for entry in entries}
    if len(entries) > MOST_ENTRIES or len(names) < len(entries) or not all(map(_is_ordinary, entries)):
        raise DocumentSuspicious
    if sum(entry.file_size for entry in entries) > MOST_EXPANDED:
        raise DocumentSuspicious
    if min((entry.header_offset for entry in entries), default=0) > 0:
        raise DocumentSuspicious  # something stands before the archive
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise DocumentEncrypted


def _is_ordinary(entry: zipfile.ZipInfo) -> bool:
    # The original name: zipfile cuts its own at a NUL.
    path = entry.orig_filename
    return (
        not _SEPARATORS_OR_CONTROLS.search(path)
        and not path.startswith("/")
        and ".." not in path.split("/")
        and not stat.S_ISLNK(entry.external_attr >> 16)
        and entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        and not _is_too_dense(entry)
    )


def _is_too_dense(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > RATIO_COUNTS_FROM and entry.file_size > HIGHEST_RATIO * entry.compress_size
