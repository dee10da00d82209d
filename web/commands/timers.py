"""`vivier timers`: what will happen by itself and what could not, for operators at the terminal."""

import asyncio
from collections.abc import Iterator, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from web.commands.database import ready_database
from web.commands.lines import wrapped
from workflow.engine.machine import Machine
from workflow.engine.timers import Planned, agenda
from workflow.language import DEFAULT, say
from workflow.machines import MACHINES
from workflow.offers.machine import OfferMachine
from workflow.offers.queries import offers_by_ids
from workflow.settings import Settings


def show_timers(settings: Settings, *, number: int) -> None:
    """Print what is planned, what failed first and then the soonest first; hours are the portal's."""
    asyncio.run(_show(settings, number))


async def _show(settings: Settings, number: int) -> None:
    async with ready_database(settings):
        for machine in MACHINES:
            if not machine.timers:
                continue
            planned, total = await agenda(machine.subject, limit=number)
            if planned:
                names = await _names(machine, planned)
                click.echo("\n".join(_lines(planned, names, settings.timezone)))
            click.echo(_summary(machine, len(planned), total))


def _lines(planned: Sequence[Planned], names: dict[UUID, str], zone: ZoneInfo) -> Iterator[str]:
    """A line a timer; the reason of a failure stands below it."""
    rows = [
        (
            each.due_at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
            each.name,
            names.get(each.subject_id, str(each.subject_id)),
        )
        for each in planned
    ]
    heading = (f"When ({zone.key})", "Timer", "Of")
    widths = [max(map(len, cells)) for cells in zip(heading, *rows, strict=True)]

    def line(cells: tuple[str, ...]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()

    yield line(heading)
    for each, row in zip(planned, rows, strict=True):
        yield line(row)
        if failure := _failure(each):
            yield wrapped(failure, begin="failed: ", indent=4)


async def _names(machine: type[Machine], planned: Sequence[Planned]) -> dict[UUID, str]:
    """What people call the subjects; those of other machines have their ids alone."""
    if machine is not OfferMachine:
        return {}
    return {offer.id: offer.reference for offer in await offers_by_ids([each.subject_id for each in planned])}


def _failure(planned: Planned) -> str:
    if planned.failure:
        return " ".join(say(DEFAULT, line) for line in planned.failure.splitlines())
    times = "once" if planned.attempts == 1 else f"{planned.attempts} times"
    return f"an error, {times}; tried again then" if planned.attempts else ""


def _summary(machine: type[Machine], shown: int, total: int) -> str:
    if not total:
        return f"Nothing is planned for any {machine.subject}."
    return f"{shown} of {total} timers of the machine {machine.subject}."
