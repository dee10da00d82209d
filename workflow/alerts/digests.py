"""A digest: the one mail in which a run tells somebody all that is new for them, and by which of their alerts (L4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from workflow.alerts.criteria import FACETS, Criteria, criteria_in_words
from workflow.alerts.news import criteria_of
from workflow.alerts.runs import HeldRun
from workflow.alerts.unsubscribing import unsubscribing_path
from workflow.candidates.mails import addressee
from workflow.engine.outbox import Announcement
from workflow.language.days import long_date
from workflow.offers.queries import OfferView
from workflow.reference.queries import label

KIND = "alert_digest"

LISTED = 100
"""More offers than these are only counted: the search shows them."""

LONGEST_WORDS = 80
"""So many characters of its keywords are enough to know an alert by."""

EXPIRES = timedelta(days=10)
"""What a digest tells is told nowhere else; so it may be late, but not so late that the offers are over."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Where digests are written: the address of the portal, the key of their links, the zone of days."""

    base_url: str
    secret_key: str
    zone: ZoneInfo

    def digest(
        self,
        run: HeldRun,
        candidate: Row,
        alerts: Sequence[Row],
        offers: Sequence[tuple[OfferView, Sequence[int]]],
        *,
        now: datetime,
    ) -> Announcement:
        """The mail. `offers`: in the order of the mail, each with the places of those `alerts` that it fits."""
        return Announcement(
            kind=KIND,
            dedup_key=f"{KIND}/{run.id}/{candidate['id']}",
            recipient=candidate["email"],
            language=candidate["language"],
            params=addressee(candidate) | self._params(run, candidate, alerts, offers),
            expires_at=now + EXPIRES,
            about=("candidate", candidate["id"]),
        )

    def _params(
        self,
        run: HeldRun,
        candidate: Row,
        alerts: Sequence[Row],
        offers: Sequence[tuple[OfferView, Sequence[int]]],
    ) -> dict[str, Any]:
        language: str = candidate["language"]
        told_of = sorted({place for _, places in offers for place in places})
        return {
            "frequency": run.frequency,
            "number": len(offers),
            "offers": [
                [*self._told(offer, language), [told_of.index(place) for place in places]]
                for offer, places in offers[:LISTED]
            ],
            "more": max(0, len(offers) - LISTED),
            "alerts": [self._alert(alerts[place], language) for place in told_of],
            "unsubscribe_url": self._stopping("all", candidate),
        }

    def _told(self, offer: OfferView, language: str) -> list[str]:
        place = offer.city or label("region", offer.region, language)
        return [
            offer.title(language),
            place,
            offer.unit_name,
            long_date(offer.closes_on, language, self.zone),
            f"{self.base_url}/offers/{quote(offer.reference, safe='')}",
        ]

    def _alert(self, alert: Row, language: str) -> list[str]:
        """What it looks for, the address of the search that finds the same, and the one that stops it."""
        criteria = criteria_of(alert)
        words = criteria_in_words(replace(criteria, keywords=_shortened(criteria.keywords)), language)
        return [words, self.base_url + search_path(criteria), self._stopping("alert", alert)]

    def _stopping(self, what: Any, row: Row) -> str:
        return self.base_url + unsubscribing_path(what, row["id"], secret_key=self.secret_key)


def _shortened(keywords: str) -> str:
    return keywords if len(keywords) <= LONGEST_WORDS else keywords[: LONGEST_WORDS - 1].rstrip() + "…"


def search_path(criteria: Criteria) -> str:
    """The search that finds what an alert looks for, the newest first."""
    chosen = {name: getattr(criteria, name) for name in ("keywords", *FACETS) if getattr(criteria, name)}
    return "/offers?" + urlencode({**chosen, "order": "date"})
