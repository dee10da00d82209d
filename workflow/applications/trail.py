"""The audit as it is read: what was done in the console, moves and all other changes, newest first (C9)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import Varchar
from piccolo.custom_types import Combinable
from piccolo.query.functions import Cast

from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.audit.tables import AuditEntry
from workflow.candidates.names import is_called
from workflow.database.matching import contains
from workflow.engine.tables import History
from workflow.offers.machine import OfferMachine
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember, for_sql
from workflow.roles import STAFF

PAGE_SIZE = 50
MOVES = "moves"
_NOTHING = [""]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did. `before` and `after`: what differs; of a move, its states.

    `subject_id` is a UUID or a number in words, as `subject_type` has them.
    """

    at: datetime
    actor_id: str
    role: str
    action: str
    subject_type: str
    subject_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `words`: in an offer's reference or title, a candidate's name, or what was changed;
    `called`: the actions and events that these words name, in the reader's language.

    `kind`: the type of what was changed, or `moves`; `actor_id`: who; from `first` to before `last`.
    """

    words: str = ""
    called: frozenset[str] = frozenset()
    kind: str = ""
    actor_id: str = ""
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in the trail one stands: before this instant, and in it before this step or entry."""

    at: datetime
    is_step: bool
    id: int


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of it; `older`: where the next one begins, None at the end."""

    deeds: tuple[Deed, ...]
    older: Place | None


_Row = tuple[Place, dict[str, Any]]


async def trail(staff: StaffMember, wanted: Wanted, before: Place | None = None) -> Trail:
    """What this viewer may know of: recruiters, of their units; administrators, all."""
    found = [*await _entries(staff, wanted, before), *await _steps(staff, wanted, before)]
    rows = sorted(found, key=lambda row: row[0], reverse=True)
    shown = rows[:PAGE_SIZE]
    return Trail(tuple(map(_deed, shown)), shown[-1][0] if len(rows) > PAGE_SIZE else None)


async def _entries(staff: StaffMember, wanted: Wanted, before: Place | None) -> list[_Row]:
    if wanted.kind == MOVES:
        return []
    where = _common(AuditEntry, wanted) + _before(AuditEntry, before, is_step=False)
    if staff.unit_ids is not None:
        where.append(AuditEntry.unit.is_in(for_sql(staff.unit_ids)))
    if wanted.kind:
        where.append(AuditEntry.subject_type == wanted.kind)
    if wanted.words:
        where.append(_mentions(wanted.words) | AuditEntry.action.is_in(sorted(wanted.called) or _NOTHING))
    query = AuditEntry.select().where(*where)
    return [(Place(row["at"], False, row["id"]), row) for row in await _newest(query, AuditEntry)]


async def _steps(staff: StaffMember, wanted: Wanted, before: Place | None) -> list[_Row]:
    if wanted.kind not in ("", MOVES, ApplicationMachine.subject, OfferMachine.subject):
        return []
    where = _common(History, wanted) + _before(History, before, is_step=True)
    where.append(History.role.is_in(sorted(STAFF)))
    if wanted.kind not in ("", MOVES):
        where.append(History.subject_type == wanted.kind)
    if staff.unit_ids is not None:
        where.append(_of_offers(Offer.unit.is_in(for_sql(staff.unit_ids))))
    if wanted.words:
        where.append(
            _of_offers(_titled(wanted.words)) | _of_people(wanted.words) | _called(History, wanted.called)
        )
    query = History.select(
        History.id,
        History.at,
        History.actor_id,
        History.role,
        History.event,
        History.subject_type,
        History.subject_id,
        History.from_state,
        History.to_state,
    ).where(*where)
    return [(Place(row["at"], True, row["id"]), row) for row in await _newest(query, History)]


async def _newest(query: Any, table: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await query.order_by(table.at, table.id, ascending=False).limit(
        PAGE_SIZE + 1
    )
    return rows


def _before(table: Any, place: Place | None, *, is_step: bool) -> list[Any]:
    if place is None:
        return []
    earlier: Combinable = table.at < place.at
    if is_step < place.is_step:
        return [earlier | (table.at == place.at)]
    if is_step > place.is_step:
        return [earlier]
    return [earlier | ((table.at == place.at) & (table.id < place.id))]


def _common(table: Any, wanted: Wanted) -> list[Any]:
    where: list[Any] = []
    if wanted.actor_id:
        where.append(table.actor_id == wanted.actor_id)
    if wanted.first:
        where.append(table.at >= wanted.first)
    if wanted.last:
        where.append(table.at < wanted.last)
    return where


def _mentions(words: str) -> Combinable:
    """Entries about offers of this name or people of this name, or with these words in what was changed."""
    offers = Offer.select(Cast(Offer.id, Varchar())).where(_titled(words))
    people = Application.select(Cast(Application.id, Varchar())).where(*_named(words))
    said = contains(AuditEntry.before, words) | contains(AuditEntry.after, words)
    return said | AuditEntry.subject_id.is_in(offers) | AuditEntry.subject_id.is_in(people)


def _of_offers(which: Combinable) -> Combinable:
    offers = Offer.select(Offer.id).where(which)
    applications = Application.select(Application.id).where(Application.offer.is_in(offers))
    return History.subject_id.is_in(offers) | History.subject_id.is_in(applications)


def _of_people(words: str) -> Combinable:
    return History.subject_id.is_in(Application.select(Application.id).where(*_named(words)))


def _called(table: Any, events: frozenset[str]) -> Combinable:
    """Steps of these events, each with its subject's type before it: `application.reject`."""
    pairs = [event.partition(".") for event in sorted(events)]
    where: Combinable = table.id.is_null()
    for subject, _, event in pairs:
        where |= (table.subject_type == subject) & (table.event == event)
    return where


def _titled(words: str) -> Combinable:
    return (
        contains(Offer.reference, words) | contains(Offer.title_fr, words) | contains(Offer.title_en, words)
    )


def _named(words: str) -> Sequence[Any]:
    """Nobody, where there is no word to look for."""
    return is_called(Application.candidate.name_key, words) or [Application.id.is_null()]


def _deed(row: _Row) -> Deed:
    place, values = row
    common = {name: values[name] for name in ("at", "actor_id", "role", "subject_type")}
    if place.is_step:
        return Deed(
            **common,
            subject_id=str(values["subject_id"]),
            action=f"{values['subject_type']}.{values['event']}",
            before={"status": values["from_state"]} if values["from_state"] else {},
            after={"status": values["to_state"]},
        )
    return Deed(
        **common,
        subject_id=values["subject_id"],
        action=values["action"],
        before=json.loads(values["before"]),
        after=json.loads(values["after"]),
    )


def is_uuid(text: str) -> bool:
    """Whether a subject's id is one of an offer or application."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
