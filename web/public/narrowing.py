"""What narrows a search, how it may be sorted, and what would widen one that finds nothing (S3, S4)."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from search.queries import FACETS, Answer, OfferIndex, OfferQuery, Order
from web.public.searching import PAGE_SIZES, address
from workflow.language import N_, say, translations
from workflow.reference.queries import (
    alphabetical,
    industries,
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
_SHORT = 8
_SHOWN = 6

Link = tuple[str, str, bool]
"""Label, address, whether it is the present one."""


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a filter, with the number of results that it would have; `said` is that number in words."""

    value: str
    text: str
    count: int
    said: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter with its values in their own order; of a long list those with most offers are shown first."""

    name: str
    label: str
    all_options: tuple[Option, ...]
    first: tuple[Option, ...]
    others: tuple[Option, ...]

    @property
    def is_open(self) -> bool:
        """Whether one of the others is chosen, which must then be seen."""
        return any(option.is_chosen for option in self.others)


@dataclass(frozen=True, slots=True)
class WayOut:
    """A wider search that finds something: what is given up, the address, the number of offers in words."""

    label: str
    href: str
    said: str


@cache
def choices(language: str) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The values of each filter with their labels; the hundreds of jobs by the alphabet."""
    lists = {
        "region": regions(),
        "job_type": job_types(),
        "level": levels(),
        "industry": industries(),
        "job": alphabetical(jobs(), language),
    }
    return {name: tuple((each.code, each.label(language)) for each in all_) for name, all_ in lists.items()}


def facet_label(name: str, language: str) -> str:
    """What a filter is called."""
    return say(language, _LABELS[name])


def facets(query: OfferQuery, answer: Answer, language: str) -> list[Facet]:
    """Each filter with the values that would find something, and those that are chosen."""
    found = {
        name: [
            Option(value, text, count, offers_in_words(count, language), value in chosen)
            for value, text in values
            if (count := counts.get(value, 0)) or value in chosen
        ]
        for name, values in choices(language).items()
        for counts, chosen in [(answer.facets.get(name, {}), query.chosen(name))]
    }
    return [_facet(name, facet_label(name, language), options) for name, options in found.items() if options]


def _facet(name: str, label: str, options: list[Option]) -> Facet:
    number = len(options) if len(options) <= _SHORT else _SHOWN
    most = {option.value for option in sorted(options, key=lambda option: -option.count)[:number]}
    return Facet(
        name,
        label,
        tuple(options),
        tuple(option for option in options if option.value in most),
        tuple(option for option in options if option.value not in most),
    )


@lru_cache(maxsize=4096)
def offers_in_words(count: int, language: str) -> str:
    """“12 offers”."""
    return translations(language).ngettext("%(num)s offer", "%(num)s offers", count) % {"num": count}


def active_filters(query: OfferQuery, language: str) -> list[tuple[str, str]]:
    """What is chosen, each with the address without it."""
    return [
        (
            label(facet, value, language),  # type: ignore[arg-type]  # facets are kinds
            address(_chosen(query, facet, query.chosen(facet) - {value})),
        )
        for facet in FACETS
        for value in sorted(query.chosen(facet))
    ]


def without_filters(query: OfferQuery) -> OfferQuery:
    """The same keywords, in all offers."""
    for facet in FACETS:
        query = _chosen(query, facet, frozenset())
    return query


def _chosen(query: OfferQuery, facet: str, values: frozenset[str]) -> OfferQuery:
    chosen: dict[str, Any] = {facet: values}
    return replace(query, **chosen)


def orders(query: OfferQuery, language: str) -> list[Link]:
    """The ways to sort; none where nothing was typed, for then there is no relevance."""
    if not query.keywords:
        return []
    return [
        (say(language, text), address(replace(query, order=order)), order is query.order)
        for order, text in _ORDERS.items()
    ]


def page_sizes(query: OfferQuery, total: int) -> list[Link]:
    """How many results a page may have; none where all fit on the smallest."""
    if total <= PAGE_SIZES[0]:
        return []
    return [
        (str(size), address(replace(query, page_size=size)), size == query.page_size) for size in PAGE_SIZES
    ]


async def ways_out(index: OfferIndex, query: OfferQuery, now: datetime, language: str) -> list[WayOut]:
    """For a search that finds nothing: what it would find without one of its filters, its words, or all filters."""
    wider = list(_wider(replace(query, page=1), language))
    totals = await asyncio.to_thread(_totals, index, [each for _, each in wider], now)
    return [
        WayOut(label, address(each), offers_in_words(total, language))
        for (label, each), total in zip(wider, totals, strict=True)
        if total
    ]


def _wider(query: OfferQuery, language: str) -> Iterator[tuple[str, OfferQuery]]:
    chosen = [facet for facet in FACETS if query.chosen(facet)]
    without = say(language, N_("Without “%(what)s”"))
    for facet in chosen:
        values = [label(facet, value, language) for value in sorted(query.chosen(facet))]  # type: ignore[arg-type]
        yield without % {"what": ", ".join(values)}, _chosen(query, facet, frozenset())
    if query.keywords and chosen:
        yield without % {"what": query.keywords}, replace(query, keywords="", as_typed=False)
    if len(chosen) > 1:
        yield say(language, N_("Without any filter")), without_filters(query)


def _totals(index: OfferIndex, queries: list[OfferQuery], now: datetime) -> list[int]:
    return [index.search(replace(query, page_size=0), now).total for query in queries]
