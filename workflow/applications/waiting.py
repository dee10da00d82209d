"""How long applications wait (C7): those that were decided, those that still wait, and which of them for longest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.applications.board import EVERYTHING, SINCE, Condition
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.applications.periods import Period
from workflow.applications.tables import Application
from workflow.database.connection import dialect
from workflow.engine.machine import UNDO
from workflow.offers.titles import title_in

_SUBJECT = f"'{ApplicationMachine.subject}'"
_DAY = 24 * 3600
_STATES = ", ".join(f"'{state}'" for state in sorted(LIVE))
_IS_LIVE = Condition(f"a.status IN ({_STATES})")


@dataclass(frozen=True, slots=True)
class Waits:
    """How long a number of waits are: half of them at most the median, nine of ten at most the `ninetieth`.

    Both are lengths of waits that there were, not something between two of them.
    """

    number: int
    median: timedelta
    ninetieth: timedelta
    longest: timedelta


async def ended_waits(whose: Condition, period: Period) -> dict[str, Waits]:
    """How long applications had stood in a live state that they left in the period: by state, and all of them (`""`).

    What an undo took back has not ended the wait.
    """
    began = (
        f"(SELECT max(b.at) FROM history b WHERE b.subject_type = {_SUBJECT} AND b.subject_id = h.subject_id "  # noqa: S608  # constants
        f"AND b.version < h.version AND b.to_state = h.from_state AND b.event <> '{UNDO}')"
    )
    undone = (
        f"EXISTS (SELECT 1 FROM history u WHERE u.subject_type = {_SUBJECT} "  # noqa: S608  # constants
        "AND u.subject_id = h.subject_id AND u.undoes = h.version)"
    )
    ended = Condition("h.at >= {} AND h.at < {}", (period.begins, period.ends)) & whose
    return await _waits(
        f"SELECT h.from_state AS state, {seconds('h.at')} - {seconds(began)} AS length "  # noqa: S608  # constants
        "FROM application a CROSS JOIN history h "  # in this order for SQLite, which cannot guess it
        f"WHERE h.subject_type = {_SUBJECT} AND h.subject_id = a.id AND h.from_state IN ({_STATES}) "
        f"AND h.event <> '{UNDO}' AND NOT {undone} AND {ended.sql}",
        *ended.values,
    )


async def waits_under_way(whose: Condition, *, now: datetime) -> dict[str, Waits]:
    """How long live applications have stood where they are: by state, and all of them (`""`)."""
    live = _IS_LIVE & whose
    return await _waits(
        f"SELECT a.status AS state, {int(now.timestamp())} - {seconds(SINCE)} AS length "  # noqa: S608  # constants and a number
        f"FROM application a WHERE {live.sql}",
        *live.values,
    )


async def _waits(waits: str, *values: Any) -> dict[str, Waits]:
    """Of a statement that gives states and lengths in seconds."""
    rows = await Application.raw(
        f"WITH wait AS MATERIALIZED ({waits}), "  # noqa: S608  # of constants
        "both_ways AS (SELECT state, length FROM wait UNION ALL SELECT '' AS state, length FROM wait), "
        "placed AS (SELECT state, length, row_number() OVER (PARTITION BY state ORDER BY length) AS place, "
        "count(*) OVER (PARTITION BY state) AS number FROM both_ways) "
        "SELECT state, max(number) AS number, max(length) AS longest, "
        "min(CASE WHEN place * 2 >= number THEN length END) AS median, "
        "min(CASE WHEN place * 10 >= number * 9 THEN length END) AS ninetieth "
        "FROM placed GROUP BY state",
        *values,
    )
    return {row["state"]: _waits_of(row) for row in rows}


def _waits_of(row: Mapping[str, Any]) -> Waits:
    lengths = [timedelta(seconds=int(row[name])) for name in ("median", "ninetieth", "longest")]
    return Waits(int(row["number"]), *lengths)


@dataclass(frozen=True, slots=True)
class OfferWaiting:
    """An offer's applications that wait. `overdue`: how many for longer than the unit wants; `oldest`: since when."""

    reference: str
    title_fr: str
    title_en: str
    unit_id: int
    waiting: int
    overdue: int
    oldest: datetime

    def title(self, language: str) -> str:
        """In a language, or in the other where there is none."""
        return title_in(language, self.title_fr, self.title_en)


async def waiting_by_offer(
    whose: Condition = EVERYTHING, *, now: datetime, since: datetime | None = None
) -> tuple[OfferWaiting, ...]:
    """The offers with applications that wait, since then at the latest if it is given; longest wait first."""
    begun = f"WHERE w.since <= {int(since.timestamp())} " if since else ""
    live = _IS_LIVE & whose
    rows = await Application.raw(
        f"WITH w AS MATERIALIZED (SELECT a.offer, {seconds(SINCE)} AS since FROM application a WHERE {live.sql}) "  # noqa: S608  # constants and numbers
        "SELECT o.reference, o.title_fr, o.title_en, o.unit AS unit_id, count(*) AS waiting, "
        f"sum(CASE WHEN {is_overdue('w.since', now)} THEN 1 ELSE 0 END) AS overdue, min(w.since) AS oldest "
        f"FROM w JOIN offer o ON o.id = w.offer JOIN unit u ON u.id = o.unit {begun}"
        "GROUP BY o.reference, o.title_fr, o.title_en, o.unit ORDER BY oldest, o.reference",
        *live.values,
    )
    return tuple(OfferWaiting(**{**row, "oldest": _instant(row["oldest"])}) for row in rows)


@dataclass(frozen=True, slots=True)
class WaitingApplication:
    """One application that waits. The names are empty where the account is erased."""

    id: UUID
    unit_id: int
    offer_reference: str
    title_fr: str
    title_en: str
    first_name: str
    last_name: str
    status: str
    since: datetime
    is_overdue: bool

    def title(self, language: str) -> str:
        """The offer's, in a language or in the other where there is none."""
        return title_in(language, self.title_fr, self.title_en)


async def longest_waiting(whose: Condition, *, now: datetime, a_unit: int) -> tuple[WaitingApplication, ...]:
    """Of each unit the few applications that wait for longest, longest first."""
    live = _IS_LIVE & whose
    rows = await Application.raw(
        "WITH w AS MATERIALIZED (SELECT a.id, a.offer, a.candidate, a.status, "  # noqa: S608  # constants and numbers
        f"{seconds(SINCE)} AS since FROM application a WHERE {live.sql}), "
        "placed AS (SELECT w.*, o.unit, o.reference, o.title_fr, o.title_en, "
        "row_number() OVER (PARTITION BY o.unit ORDER BY w.since, w.id) AS place "
        "FROM w JOIN offer o ON o.id = w.offer) "
        "SELECT w.id, w.unit AS unit_id, w.reference AS offer_reference, w.title_fr, w.title_en, c.first_name, "
        f"c.last_name, w.status, w.since, CASE WHEN {is_overdue('w.since', now)} THEN 1 ELSE 0 END AS is_overdue "
        "FROM placed w JOIN unit u ON u.id = w.unit JOIN candidate c ON c.id = w.candidate "
        f"WHERE w.place <= {int(a_unit)} ORDER BY w.since, w.id",
        *live.values,
    )
    return tuple(
        WaitingApplication(**{**row, "since": _instant(row["since"]), "is_overdue": bool(row["is_overdue"])})
        for row in rows
    )


def is_overdue(since: str, now: datetime) -> str:
    """SQL: whether whole seconds since 1970 are longer ago than the unit `u` lets applications wait (C7)."""
    return f"{since} < {int(now.timestamp())} - u.waiting_days * {_DAY}"


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def seconds(instant: str) -> str:
    """An instant as whole seconds since 1970, in SQL; SQLite keeps texts in UTC."""
    if dialect() == "sqlite":
        return f"unixepoch(substr({instant}, 1, 19))"
    return f"CAST(floor(extract(epoch FROM {instant})) AS BIGINT)"
