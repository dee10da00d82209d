"""How often somebody may try: counted in the database, so that all processes share it and it works without Redis."""

import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from piccolo.columns import BigSerial, Boolean, Timestamptz, Varchar
from piccolo.columns.combination import Where
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

    `at_once`: how many more may be under way, for many people come from one origin. Without it those
    under way count like the rest, so that many at once do not slip through together.
    `counts_mistakes`: whether an attempt counts that could not be tried for mistakes in its form.
    """

    door: str
    most: int
    window: timedelta
    at_once: int = 0
    counts_mistakes: bool = False


_QUARTER, _HOUR = timedelta(minutes=15), timedelta(hours=1)

LOGIN_FROM_BROWSER = Limit("login from browser", 10, _QUARTER)
"""Of a browser that the account knows; then no other limit of logins asks, so that no stranger can close it."""
LOGIN_OF_ACCOUNT_FROM_ORIGIN = Limit("login of account from origin", 10, _QUARTER)
LOGIN_OF_ACCOUNT = Limit("login of account", 100, _QUARTER)
LOGIN_FROM_ORIGIN = Limit("login from origin", 30, timedelta(minutes=5), at_once=200)
PASSWORD_OF_ACCOUNT = Limit("password of account", 10, _QUARTER)
CODE_OF_ACCOUNT = Limit("code of account", 5, _QUARTER)
"""Of the second factor: who comes here has given the password, so one count is enough."""
RECOVERY_FROM_BROWSER = Limit("recovery from browser", 5, _HOUR)
RECOVERY_OF_ACCOUNT_FROM_ORIGIN = Limit("recovery of account from origin", 5, _HOUR)
RECOVERY_OF_ACCOUNT = Limit("recovery of account", 20, _HOUR)
RECOVERY_FROM_ORIGIN = Limit("recovery from origin", 60, _HOUR)
REGISTRATION_FROM_ORIGIN = Limit("registration from origin", 200, _HOUR, counts_mistakes=True)
"""Each costs work, those with mistakes too: their password is weighed."""
CONFIRMATION_FROM_ORIGIN = Limit("confirmation from origin", 60, _HOUR, at_once=200)
NEW_EMAIL_OF_ACCOUNT = Limit("new e-mail of account", 10, _HOUR)
MAILS_TO_ADDRESS_FROM_ORIGIN = Limit("mails to address from origin", 5, _HOUR)
MAILS_TO_ADDRESS = Limit("mails to address", 20, _HOUR)
"""Of the links that anybody can have sent to an address. Beyond it none goes out, and nobody is told (`take_room`)."""

_KEPT = _HOUR
"""The longest window: older attempts are forgotten."""
_SWEEP = "sweep of attempts"
_SWEEP_EVERY = 100
_SWEPT_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Gate:
    """The limits that a request must pass, each with whom it counts: an account's address, an origin, both.

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
        for mistakes in its form, unless a limit counts these too. One that is cut off counts; one that is not
        let in does not. Raises TooManyAttempts, with the seconds to wait.
        """
        ids = await self._let_in(now)
        try:
            yield
        except Exception as error:
            await self._settle(ids, self._counted(error, failures))
            raise
        await self._settle(ids, [] if failures else self._keys())

    async def _let_in(self, now: datetime) -> list[int]:
        keys = sorted(self._keys())
        async with write_transaction():
            for key in keys:
                await hold_name(key)
            for limit, who in self.limits:
                await _require_room(limit, _key(limit, who, self.secret_key), now)
            inserted = await Attempt.insert(*(Attempt(key=key, at=now, under_way=True) for key in keys))
            ids = [int(row["id"]) for row in inserted]
            if any(id_ % _SWEEP_EVERY == 0 for id_ in ids):
                await _sweep(now)
        return ids

    def _keys(self) -> list[str]:
        return [_key(limit, who, self.secret_key) for limit, who in self.limits]

    def _counted(self, error: Exception, failures: tuple[type[Exception], ...]) -> list[str]:
        """The keys that an attempt counts under which ended by an error."""
        if failures:
            return self._keys() if isinstance(error, failures) else []
        tried = not isinstance(error, InvalidInput)
        return [
            _key(limit, who, self.secret_key) for limit, who in self.limits if tried or limit.counts_mistakes
        ]

    @staticmethod
    async def _settle(ids: list[int], counted: list[str]) -> None:
        mine = Attempt.id.is_in(ids)
        async with write_transaction():
            if counted:
                await Attempt.update({Attempt.under_way: False}).where(mine & Attempt.key.is_in(counted))
            if len(counted) < len(ids):
                await Attempt.delete().where(mine & Attempt.under_way.eq(True))


async def take_room(limit: Limit, who: str, *, secret_key: str, now: datetime) -> bool:
    """Count one more inside the caller's transaction, if there is room; whether there was.

    For what is to be left undone without a word. Take it last: it is held until the transaction ends.
    """
    key = _key(limit, who, secret_key)
    await hold_name(key)
    try:
        await _require_room(limit, key, now)
    except TooManyAttempts:
        return False
    await Attempt.insert(Attempt(key=key, at=now))
    return True


def _key(limit: Limit, who: str, secret_key: str) -> str:
    facts = f"{limit.door}\n{' '.join(who.split()).lower()}"
    return hmac.new(secret_key.encode(), facts.encode(), hashlib.sha256).hexdigest()


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
    """Forget what no window reaches any more; by the clock, for nobody may try for a long time."""
    async with write_transaction():
        await hold_name(_SWEEP)
        await Attempt.delete().where(_is_over(now))


async def _sweep(now: datetime) -> None:
    """The same for the oldest of them, so that no attempt takes long; one sweeps at a time."""
    await hold_name(_SWEEP)
    oldest = Attempt.select(Attempt.id).where(_is_over(now)).order_by(Attempt.at).limit(_SWEPT_AT_ONCE)
    await Attempt.delete().where(Attempt.id.is_in(oldest))


def _is_over(now: datetime) -> Where:
    return Attempt.at <= now - _KEPT
