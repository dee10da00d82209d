"""Mails on their way out: claim, render once, hand over to the mail server, settle by its answer."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from uuid import uuid4

import structlog
from aiosmtplib import SMTPException, SMTPRecipientRefused

from jobs.composing import name_of
from jobs.connections import Connections, Pace
from jobs.journal import Journal, Taken
from jobs.letters import Letter, Writer
from jobs.recovering import recover
from jobs.smtp import LONGEST_CONVERSATION, Conversation, MailServer
from jobs.sweeping import Alarm, keep_sweeping
from jobs.verdicts import Unanswered, Verdict, described, is_about_connection, is_no_recipient, verdict_on
from workflow.engine import outbox
from workflow.engine.outbox import Claim
from workflow.messages.policies import InDoubt, in_order_of_priority, policy_of
from workflow.messages.rendering import House, kinds

MAILS = kinds()
"""The kinds of outbox rows that are mails: those that have a folder in `workflow/messages`."""

LANES = 4
BATCH = 8 * LANES
"""An urgent mail waits for so many others at most."""

LEASE = timedelta(minutes=5)
_SECONDS_UNSETTLED = 0.1
"""What the server takes in this time is settled by one statement; until then the journal knows of it."""

_REFUSALS = 3
_GIVE_UP_AFTER = timedelta(days=5)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0

OnRefused = Callable[[str, int, str], Awaitable[object]]
"""Told of an address that its server refuses for good: the address, the code, and what the server said."""

_log = structlog.get_logger(__name__)


class Relay:
    """Carries out the rows that are mails. `is_stopping`: begin nothing more, give back what was not begun.

    `journals`: the folder, on a disk of this machine, where its workers keep what the server has taken. Belongs to
    one event loop; `close()` it.
    """

    kinds = MAILS

    def __init__(
        self,
        server: MailServer,
        *,
        sender: str,
        house: House,
        secret_key: str,
        journals: Path,
        clock: Callable[[], datetime],
        mails_per_second: int = 0,
        is_stopping: Callable[[], bool] = lambda: False,
        on_refused: OnRefused | None = None,
    ) -> None:
        self._connections = Connections(server)
        self._pace = Pace(mails_per_second)
        self._batch = min(BATCH, max(LANES, mails_per_second)) if mails_per_second else BATCH
        self._sender = parseaddr(sender)[1]
        self._writer = Writer(sender=sender, house=house, secret_key=secret_key)
        self._secret_key = secret_key
        self._journals = journals
        self._journal: Journal | None = None
        self._clock = clock
        self._is_stopping = is_stopping
        self._on_refused = on_refused
        self._pause = 0.0
        self._resting_until = 0.0
        self._leased_until = 0.0
        self._taken: list[Taken] = []
        self._timer: asyncio.TimerHandle | None = None
        self._settling: asyncio.Task[None] | None = None

    async def sweep(self) -> bool:
        """One batch through a few connections side by side; nothing while the server is known to be down."""
        await self._settle_taken()
        is_clear = await recover(self._journals, secret_key=self._secret_key, now=self._clock())
        await self._connections.close_idle()
        if not is_clear or _tick() < self._resting_until:
            return False
        claims = await self._claims()
        letters = deque(await self._letters(claims))
        lanes = [self._send_all(letters) for _ in range(min(LANES, len(letters)))]
        # each lane ends by itself: another one's failure must not cut it off in the middle of a mail
        results = await asyncio.gather(*lanes, return_exceptions=True)
        for letter in letters:
            await self._give_back(letter.claim, "not begun")
        await self._settle_taken()
        for failure in results:
            if failure is not None:
                raise failure
        self._noted().clear()
        return bool(claims)

    async def close(self) -> None:
        """End the connections. What a sweep left undone is in the journal, for the next one, here or elsewhere."""
        try:
            await self._connections.close()
            await self._settle_taken()
        finally:
            if self._journal is not None:
                self._journal.close()
                self._journal = None

    def _noted(self) -> Journal:
        if self._journal is None:
            self._journal = Journal(self._journals)
        return self._journal

    async def _claims(self) -> list[Claim]:
        """The next batch, urgent mails first; within a priority the kind whose oldest mail waits longest."""
        now, token = self._clock(), uuid4()
        if lost := await outbox.hold_lost(receipt="its worker was lost while it went out", now=now):
            _log.error("mails held", rows=lost, reason="their worker was lost")
        claims: list[Claim] = []
        for kind in in_order_of_priority(await outbox.due_kinds(sorted(self.kinds), now)):
            if not claims:
                self._noted().begin(token)
            room = self._batch - len(claims)
            claims += await outbox.claim(kinds=[kind], limit=room, lease=LEASE, token=token, now=now)
            if len(claims) == self._batch:
                break
        self._leased_until = _tick() + LEASE.total_seconds()
        return claims

    async def _letters(self, claims: list[Claim]) -> list[Letter]:
        """The bytes of the mails, kept before any of them goes; what cannot be sent is given up."""
        letters = []
        for claim in claims:
            if claim.expires_at is not None and claim.expires_at <= self._clock():
                await self._bury(claim, "expired before it could be sent")
                continue
            try:
                letters.append(self._writer.letter(claim))
            except ValueError as error:
                await self._bury(claim, str(error))
        return await self._writer.kept(letters)

    async def _send_all(self, letters: deque[Letter]) -> None:
        """One lane: mail after mail, until there is none, the time is over or the server is gone."""
        while letters and self._may_begin():
            await self._pace.turn()
            if letters and self._may_begin():
                await self._send(letters.popleft())

    def _may_begin(self) -> bool:
        """A conversation must end within the lease, or another worker would send the mail as well."""
        now = _tick()
        return (
            not self._is_stopping()
            and now >= self._resting_until
            and now < self._leased_until - LONGEST_CONVERSATION
        )

    async def _send(self, letter: Letter) -> None:
        claim = letter.claim
        if _holds(claim) and not await outbox.begin(claim, now=self._clock()):
            return
        try:
            await self._hand_over(letter)
        except (SMTPException, OSError, ValueError) as error:
            await self._settle_failure(claim, error)
        else:
            self._pause = 0.0
            _log.info("mail sent", row=claim.id, kind=claim.kind)

    async def _hand_over(self, letter: Letter) -> None:
        """A connection that had served before may be gone by now: then once more, on a new one."""
        conversation = await self._connections.take()
        is_used = conversation.mails > 0
        try:
            await self._say(conversation, letter)
        except (SMTPException, OSError) as error:
            if not (is_used and is_about_connection(error) and self._may_begin()):
                raise
        else:
            return
        await self._say(await self._connections.take(fresh=True), letter)

    async def _say(self, conversation: Conversation, letter: Letter) -> None:
        try:
            await conversation.send(
                self._sender, letter.recipient, letter.mail, taken=lambda said: self._note(letter.claim, said)
            )
        finally:
            await self._connections.give_back(conversation)

    def _note(self, claim: Claim, said: str) -> None:
        """Nothing may come between the server's answer and this: it may be the last thing that we do."""
        taken = Taken(claim.id, claim.token, name_of(claim, key=self._secret_key), _unaddressed(claim, said))
        try:
            self._noted().note(taken)
        except OSError as error:  # the mail is out all the same
            _log.error("journal cannot be written", reason=str(error))
        self._taken.append(taken)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SECONDS_UNSETTLED, self._begin_settling)

    def _begin_settling(self) -> None:
        self._timer = None
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle_what_waits())

    async def _settle_taken(self) -> None:
        """Bring everything that the server has taken into the database, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._settling is not None:
            settling, self._settling = self._settling, None
            await asyncio.gather(settling, return_exceptions=True)  # what failed is tried again here
        await self._settle_what_waits()

    async def _settle_what_waits(self) -> None:
        """One statement for all that waits; again for what came while it ran."""
        while self._taken:
            some = [taken for taken in self._taken if taken.token == self._taken[0].token]
            receipts = {taken.row: taken.receipt for taken in some}
            settled = await outbox.settle_sent(receipts, token=some[0].token, now=self._clock())
            self._taken = [taken for taken in self._taken if taken not in some]
            for row in receipts.keys() - settled:
                _log.warning("mail sent after its lease had been lost", row=row)

    async def _settle_failure(self, claim: Claim, error: Exception) -> None:
        verdict = verdict_on(error)
        said = described(error)
        if isinstance(error, Unanswered) and _holds(claim):
            await outbox.hold(claim, receipt=said)
            _log.error("mail held", row=claim.id, kind=claim.kind, reason=_unaddressed(claim, said))
        elif verdict is Verdict.SERVER_DOWN:
            await self._rest(claim, said)
        elif verdict is Verdict.DEAD or self._is_hopeless(claim, verdict):
            if self._on_refused and isinstance(error, SMTPRecipientRefused) and is_no_recipient(error):
                await self._on_refused(claim.recipient or "", error.code, said)
            await self._bury(claim, said)
        else:
            until = self._clock() + pause_after(claim.attempts, random.uniform(0.5, 1.5))  # noqa: S311
            await outbox.postpone(claim, until=until, receipt=said)
            reason = _unaddressed(claim, said)
            _log.info("mail postponed", row=claim.id, kind=claim.kind, attempts=claim.attempts, reason=reason)

    def _is_hopeless(self, claim: Claim, verdict: Verdict) -> bool:
        if verdict is Verdict.FEW_TRIES and claim.attempts >= _REFUSALS:
            return True
        return self._clock() - (claim.first_due_at or claim.due_at) > _GIVE_UP_AFTER

    async def _bury(self, claim: Claim, why: str) -> None:
        await outbox.settle(claim, state=outbox.DEAD, receipt=why, now=self._clock())
        _log.error("mail dead", row=claim.id, kind=claim.kind, reason=_unaddressed(claim, why))

    async def _give_back(self, claim: Claim, why: str) -> None:
        await outbox.postpone(claim, until=self._clock(), receipt=why, counted=False)

    async def _rest(self, claim: Claim, why: str) -> None:
        """Leave a server that is down alone for a while, longer each time."""
        if _tick() >= self._resting_until:
            self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
            self._resting_until = _tick() + self._pause
            _log.warning("mail server unusable", reason=why, pause=self._pause)
        await self._give_back(claim, why)


async def keep_mails(relay: Relay, alarm: Alarm) -> None:
    """Send mails until the alarm says stop. However it ends, the relay is closed, and can begin again."""
    try:
        await keep_sweeping(relay, alarm)
    finally:
        await relay.close()


def _holds(claim: Claim) -> bool:
    return policy_of(claim.kind).in_doubt is InDoubt.HOLD


def _unaddressed(claim: Claim, said: str) -> str:
    """What a server said, for files that forget nobody: servers like to repeat whom they take or refuse."""
    return said.replace(claim.recipient, "…") if claim.recipient else said


def pause_after(attempts: int, jitter: float) -> timedelta:
    """How long a mail waits after so many tries: half a minute, doubled each time, an hour at most."""
    return timedelta(seconds=min(30 * 2 ** min(attempts - 1, 7), 3600) * jitter)


def _tick() -> float:
    return asyncio.get_running_loop().time()
