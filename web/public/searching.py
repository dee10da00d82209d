"""From a page's address to a query, and from its answer to what the results page shows (S1–S3, S7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar.datastructures import MultiDict

from search.analysis import highlight
from search.keywords import LONGEST_KEYWORDS
from search.queries import FACETS, Answer, OfferQuery, Order
from web.kit.offers import ShownOffer, shown_offer
from workflow.checks import clean_line
from workflow.language import N_, say
from workflow.offers.queries import OfferView, offers_by_ids
from workflow.reference.queries import (
    Choice,
    industries,
    is_known,
    job_types,
    jobs,
    label,
    levels,
    regions,
)

_LABELS = {
    "region": N_("Region"),
    "job_type": N_("Job type"),
    "level": N_("Level of qualification"),
    "industry": N_("Industry"),
    "job": N_("Job"),
}
_ORDERS = {Order.relevance: N_("Relevance"), Order.date: N_("Date")}
_MOST_JOBS = 8

Option = tuple[str, str, int, bool]
"""Value, label, number of results, whether it is chosen."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as an address asks for it; `ignored` are the values that no list knows."""

    query: OfferQuery
    ignored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pages:
    """Where among the pages of results one is; `prefix` is an address that a page's number completes."""

    number: int
    count: int
    prefix: str


def asked(params: MultiDict[Any]) -> Asked:
    """Read a search from query parameters: whatever they hold, there is a search that can be carried out."""
    chosen: dict[str, Any] = {}
    ignored: list[str] = []
    for facet in FACETS:
        values = {clean_line(value) for value in params.getall(facet, [])} - {""}
        chosen[facet] = frozenset(value for value in values if is_known(facet, value))  # type: ignore[arg-type]
        ignored += sorted(value[:60] for value in values - chosen[facet])
    query = OfferQuery(
        keywords=clean_line(params.get("keywords"))[:LONGEST_KEYWORDS],
        order=Order.date if params.get("order") == Order.date else Order.relevance,
        page=_page(params.get("page")),
        **chosen,
    )
    return Asked(query, tuple(ignored))


def _page(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdecimal() and len(text) <= 9 else 1


def address(query: OfferQuery, *, page: int | None = None) -> str:
    """The stable address of a search: the same search always has the same one."""
    pairs = [("keywords", query.keywords)] if query.keywords else []
    pairs += [(facet, value) for facet in FACETS for value in sorted(query.chosen(facet))]
    if query.order is not Order.relevance:
        pairs.append(("order", query.order.value))
    if page and page > 1:
        pairs.append(("page", str(page)))
    return "/offers" + (f"?{urlencode(pairs)}" if pairs else "")


def pages_of(query: OfferQuery, total: int) -> Pages:
    """The pages of a search; the number may lie beyond the last."""
    start = address(query)
    prefix = f"{start}{'&' if '?' in start else '?'}page="
    return Pages(query.page, -(-total // query.page_size), prefix)


def active_filters(query: OfferQuery, language: str) -> list[tuple[str, str]]:
    """What is chosen, each with the address without it."""
    return [
        (
            label(facet, value, language),  # type: ignore[arg-type]  # facets are kinds
            address(_without(query, facet, value)),
        )
        for facet in FACETS
        for value in sorted(query.chosen(facet))
    ]


def _without(query: OfferQuery, facet: str, value: str) -> OfferQuery:
    left: dict[str, Any] = {facet: query.chosen(facet) - {value}}
    return replace(query, **left)


def orders(query: OfferQuery, language: str) -> list[tuple[str, str, bool]]:
    """The ways to sort; none where nothing was typed, for then there is no relevance."""
    if not query.keywords:
        return []
    return [
        (say(language, text), address(replace(query, order=order)), order is query.order)
        for order, text in _ORDERS.items()
    ]


def facets(query: OfferQuery, answer: Answer, language: str) -> list[tuple[str, str, list[Option]]]:
    """Each filter with the values that would find something, and those that are chosen."""
    shown = {
        facet: _options(choices, answer.facets.get(facet, {}), query.chosen(facet), language)
        for facet, choices in _choices().items()
    }
    shown["job"] = _frequent(shown["job"])
    return [(facet, say(language, _LABELS[facet]), options) for facet, options in shown.items() if options]


def _choices() -> dict[str, Sequence[Choice]]:
    return {
        "region": regions(),
        "job_type": job_types(),
        "level": levels(),
        "industry": industries(),
        "job": jobs(),
    }


def _options(
    choices: Sequence[Choice], counts: Mapping[str, int], chosen: frozenset[str], language: str
) -> list[Option]:
    return [
        (choice.code, choice.label(language), counts.get(choice.code, 0), choice.code in chosen)
        for choice in choices
        if choice.code in chosen or counts.get(choice.code)
    ]


def _frequent(options: list[Option]) -> list[Option]:
    """Of the hundreds of jobs, those with the most offers and those that are chosen; keywords find the others."""
    by_number = sorted(options, key=lambda option: -option[2])
    return [option for option in options if option[3] or option in by_number[:_MOST_JOBS]]


async def shown_results(
    ids: Sequence[UUID], language: str, *, now: datetime, zone: ZoneInfo, keywords: str = ""
) -> list[ShownOffer]:
    """The offers of an answer, matches marked. One that closed since it was indexed is left out (S7)."""
    return [
        _with_matches(shown_offer(offer, language, now=now, zone=zone), offer, keywords)
        for offer in await offers_by_ids(ids)
        if offer.is_open(now, zone)
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
