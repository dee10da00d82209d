"""Mails a second: our relay from the row to the settled row, beside a plain loop over aiosmtplib, bytes at hand."""

import asyncio
import logging
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import aiosmtplib
import structlog

from benchmarks.figures import Figure, compared
from benchmarks.moves import Arena, Measure
from benchmarks.rounds import Effort, Round, taken_in_turns
from jobs.composing import Envelope, compose
from jobs.relay import LANES, Relay
from jobs.smtp import MailServer
from workflow.database.connection import (
    database_from_url,
    opened_database,
    use_database,
    write_transaction,
)
from workflow.database.migrating import migrate
from workflow.engine.outbox import Announcement, record
from workflow.messages.rendering import House, render

LIMIT_AIM = 0.5
KIND = "application_rejected"

_SENDER = "Vivier <no-reply@example.org>"
_HOUSE = House("https://careers.example.org", "Example Research", "careers@example.org")
_PARAMS = {
    "title": "ms",
    "last_name": "Martin",
    "offer_title": "Ingénieur·e d’études en calcul scientifique",
    "offer_reference": "REF-1",
    "unit_name": "Laboratoire des eaux",
    "application_id": "0b6e1a52-9f3c-4c1c-8a52-2f7f0a9d3c11",
}
_ROWS = 50
_RATE = Measure("mails a second", "mails/s", "higher", lambda one: one.rate)
_COMPUTING = Measure("computing of the process", "ms a mail", "lower", lambda one: one.computing_a_move)


def _now() -> datetime:
    return datetime.now(UTC)


class Ours:
    """The relay of one worker: rows of the outbox are claimed, rendered, kept, sent, noted and settled."""

    name = "ours"

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._made = 0
        self._waiting = 0

    async def prepare(self, count: int) -> None:
        rows = [_announcement(self._made + number) for number in range(count)]
        async with write_transaction():
            for first in range(0, count, _ROWS):
                await record(rows[first : first + _ROWS], now=_now())
        self._made += count
        self._waiting = count

    async def run(self, at_once: int) -> Round:  # noqa: ARG002  # the relay knows how many
        begun, computed = time.perf_counter(), time.process_time()
        while await self._relay.sweep():
            pass
        return _round(self._waiting, begun, computed)


def _announcement(number: int) -> Announcement:
    return Announcement(
        kind=KIND,
        dedup_key=f"{KIND}/{number}",
        params=_PARAMS | {"first_name": f"Chloé {number}"},
        recipient=f"candidate{number}@example.org",
        language="fr",
    )


class PlainLoop:
    """The limit: as many connections, over each `sendmail` after `sendmail`, of mails that lie ready in memory."""

    def __init__(self, name: str, port: int, connections: int) -> None:
        self.name = name
        self._port = port
        self._connections = connections
        self._mails: deque[tuple[str, bytes]] = deque()

    async def prepare(self, count: int) -> None:
        for number in range(count):
            address = f"candidate{number}@example.org"
            words = render(KIND, "fr", _PARAMS | {"first_name": f"Chloé {number}"}, house=_HOUSE)
            self._mails.append(
                (address, compose(words, Envelope(_SENDER, address, "fr", _now(), f"{number:032x}")))
            )

    async def run(self, at_once: int) -> Round:  # noqa: ARG002
        count = len(self._mails)
        begun, computed = time.perf_counter(), time.process_time()
        await asyncio.gather(*(self._send_all() for _ in range(self._connections)))
        return _round(count, begun, computed)

    async def _send_all(self) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self._port, local_hostname="here") as client:
            while self._mails:
                address, mail = self._mails.popleft()
                await client.sendmail("no-reply@example.org", [address], mail)


def _round(count: int, begun: float, computed: float) -> Round:
    seconds = time.perf_counter() - begun
    return Round(seconds, (seconds / count,) * count, time.process_time() - computed)


@contextmanager
def _sink() -> Iterator[int]:
    """The port of a mail server in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.mail_sink"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.communicate()


async def measured_mails(arena: Arena, effort: Effort) -> list[Figure]:
    """Mails a second on one kind of database, against one plain connection and against as many as we use."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    use_database(database_from_url(arena.ours))
    async with opened_database():
        await migrate()
        with _sink() as port, tempfile.TemporaryDirectory(prefix="vivier-bench-") as folder:
            relay = Relay(
                MailServer("127.0.0.1", port, tls=False),
                sender=_SENDER,
                house=_HOUSE,
                secret_key="only for measuring",
                journals=Path(folder),
                clock=_now,
            )
            limits = [PlainLoop("one", port, 1), PlainLoop("several", port, LANES)]
            try:
                rounds = await taken_in_turns([Ours(relay), *limits], effort)
            finally:
                await relay.close()
    return [
        compared(
            f"{arena.name}: {measure.name}",
            [measure.of(one) for one in rounds["ours"]],
            [measure.of(one) for one in rounds[limit]],
            against=f"aiosmtplib, {count}",
            unit=measure.unit,
            aim=LIMIT_AIM,
            better=measure.better,
        )
        for measure in (_RATE, _COMPUTING)
        for limit, count in (("one", "1 connection"), ("several", f"{LANES} connections"))
    ]
