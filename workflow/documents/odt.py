"""ODT: passwords, macros, event handlers, foreign objects and links that load are found here."""

import re

from workflow.documents.archive import Archive
from workflow.documents.dangers import is_remote, is_script_link
from workflow.errors import (
    DocumentActive,
    DocumentDamaged,
    DocumentEncrypted,
    DocumentRemote,
    DocumentScripted,
)

MEDIA_TYPE = "application/vnd.oasis.opendocument.text"

_MANIFEST = "META-INF/manifest.xml"
_LINK = "{http://www.w3.org/1999/xlink}href"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_SCRIPT = f"{_OFFICE}script"
# LibreOffice may write the lists of libraries without a macro in them; a module is what can run.
_MACRO_PART = re.compile(r"(^|/)(Basic/(?!(.*/)?script-l[bc]\.xml$)|Scripts/)", re.IGNORECASE)
_SCRIPTED = {
    "{urn:oasis:names:tc:opendocument:xmlns:script:1.0}event-listener",
    "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}script",
}
_ACTIVE = {
    f"{_OFFICE}dde-source",
    "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}dde-connection-decl",
    "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}object-ole",
    "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}applet",
    "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}plugin",
    "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}floating-frame",
}
_CLICKED = {
    "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}a",
    "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}a",
}


class _Manifest:
    """Refuses a package of which a file is encrypted."""

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag.endswith("}encryption-data"):
            raise DocumentEncrypted


class _Part:
    """Refuses what acts or loads as soon as it streams by."""

    def __init__(self) -> None:
        self._in_script = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _SCRIPTED or (self._in_script and not tag.endswith("}libraries")):
            raise DocumentScripted
        if tag in _ACTIVE:
            raise DocumentActive
        self._in_script = self._in_script or tag == _SCRIPT
        _check_link(tag, attributes.get(_LINK, ""))

    def end(self, tag: str) -> None:
        self._in_script = self._in_script and tag != _SCRIPT

    def data(self, text: str) -> None:
        if self._in_script and text.strip():
            raise DocumentScripted


def is_odt(archive: Archive) -> bool:
    """Whether the archive says that it is an OpenDocument text (ODF 1.2, part 3, 3.3)."""
    return "mimetype" in archive.names() and archive.head("mimetype").strip() == MEDIA_TYPE.encode()


def check_odt(archive: Archive) -> None:
    """Raise the DocumentRefused that tells what this document would do, or that a part is broken."""
    names = archive.names()
    if not {"content.xml", _MANIFEST} <= set(names):
        raise DocumentDamaged
    # First: in an encrypted document no other part can be read as XML.
    archive.watch(_MANIFEST, _Manifest())
    if any(map(_MACRO_PART.search, names)):
        raise DocumentScripted
    for name in names:
        if name != _MANIFEST and name.lower().endswith((".xml", ".rdf")) and archive.head(name):
            archive.watch(name, _Part())


def _check_link(tag: str, target: str) -> None:
    if is_script_link(target):
        raise DocumentScripted
    if tag not in _CLICKED and is_remote(target):
        raise DocumentRemote
