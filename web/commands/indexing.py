"""`vivier rebuild-index`: the index from the rows, with a word on how far it is."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from jobs.indexing import Progress as Told
from jobs.worker import index_keeper
from search.errors import IndexBusy, IndexUnusable
from web.cli import Refused
from web.commands.database import ready_database
from workflow.settings import Settings

_PATIENCE = 5.0
_EVERY = 10_000


def rebuild_search_index(settings: Settings) -> None:
    """`vivier rebuild-index`. Raises Refused while another process writes the index."""
    with _progress() as told:
        offers = asyncio.run(_rebuilt(settings, told))
    click.echo(f"The index holds {offers} offers.")


async def _rebuilt(settings: Settings, told: Told) -> int:
    async with ready_database(settings):
        keeper = index_keeper(settings)
        try:
            return await keeper.rebuild(progress=told, patience=_PATIENCE)
        except IndexBusy:
            raise Refused("Another process is writing the search index. Try again when it is done.") from None
        except IndexUnusable as error:
            raise Refused(str(error)) from None
        except OSError as error:
            raise Refused(
                f"The index could not be built, and the old one stays: {error.strerror or error}."
            ) from None
        finally:
            await asyncio.to_thread(keeper.close)


@contextmanager
def _progress() -> Iterator[Told]:
    """A bar on a terminal; elsewhere a line for every ten thousand offers."""
    if not sys.stdout.isatty():
        yield _tell_in_lines
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(highlight=False), transient=True) as bar:
        task = bar.add_task("Indexing offers")

        def tell(done: int, of: int) -> None:
            bar.update(
                task,
                completed=done,
                total=of,
                description="Indexing offers" if done < of else "Writing the index",
            )

        yield tell


def _tell_in_lines(done: int, of: int) -> None:
    if done and done < of and done % _EVERY == 0:
        click.echo(f"{done} of {of} offers …")
