"""Addresses within the portal: where to go on to, without ever leading elsewhere."""

from urllib.parse import urlsplit

from workflow.checks import ROW_IDS
from workflow.errors import NotFound


def local_path(address: object, default: str = "/") -> str:
    """A path of ours to redirect to; the default for anything that a browser might take elsewhere."""
    text = str(address or "")
    if not text.startswith("/") or text.startswith("//") or "\\" in text or not text.isprintable():
        return default
    try:
        parts = urlsplit(text)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else text


def row_id(number: int) -> int:
    """The id of a row that an address names. Raises NotFound for a number that no row can have."""
    if number not in ROW_IDS:
        raise NotFound
    return number
