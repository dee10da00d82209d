"""The house's own synonyms: checked as the search reads them, and known to this process soon after they are saved."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog

from search.synonyms import BadSynonyms, read, use_own
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.offers.synonyms import own_synonyms

SECONDS = 3.0

_log = structlog.get_logger(__name__)


def check_synonyms(lines: Sequence[str]) -> None:
    """Raises InvalidInput naming the first line that the search cannot use, and why."""
    for number, line in enumerate(lines, 1):
        try:
            read([line])
        except BadSynonyms:
            text = N_(
                "Line {number} says nothing: “{line}”. Write two words or more with commas between them, each of "
                "four words at most, none of them the same in another form."
            )
            raise InvalidInput([FieldError("lines", text, {"number": number, "line": line[:80]})]) from None


@asynccontextmanager
async def followed_synonyms() -> AsyncIterator[None]:
    """Know what is saved, now and as it changes, for as long as the process serves."""
    known: list[tuple[str, ...]] = [()]
    await _look(known)
    task = asyncio.create_task(_follow(known))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _follow(known: list[tuple[str, ...]]) -> None:
    while True:
        await asyncio.sleep(SECONDS)
        await _look(known)


async def _look(known: list[tuple[str, ...]]) -> None:
    try:
        lines = await own_synonyms()
        if lines != known[-1]:
            known[:] = [lines]  # looked at once, whatever comes of it
            use_own(lines)
            _log.info("synonyms taken up", lines=len(lines))
    except Exception as error:  # noqa: BLE001  # without them the search goes on with those that it had
        _log.error("synonyms cannot be read", reason=repr(error))
