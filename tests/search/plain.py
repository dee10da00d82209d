"""The rules of the search, followed by looking at every offer: what any index must answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Literal

from search.analysis import normalise
from search.documents import OfferDocument
from search.queries import FACETS, Answer, OfferQuery, Order
from search.synonyms import synonyms
from search.words import fold

Run = tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """A word, the beginning of one ("star"), words in quotes, one of two words, or a word to exclude."""

    kind: Literal["word", "star", "quoted", "either", "minus"]
    words: Run

    def __str__(self) -> str:
        return {
            "word": "{0}",
            "star": "{0}*",
            "quoted": '"{0} {1}"',
            "either": "{0} OR {1}",
            "minus": "-{0}",
        }[self.kind].format(*self.words)


def rank(parts: Sequence[Part], offer: OfferDocument) -> int | None:
    """0 as a phrase, 1 with all words, 2 with beginnings, 3 with synonyms; None when it is not found."""
    titles, written = _read(offer.titles)

    def holds(run: Run) -> bool:
        return any(run == title[at : at + len(run)] for title in titles for at in range(len(title)))

    def begins(part: Part, word: str) -> bool:
        is_last = part is parts[-1] and part.kind in {"word", "either"} and word == part.words[-1]
        return (part.kind == "star" or is_last) and any(each.startswith(fold(word)) for each in written)

    def means(part: Part, word: str) -> bool:
        return any(holds(run) for run in _meanings(tuple(parts), parts.index(part), word))

    wanted = [part for part in parts if part.kind != "minus"]
    if any(holds(_keys(part.words[0])) for part in parts if part.kind == "minus"):
        return None
    levels = []
    for part in wanted:
        choices = part.words if part.kind != "quoted" else (" ".join(part.words),)
        whole = any(holds(_keys(word)) for word in choices)
        begun = any(begins(part, word) for word in choices)
        meant = any(means(part, word) for word in choices)
        if not (whole or begun or meant):
            return None
        levels.append(1 if whole else 2 if begun else 3)
    level = max(levels, default=1)
    simple = bool(wanted) and all(part.kind != "either" for part in wanted)
    is_phrase = simple and holds(_keys(" ".join(" ".join(part.words) for part in wanted)))
    return 0 if level == 1 and is_phrase else level


@cache
def _meanings(parts: tuple[Part, ...], at: int, word: str) -> list[Run]:
    """What means the same as the word, or as up to four neighbouring plain words that it is among."""
    plain = [part.kind in {"word", "star"} for part in parts]
    runs = [
        tuple(normalise(part.words[0])[0] for part in parts[start:end])
        for start in range(at + 1)
        for end in range(at + 1, min(start + 4, len(parts)) + 1)
        if all(plain[start:end])
    ]
    if parts[at].kind == "either":
        runs = [_keys(word)]
    return [other for run in runs for other in synonyms(run)]


@cache
def _read(titles: tuple[str, ...]) -> tuple[list[Run], list[str]]:
    return [_keys(title) for title in titles], fold(" ".join(titles)).split()


@cache
def _keys(text: str) -> Run:
    return tuple(key for key, _ in groupby(normalise(text)))  # a word repeated at once counts as one


def plain_answer(
    offers: Iterable[OfferDocument], parts: Sequence[Part], query: OfferQuery, now: datetime
) -> Answer:
    """What any index must answer to a query whose keywords are `parts`, as typed."""
    ranked = [(rank(parts, offer), offer) for offer in offers if offer.closes_at > now]
    worded = [(level, offer) for level, offer in ranked if level is not None]

    def found(but: str = "") -> list[tuple[int, OfferDocument]]:
        filters = [(facet, query.chosen(facet)) for facet in FACETS if query.chosen(facet) and facet != but]
        return [(n, o) for n, o in worded if all(o.facet(facet) in values for facet, values in filters)]

    counts: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        values = [value for _, offer in found(but=facet) if (value := offer.facet(facet))]
        counts[facet] = {value: values.count(value) for value in values}
    ordered = sorted(found(), key=lambda pair: (pair[1].published_at, pair[1].id), reverse=True)
    if query.order is Order.relevance:
        ordered.sort(key=lambda pair: pair[0])
    skip = (query.page - 1) * query.page_size
    ids = tuple(offer.id for _, offer in ordered[skip : skip + query.page_size])
    return Answer(ids, len(ordered), counts)
