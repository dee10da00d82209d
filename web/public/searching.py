"""From a page's address to a query, and back to the one address of that search (S1–S3, S5)."""

import re
from collections.abc import Callable, Iterator
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
LAST_PAGE = 100_000

_SAID = 60

_OPERATORS = frozenset(("OR", "OU"))
_QUOTES = re.compile(r'["“”„«»\uff02]')
# After a hyphen these are endings of inclusive forms, and exclude nothing unless they are quoted.
_ENDINGS = frozenset(("e", "s", "es", "ne", "se", "euse", "trice"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as an address asks for it: `ignored` is what is not understood, `is_cut` that keywords were too long."""

    query: OfferQuery
    ignored: tuple[str, ...]
    is_cut: bool = False


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
        ignored += sorted(value[:_SAID] for value in values - chosen[facet])
    ignored += _misfits(params)
    keywords, page = _keywords(params), params.get("page") or ""
    query = OfferQuery(
        keywords=keywords[:LONGEST_KEYWORDS].rstrip(),
        order=Order.date if params.get("order") == Order.date else Order.relevance,
        page=int(page) if _is_page(page) else 1,
        page_size=next((size for size in PAGE_SIZES if params.get("page_size") == str(size)), PAGE_SIZE),
        as_typed=bool(keywords) and params.get("exact") == "1",
        **chosen,
    )
    return Asked(query, tuple(ignored), is_cut=len(keywords) > LONGEST_KEYWORDS)


def _misfits(params: MultiDict[Any]) -> list[str]:
    """Values of the other parameters that the search can make nothing of, as they stand in the address."""
    fits: dict[str, Callable[[str], bool]] = {
        "order": lambda text: text in set(Order),
        "page": _is_page,
        "page_size": lambda text: text in set(map(str, PAGE_SIZES)),
        "exact": lambda text: text in {"0", "1"},
    }
    asked_for = [(name, params.get(name) or "") for name in fits]
    return [f"{name}={clean_line(text)[:_SAID]}" for name, text in asked_for if text and not fits[name](text)]


def _keywords(params: MultiDict[Any]) -> str:
    """What was typed, with the other fields of the advanced search in the same language.

    The words come last, for the last of them may be the beginning of a longer one.
    """
    phrase = clean_line(_QUOTES.sub(" ", params.get("phrase") or ""))
    parts = [f'"{phrase}"'] if phrase else []
    parts += [*_exclusions(params.get("without") or ""), clean_line(params.get("keywords"))]
    return " ".join(filter(None, parts))


def _exclusions(words: str) -> Iterator[str]:
    for word in clean_line(_QUOTES.sub(" ", words)).split():
        bare = word.lstrip("-")
        if bare:
            yield f"-{bare}" if bare.isalnum() and bare not in _ENDINGS else f'-"{bare}"'


def _is_page(text: str) -> bool:
    return text.isdecimal() and len(text) <= len(str(LAST_PAGE)) and 1 <= int(text) <= LAST_PAGE


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


def alert_address(query: OfferQuery) -> str:
    """The form of an alert, filled with what of a search fits into one (S5)."""
    return "/candidate/alerts/new" + parameters(plain(query))


def plain(query: OfferQuery) -> OfferQuery:
    """The search alone: without the way its results are shown."""
    return replace(query, order=Order.relevance, page_size=PAGE_SIZE, as_typed=False)


def lasting(query: OfferQuery, answer: Answer) -> str:
    """The one address of what is shown: without capitals, in pages of the usual size, as typed where that matters."""
    matters = query.as_typed and bool(answer.did_you_mean) and not answer.total
    first = (query.page - 1) * query.page_size
    kept = replace(plain(query), keywords=_without_capitals(query.keywords), as_typed=matters)
    return address(kept, page=first // PAGE_SIZE + 1)


def _without_capitals(keywords: str) -> str:
    """But for the words that mean something else in small letters."""
    words = keywords.split()
    return " ".join(word if word in _OPERATORS or word.startswith("-") else word.lower() for word in words)


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
