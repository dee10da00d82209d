"""How days are written for a reader, on pages and in mails."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date


def long_date(value: date | datetime, language: str, zone: ZoneInfo) -> str:
    """“1 April 2026”; of an instant, the day in the zone."""
    day = value.astimezone(zone).date() if isinstance(value, datetime) else value
    return _written(day, language)


@lru_cache(maxsize=2048)
def _written(day: date, language: str) -> str:
    written = format_date(day, "long", locale=locale_of(language))
    return written.replace("1 ", "1er ", 1) if language == "fr" and day.day == 1 else written


def locale_of(language: str) -> str:
    """Europeans write the day first."""
    return {"en": "en_GB"}.get(language, language)
