"""`vivier import-offers`: reads the file, shows how far it is, says what became of each row."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import IO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from web.cli import Refused
from web.commands.database import ready_database
from workflow.offers.import_files import OffersFile, OffersFileUnreadable, read_offers_file
from workflow.offers.importing import ImportReport, ImportTerms, import_offers
from workflow.settings import Settings
from workflow.terms import terms_of


def import_file(settings: Settings, *, file: IO[bytes], shift_dates: bool, strict: bool) -> None:
    """`vivier import-offers`. Exit code 1 when the file cannot be read, or nothing of it was taken."""
    try:
        offers = read_offers_file(file.read())
    except OffersFileUnreadable as error:
        raise Refused(error.message) from None
    with Progress(
        TextColumn("Importing"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        disable=not Console(stderr=True).is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task("", total=len(offers.rows))
        report = asyncio.run(
            _imported(
                settings,
                offers,
                shift_dates=shift_dates,
                strict=strict,
                tell_progress=lambda done: bar.update(task, completed=done),
            )
        )
    _show(report, offers)


async def _imported(
    settings: Settings,
    offers: OffersFile,
    *,
    shift_dates: bool,
    strict: bool,
    tell_progress: Callable[[int], None],
) -> ImportReport:
    async with ready_database(settings):
        return await import_offers(
            offers.rows,
            terms=ImportTerms(terms_of(settings), settings.contact_email),
            now=datetime.now(UTC),
            shift_dates=shift_dates,
            strict=strict,
            tell_progress=tell_progress,
        )


def _show(report: ImportReport, offers: OffersFile) -> None:
    for refusal in report.refused:
        field = f"{refusal.field}: " if refusal.field else ""
        click.echo(f"{refusal.place}, {refusal.reference or 'no reference'}: {field}{refusal.message}")
    if offers.ignored:
        click.echo(f"These columns mean nothing here and were left out: {', '.join(offers.ignored)}.")
    refused = len({refusal.place for refusal in report.refused})
    if not report.is_written:
        raise Refused(f"Nothing was imported: {refused} of {len(offers.rows)} rows are refused (--strict).")
    click.echo(
        f"{len(offers.rows)} rows: {len(report.new)} new, {len(report.changed)} changed, "
        f"{len(report.unchanged)} unchanged, {refused} refused. {report.open} of these offers are open."
    )
    if report.shift:
        click.echo(f"All days were moved by {report.shift.days} days.")
    if refused == len(offers.rows):
        raise Refused("Nothing was imported: every row is refused.")
