"""What a beginning of keywords may become, by what titles hold, for every index alike."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from search.clauses import Condition, Key, all_of, phrase
from search.corrections import Counts
from search.keywords import LONGEST_KEYWORDS, SHORTEST_PREFIX
from search.spelling import Known, Lexicon
from search.words import Word, analysed

MOST_SUGGESTIONS = 8

_MOST_WORDS, _MOST_PHRASES = 40, 24
_MOST_BEFORE = 6
# Quotes, exclusions, alternatives and stars: who types these knows what to type.
_NOT_PLAIN = re.compile(r'["“”„«»|*]|(?<!\S)(?:-\w|OR\b|OU\b)')


# A word that is also the beginning of one so many times as common is taken as the beginning ("bio mol").
_COMMONER = 10


@dataclass(frozen=True, slots=True)
class _Typed:
    """`start`, the word `before` with the `gap` behind it, and the beginning of the last word."""

    start: str
    before: Known | None
    gap: str
    last: str


def suggestions(typed: str, lexicon: Lexicon, counts: Counts) -> list[str]:
    """Up to eight completions of `typed`, each of which finds open offers; those with most first.

    The last word becomes the words and two-word phrases that begin so, written as titles mostly write
    them, beside the words before it, which are completed and corrected too ("inge bio" gives
    "ingénieur biologie").
    """
    understood = _understood(typed[:LONGEST_KEYWORDS].lstrip(), lexicon)
    if not understood:
        return []
    typed_keys = _keys(typed)
    found = {
        keys: (text, condition)
        for text, condition in reversed([*_phrases(understood, lexicon), *_words(understood, lexicon)])
        if (keys := _keys(text)) != typed_keys
    }
    candidates = list(reversed(found.values()))
    totals = counts([condition for _, condition in candidates])
    ranked = sorted(zip(totals, candidates, strict=True), key=lambda entry: -entry[0])
    return [text for total, (text, _) in ranked if total][:MOST_SUGGESTIONS]


def _understood(text: str, lexicon: Lexicon) -> _Typed | None:
    words = [] if _NOT_PLAIN.search(text) else analysed(text)
    last = words.pop().spellings[0][0] if words and words[-1].end == len(text) else ""
    if len(words) > _MOST_BEFORE or len(last) < (0 if words and not last else SHORTEST_PREFIX):
        return None
    start, at, before = "", 0, None
    for word in words:
        start += (before.written if before else "") + text[at : word.start]
        at, before = word.end, _completed(word, lexicon)
        if not before:
            return None
    gap = text[at : len(text) - len(last)] if last else text[at:]
    return _Typed(start, before, gap, last)


def _completed(word: Word, lexicon: Lexicon) -> Known | None:
    spelling = word.spellings[0][0]
    known = lexicon.word(spelling)
    longer = lexicon.words_from(spelling, 1) if len(spelling) >= SHORTEST_PREFIX else []
    if longer and (not known or longer[0].offers > _COMMONER * known.offers):
        return longer[0]
    return known or next(iter(lexicon.near(spelling)), None)


def _phrases(typed: _Typed, lexicon: Lexicon) -> Iterator[tuple[str, Condition]]:
    before = f"{typed.before.spelling} " if typed.before else ""
    for known in lexicon.phrases_from(before + typed.last, _MOST_PHRASES):
        yield typed.start + known.written, all_of([*_held(typed.start), phrase(_keys(known.written))])


def _words(typed: _Typed, lexicon: Lexicon) -> Iterator[tuple[str, Condition]]:
    if not typed.last:
        return
    head = typed.start + (typed.before.written if typed.before else "") + typed.gap
    longer = lexicon.words_from(typed.last, _MOST_WORDS)
    for known in longer or lexicon.near(typed.last)[:MOST_SUGGESTIONS]:
        yield head + known.written, all_of(_held(head + known.written))


def _held(text: str) -> list[Condition]:
    return [Key(key) for key in _keys(text)]


def _keys(text: str) -> tuple[str, ...]:
    return tuple(word.key for word in analysed(text))
