"""`vivier alerts`: the last runs of alerts and the next ones, for operators at the terminal."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from web.commands.database import ready_database
from workflow.alerts.looking_back import RunView, last_runs
from workflow.mail_hours import FREQUENCIES, mail_hours
from workflow.settings import Settings

_HEADING = ("Run", "Period", "Begun", "Took", "Alerts", "Mails", "Offers")
_NUMBERS = 3
"""Of the last columns: they stand to the right."""


def show_alert_runs(settings: Settings, *, number: int) -> None:
    """Print the newest runs first, then when the next ones are due; hours are the portal's."""
    asyncio.run(_show(settings, number))


async def _show(settings: Settings, number: int) -> None:
    async with ready_database(settings):
        runs, _ = await last_runs(limit=number)
    if runs:
        click.echo("\n".join(_lines(runs, settings.timezone)))
    else:
        click.echo("No run yet: the first one begins when a worker is there.")
    hours, now = mail_hours(settings), datetime.now(UTC)
    due = [f"{each} {_hour(hours.last(each, now).ends_at, settings.timezone)}" for each in FREQUENCIES]
    click.echo(f"Next: {', '.join(due)} ({settings.timezone.key})")


def _lines(runs: Sequence[RunView], zone: ZoneInfo) -> Iterator[str]:
    rows = [_HEADING, *(_cells(run, zone) for run in runs)]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    words = len(_HEADING) - _NUMBERS
    for cells in rows:
        placed = [
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield "  ".join(placed).rstrip()


def _cells(run: RunView, zone: ZoneInfo) -> tuple[str, ...]:
    if run.took is not None:
        took = str(timedelta(seconds=round(run.took.total_seconds())))
    else:
        took = "under way" if run.is_held else "waits"
    figures = (str(number) for number in (run.alerts, run.digests, run.offers))
    return (run.frequency, run.period, _hour(run.started_at, zone), took, *figures)


def _hour(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
