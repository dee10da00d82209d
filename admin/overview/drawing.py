"""The overview's charts in the reader's words, each with the table that says the same."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup

from admin.kit.charts import Bar, Caption, Column, bars_chart, columns_chart
from admin.kit.wording import Wording
from workflow.applications.figures import Funnel
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.applications.waiting import Waits
from workflow.language import N_, say, translations
from workflow.language.days import locale_of

_DAYS, _WEEKS = 100, 750
"""Up to how many days a column is a day, and up to how many a week; then it is a month."""

_DAY = timedelta(days=1)

_A_DAY = N_("Applications a day")
_A_WEEK = N_("Applications a week")
_A_MONTH = N_("Applications a month")
_PEAK = N_("From {first} to {last}: {number}, at most {most} ({when}).")
_NO_PEAK = N_("From {first} to {last}: none.")
_WEEK_OF = N_("Week of {day}")
_FUNNEL = N_("What became of them")
_WAITS = N_("How long they wait")
_WAITS_TOLD = N_("The bar ends at the median, the line at the 90th percentile.")
_STAGES = {
    "submitted": N_("Came in"),
    "considered": N_("Ever taken under consideration"),
    "successful": N_("Successful now"),
    "rejected": N_("Rejected now"),
    "withdrawn": N_("Withdrawn now"),
    "undecided": N_("Without an answer yet"),
}
_ENDED = N_("{state}, ended in the period")
_UNDER_WAY = N_("{state}, not ended yet")
_TOLD_WAIT = N_("{median}; 9 of 10 within {ninetieth} ({number})")
_NO_WAITS = N_("none")
_WAIT_HEAD = (N_("State"), N_("Number"), N_("Median"), N_("90th percentile"), N_("Longest"))
_FUNNEL_TOLD = N_(
    "Those that came in during the period, as they stand now. A decision counts once it is taken, "
    "also before it is told."
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, and the same as a table. `code` names its CSV."""

    code: str
    title: str
    chart: Markup
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def days_drawing(days: Mapping[date, int], words: Wording) -> Drawing:
    """How many came in: a column a day, in a long period a week or a month."""
    title, shares = _title_and_shares(days)
    columns = [_column(first, number, title, words) for first, number in shares.items()]
    caption = Caption("chart-days", say(words.language, title), _peak(days, columns, words))
    return Drawing(
        "days",
        caption.title,
        columns_chart(caption, columns, lambda value: number_in(words, value)),
        (say(words.language, "From"), say(words.language, "Applications")),
        tuple((_long(first, words), number_in(words, number)) for first, number in shares.items()),
    )


def _title_and_shares(days: Mapping[date, int]) -> tuple[str, Mapping[date, int]]:
    if len(days) <= _DAYS:
        return _A_DAY, days
    weekly = len(days) <= _WEEKS
    shares: dict[date, int] = {}
    for day, number in days.items():
        begins = day - day.weekday() * _DAY if weekly else day.replace(day=1)
        share = max(begins, min(days))
        shares[share] = shares.get(share, 0) + number
    return (_A_WEEK if weekly else _A_MONTH), shares


def _column(first: date, number: int, title: str, words: Wording) -> Column:
    locale = locale_of(words.language)
    label = format_skeleton("yMMM" if title == _A_MONTH else "MMMd", first, locale=locale)
    day = _long(first, words)
    when = {_A_WEEK: say(words.language, _WEEK_OF, day=day), _A_MONTH: label}.get(title, day)
    return Column(label, number, f"{when}{_colon(words)}{number_in(words, number)}")


def _peak(days: Mapping[date, int], columns: Sequence[Column], words: Wording) -> str:
    first, last = (_long(day, words) for day in (min(days), max(days)))
    top = max(columns, key=lambda column: column.value)
    if not top.value:
        return say(words.language, _NO_PEAK, first=first, last=last)
    number = applications(words, sum(days.values()))
    return say(
        words.language,
        _PEAK,
        first=first,
        last=last,
        number=number,
        most=number_in(words, top.value),
        when=top.label,
    )


def funnel_drawing(funnel: Funnel, words: Wording) -> Drawing:
    """What became of those that came in, each as a part of all of them."""
    bars = tuple(
        Bar(say(words.language, text), number, _part(number, funnel.submitted, words), _TONES.get(stage, ""))
        for stage, text, number in stages(funnel)
    )
    title = say(words.language, _FUNNEL)
    told = "; ".join(f"{bar.label}{_colon(words)}{bar.told}" for bar in bars)
    return Drawing(
        "funnel",
        title,
        bars_chart(Caption("chart-funnel", title, told), bars),
        (say(words.language, "State"), say(words.language, "Applications")),
        tuple((bar.label, bar.told) for bar in bars),
        say(words.language, _FUNNEL_TOLD),
    )


_TONES = {
    "submitted": "submitted",
    "considered": "under_consideration",
    "successful": "successful",
    "rejected": "rejected",
    "withdrawn": "withdrawn",
}


def stages(funnel: Funnel) -> Iterator[tuple[str, str, int]]:
    """The stages in their order: code, text and number."""
    for stage, text in _STAGES.items():
        yield stage, text, getattr(funnel, stage)


def waits_drawing(ended: Mapping[str, Waits], under_way: Mapping[str, Waits], words: Wording) -> Drawing:
    """How long the live states lasted that ended in the period, and how long those last that have not ended."""
    found = tuple(waits_by_state(ended, under_way, words))
    bars = tuple(
        Bar(label, _in_days(waits.median), _told(waits, words), state, _in_days(waits.ninetieth))
        if waits
        else Bar(label, 0, say(words.language, _NO_WAITS), state)
        for label, state, waits in found
    )
    title = say(words.language, _WAITS)
    told = "; ".join(f"{bar.label}{_colon(words)}{bar.told}" for bar in bars)
    return Drawing(
        "waits",
        title,
        bars_chart(Caption("chart-waits", title, told), bars, lambda days: _days(words, int(days))),
        tuple(say(words.language, name) for name in _WAIT_HEAD),
        tuple(_wait_row(label, waits, words) for label, _, waits in found),
        say(words.language, _WAITS_TOLD),
    )


def waits_by_state(
    ended: Mapping[str, Waits], under_way: Mapping[str, Waits], words: Wording
) -> Iterator[tuple[str, str, Waits | None]]:
    """Label, state and numbers of the waits of each live state."""
    for state in ApplicationMachine.state_ids():
        if state in LIVE:
            name = words.application_state(state)
            yield say(words.language, _ENDED, state=name), state, ended.get(state)
            yield say(words.language, _UNDER_WAY, state=name), state, under_way.get(state)


def _wait_row(label: str, waits: Waits | None, words: Wording) -> tuple[str, ...]:
    if waits is None:
        return (label, "0", "–", "–", "–")
    lengths = (waits.median, waits.ninetieth, waits.longest)
    return (label, number_in(words, waits.number), *(length(words, each) for each in lengths))


def _told(waits: Waits, words: Wording) -> str:
    return say(
        words.language,
        _TOLD_WAIT,
        median=length(words, waits.median),
        ninetieth=length(words, waits.ninetieth),
        number=number_in(words, waits.number),
    )


def length(words: Wording, span: timedelta) -> str:
    """A wait in whole days; in hours or minutes below one."""
    if span < _DAY:
        return format_timedelta(span, threshold=1.2, locale=locale_of(words.language))
    return _days(words, round(span / _DAY))


def _days(words: Wording, days: int) -> str:
    text = translations(words.language).ngettext("%(num)s day", "%(num)s days", days)
    return text % {"num": number_in(words, days)}


def applications(words: Wording, number: int) -> str:
    """“12 applications”."""
    text = translations(words.language).ngettext("%(num)s application", "%(num)s applications", number)
    return text % {"num": number_in(words, number)}


def number_in(words: Wording, value: float) -> str:
    """A whole number as the reader writes it."""
    return format_decimal(round(value), locale=locale_of(words.language))


def _part(number: int, whole: int, words: Wording) -> str:
    told = number_in(words, number)
    if not whole:
        return told
    return f"{told} ({format_percent(number / whole, locale=locale_of(words.language))})"


def _in_days(span: timedelta) -> float:
    return span / _DAY


def _long(day: date, words: Wording) -> str:
    return format_date(day, "medium", locale=locale_of(words.language))


def _colon(words: Wording) -> str:
    return "\u00a0: " if words.language == "fr" else ": "
