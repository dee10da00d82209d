"""The offers of an answer as the pages show them, with what was searched for marked (S4, S7)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from search.analysis import highlight
from web.kit.offers import ShownOffer, shown_offer
from workflow.offers.queries import OfferView, offers_by_ids


async def open_results(ids: Sequence[UUID], *, now: datetime, zone: ZoneInfo) -> tuple[OfferView, ...]:
    """The offers of an answer. One that closed since it was indexed is left out (S7)."""
    return tuple(offer for offer in await offers_by_ids(ids) if offer.is_open(now, zone))


def shown_results(
    offers: Iterable[OfferView], language: str, *, now: datetime, zone: ZoneInfo, keywords: str = ""
) -> list[ShownOffer]:
    """The offers as the pages show them, matches marked."""
    return [
        _with_matches(shown_offer(offer, language, now=now, zone=zone), offer, keywords) for offer in offers
    ]


def _with_matches(shown: ShownOffer, offer: OfferView, keywords: str) -> ShownOffer:
    """Mark what was searched for; a title found by its other language is shown in that one."""
    if not keywords:
        return shown
    titles = {"fr": offer.title_fr, "en": offer.title_en}
    marked = {code: tuple(highlight(title, keywords)) for code, title in titles.items() if title}
    best = max(marked, key=lambda code: (_marks(marked[code]), code == shown.language))
    return replace(shown, title=titles[best], language=best, title_segments=marked[best])


def _marks(segments: Sequence[tuple[str, bool]]) -> int:
    return sum(is_match for _, is_match in segments)
