"""How the console tells what happens to offers by itself: in plain words, days and hours of the portal (C2, W5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from admin.kit.wording import Wording
from workflow.engine.timers import Planned, planned_timers
from workflow.errors import InvalidInput
from workflow.language import N_, say
from workflow.language.days import long_date
from workflow.offers.machine import OfferMachine, check_publishable
from workflow.offers.queries import OfferView

_ADVICE = {
    "doubtful": N_("Mend this before then, or it cannot be published."),
    "refused": N_("Mend this and save: then it happens at once."),
    "retried": N_("Something went wrong on our side at the last attempt. This is the next one."),
    "late": N_(
        "It is late, because the worker of the portal does not run. It happens as soon as it runs again."
    ),
}

_LATE = timedelta(minutes=2)
"""A worker that runs is never so late."""


@dataclass(frozen=True, slots=True)
class ShownTimer:
    """One timer in words. `state`: `waiting`, or why not all is well: `doubtful`, `refused`, `retried`, `late`.

    `day`: the day that the text names. `reasons`: what a refused one lacked, or a doubtful one lacks now;
    `advice`: what happens next, or "" where nothing needs to be said.
    """

    name: str
    text: str
    day: date
    due_at: datetime
    state: str
    reasons: tuple[str, ...]
    advice: str

    @property
    def needs_care(self) -> bool:
        """Whether it did not happen when it should have, or would not as things stand."""
        return self.state != "waiting"


async def timers_of_offers(offers: Sequence[OfferView], words: Wording) -> dict[str, tuple[ShownTimer, ...]]:
    """By reference, what happens to each of these offers by itself, soonest first."""
    planned = await planned_timers(OfferMachine.subject, [offer.id for offer in offers])
    return {
        offer.reference: tuple(shown_timer(each, offer, words) for each in planned[offer.id])
        for offer in offers
    }


def shown_timer(planned: Planned, offer: OfferView, words: Wording) -> ShownTimer:
    """A timer of an offer in the reader's words."""
    day = _day(planned, offer, words)
    reasons = planned.failure.splitlines() or _missing(planned, offer, day)
    state = _state(planned, reasons, words.now)
    text = OfferMachine.timer_message(planned.name, is_refused=state == "refused")
    facts = {"day": long_date(day, words.language, words.zone), "hour": words.clock(planned.due_at)}
    return ShownTimer(
        name=planned.name,
        text=say(words.language, text, **facts),
        day=day,
        due_at=planned.due_at,
        state=state,
        reasons=tuple(say(words.language, reason) for reason in reasons),
        advice=say(words.language, _ADVICE[state]) if state in _ADVICE else "",
    )


def _missing(planned: Planned, offer: OfferView, day: date) -> list[str]:
    """What would keep it from being published on its day, if nobody changes it."""
    if planned.name != "publish":
        return []
    try:
        check_publishable({name: getattr(offer, name) for name in OfferMachine.reads}, day)
    except InvalidInput as error:
        return [each.message for each in error.errors]
    return []


def _state(planned: Planned, reasons: Sequence[str], now: datetime) -> str:
    if planned.failure:
        return "refused"
    if planned.attempts:
        return "retried"
    if planned.due_at + _LATE < now:
        return "late"
    return "doubtful" if reasons else "waiting"


def _day(planned: Planned, offer: OfferView, words: Wording) -> date:
    """The day that an offer closes is its last one, not the one that begins at that midnight."""
    return offer.closes_on if planned.name == "close" else planned.due_at.astimezone(words.zone).date()
