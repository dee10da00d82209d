"""What has happened to the applications that somebody looks at since they last asked, for boards that stay true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from workflow.applications.board import Filters, condition_of, matching_counts, matching_ids
from workflow.applications.cards import Card, cards_of
from workflow.applications.tables import Application
from workflow.engine.machine import Actor
from workflow.engine.tables import History
from workflow.recruiters.queries import StaffMember

MOST = 60
"""More steps than these are not told one by one: whoever asked begins anew."""

_AGAIN = 100
_LATE = timedelta(seconds=10)
"""Steps are numbered when they are written and seen when they are committed, maybe after later ones: what is
young is told again."""


@dataclass(frozen=True, slots=True)
class Change:
    """A step of an application, its number in the whole history, and whose application it is (empty: erased)."""

    id: int
    application_id: UUID
    event: str
    to_state: str
    actor: Actor
    name: str


@dataclass(frozen=True, slots=True)
class Changes:
    """`last`: what to ask with the next time. `cards`: as they are now; `gone`: what the filters no longer leave."""

    last: int
    steps: tuple[Change, ...]
    cards: tuple[Card, ...]
    gone: tuple[UUID, ...]
    counts: dict[str, int]

    @property
    def is_too_much(self) -> bool:
        """Whether to begin anew instead."""
        return len(self.steps) > MOST


async def last_change() -> int:
    """Where the history stands. Ask before reading what is shown, so that nothing falls between."""
    rows = await History.raw("SELECT max(id) AS last FROM history")
    return rows[0]["last"] or 0


async def changes_after(
    staff: StaffMember, filters: Filters, after: int, *, now: datetime, also: Sequence[UUID] = ()
) -> Changes:
    """What happened after a step, as far as this recruiter sees it; `also`: applications to tell of in any case.

    Steps of the last seconds may be told twice; their ids tell.
    """
    last = await last_change()
    steps = await _steps(staff, filters, after, now) if last > after - _AGAIN else ()
    ids = list(dict.fromkeys([*(step.application_id for step in steps[:MOST]), *also]))
    if not ids:
        return Changes(last, (), (), (), {})
    condition = await condition_of(staff, filters, now=now)
    left = await matching_ids(condition.within(ids))
    return Changes(
        last=last,
        steps=steps,
        cards=await cards_of(staff, left, now=now),
        gone=tuple(each for each in ids if each not in set(left)),
        counts=await matching_counts(condition),
    )


async def _steps(staff: StaffMember, filters: Filters, after: int, now: datetime) -> tuple[Change, ...]:
    """Those of the offers and people that one looks at, whatever state they have left."""
    looked_at = Filters(offer=filters.offer, unit=filters.unit, name=filters.name)
    condition = await condition_of(staff, looked_at, now=now)
    rows = await Application.raw(
        "SELECT s.id, s.subject_id, s.event, s.to_state, s.actor_id, s.role, c.first_name, c.last_name "  # noqa: S608  # made of constants
        "FROM history s JOIN application a ON a.id = s.subject_id JOIN candidate c ON c.id = a.candidate "
        "WHERE s.id > {} AND (s.id > {} OR s.at > {}) AND s.subject_type = 'application' "
        f"AND {condition.sql} ORDER BY s.id LIMIT {MOST + 1}",
        after - _AGAIN,
        after,
        now - _LATE,
        *condition.values,
    )
    return tuple(
        Change(
            id=row["id"],
            application_id=row["subject_id"],
            event=row["event"],
            to_state=row["to_state"],
            actor=Actor(row["actor_id"], row["role"]),
            name=f"{row['first_name']} {row['last_name']}".strip(),
        )
        for row in rows
    )
