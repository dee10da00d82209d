"""Fires the timers whose time has come: each once, whoever asks and how late it may be."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.engine import outbox, timers
from workflow.engine.errors import DomainError, InvalidInput
from workflow.engine.history import steps_of
from workflow.engine.machine import Actor, Machine, Terms
from workflow.engine.many import Transaction
from workflow.engine.moves import Announcer, fire, hold
from workflow.engine.tables import Timer
from workflow.engine.timers import Planned, due_timers

_PAGE = 500
_LONGEST_PAUSE = timedelta(hours=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The timers of some machines. `clock`: the actor that their events are fired by."""

    announcers: dict[type[Machine], Announcer]
    clock: Actor
    transaction: Transaction
    terms: Terms

    async def fire_due(self, now: datetime, *, limit: int = 100) -> int:
        """Do what is due, each in a transaction of its own; how many were looked at.

        What a machine refuses is kept with the reason, for people to see. Any other failure is logged, and
        tried again after a pause that grows.
        """
        due = await due_timers(now, limit=limit)
        for planned in due:
            try:
                async with self.transaction():
                    await self._fire(planned, now)
            except DomainError as error:
                await self._settle(planned, {Timer.fired_at: now, Timer.failure: _told(error)})
                _log.warning(
                    "timer %s of %s %s refused: %s", *_name(planned), _told(error).replace("\n", " ")
                )
            except Exception:  # noqa: BLE001  # one timer must not stop the others
                await self._settle(
                    planned,
                    {Timer.due_at: now + _pause(planned.attempts), Timer.attempts: planned.attempts + 1},
                )
                _log.exception("timer %s of %s %s failed", *_name(planned))
        return len(due)

    async def _fire(self, planned: Planned, now: datetime) -> None:
        machine = next(machine for machine in self.announcers if machine.subject == planned.subject_type)
        declared, announce = machine.timers[planned.name], self.announcers[machine]
        _, step = await hold(machine, planned.subject_id)
        # Under the lock: another worker may have been quicker, or somebody may have changed the plan.
        still = (Timer.id == planned.id) & Timer.fired_at.is_null() & (Timer.due_at <= now)
        if not await Timer.exists().where(still):
            return
        if step.version != planned.version:
            await replan(machine, planned.subject_id, terms=self.terms)  # else it would be due for ever
            return
        if declared.fires:
            await fire(
                machine,
                planned.subject_id,
                declared.fires,
                self.clock,
                terms=self.terms,
                now=now,
                announce=announce,
                expected_version=planned.version,
            )
        else:
            await outbox.record(await announce(step, declared.tells), now=now)
            await Timer.update({Timer.fired_at: now}).where(Timer.id == planned.id)

    async def _settle(self, planned: Planned, values: dict[Any, Any]) -> None:
        async with self.transaction():
            await Timer.update(values).where((Timer.id == planned.id) & Timer.fired_at.is_null())

    async def plan_anew(self) -> int:
        """Bring what is planned in line with rows, machines and terms as they now are; how many subjects differed.

        For subjects that are older than their machine's timers, that a process of an older version has moved,
        and for changed terms (another time zone). What fails for one subject is logged, and holds nobody up.
        """
        return sum([await self._plan_machine(machine) for machine in self.announcers if machine.timers])

    async def _plan_machine(self, machine: type[Machine]) -> int:
        column = machine.table._meta.get_column_by_name
        states = sorted({timer.state for timer in machine.timers.values()})
        columns = [column(name) for name in ("id", *machine.reads)]
        differed, last = 0, UUID(int=0)
        while True:
            later = column("status").is_in(states) & (column("id") > last)
            page = await machine.table.select(*columns).where(later).order_by(column("id")).limit(_PAGE)
            for subject_id in await self._planned_otherwise(machine, page):
                differed += await self._plan_subject(machine, subject_id)
            if len(page) < _PAGE:
                return differed
            last = page[-1]["id"]

    async def _planned_otherwise(
        self, machine: type[Machine], page: Sequence[Mapping[str, Any]]
    ) -> Sequence[UUID]:
        """Those whose timers are not what they should be, or cannot be worked out."""
        histories = await steps_of(machine.subject, [row["id"] for row in page])
        steps = {subject_id: steps[-1] for subject_id, steps in histories.items() if steps}
        known = [row for row in page if row["id"] in steps]
        return await timers.planned_otherwise(machine, known, steps, terms=self.terms)

    async def _plan_subject(self, machine: type[Machine], subject_id: UUID) -> bool:
        try:
            async with self.transaction():
                return await replan(machine, subject_id, terms=self.terms)
        except Exception:  # noqa: BLE001  # one subject must not stop the others
            _log.exception("timers of %s %s cannot be planned", machine.subject, subject_id)
            return False


async def replan(machine: type[Machine], subject_id: UUID, *, terms: Terms) -> bool:
    """Plan a subject's timers by its row as it now is; whether anything changed.

    Call it in the transaction that changed what they look at. Raises NotFound.
    """
    row, step = await hold(machine, subject_id)
    return await timers.plan(machine, row, step, terms=terms)


def _name(planned: Planned) -> tuple[str, str, UUID]:
    return planned.name, planned.subject_type, planned.subject_id


def _told(error: DomainError) -> str:
    """One sentence a line: message ids where they have no places to fill."""
    if isinstance(error, InvalidInput) and error.errors:
        return "\n".join(
            each.message.format_map(each.facts) if each.facts else each.message for each in error.errors
        )
    return error.message


def _pause(attempts: int) -> timedelta:
    return min(timedelta(minutes=2 ** min(attempts, 10)), _LONGEST_PAUSE)
