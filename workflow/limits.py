"""How often somebody may try: counted in the database, so that all processes share it and it works without Redis."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from piccolo.columns import BigSerial, Timestamptz, Varchar
from piccolo.table import Table

from workflow.database.connection import hold_name, write_transaction
from workflow.errors import TooManyAttempts


class Attempt(Table, tablename="attempt"):
    """One attempt. `key` is an HMAC of what was tried by whom: no address, no account can be read from it."""

    id = BigSerial(primary_key=True)
    key = Varchar(length=64)
    at = Timestamptz()


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many attempts in a window that slides; it heals by itself."""

    door: str
    most: int
    window: timedelta


LOGIN_OF_ACCOUNT = Limit("login of account", 20, timedelta(minutes=15))
LOGIN_FROM_ADDRESS = Limit("login from address", 30, timedelta(minutes=5))
REGISTRATION_FROM_ADDRESS = Limit("registration from address", 30, timedelta(hours=1))
RECOVERY_OF_ACCOUNT = Limit("recovery of account", 5, timedelta(hours=1))
RECOVERY_FROM_ADDRESS = Limit("recovery from address", 30, timedelta(hours=1))
CONFIRMATION_FROM_ADDRESS = Limit("confirmation from address", 60, timedelta(hours=1))
PASSWORD_OF_ACCOUNT = Limit("password of account", 10, timedelta(minutes=15))

_KEPT = timedelta(hours=1)
"""The longest window: older attempts are forgotten."""


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
        """Let an attempt in and count it; with `failures`, what ends otherwise than by one of these is not counted.

        It counts before it is made, so that many at once do not slip through together. One that is not let in
        counts for nothing. Raises TooManyAttempts, with the seconds to wait.
        """
        counted = await self._let_in(now)
        try:
            yield
        except failures:
            raise
        except BaseException:
            await self._forget(counted if failures else [])
            raise
        await self._forget(counted if failures else [])

    async def _let_in(self, now: datetime) -> list[int]:
        keys = sorted(self._key(limit, who) for limit, who in self.limits)
        async with write_transaction():
            for key in keys:
                await hold_name(key)
            for limit, who in self.limits:
                await self._require_room(limit, who, now)
            await Attempt.delete().where(Attempt.at <= now - _KEPT)
            inserted = await Attempt.insert(*(Attempt(key=key, at=now) for key in keys))
        return [row["id"] for row in inserted]

    async def _require_room(self, limit: Limit, who: str, now: datetime) -> None:
        recent = (Attempt.key == self._key(limit, who)) & (Attempt.at > now - limit.window)
        times = [row["at"] for row in await Attempt.select(Attempt.at).where(recent).order_by(Attempt.at)]
        if len(times) >= limit.most:
            free_at = times[-limit.most] + limit.window
            raise TooManyAttempts(seconds=max(1, ceil((free_at - now).total_seconds())))

    @staticmethod
    async def _forget(counted: list[int]) -> None:
        if counted:
            async with write_transaction():
                await Attempt.delete().where(Attempt.id.is_in(counted))

    def _key(self, limit: Limit, who: str) -> str:
        facts = f"{limit.door}\n{who.strip().lower()}"
        return hmac.new(self.secret_key.encode(), facts.encode(), hashlib.sha256).hexdigest()
