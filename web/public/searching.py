"""From a page's address to a query, and back to the one address of that search (S1–S3, S5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from litestar.datastructures import MultiDict

from search.keywords import LONGEST_KEYWORDS
from search.queries import FACETS, Answer, OfferQuery, Order
from workflow.checks import clean_line
from workflow.reference.queries import is_known

PAGE_SIZE = OfferQuery().page_size
PAGE_SIZES = (PAGE_SIZE, 50, 100)

_QUOTES = re.compile(r'["“”„«»\uff02]')
# After a hyphen these are endings of inclusive forms, and exclude nothing unless they are quoted.
_ENDINGS = frozenset(("e", "s", "es", "ne", "se", "euse", "trice"))


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


@dataclass(frozen=True, slots=True)
class Spelling:
    """Better spelt keywords and the search for them; with `corrected`, these are already its results."""

    better: str
    better_href: str
    typed_href: str
    corrected: bool


def asked(params: MultiDict[Any]) -> Asked:
    """Read a search from query parameters: whatever they hold, there is a search that can be carried out."""
    chosen: dict[str, Any] = {}
    ignored: list[str] = []
    for facet in FACETS:
        values = {clean_line(value) for value in params.getall(facet, [])} - {""}
        chosen[facet] = frozenset(value for value in values if is_known(facet, value))  # type: ignore[arg-type]
        ignored += sorted(value[:60] for value in values - chosen[facet])
    keywords = _keywords(params)
    query = OfferQuery(
        keywords=keywords,
        order=Order.date if params.get("order") == Order.date else Order.relevance,
        page=_page(params.get("page")),
        page_size=next((size for size in PAGE_SIZES if params.get("page_size") == str(size)), PAGE_SIZE),
        as_typed=bool(keywords) and params.get("exact") == "1",
        **chosen,
    )
    return Asked(query, tuple(ignored))


def _keywords(params: MultiDict[Any]) -> str:
    """What was typed, with the other fields of the advanced search in the same language.

    The words come last, for the last of them may be the beginning of a longer one.
    """
    phrase = clean_line(_QUOTES.sub(" ", params.get("phrase") or ""))
    parts = [f'"{phrase}"'] if phrase else []
    parts += [*_exclusions(params.get("without") or ""), clean_line(params.get("keywords"))]
    return " ".join(filter(None, parts))[:LONGEST_KEYWORDS]


def _exclusions(words: str) -> Iterator[str]:
    for word in clean_line(_QUOTES.sub(" ", words)).split():
        bare = word.lstrip("-")
        if bare:
            yield f"-{bare}" if bare.isalnum() and bare not in _ENDINGS else f'-"{bare}"'


def _page(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdecimal() and len(text) <= 9 else 1


def address(query: OfferQuery, *, page: int | None = None) -> str:
    """The stable address of a search: the same search always has the same one."""
    return "/offers" + parameters(query, page=page)


def parameters(query: OfferQuery, *, page: int | None = None) -> str:
    """What stands behind the path, the question mark included."""
    pairs = [("keywords", query.keywords)] if query.keywords else []
    pairs += [(facet, value) for facet in FACETS for value in sorted(query.chosen(facet))]
    if query.as_typed:
        pairs.append(("exact", "1"))
    if query.order is not Order.relevance:
        pairs.append(("order", query.order.value))
    if query.page_size != PAGE_SIZE:
        pairs.append(("page_size", str(query.page_size)))
    if page and page > 1:
        pairs.append(("page", str(page)))
    return f"?{urlencode(pairs)}" if pairs else ""


def plain(query: OfferQuery) -> OfferQuery:
    """The search alone: without the way its results are shown."""
    return replace(query, order=Order.relevance, page_size=PAGE_SIZE, as_typed=False)


def pages_of(query: OfferQuery, total: int) -> Pages:
    """The pages of a search; the number may lie beyond the last."""
    start = address(query)
    prefix = f"{start}{'&' if '?' in start else '?'}page="
    return Pages(query.page, -(-total // query.page_size), prefix)


def spelling_of(query: OfferQuery, answer: Answer) -> Spelling | None:
    """What to say of the spelling, where there is anything to say (S4)."""
    if not answer.did_you_mean:
        return None
    return Spelling(
        answer.did_you_mean,
        address(replace(query, keywords=answer.did_you_mean, as_typed=False)),
        address(replace(query, as_typed=True)),
        answer.corrected,
    )


def answered_query(query: OfferQuery, answer: Answer) -> OfferQuery:
    """The search that the answer is of: the better spelt one where it was corrected."""
    if answer.corrected and answer.did_you_mean:
        return replace(query, keywords=answer.did_you_mean)
    return query
