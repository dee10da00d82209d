"""`vivier timers`: what will happen by itself and what could not, for operators at the terminal."""

import asyncio
from collections.abc import Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from web.commands.database import ready_database
from workflow.engine.machine import Machine
from workflow.engine.timers import Planned, agenda
from workflow.language import DEFAULT, say
from workflow.machines import MACHINES
from workflow.offers.machine import OfferMachine
from workflow.offers.queries import offers_by_ids
from workflow.settings import Settings


def show_timers(settings: Settings, *, number: int) -> None:
    """Print what is planned, what failed first and then the soonest first; hours are the portal's."""
    asyncio.run(_show(settings, number, Console(highlight=False, markup=False)))


async def _show(settings: Settings, number: int, console: Console) -> None:
    async with ready_database(settings):
        for machine in MACHINES:
            if not machine.timers:
                continue
            planned, total = await agenda(machine.subject, limit=number)
            if planned:
                console.print(_table(planned, await _names(machine, planned), settings.timezone))
            console.print(_summary(machine, len(planned), total))


def _table(planned: Sequence[Planned], names: dict[UUID, str], zone: ZoneInfo) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in (f"When ({zone.key})", "Timer", "Of", "Failed because"):
        table.add_column(heading, overflow="fold")
    for each in planned:
        when = each.due_at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        table.add_row(when, each.name, names.get(each.subject_id, str(each.subject_id)), _failure(each))
    return table


async def _names(machine: type[Machine], planned: Sequence[Planned]) -> dict[UUID, str]:
    """What people call the subjects; those of other machines have their ids alone."""
    if machine is not OfferMachine:
        return {}
    return {offer.id: offer.reference for offer in await offers_by_ids([each.subject_id for each in planned])}


def _failure(planned: Planned) -> str:
    if planned.failure:
        return " ".join(say(DEFAULT, line) for line in planned.failure.splitlines())
    return f"of an error, {planned.attempts} times; tried again then" if planned.attempts else ""


def _summary(machine: type[Machine], shown: int, total: int) -> str:
    if not total:
        return f"Nothing is planned for any {machine.subject}."
    return f"{shown} of {total} timers of the machine {machine.subject}."
