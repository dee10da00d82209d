"""Answers that programs fetch again and again: kept for a while, and sent only when they have changed (RFC 9110)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b
from typing import Any

from litestar import Request, Response

NOT_FOR_BROWSERS = {"exclude_from_csrf": True}
"""Litestar's `opt` of a route that holds no form: it gets no token, whose cookie nobody could keep for others."""


def entity_tag(*parts: object) -> str:
    """A tag that is another one as soon as a part is."""
    return f'"{blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"'


def is_known(request: Request[Any, Any, Any], tag: str, changed_at: datetime | None = None) -> bool:
    """Whether the asker has this already. The tag decides where they name one, else the instant."""
    if tags := request.headers.get("if-none-match"):
        return any(each.strip().removeprefix("W/") in {tag, "*"} for each in tags.split(","))
    since = _instant(request.headers.get("if-modified-since", ""))
    return bool(since and changed_at and changed_at < since + timedelta(seconds=1))


def answered(
    body: bytes | None, media_type: str, *, tag: str, seconds: int, changed_at: datetime | None = None
) -> Response[bytes]:
    """The body, or 304 for None; anybody may keep it for so many seconds."""
    answer = Response(body or b"", media_type=media_type, status_code=200 if body is not None else 304)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    if changed_at:
        answer.headers["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    return answer


def _instant(text: str) -> datetime | None:
    """A date of HTTP. What is none is as good as not said."""
    try:
        instant = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return instant.replace(tzinfo=instant.tzinfo or UTC)
