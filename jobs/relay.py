"""Mails on their way out: claim, render once, hand over to the mail server, settle by its answer."""

import asyncio
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from uuid import uuid4

import structlog
from aiosmtplib import SMTPException
from cryptography.fernet import InvalidToken
from jinja2 import TemplateError

from jobs.composing import compose, envelope_of
from jobs.smtp import Conversation, MailServer, Verdict, described, verdict_on
from workflow.engine import outbox
from workflow.engine.outbox import Claim
from workflow.messages.rendering import House, kinds, render
from workflow.sealing import seal, unseal

MAILS = kinds()
"""The kinds of outbox rows that are mails: those that have a folder in `workflow/messages`."""

LANES = 4
BATCH = 4 * LANES
LEASE = timedelta(minutes=5)
_LONGEST_CONVERSATION = 90.0
_REFUSALS = 3
_GIVE_UP_AFTER = timedelta(days=5)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed row and the bytes of its mail."""

    claim: Claim
    mail: bytes


class Relay:
    """Carries out the rows that are mails. `is_stopping`: begin nothing more, give back what was not begun."""

    kinds = MAILS

    def __init__(
        self,
        server: MailServer,
        *,
        sender: str,
        house: House,
        secret_key: str,
        clock: Callable[[], datetime],
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._server = server
        self._sender = sender
        self._house = house
        self._secret_key = secret_key
        self._clock = clock
        self._is_stopping = is_stopping
        self._pause = 0.0
        self._resting_until = 0.0
        self._leased_until = 0.0

    async def sweep(self) -> bool:
        """One batch through a few connections side by side; nothing while the server is known to be down."""
        if _tick() < self._resting_until or not await outbox.is_any_due(sorted(self.kinds), self._clock()):
            return False
        claims = await outbox.claim(
            kinds=sorted(self.kinds), limit=BATCH, lease=LEASE, token=uuid4(), now=self._clock()
        )
        self._leased_until = _tick() + LEASE.total_seconds()
        letters = deque([letter for claim in claims if (letter := await self._letter(claim))])
        lanes = [self._send_all(letters) for _ in range(min(LANES, len(letters)))]
        # each lane ends by itself: another one's failure must not cut it off in the middle of a mail
        results = await asyncio.gather(*lanes, return_exceptions=True)
        for letter in letters:
            await self._give_back(letter.claim, "not begun")
        for failure in results:
            if failure is not None:
                raise failure
        return bool(claims)

    async def _letter(self, claim: Claim) -> Letter | None:
        """The bytes of a mail: those of the first time, or rendered now and kept. None when it cannot be sent."""
        if claim.expires_at is not None and claim.expires_at <= self._clock():
            await self._bury(claim, "expired before it could be sent")
            return None
        try:
            secret = unseal(claim.secret, self._secret_key) if claim.secret else {}
            mail = self._kept(claim) or compose(
                render(claim.kind, claim.language, {**claim.params, **secret}, house=self._house),
                envelope_of(claim, sender=self._sender, key=self._secret_key),
            )
        except (TemplateError, InvalidToken, ValueError) as error:
            await self._bury(claim, f"could not be written: {type(error).__name__}: {error}")
            return None
        if claim.rendered is None and not await self._keep(claim, mail):
            return None
        return Letter(claim, mail)

    def _kept(self, claim: Claim) -> bytes | None:
        if claim.rendered is None or claim.secret is None:
            return claim.rendered
        return str(unseal(claim.rendered, self._secret_key)["mail"]).encode()

    async def _keep(self, claim: Claim, mail: bytes) -> bool:
        kept = seal({"mail": mail.decode("ascii")}, self._secret_key) if claim.secret else mail
        return await outbox.keep_rendered(claim, kept)

    async def _send_all(self, letters: deque[Letter]) -> None:
        """One connection: mail after mail, until there is none, the time is over or the server is gone."""
        conversation: Conversation | None = None
        try:
            while letters and self._may_begin():
                letter = letters.popleft()
                if conversation is None or not conversation.is_open:
                    conversation = await self._connect(letter)
                    if conversation is None:
                        return
                await self._send(conversation, letter)
        finally:
            if conversation is not None:
                await conversation.end()

    def _may_begin(self) -> bool:
        """A conversation must end within the lease, or another worker would send the mail as well."""
        now = _tick()
        return (
            not self._is_stopping()
            and now >= self._resting_until
            and now < self._leased_until - _LONGEST_CONVERSATION
        )

    async def _connect(self, letter: Letter) -> Conversation | None:
        try:
            return await self._server.connect()
        except (SMTPException, OSError) as error:
            await self._rest(letter.claim, error)
            return None

    async def _send(self, conversation: Conversation, letter: Letter) -> None:
        claim = letter.claim
        try:
            said = await conversation.send(parseaddr(self._sender)[1], claim.recipient or "", letter.mail)
        except (SMTPException, OSError, ValueError) as error:
            await self._settle_failure(claim, error)
            return
        self._pause = 0.0
        if await outbox.settle(claim, state=outbox.SENT, receipt=said, now=self._clock()):
            _log.info("mail sent", row=claim.id, kind=claim.kind)
        else:
            _log.warning("mail sent after its lease had been lost", row=claim.id, kind=claim.kind)

    async def _settle_failure(self, claim: Claim, error: Exception) -> None:
        verdict = verdict_on(error)
        said = described(error)
        if verdict is Verdict.SERVER_DOWN:
            await self._rest(claim, error)
        elif verdict is Verdict.DEAD or self._is_hopeless(claim, verdict):
            await self._bury(claim, said)
        else:
            until = self._clock() + pause_after(claim.attempts, random.uniform(0.5, 1.5))  # noqa: S311
            await outbox.postpone(claim, until=until, receipt=said)
            reason = _unaddressed(claim, said)
            _log.info("mail postponed", row=claim.id, kind=claim.kind, attempts=claim.attempts, reason=reason)

    def _is_hopeless(self, claim: Claim, verdict: Verdict) -> bool:
        if verdict is Verdict.FEW_TRIES and claim.attempts >= _REFUSALS:
            return True
        return self._clock() - claim.created_at > _GIVE_UP_AFTER

    async def _bury(self, claim: Claim, why: str) -> None:
        await outbox.settle(claim, state=outbox.DEAD, receipt=why, now=self._clock())
        _log.error("mail dead", row=claim.id, kind=claim.kind, reason=_unaddressed(claim, why))

    async def _give_back(self, claim: Claim, why: str) -> None:
        await outbox.postpone(claim, until=self._clock(), receipt=why, counted=False)

    async def _rest(self, claim: Claim, error: Exception) -> None:
        """Leave a server that is down alone for a while, longer each time."""
        why = described(error)
        if _tick() >= self._resting_until:
            self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
            self._resting_until = _tick() + self._pause
            _log.warning("mail server unusable", reason=why, pause=self._pause)
        await self._give_back(claim, why)


def _unaddressed(claim: Claim, said: str) -> str:
    """What a server said, for the log, which forgets nobody: servers like to repeat whom they refuse."""
    return said.replace(claim.recipient, "…") if claim.recipient else said


def pause_after(attempts: int, jitter: float) -> timedelta:
    """How long a mail waits after so many tries: half a minute, doubled each time, an hour at most."""
    return timedelta(seconds=min(30 * 2 ** min(attempts - 1, 7), 3600) * jitter)


def _tick() -> float:
    return asyncio.get_running_loop().time()
