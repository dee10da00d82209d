"""What a batch would do, before it is started: who moves, who cannot and why, and who reads which language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from workflow.applications.machine import ENDED, LIVE, ApplicationMachine
from workflow.applications.queries import moves_after
from workflow.applications.tables import Application
from workflow.batches import reasons
from workflow.engine.history import Step, step_from
from workflow.engine.machine import UNDO
from workflow.engine.tables import History
from workflow.errors import CandidateLeft, DecisionHeld, IllegalEvent, UndoTooLate
from workflow.offers.titles import title_in
from workflow.recruiters.queries import StaffMember
from workflow.roles import STAFF

EVENTS = tuple(event for event, rule in ApplicationMachine.rules.items() if rule.by & STAFF)
"""What recruiters may do with applications, in the order of the machine."""

ON_THE_WAY = {"reject": "consider", "accept": "consider"}
"""The event that leads from where applications begin to where another one is possible."""

_AT_ONCE = 500
_STEP = tuple(column._meta.name for column in History._meta.columns)
_ROWS = f"""
    SELECT a.id AS id, a.version AS version, o.unit AS unit_id, c.first_name AS first_name, c.last_name AS last_name,
        c.language AS language, o.reference AS offer_reference,
        o.title_fr AS offer_title_fr, o.title_en AS offer_title_en,
        {", ".join(f"h.{name} AS step_{name}" for name in _STEP)}
    FROM application a
    JOIN candidate c ON c.id = a.candidate
    JOIN offer o ON o.id = a.offer
    JOIN history h ON h.subject_type = 'application' AND h.subject_id = a.id AND h.version = a.version
    WHERE a.id IN """  # noqa: S608  # constants


@dataclass(frozen=True, slots=True)
class Chosen:
    """An application that somebody chose, as far as a batch asks for it. `last`: its last step."""

    id: UUID
    version: int
    unit_id: int
    first_name: str
    last_name: str
    language: str
    offer_reference: str
    offer_title_fr: str
    offer_title_en: str
    last: Step

    @property
    def status(self) -> str:
        return self.last.to_state

    def offer_title(self, language: str) -> str:
        """The offer's title in a language, or in the other where there is none."""
        return title_in(language, self.offer_title_fr, self.offer_title_en)

    @property
    def has_left(self) -> bool:
        """Whether the candidate's account is erased."""
        return not self.last_name


@dataclass(frozen=True, slots=True)
class Plan:
    """What an event would do. `via`: those that only get there by the event ON_THE_WAY. `refused`: by reason."""

    event: str
    movable: tuple[Chosen, ...]
    via: tuple[Chosen, ...]
    refused: Mapping[str, tuple[Chosen, ...]]

    @property
    def examples(self) -> dict[str, Chosen]:
        """The first one to move of each language that a mail is read in."""
        found: dict[str, Chosen] = {}
        for each in (*self.movable, *self.via):
            found.setdefault(each.language, each)
        return dict(sorted(found.items()))


async def chosen_applications(staff: StaffMember, application_ids: Iterable[UUID]) -> tuple[Chosen, ...]:
    """Those of the applications that this recruiter sees, in the order given, each once."""
    ids = list(dict.fromkeys(application_ids))
    found = {
        row["id"]: _chosen(row)
        for first in range(0, len(ids), _AT_ONCE)
        for row in await _rows(ids[first : first + _AT_ONCE])
        if staff.sees_unit(row["unit_id"])
    }
    return tuple(found[each] for each in ids if each in found)


async def _rows(ids: Sequence[UUID]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await Application.raw(f"{_ROWS} ({', '.join('{}' for _ in ids)})", *ids)
    return rows


def _chosen(row: Mapping[str, Any]) -> Chosen:
    return Chosen(
        last=step_from({name: row[f"step_{name}"] for name in _STEP}),
        **{name: row[name] for name in Chosen.__slots__ if name != "last"},
    )


def plan_of(chosen: Sequence[Chosen], event: str, staff: StaffMember, *, now: datetime) -> Plan:
    """Sort what was chosen; an event that is none of EVENTS moves nobody."""
    movable: list[Chosen] = []
    via: list[Chosen] = []
    refused: dict[str, list[Chosen]] = {}
    way = ON_THE_WAY.get(event, "")
    for each in chosen:
        moves = () if each.has_left else moves_after(each.last, staff, now)
        if event in moves:
            movable.append(each)
        elif way in moves:
            via.append(each)
        else:
            refused.setdefault(_reason(each, event, now), []).append(each)
    return Plan(
        event=event,
        movable=tuple(movable),
        via=tuple(via),
        refused={reason: tuple(own) for reason, own in refused.items()},
    )


def _reason(chosen: Chosen, event: str, now: datetime) -> str:
    """Why the machine would not let an event move it."""
    if chosen.has_left:
        return CandidateLeft.code
    if chosen.status in ENDED:
        return reasons.WITHDRAWN
    if chosen.status in _targets(event) and event != UNDO:
        return reasons.THERE
    if chosen.status in LIVE:
        return reasons.UNDECIDED if event in (UNDO, "reopen") else IllegalEvent.code
    if event in (UNDO, "reopen"):
        return DecisionHeld.code if chosen.last.is_held(now) else UndoTooLate.code
    return reasons.HELD if chosen.last.is_held(now) else reasons.TOLD


@cache
def _targets(event: str) -> frozenset[str]:
    """The states that an event leads to."""
    ways = [way for state in ApplicationMachine.states for way in state.transitions if way.match(event)]
    return frozenset(str(way.target.id) for way in ways)
