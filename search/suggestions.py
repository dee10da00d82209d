"""What a beginning of keywords may become, by what titles hold, for every index alike."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.clauses import Condition, Key, all_of, phrase
from search.corrections import Counts
from search.keywords import LONGEST_KEYWORDS, SHORTEST_PREFIX
from search.spelling import Known, Lexicon
from search.words import Word, analysed, fold

MOST_SUGGESTIONS = 8

_MOST_WORDS, _MOST_PHRASES = 40, 24
_MOST_BEFORE = 6
# Quotes, exclusions, alternatives and stars: who types these knows what to type.
_NOT_PLAIN = re.compile(r'["“”„«»|*]|(?<!\S)(?:-\w|OR\b|OU\b)')


@dataclass(frozen=True, slots=True)
class _Typed:
    """`start`, the word `before` with the `gap` behind it, and the beginning of the last word."""

    start: str
    before: Known | None
    gap: str
    last: str

    @property
    def head(self) -> str:
        return self.start + (self.before.written if self.before else "") + self.gap


def suggestions(typed: str, lexicon: Lexicon, counts: Counts) -> list[str]:
    """Up to eight completions of `typed`, each of which finds open offers; those with most first.

    The last word becomes the words and two-word phrases that begin so, written as titles mostly write
    them, beside the words before it, which are completed and corrected too ("inge bio" gives
    "ingénieur biologie").
    """
    text = typed[:LONGEST_KEYWORDS].lstrip()
    if _NOT_PLAIN.search(text):
        return []
    for are_whole in (True, False):
        understood = _understood(text, lexicon, are_whole=are_whole)
        if understood and (found := _completions(text, understood, lexicon, counts)):
            return found
    return []


def _completions(text: str, typed: _Typed, lexicon: Lexicon, counts: Counts) -> list[str]:
    found: dict[tuple[str, ...], tuple[str, Condition]] = {}
    for completion, condition in [*_phrases(typed, lexicon), *_words(typed, lexicon)]:
        found.setdefault(_keys(completion), (completion, condition))
    found.pop(_keys(text), None)
    totals = counts([condition for _, condition in found.values()])
    ranked = sorted(zip(totals, found, strict=True), key=lambda entry: (-entry[0], len(entry[1])))
    return [found[keys][0] for total, keys in ranked if total][:MOST_SUGGESTIONS]


def _understood(text: str, lexicon: Lexicon, *, are_whole: bool) -> _Typed | None:
    words = analysed(text)
    ending = words.pop() if words and words[-1].end == len(text) else None
    last = ending.spellings[0][0] if ending else ""
    if not words and not last and text.isalpha():  # "as", for now a word of grammar
        return _Typed("", None, "", fold(text)) if len(text) >= SHORTEST_PREFIX else None
    if len(words) > _MOST_BEFORE or (not words and len(last) < SHORTEST_PREFIX):
        return None
    start, at, before = "", 0, None
    for word in words:
        start += (before.written if before else "") + text[at : word.start]
        at, before = word.end, _completed(word, lexicon, is_whole=are_whole)
        if not before:
            return None
    return _Typed(start, before, text[at : ending.start if ending else len(text)], last)


def _completed(word: Word, lexicon: Lexicon, *, is_whole: bool) -> Known | None:
    """The word as titles write it, the commonest that begins so, or the nearest to it."""
    spelling = word.spellings[0][0]
    known = lexicon.word(spelling)
    longer = lexicon.words_from(spelling, 2) if len(spelling) >= SHORTEST_PREFIX else []
    if known and is_whole:
        return known
    return next(iter([*(other for other in longer if other != known), *lexicon.near(spelling)]), known)


def _phrases(typed: _Typed, lexicon: Lexicon) -> Iterator[tuple[str, Condition]]:
    before = f"{typed.before.spelling} " if typed.before else ""
    found = lexicon.phrases_from(before + typed.last, _MOST_PHRASES if typed.last else 5 * _MOST_PHRASES)
    # "chargé de" is continued by "mission", not by "études"
    begun = "" if typed.last else fold(typed.head)
    texts = [typed.start + known.written for known in found]
    for text in [text for text in texts if fold(text).startswith(begun)][:_MOST_PHRASES]:
        yield text, all_of([*_held(typed.start), phrase(_keys(text[len(typed.start) :]))])


def _words(typed: _Typed, lexicon: Lexicon) -> Iterator[tuple[str, Condition]]:
    longer = lexicon.words_from(typed.last, _MOST_WORDS) if len(typed.last) >= SHORTEST_PREFIX else []
    for known in longer or lexicon.near(typed.last)[:MOST_SUGGESTIONS]:
        yield typed.head + known.written, all_of(_held(typed.head + known.written))


def _held(text: str) -> list[Condition]:
    return [Key(key) for key in _keys(text)]


def _keys(text: str) -> tuple[str, ...]:
    return tuple(word.key for word in analysed(text))
