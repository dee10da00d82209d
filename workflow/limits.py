"""How often somebody may try: counted in the database, so that all processes share it and it works without Redis."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from piccolo.columns import BigSerial, Boolean, Timestamptz, Varchar
from piccolo.table import Table

from workflow.database.connection import hold_name, write_transaction
from workflow.errors import InvalidInput, TooManyAttempts


class Attempt(Table, tablename="attempt"):
    """One attempt. `key` is an HMAC of what was tried by whom: no address, no account can be read from it.

    One that is `under_way` may still turn out not to count.
    """

    id = BigSerial(primary_key=True)
    key = Varchar(length=64)
    at = Timestamptz()
    under_way = Boolean(default=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many attempts in a window that slides; it heals by itself.

    `at_once`: how many more may be under way, for many people come from one address. Without it those
    under way count like the rest, so that many at once do not slip through together.
    """

    door: str
    most: int
    window: timedelta
    at_once: int = 0


_QUARTER, _HOUR = timedelta(minutes=15), timedelta(hours=1)

LOGIN_OF_ACCOUNT = Limit("login of account", 20, _QUARTER)
LOGIN_FROM_ADDRESS = Limit("login from address", 30, timedelta(minutes=5), at_once=200)
PASSWORD_OF_ACCOUNT = Limit("password of account", 10, _QUARTER)
RECOVERY_OF_ACCOUNT = Limit("recovery of account", 5, _HOUR)
RECOVERY_FROM_ADDRESS = Limit("recovery from address", 60, _HOUR)
REGISTRATION_FROM_ADDRESS = Limit("registration from address", 200, _HOUR)
CONFIRMATION_FROM_ADDRESS = Limit("confirmation from address", 60, _HOUR, at_once=200)
NEW_EMAIL_OF_ACCOUNT = Limit("new e-mail of account", 10, _HOUR)
MAILS_TO_ADDRESS = Limit("mails to address", 10, _HOUR)
"""Of mails that anybody can have sent to an address: links to confirm it, or that it is taken."""

_KEPT = _HOUR
"""The longest window: older attempts are forgotten."""
_SWEEP_EVERY = 100


@dataclass(frozen=True, slots=True)
class Gate:
    """The limits that a request must pass, each with whom it counts: an account's address, an IP address.

    An unknown account counts like a known one, so that nobody learns which is which.
    """

    limits: tuple[tuple[Limit, str], ...]
    secret_key: str

    @asynccontextmanager
    async def attempt(
        self, *, now: datetime, failures: tuple[type[Exception], ...] = ()
    ) -> AsyncIterator[None]:
        """Let an attempt in, and count it once it is known to count.

        With `failures` one counts that ends by one of these; without, every one but what could not be tried
        for mistakes in its form. One that is cut off counts; one that is not let in does not. Raises
        TooManyAttempts, with the seconds to wait.
        """
        ids = await self._let_in(now)
        try:
            yield
        except Exception as error:
            is_counted = isinstance(error, failures) if failures else not isinstance(error, InvalidInput)
            await self._settle(ids, is_counted=is_counted)
            raise
        await self._settle(ids, is_counted=not failures)

    async def _let_in(self, now: datetime) -> list[int]:
        keys = sorted(self._key(limit, who) for limit, who in self.limits)
        async with write_transaction():
            for key in keys:
                await hold_name(key)
            for limit, who in self.limits:
                await _require_room(limit, self._key(limit, who), now)
            inserted = await Attempt.insert(*(Attempt(key=key, at=now, under_way=True) for key in keys))
            ids = [int(row["id"]) for row in inserted]
            if any(id_ % _SWEEP_EVERY == 0 for id_ in ids):
                await _sweep(now)
        return ids

    @staticmethod
    async def _settle(ids: list[int], *, is_counted: bool) -> None:
        mine = Attempt.id.is_in(ids)
        async with write_transaction():
            if is_counted:
                await Attempt.update({Attempt.under_way: False}).where(mine)
            else:
                await Attempt.delete().where(mine)

    def _key(self, limit: Limit, who: str) -> str:
        facts = f"{limit.door}\n{' '.join(who.split()).lower()}"
        return hmac.new(self.secret_key.encode(), facts.encode(), hashlib.sha256).hexdigest()


async def _require_room(limit: Limit, key: str, now: datetime) -> None:
    recent = (Attempt.key == key) & (Attempt.at > now - limit.window)
    rows = await Attempt.select(Attempt.at, Attempt.under_way).where(recent).order_by(Attempt.at)
    counted = [row["at"] for row in rows if not (row["under_way"] and limit.at_once)]
    if len(counted) >= limit.most:
        free_at = counted[-limit.most] + limit.window
        raise TooManyAttempts(seconds=max(1, ceil((free_at - now).total_seconds())))
    if len(rows) >= limit.most + limit.at_once:
        raise TooManyAttempts(seconds=1)


async def forget_attempts(*, now: datetime) -> None:
    """Forget what no window reaches any more; also by the clock, for nobody may try for a long time."""
    async with write_transaction():
        await _sweep(now)


async def _sweep(now: datetime) -> None:
    """Forget what no window reaches any more; one at a time, so that no two wait for each other."""
    await hold_name("sweep of attempts")
    await Attempt.delete().where(Attempt.at <= now - _KEPT)
