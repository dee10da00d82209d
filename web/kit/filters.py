"""How days, instants, sizes and texts are written for a reader: Jinja's filters."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_time
from babel.numbers import format_decimal
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from web.kit.devices import device_in_words
from web.kit.letters import letter
from workflow.language import translations
from workflow.language.days import locale_of, long_date

_FORTNIGHT = 14
_SOON = 7


def install(templates: Environment, zone: ZoneInfo) -> None:
    """Give an environment its filters; days and hours are those of the zone."""

    @pass_context
    def in_context_date(context: Context, value: date | datetime) -> str:
        return long_date(value, context["language"], zone)

    @pass_context
    def in_context_datetime(context: Context, value: datetime) -> str:
        return long_datetime(value, context["language"], zone)

    @pass_context
    def until(context: Context, value: date) -> str:
        return days_until(_days_from_now(context, value), context["language"])

    @pass_context
    def left(context: Context, value: date) -> str:
        return days_left(_days_from_now(context, value), context["language"])

    @pass_context
    def is_soon(context: Context, value: date) -> bool:
        return _days_from_now(context, value) <= _SOON

    def _days_from_now(context: Context, value: date) -> int:
        today: date = context["now"].astimezone(zone).date()
        return (value - today).days

    templates.tests |= {"soon": is_soon}
    templates.filters |= {
        "date": in_context_date,
        "datetime": in_context_datetime,
        "until": until,
        "left": left,
        "filesize": filesize,
        "paragraphs": paragraphs,
        "letter": letter,
        "device": device_in_words,
    }


def long_datetime(value: datetime, language: str, zone: ZoneInfo) -> str:
    """“1 April 2026, 09:30”, in the zone."""
    hour = format_time(value, "short", tzinfo=zone, locale=locale_of(language))
    return f"{long_date(value, language, zone)}, {hour}"


def days_until(days: int, language: str) -> str:
    """“in 3 days”, as the reader says it."""
    words = translations(language)
    if days < 0:
        return words.gettext("closed")
    if days == 0:
        return words.gettext("today")
    if days == 1:
        return words.gettext("tomorrow")
    return words.ngettext("in %(num)s day", "in %(num)s days", days) % {"num": days}


def days_left(days: int, language: str) -> str:
    """“3 days left”, when there is reason to say so: in the last fortnight."""
    if days > _FORTNIGHT:
        return ""
    if days < 2:
        return days_until(days, language)
    words = translations(language)
    return words.ngettext("%(num)s day left", "%(num)s days left", days) % {"num": days}


@pass_context
def filesize(context: Context, size: int) -> str:
    """Bytes as kB or MB, by 1024 as limits are set and files are shown, with the reader's decimal sign."""
    language = context["language"]
    units = {"fr": ("ko", "Mo")}.get(language, ("kB", "MB"))
    if size < 2**20:
        return f"{format_decimal(max(1, round(size / 2**10)), locale=language)} {units[0]}"
    return f"{format_decimal(round(size / 2**20, 1), locale=language)} {units[1]}"


def paragraphs(text: str) -> Markup:
    """Plain text as paragraphs; blank lines part them, single breaks stay."""
    blocks = (block.strip() for block in text.replace("\r\n", "\n").split("\n\n"))
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>\n").join(escape(line) for line in block.split("\n")))
        for block in blocks
        if block
    )
