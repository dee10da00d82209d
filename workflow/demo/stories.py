"""Which applications the demonstration shows, and what happened to each when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from workflow.demo.candidates import DemoCandidate, demo_candidates
from workflow.demo.offers import DemoOffer

RECRUITER_UNITS = ("LAB012", "LAB028", "LAB031")
"""The units whose offers `recruiter@example.org` sees."""

# Enough days for a story: between two steps lies one at least.
_OLD_ENOUGH = timedelta(days=9)

_PATHS: tuple[tuple[str, ...], ...] = (
    (),
    ("consider",),
    ("consider", "reject"),
    ("consider", "accept"),
    ("withdraw",),
    ("consider", "reject", "reopen"),
    ("consider", "withdraw"),
)

_NOTES = {
    "reject": "Profil sérieux, mais d’autres candidatures répondent mieux aux attentes du poste.",
    "reopen": "Une expérience que nous n’avions pas vue correspond au poste.",
}


@dataclass(frozen=True)
class Happening:
    """One event of a story, and when it took place (UTC)."""

    event: str
    at: datetime
    note: str


@dataclass(frozen=True)
class Story:
    """One application: who applied to which offer, when, and what came of it."""

    number: int
    candidate: DemoCandidate
    offer: DemoOffer
    submitted_at: datetime
    happenings: tuple[Happening, ...]


def demo_stories(offers: Sequence[DemoOffer], today: date, zone: ZoneInfo) -> tuple[Story, ...]:
    """Applications in every state, to the recruiter's offers and to others; all of it lies before today."""
    return tuple(
        _story(number, candidate, offer, path, today, zone)
        for number, (candidate, offer, path) in enumerate(_cast(offers, today))
    )


def begun_offer(offers: Sequence[DemoOffer], today: date) -> DemoOffer:
    """The open offer to which the visitor has begun an application, and not sent it."""
    return [offer for offer in _old(offers, today) if _is_own(offer) and offer.closes_on > today][2]


def _old(offers: Sequence[DemoOffer], today: date) -> list[DemoOffer]:
    return [offer for offer in offers if offer.published_on and offer.published_on <= today - _OLD_ENOUGH]


def _is_own(offer: DemoOffer) -> bool:
    return offer.unit_code in RECRUITER_UNITS


def _cast(
    offers: Sequence[DemoOffer], today: date
) -> Iterator[tuple[DemoCandidate, DemoOffer, tuple[str, ...]]]:
    """The visitor's own four applications first, then three for each of the others."""
    old = _old(offers, today)
    own = [offer for offer in old if _is_own(offer)]
    others = [offer for offer in old if not _is_own(offer)]
    own_open = [offer for offer in own if offer.closes_on > today]
    visitor, *rest = demo_candidates()
    yield visitor, own_open[0], ()
    yield visitor, own_open[1], ("consider",)
    yield visitor, others[0], ("consider", "reject")
    yield visitor, others[1], ("withdraw",)
    for number, candidate in enumerate(rest):
        # A few offers have many applications, so that a board has something to show.
        yield candidate, own_open[number % 3], _PATHS[number % len(_PATHS)]
        yield candidate, own[len(own) // 2 + number % 3], _PATHS[(number + 3) % len(_PATHS)]
        yield candidate, others[2 + number % (len(others) - 2)], _PATHS[(number + 5) % len(_PATHS)]


def _story(
    number: int, candidate: DemoCandidate, offer: DemoOffer, path: Sequence[str], today: date, zone: ZoneInfo
) -> Story:
    published_on = offer.published_on or today
    submitted_on = published_on + (min(today, offer.closes_on) - published_on) // 3
    days = [submitted_on + (today - submitted_on) * step // (len(path) + 1) for step in range(len(path) + 1)]
    instants = [_office_hour(day, number + step, zone) for step, day in enumerate(days)]
    return Story(
        number,
        candidate,
        offer,
        instants[0],
        tuple(
            Happening(event, at, _NOTES.get(event, "")) for event, at in zip(path, instants[1:], strict=True)
        ),
    )


def _office_hour(day: date, number: int, zone: ZoneInfo) -> datetime:
    moment = time(8 + number * 3 % 10, number * 17 % 60)
    return datetime.combine(day, moment, tzinfo=zone).astimezone(ZoneInfo("UTC"))
