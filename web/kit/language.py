"""Which language a visitor reads: the one chosen (a cookie), else the first of the browser's that we have."""

from typing import Any

from litestar.connection import ASGIConnection

from workflow.language import DEFAULT, LANGUAGES

COOKIE = "language"


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The language to answer in."""
    chosen = connection.cookies.get(COOKIE)
    return chosen if chosen in LANGUAGES else _browsers_choice(connection.headers.get("accept-language", ""))


def _browsers_choice(header: str) -> str:
    """The best of RFC 9110's `Accept-Language`; quality values that are no numbers count as 0."""
    wanted: list[tuple[float, str]] = []
    for part in header.split(",")[:20]:
        name, _, quality = part.partition(";q=")
        code = name.strip().lower().split("-")[0]
        if code in LANGUAGES:
            wanted.append((_number(quality) if quality else 1.0, code))
    return max(wanted, key=lambda pair: pair[0])[1] if wanted else DEFAULT


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
