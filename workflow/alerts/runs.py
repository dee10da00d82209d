"""The runs of alerts: one for each day and week, begun once, held by one worker at a time, gone on with when it dies.

A run tells of the offers that came to be known since the run of its frequency before it, whenever that was: so
what was missed is caught up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from piccolo.columns.combination import And, WhereRaw

from workflow.alerts.cursors import RUNS
from workflow.alerts.tables import AlertRun, OfferNews
from workflow.database.connection import hold_name, write_transaction
from workflow.mail_hours import Frequency, MailHours
from workflow.offers.machine import FINDABLE
from workflow.offers.tables import Offer

LEASE = timedelta(seconds=60)
"""So long after its worker was killed another one goes on with a run."""

_AT_ONCE = 500
_UNNUMBERED = WhereRaw("NOT EXISTS (SELECT 1 FROM offer_news n WHERE n.offer = offer.id)")


@dataclass(frozen=True, slots=True)
class HeldRun:
    """A run that this worker holds by its `token`, as it was when it was taken.

    It tells of numbers up to `through`. `previous_id` and `previous_through`: of the run of this frequency before
    it, 0 for the first one. `done_through`: the last candidate who is done.
    """

    id: int
    frequency: str
    period: str
    through: int
    previous_id: int
    previous_through: int
    done_through: UUID | None
    token: UUID


async def begin_run(frequency: Frequency, *, hours: MailHours, now: datetime) -> bool:
    """Begin the run whose hour came last, unless that was done; whether it was begun now.

    Not while the one before is under way: it ends first. Any number of workers may ask, again and again.
    """
    period = hours.last(frequency, now).name
    if not await _is_wanted(frequency, period):
        return False
    async with write_transaction():
        await hold_name(RUNS)
        if not await _is_wanted(frequency, period):
            return False
        through = await _number_news(now)
        await AlertRun.insert(AlertRun(frequency=frequency, period=period, through=through, started_at=now))
    return True


async def _is_wanted(frequency: str, period: str) -> bool:
    in_the_way = (AlertRun.period == period) | AlertRun.finished_at.is_null()
    return not await AlertRun.exists().where((AlertRun.frequency == frequency) & in_the_way)


async def _number_news(now: datetime) -> int:
    """Give numbers to what is published and has none; the greatest there is.

    The earliest first, by the instant at which the public could see them here: offers that are taken over may say
    that they are older.
    """
    last = await OfferNews.select(OfferNews.number).order_by(OfferNews.number, ascending=False).first()
    number: int = last["number"] if last else 0
    rows = await Offer.select(Offer.id, Offer.created_at, Offer.published_at).where(
        Offer.status.is_in(sorted(FINDABLE)) & _UNNUMBERED
    )
    news = sorted(
        (max(row["created_at"], row["published_at"]) if row["published_at"] else now, row["id"])
        for row in rows
    )
    for begin in range(0, len(news), _AT_ONCE):
        await OfferNews.insert(
            *(
                OfferNews(number=number + begin + place, offer=offer_id, published_at=published_at)
                for place, (published_at, offer_id) in enumerate(news[begin : begin + _AT_ONCE], start=1)
            )
        )
    return number + len(news)


async def take_run(*, now: datetime, lease: timedelta = LEASE) -> HeldRun | None:
    """Hold the oldest run that is not finished and that nobody holds, until the lease ends."""
    free = AlertRun.lease_until.is_null() | (AlertRun.lease_until <= now)
    waiting: Sequence[dict[str, int]] = (
        await AlertRun.select(AlertRun.id).where(AlertRun.finished_at.is_null() & free).order_by(AlertRun.id)
    )
    for row in waiting:
        token = uuid4()
        async with write_transaction():
            taken = (
                await AlertRun.update({AlertRun.lease_token: token, AlertRun.lease_until: now + lease})
                .where((AlertRun.id == row["id"]) & AlertRun.finished_at.is_null() & free)
                .returning(*AlertRun.all_columns())
            )
        if taken:
            return await _held(taken[0])
    return None


async def _held(row: dict[str, object]) -> HeldRun:
    previous = (
        await AlertRun.select(AlertRun.id, AlertRun.through)
        .where((AlertRun.frequency == row["frequency"]) & (AlertRun.id < row["id"]))
        .order_by(AlertRun.id, ascending=False)
        .first()
    )
    names = ("id", "frequency", "period", "through", "done_through")
    return HeldRun(
        **{name: row[name] for name in names},  # type: ignore[arg-type]  # columns of that type
        previous_id=previous["id"] if previous else 0,
        previous_through=previous["through"] if previous else 0,
        token=row["lease_token"],  # type: ignore[arg-type]
    )


async def give_back(run: HeldRun) -> None:
    """Let another worker go on at once."""
    async with write_transaction():
        await AlertRun.update({AlertRun.lease_token: None, AlertRun.lease_until: None}).where(is_held(run))


def is_held(run: HeldRun) -> And:
    """The condition under which this worker still holds it."""
    held: And = (AlertRun.id == run.id) & (AlertRun.lease_token == run.token)
    return held
