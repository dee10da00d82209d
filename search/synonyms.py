"""Words that mean the same: what synonyms.txt holds, by keys, checked when it is read."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import permutations, product

from search.morphology import family
from search.words import analysed

Run = tuple[str, ...]
"""The keys of neighbouring words."""

MOST_WORDS = 4


class BadSynonyms(Exception):
    """Line {number} of the synonyms cannot be used: {reason}."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"Line {number} of the synonyms cannot be used: {reason}.")


def read(lines: Iterable[str]) -> dict[Run, tuple[Run, ...]]:
    """What each run of keys also means; raises BadSynonyms with the line that must be corrected.

    "one, other" go both ways, "one => other" is found by asking for the left, not the other way round.
    """
    meanings: dict[Run, list[Run]] = {}
    for number, line in enumerate(lines, 1):
        if (text := line.strip()) and not text.startswith("# "):
            for asked, found in _pairs(number, text):
                if not _holds(found, asked):  # whoever has "chercheur postdoctoral" has "postdoctoral"
                    meanings.setdefault(asked, []).append(found)
    return {asked: tuple(dict.fromkeys(found)) for asked, found in meanings.items()}


def _pairs(number: int, text: str) -> Iterator[tuple[Run, Run]]:
    asked, arrow, found = text.partition("=>")
    if arrow:
        yield from product(_runs(number, asked), _runs(number, found))
    else:
        yield from permutations(_runs(number, asked, least=2), 2)


def _runs(number: int, text: str, least: int = 1) -> list[Run]:
    runs: dict[Run, str] = {}
    for one in map(str.strip, text.split(",")):
        run = tuple(word.key for word in analysed(one))
        if not 0 < len(run) <= MOST_WORDS:
            raise BadSynonyms(number, f"{one!r} is not one to {MOST_WORDS} words")
        if run in runs:
            raise BadSynonyms(number, f"{one!r} and {runs[run]!r} are the same already")
        runs[run] = one
    if len(runs) < least:
        raise BadSynonyms(number, f"{text!r} stands alone")
    return list(runs)


def _holds(run: Run, part: Run) -> bool:
    return any(run[at : at + len(part)] == part for at in range(len(run) - len(part) + 1))


def _lengths(meanings: Iterable[Run]) -> dict[str, int]:
    lengths: dict[str, int] = {}
    for run in meanings:
        lengths[run[0]] = max(len(run), lengths.get(run[0], 1))
    return lengths


_GIVEN = read((files("search") / "synonyms.txt").read_text("utf-8").splitlines())
_meanings = _GIVEN
_most_words = _lengths(_GIVEN)
_edition = 0


def use_own(lines: Iterable[str]) -> None:
    """From now on this process knows these meanings besides those of synonyms.txt, and no others of before.

    Raises BadSynonyms, and goes on with what it knew.
    """
    global _meanings, _most_words, _edition  # noqa: PLW0603  # one vocabulary for a process, exchanged whole
    own = read(lines)
    _meanings = _GIVEN | {
        run: tuple(dict.fromkeys((*_GIVEN.get(run, ()), *found))) for run, found in own.items()
    }
    _most_words = _lengths(_meanings)
    _edition += 1


def edition() -> int:
    """Another number after each change of what words mean here, for whoever keeps what they meant."""
    return _edition


def most_words(key: str) -> int:
    """Of how many words is the longest run that begins with this key and has synonyms; 1 where none has."""
    return _most_words.get(key, 1)


def synonyms(run: Run) -> tuple[Run, ...]:
    """What else this run of keys is called: what synonyms.txt and the house say, and for a word its family."""
    relatives = ((key,) for key in family(run[0])) if len(run) == 1 else ()
    return (*_meanings.get(run, ()), *relatives)
