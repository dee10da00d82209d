"""What is asked of every contender: words of the titles, with filters, each with the condition that it means."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any

from benchmarks.searching.corpus import NOW
from search.clauses import AllOf, AnyOf, Beginning, Condition, Key, Not, Pair
from search.documents import OfferDocument
from search.keywords import parsed
from search.queries import FACETS
from search.snapshot import microseconds
from search.words import analysed, terms

NOTHING, ONE, TWO = "nothing typed", "one word", "two words"
BEGINNING, MISSPELT, BARE = "beginning of a word", "misspelt word", "two words, no counts asked"
KINDS = (NOTHING, ONE, TWO, BEGINNING, MISSPELT, BARE)


def row_of(document: OfferDocument) -> list[Any]:
    """What the peers are given of an offer: our analysis of its titles, as tokens of letters and digits."""
    found = terms(document.titles)
    return [
        document.id.hex,
        microseconds(document.published_at),
        microseconds(document.closes_at),
        " ".join(sorted(map(_token, found.keys))),
        " ".join(sorted(_pair(*pair) for pair in found.pairs)),
        " ".join(sorted({_token(spelling) for spelling, _ in found.spellings})),
        *(document.facet(facet) or "" for facet in FACETS),
    ]


def questions(
    documents: Sequence[OfferDocument], count: int, seed: int = 3
) -> dict[str, list[dict[str, Any]]]:
    """So many of each kind, about open offers drawn by lot, so that frequent words are asked for often.

    A third asks without filters, a third for two regions, a third for a job type and a level as well.
    """
    random = Random(seed)
    open_ones = [document for document in documents if document.closes_at > NOW]
    return {kind: _some(kind, open_ones, count, random) for kind in KINDS}


def _some(kind: str, documents: Sequence[OfferDocument], count: int, random: Random) -> list[dict[str, Any]]:
    asked: dict[str, dict[str, Any]] = {}
    for _ in range(100 * count):
        document = random.choice(documents)
        keywords = _KEYWORDS[kind](_words(document), random)
        if keywords is None:
            continue
        filters = _filters(document, len(asked) % 3, random)
        key = keywords or str(filters)
        if key not in asked:
            asked[key] = _question(kind, keywords, filters)
        if len(asked) == count or (kind is NOTHING and len(asked) == count // 3):
            break
    return list(asked.values())


def _words(document: OfferDocument) -> list[str]:
    return [word.spellings[0][0] for word in analysed(document.titles[0]) if len(word.spellings[0][0]) > 3]


def _one(words: list[str], random: Random) -> str | None:
    return random.choice(words) if words else None


def _two(words: list[str], random: Random) -> str | None:
    return " ".join(random.sample(words, 2)) if len(words) > 1 else None


def _beginning(words: list[str], random: Random) -> str | None:
    long = [word for word in words if len(word) > 5 and word.isalpha()]
    return random.choice(long)[: random.randint(3, 5)] if long else None


def _misspelt(words: list[str], random: Random) -> str | None:
    """Two neighbouring letters of a long word exchanged."""
    long = [word for word in words if len(word) > 7 and word.isalpha()]
    if not long:
        return None
    word = random.choice(long)
    at = random.randint(1, len(word) - 3)
    changed = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return changed if changed != word else None


_KEYWORDS: dict[str, Callable[[list[str], Random], str | None]] = {
    NOTHING: lambda _words, _random: "",
    ONE: _one,
    TWO: _two,
    BEGINNING: _beginning,
    MISSPELT: _misspelt,
    BARE: _two,
}


def _filters(document: OfferDocument, which: int, random: Random) -> dict[str, list[str]]:
    region = sorted({document.region or "11", random.choice(["11", "84", "76"])})
    if which == 0:
        return {}
    if which == 1:
        return {"region": region}
    facets = {"job_type": document.job_type, "level": document.level}
    return {"region": region} | {facet: [value] for facet, value in facets.items() if value}


def _question(kind: str, keywords: str, filters: dict[str, list[str]]) -> dict[str, Any]:
    question: dict[str, Any] = {"keywords": keywords, "filters": filters, "now": microseconds(NOW)}
    question["tree"] = _tree(parsed(keywords).condition)
    if kind is MISSPELT:
        question |= {"misspelt": _token(keywords), "mistakes": 2, "filters": {}}
    return question | ({"bare": True} if kind is BARE else {})


def _tree(condition: Condition) -> Any:
    match condition:
        case Key(key):
            return ["term", "keys", _token(key)]
        case Pair(first, second):
            return ["term", "pairs", _pair(first, second)]
        case Beginning(prefix):
            return ["prefix", "spellings", _token(prefix)]
        case AllOf(()):
            return None
        case AllOf(parts):
            return ["all", *map(_tree, parts)]
        case AnyOf(parts):
            return ["any", *map(_tree, parts)]
        case Not():
            raise ValueError("nothing is excluded here")


def _token(text: str) -> str:
    """Letters and digits as they are, everything else by its number: no tokenizer may part it."""
    return "".join(_letters(text))


def _letters(text: str) -> Iterator[str]:
    for char in text:
        yield char if char.isascii() and char.isalnum() else f"_{ord(char):x}_"


def _pair(first: str, second: str) -> str:
    return f"{_token(first)}__{_token(second)}"
