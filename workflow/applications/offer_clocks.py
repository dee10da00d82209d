"""How offers stand with their applications: how many are in each state, which wait, and for how long (C2, C7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from workflow.applications.board import Condition
from workflow.applications.queries import undecided_applications
from workflow.applications.tables import Application
from workflow.applications.waiting import OfferWaiting, waiting_by_offer
from workflow.offers.queries import OfferView

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class OfferStanding:
    """The applications of one offer. `states`: status → number; `waiting`: of those to be decided, if there are any."""

    states: Mapping[str, int]
    waiting: OfferWaiting | None

    @property
    def total(self) -> int:
        """All that ever came in."""
        return sum(self.states.values())

    @property
    def undecided(self) -> int:
        """How many still wait for a decision."""
        return self.waiting.waiting if self.waiting else 0

    @property
    def overdue(self) -> int:
        """How many of them for longer than the unit wants."""
        return self.waiting.overdue if self.waiting else 0


async def standings(offers: Sequence[OfferView], *, now: datetime) -> dict[str, OfferStanding]:
    """By reference; the caller has made sure that the viewer may see the offers."""
    if not offers:
        return {}
    theirs = Condition(f"a.offer IN ({', '.join(['{}'] * len(offers))})", tuple(offer.id for offer in offers))
    states: dict[UUID, dict[str, int]] = {}
    for row in await Application.raw(
        f"SELECT a.offer, a.status, count(*) AS number FROM application a WHERE {theirs.sql} "  # noqa: S608  # constants
        "GROUP BY a.offer, a.status",
        *theirs.values,
    ):
        states.setdefault(row["offer"], {})[row["status"]] = int(row["number"])
    waiting = {each.reference: each for each in await waiting_by_offer(theirs, now=now)}
    return {
        offer.reference: OfferStanding(states.get(offer.id, {}), waiting.get(offer.reference))
        for offer in offers
    }


@dataclass(frozen=True, slots=True)
class Told:
    """Those who are told in one language that an offer is cancelled: how many, and one of their applications."""

    language: str
    number: int
    example: UUID


async def told_of_cancelling(offer_id: UUID, *, now: datetime) -> tuple[Told, ...]:
    """Who would be told now, by language; whose account is erased is told nothing."""
    undecided = await undecided_applications(offer_id, now=now)
    by_language: dict[str, list[UUID]] = {}
    for first in range(0, len(undecided), _AT_ONCE):
        some = Application.id.is_in(list(undecided[first : first + _AT_ONCE]))
        rows = await Application.select(
            Application.id,
            Application.candidate.language.as_alias("language"),
            Application.candidate.email.as_alias("email"),
        ).where(some)
        for row in rows:
            if row["email"]:
                by_language.setdefault(row["language"], []).append(row["id"])
    return tuple(
        Told(language, len(ids), min(ids)) for language, ids in sorted(by_language.items(), reverse=True)
    )
