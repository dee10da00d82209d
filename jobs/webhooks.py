"""Webhooks on their way out: an event becomes a message for each subscription, each subscription has its own lane."""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import structlog
from cryptography.fernet import InvalidToken

from jobs.sweeping import Alarm, keep_sweeping
from jobs.webhook_posting import Poster
from workflow.engine import outbox
from workflow.engine.outbox import Claim
from workflow.sealing import unseal
from workflow.settings import Settings
from workflow.webhooks.addresses import Allowance, resolve_host
from workflow.webhooks.events import EVENTS, PING, kind_of
from workflow.webhooks.signing import signed_headers
from workflow.webhooks.tables import Webhook
from workflow.webhooks.telling import Answer, fan_out, settle_attempt

LANES = 32
"""How many subscriptions are called at a time."""

AT_ONCE = 4
"""How many messages a subscription gets at a time."""

BATCH = 100
LEASE = timedelta(minutes=1)

_log = structlog.get_logger(__name__)


class WebhookSender:
    """Carries out events and messages. `is_stopping`: begin nothing more.

    A subscription that fails rests for a moment, longer each time; the others do not notice. Until when stands in
    its row, so that all workers leave it alone, and whoever mends it ends that.
    """

    kinds = frozenset(EVENTS)

    def __init__(
        self,
        poster: Poster,
        *,
        secret_key: str,
        clock: Callable[[], datetime],
        is_stopping: Callable[[], bool] = lambda: False,
        jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2),  # noqa: S311
    ) -> None:
        self._poster = poster
        self._secret_key = secret_key
        self._clock = clock
        self._is_stopping = is_stopping
        self._jitter = jitter
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._is_crowded = False

    async def sweep(self) -> bool:
        """Make messages of what has happened, and open a lane where some wait; whether anything had happened.

        Raises what a lane stumbled over, such as a database that went away.
        """
        self._close_ended()
        has_happened = await self._fan_out()
        await self._open_lanes()
        return has_happened

    async def finish(self) -> None:
        """Wait until all lanes have ended."""
        while self._lanes:
            await asyncio.wait(self._lanes.values())
            self._close_ended()

    async def end(self) -> None:
        """Cut off what is under way; it is tried again once its lease has run out."""
        lanes = list(self._lanes.values())
        self._lanes.clear()
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)

    async def _fan_out(self) -> bool:
        now = self._clock()
        if self._is_stopping() or not await outbox.is_any_due(sorted(self.kinds), now):
            return False
        claims = await outbox.claim(
            kinds=sorted(self.kinds), limit=BATCH, lease=LEASE, token=uuid4(), now=now
        )
        if claims:
            told = await fan_out(claims, now=now)
            _log.info("webhook events", events=len(claims), messages=told)
        return bool(claims)

    async def _open_lanes(self) -> None:
        if self._is_stopping():
            return
        due = await self._due_kinds()
        free = LANES - len(self._lanes)
        self._is_crowded = len(due) > free
        for kind in due[:free]:
            self._lanes[kind] = asyncio.create_task(self._lane(kind))

    async def _due_kinds(self) -> list[str]:
        """The subscriptions of which something waits, and that neither are in hand nor rest; longest waiting first."""
        now = self._clock()
        is_awake = Webhook.rests_until.is_null() | (Webhook.rests_until <= now)
        rows = await Webhook.select(Webhook.id).where(is_awake)
        kinds = [kind for row in rows if (kind := kind_of(row["id"])) not in self._lanes]
        return await outbox.due_kinds(kinds, now) if kinds else []

    def _close_ended(self) -> None:
        ended = {kind: lane for kind, lane in self._lanes.items() if lane.done()}
        for kind in ended:
            del self._lanes[kind]
        for lane in ended.values():
            lane.result()

    async def _lane(self, kind: str) -> None:
        """Message after message for one subscription, until none waits, one fails or others wait for a lane."""
        while not self._is_stopping():
            claims = await outbox.claim(
                kinds=[kind], limit=AT_ONCE, lease=LEASE, token=uuid4(), now=self._clock()
            )
            answers = await asyncio.gather(*map(self._deliver, claims))
            has_failed = any(answer is not None and not answer.is_good for answer in answers)
            if has_failed or len(claims) < AT_ONCE or self._is_crowded:
                return

    async def _deliver(self, claim: Claim) -> Answer | None:
        """One try; None where there was none."""
        row = await Webhook.select().where(Webhook.id == UUID(claim.params["webhook"])).first()
        now = self._clock()
        if row is None:
            await outbox.settle(claim, state=outbox.CANCELLED, receipt="nobody subscribes any more", now=now)
            return None
        if row["stopped_at"] is not None and claim.params["event"] != PING:
            await outbox.settle(claim, state=outbox.DEAD, receipt="the subscription is stopped", now=now)
            return None
        body = claim.params["body"].encode()
        try:
            headers = signed_headers(self._keys(row, now), claim.params["message"], body, now=now)
        except InvalidToken:
            answer = Answer(None, "the secret cannot be read: VIVIER_SECRET_KEY has changed; renew it", 0)
        else:
            answer = await self._poster.post(row["url"], body, headers, now=now)
        await settle_attempt(claim, answer, url=row["url"], now=self._clock(), jitter=self._jitter())
        _log.info(
            "webhook called",
            webhook=str(row["id"]),
            message=claim.params["message"],
            status=answer.status,
            milliseconds=answer.milliseconds,
        )
        return answer

    def _keys(self, row: dict[str, object], now: datetime) -> list[str]:
        """The secrets that are valid now, the newest first."""
        until = row["old_secret_until"]
        sealed = [row["secret"]]
        if row["old_secret"] and isinstance(until, datetime) and until > now:
            sealed.append(row["old_secret"])
        return [unseal(bytes(each), self._secret_key)["secret"] for each in sealed]  # type: ignore[call-overload]


def webhook_sender(settings: Settings, alarm: Alarm) -> WebhookSender:
    """What tells programs of events, as this installation is set."""
    return WebhookSender(
        Poster(Allowance.of(settings), resolve=resolve_host),
        secret_key=settings.secret_key,
        clock=lambda: datetime.now(UTC),
        is_stopping=lambda: alarm.stopping,
    )


async def keep_telling_programs(sender: WebhookSender, alarm: Alarm) -> None:
    """Sweep until the alarm says stop, and end in good order."""
    try:
        await keep_sweeping(sender, alarm)
        await sender.finish()
    finally:
        await sender.end()
