"""What leaves the portal as a table (C8): applications and offers that a recruiter sees; and a trace of who took it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from workflow.applications.board import RATING, SINCE, Filters
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.applications.tables import Application
from workflow.applications.waiting import seconds
from workflow.audit.recording import note_change
from workflow.database.connection import write_transaction
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Unit

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ExportedApplication:
    """One application. `waiting_days`: whole days, if it waits. Nothing personal once the candidate `has_left`."""

    offer_reference: str
    title_fr: str
    title_en: str
    unit: str
    first_name: str
    last_name: str
    email: str
    phone: str
    city: str
    has_left: bool
    status: str
    submitted_at: datetime
    since: datetime
    waiting_days: int | None
    rating: float | None
    documents: tuple[str, ...]


async def exported_applications(
    application_ids: Sequence[UUID], *, now: datetime
) -> AsyncIterator[tuple[ExportedApplication, ...]]:
    """These applications in this order, some at a time; whoever asks has made sure that they may be seen."""
    for first in range(0, len(application_ids), _AT_ONCE):
        some = application_ids[first : first + _AT_ONCE]
        rows = {row["id"]: row for row in await _rows(some)}
        yield tuple(_application(rows[each], now) for each in some if each in rows)


async def _rows(application_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    places = ", ".join("{}" for _ in application_ids)
    rows: list[dict[str, Any]] = await Application.raw(
        "SELECT a.id, o.reference AS offer_reference, o.title_fr, o.title_en, u.code AS unit, "  # noqa: S608  # constants
        "c.first_name, c.last_name, c.email, c.phone, c.city, "
        "CASE WHEN c.erased_at IS NULL THEN 0 ELSE 1 END AS has_left, a.status, "
        f"{seconds('a.submitted_at')} AS submitted_at, {seconds(SINCE)} AS since, {RATING} AS rating, "
        "l.filename AS letter, v.filename AS cv FROM application a JOIN offer o ON o.id = a.offer "
        "JOIN unit u ON u.id = o.unit JOIN candidate c ON c.id = a.candidate "
        "LEFT JOIN document l ON l.id = a.covering_letter LEFT JOIN document v ON v.id = a.cv "
        f"WHERE a.id IN ({places})",
        *application_ids,
    )
    return rows


def _application(row: Mapping[str, Any], now: datetime) -> ExportedApplication:
    has_left, since = bool(row["has_left"]), datetime.fromtimestamp(row["since"], UTC)
    personal = ("first_name", "last_name", "email", "phone", "city")
    plain = ("offer_reference", "title_fr", "title_en", "unit", "status")
    return ExportedApplication(
        **{name: row[name] for name in plain},
        **{name: "" if has_left else row[name] for name in personal},
        has_left=has_left,
        submitted_at=datetime.fromtimestamp(row["submitted_at"], UTC),
        since=since,
        waiting_days=(now - since).days if row["status"] in LIVE else None,
        rating=float(row["rating"]) if row["rating"] is not None else None,
        documents=tuple(row[name] for name in ("letter", "cv") if row[name] and not has_left),
    )


@dataclass(frozen=True, slots=True)
class ExportedOffer:
    """One offer. `applications`: state → how many."""

    reference: str
    title_fr: str
    title_en: str
    unit: str
    status: str
    published_at: datetime | None
    closes_on: date
    positions: int
    applications: Mapping[str, int]


async def exported_offers(staff: StaffMember, filters: Filters) -> tuple[ExportedOffer, ...]:
    """The offers of the recruiter's units, of one unit or one alone where the filters say so, by reference."""
    units = staff.units_within(filters.unit)
    within = "1 = 1" if units is None else f"o.unit IN ({', '.join(map(str, sorted(units))) or 'NULL'})"
    narrowed, values = (" AND o.reference = {}", (filters.offer,)) if filters.offer else ("", ())
    counts = ", ".join(
        f"sum(CASE WHEN a.status = '{state}' THEN 1 ELSE 0 END) AS {state}"
        for state in ApplicationMachine.state_ids()
    )
    columns = (
        "o.reference, o.title_fr, o.title_en, o.status, o.published_at, o.closes_on, o.positions, u.code"
    )
    rows = await Application.raw(
        f"SELECT {columns.replace('u.code', 'u.code AS unit')}, {counts} FROM offer o JOIN unit u ON u.id = o.unit "  # noqa: S608  # constants and numbers
        f"LEFT JOIN application a ON a.offer = o.id WHERE {within}{narrowed} GROUP BY {columns} ORDER BY o.reference",
        *values,
    )
    return tuple(_offer(row) for row in rows)


def _offer(row: Mapping[str, Any]) -> ExportedOffer:
    states = ApplicationMachine.state_ids()
    return ExportedOffer(
        **{name: value for name, value in row.items() if name not in states},
        applications={state: int(row[state]) for state in states},
    )


async def record_export(staff: StaffMember, what: str, *, rows: int, filters: Filters, now: datetime) -> None:
    """Write into the audit who took what; not the name that was looked for, which is a candidate's."""
    chosen = {name: value for name, value in filters.fields.items() if name != "name"}
    async with write_transaction():
        await note_change(
            staff.actor,
            f"{what}.exported",
            ("export", what),
            now=now,
            unit_id=await _unit_of(staff, filters),
            after={"rows": rows, **chosen},
        )


async def _unit_of(staff: StaffMember, filters: Filters) -> int | None:
    """The one unit that all of an export is of; None where there may be several."""
    if filters.unit is not None and staff.sees_unit(filters.unit):
        return filters.unit if await Unit.exists().where(Unit.id == filters.unit) else None
    if filters.offer:
        offer = await Offer.select(Offer.unit).where(Offer.reference == filters.offer).first()
        if offer and staff.sees_unit(offer["unit"]):
            return int(offer["unit"])
    units = staff.unit_ids or frozenset()
    return next(iter(units)) if len(units) == 1 else None
