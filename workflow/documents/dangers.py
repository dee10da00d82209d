"""What counts as a program and which links do more than open a page, whatever the kind of document."""

import re
from urllib.parse import unquote

_PROGRAM_HEADS = (
    b"MZ",  # Windows
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",  # macOS, four ways
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",  # Java, macOS
    b"\x00asm",
    b"dex\n",
    b"#!",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # a Windows shortcut
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",  # OLE: old Office files, installers, macros
)
_PROGRAM_ENDINGS = re.compile(
    r"\.(apk|app|bat|chm|cmd|com|cpl|dll|dmg|docm|dotm|exe|hta|html?|iso|jar|jse?|lnk|mht|msi|pif|pl|ps1|py|reg"
    r"|scr|sh|swf|sys|url|vb[es]|ws[cfh]|xlsm)$",
    re.IGNORECASE,
)
_SCRIPT_LINK = re.compile(
    r"(javascript|vbscript|data|macro|service|vnd\.sun\.star\.(script|expand)|\.uno|mhtml|jar|res|shell|hcp"
    r"|search|ms-[a-z-]+|search-ms):",  # the last ones start programs of Windows
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)  # two letters at least: C: is a drive


def is_program(name: str, head: bytes) -> bool:
    """Whether a file inside a document could run, by its name or by its first bytes."""
    if name.lower().endswith(".odttf"):  # an embedded font, whose first bytes are scrambled at random
        return False
    return head.startswith(_PROGRAM_HEADS) or bool(_PROGRAM_ENDINGS.search(name.strip(". ")))


def is_script_link(target: str) -> bool:
    """Whether following the link runs something instead of opening a page."""
    return bool(_SCRIPT_LINK.match(_plain(target)))


def is_remote(target: str) -> bool:
    """Whether opening the target reaches another machine.

    A path on the author's own disk does not: Word and LibreOffice write down the template they started from.
    """
    path = _plain(target).replace("\\", "/")
    if path.lower().startswith("file:"):
        path = path[5:]
        path = path[2:] if path.startswith("///") else path
    return path.startswith("//") or bool(_SCHEME.match(path))


def _plain(target: str) -> str:
    return re.sub(r"[\x00-\x20]", "", unquote(target))
