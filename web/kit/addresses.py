"""Addresses within the portal: where to go on to, without ever leading elsewhere."""

from urllib.parse import urlsplit


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
