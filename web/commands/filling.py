"""Commands that bring the database into being and put the first things into it."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from search.analysis import meaning
from web.cli import Refused
from web.commands.database import (
    reachable_database,
    ready_database,
    require_history_key,
    sqlite_file,
)
from workflow.database.connection import write_transaction
from workflow.database.migrating import MigrationFailed, applied_migrations, migrate
from workflow.database.migrations.vivier_0003_checkpoints import ID as CHECKPOINTS
from workflow.demo.accounts import ADMINISTRATOR_EMAIL, CANDIDATE_EMAIL, PASSWORD, RECRUITER_EMAIL
from workflow.demo.loading import DemoForbidden, DemoLoaded, load_demo
from workflow.documents.storage import DiskStore
from workflow.engine.checkpoints import extend
from workflow.errors import InvalidInput
from workflow.recruiters.commands import create_recruiter
from workflow.settings import Settings
from workflow.terms import terms_of


def migrate_database(settings: Settings) -> None:
    """`vivier migrate`."""
    done = asyncio.run(migrated(settings))
    click.echo(f"Done: {', '.join(done)}." if done else "The database has its newest form already.")


async def migrated(settings: Settings) -> tuple[str, ...]:
    """Carry out what is missing, after making the folders; the migrations that were carried out. Raises Refused."""
    make_folders(settings)
    async with reachable_database(settings):
        if await applied_migrations():
            await require_history_key(settings)
        try:
            done = await migrate()
        except MigrationFailed as error:
            raise Refused(f"A migration failed, and nothing of it was kept:\n{error}") from None
        if CHECKPOINTS in done:  # from now on, a history without a checkpoint is a fault
            key = terms_of(settings).history_key
            await extend(transaction=write_transaction, key=key, now=datetime.now(UTC), first=True)
        return done


def make_folders(settings: Settings) -> None:
    """Make the folders of the embedded set-up, for this user alone. Raises Refused."""
    file = sqlite_file(settings)
    try:
        settings.var.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(
            f"{error.filename} cannot be made: {error.strerror}. Set VIVIER_VAR to another folder."
        ) from None


def load_demonstration(settings: Settings) -> None:
    """`vivier demo`."""
    loaded = asyncio.run(_loaded(settings))
    if loaded is None:
        click.echo("The demo set-up is there already: nothing was changed.")
        return
    click.echo(
        f"Loaded: {loaded.offers} offers of {loaded.units} units, {loaded.candidates} candidates, "
        f"{loaded.applications} applications.\n"
        f"Accounts: {CANDIDATE_EMAIL}, {RECRUITER_EMAIL}, {ADMINISTRATOR_EMAIL}; password: {PASSWORD}"
    )


async def _loaded(settings: Settings) -> DemoLoaded | None:
    async with ready_database(settings):
        return await loaded_demo(settings)


async def loaded_demo(settings: Settings) -> DemoLoaded | None:
    """Load the demo set-up into the opened database; None if it is there already. Raises Refused."""
    try:
        store = DiskStore(settings.var / "documents")
        return await load_demo(settings, store=store, meaning=meaning, now=datetime.now(UTC))
    except DemoForbidden as error:
        raise Refused(error.message) from None


def make_recruiter(
    settings: Settings,
    *,
    email: str,
    first_name: str,
    last_name: str,
    units: Sequence[str],
    administrator: bool,
    password_stdin: bool,
) -> None:
    """`vivier create-recruiter`."""
    password = (
        sys.stdin.readline().rstrip("\r\n")
        if password_stdin
        else click.prompt("Password", hide_input=True, confirmation_prompt=True)
    )

    async def create() -> None:
        async with ready_database(settings):
            await create_recruiter(
                email=email,
                password=password,
                first_name=first_name,
                last_name=last_name,
                unit_codes=units,
                now=datetime.now(UTC),
                is_administrator=administrator,
            )

    try:
        asyncio.run(create())
    except InvalidInput as invalid:
        raise Refused(_in_lines(invalid)) from None
    click.echo(f"{email} can log in at {settings.base_url}/console/login")


def _in_lines(invalid: InvalidInput) -> str:
    lines = [f"  {error.field}: {error.message.format_map(error.facts)}" for error in invalid.errors]
    return "\n".join(["Nothing was written:", *lines])
