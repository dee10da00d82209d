"""What the analysis knows of French and English: small words, endings, and words made of two."""

import re
from functools import lru_cache

# Words of grammar. "or" (gold), "son" (sound) and "est" (east) are left in: titles mean them.
SMALL_WORDS = (
    "a|an|and|as|at|au|aux|avec|by|ce|ces|cette|d|dans|de|des|du|en|et|for|from|in|l|la|le|les|of|on|ou|par|"
    "pour|sans|sous|sur|the|to|un|une|via|with"
)
STOP_WORDS = frozenset(SMALL_WORDS.split("|"))

# First parts that make one word with what follows a hyphen: "bio-informatique" is "bioinformatique".
JOINED_BY_HYPHEN = (
    "aero|agro|anti|audio|auto|bio|cardio|co|cryo|cyber|eco|electro|ethno|ferro|geo|hydro|hyper|immuno|infra|"
    "inter|intra|iono|macro|magneto|mega|meta|micro|mono|multi|nano|neuro|non|omni|opto|organo|paleo|photo|"
    "physico|piezo|pluri|poly|post|pre|pseudo|psycho|quasi|radio|retro|semi|socio|spatio|spectro|sub|super|"
    "techno|tele|thermo|trans|tri|ultra|uni|vibro|video|zoo"
)

# Those of them that hardly stand alone are joined over a space as well: "semi conducteurs".
JOINED_BY_SPACE = "cryo|electro|hydro|magneto|micro|multi|nano|neuro|opto|physico|pluri|semi|thermo"

PAIRS_OF_WORDS = r"(?:front|back)[- ]end|full[- ]stack|plate[- ]formes?|start[- ]ups?|web[- ]masters?"

# Inclusive endings: what is written after the dot, hyphen, slash or bracket; the end of the masculine
# that it may follow; and what that end becomes in the feminine, as it is written out.
_INCLUSIVE = (
    ("e", "", "e"),
    ("s", "", ""),
    ("x", "u", "ux"),
    ("ne", "n", "nne"),
    ("enne ienne", "en", "enne"),
    ("le lle", "l", "lle"),
    ("elle", "el", "elle"),
    ("elle", "eau", "elle"),
    ("elle", "eaux", "elles"),
    ("ale", "al", "ale"),
    ("te tte", "t", "tte"),
    ("fe ffe", "f", "ffe"),
    ("ve", "f", "ve"),
    ("ive", "if", "ive"),
    ("eure", "eur", "eure"),
    ("se euse", "eur", "euse"),
    ("rice trice", "teur", "trice"),
    ("drice", "deur", "drice"),
    ("se euse", "eux", "euse"),
    ("ere iere", "er", "ère"),
    ("ee", "e", "ée"),
    ("que", "c", "que"),
    ("sse esse", "e", "esse"),
)
ENDINGS = {
    ending: [(end, becomes) for endings, end, becomes in _INCLUSIVE if ending in endings.split()]
    for row in _INCLUSIVE
    for ending in row[0].split()
}

# English words that differ from the French by a rule: analysis, modelization, activities, archaeology.
_AS_IN_FRENCH = [
    (re.compile(r"(?<=[^s]s)is$"), "e"),
    (re.compile(r"(?<=..)iz(?=ations?$)"), "is"),
    (re.compile(r"(?<=...it)(?:y|ies)$"), "e"),
    (re.compile(r"(?<=..)aeo"), "eo"),
    (re.compile(r"(?<=el)l(?=ing$)"), ""),
]

_REMEMBERED = 16_384

_ICAL = re.compile(r"(?<=..ic)al$")  # physical is "physique", medical is "médical"

# Endings of one family: "biologie", "biologique", "biologiste" mean the same field, and are no one word.
_FAMILIES = [
    family.split()
    for family in (
        "ologi ologic ologist olog",
        "graphi graphic graphist graph",
        "nomi nomic nomist nom",
        "metri metric",
        "scopi scopic scopist scop",
        "himi himic himist hemic hemist hemistri",
        "hysic hysicien hysicist",
        "ematic ematicien",
        "ectronic ectronicien",
        "ecanic ecanicien",
        "nistratif nistration",
    )
]

_ROMAN = re.compile(r"(x{0,3})(ix|iv|v?i{0,3})((?<=[xvi]{2})(?:e|eme))?")
_ORDINAL = re.compile(r"(\d+)(?:e|eme)")
_UNITS = {"": 0, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}


def feminine(masculine: str, ending: str) -> tuple[int, str] | None:
    """How the inclusive `ending` changes the folded `masculine`: letters to cut, letters to add.

    None when the ending cannot belong to that word, so that "Li-ion" or "FCC-ee" stay two words.
    """
    if len(masculine) < 2 or not masculine[-1].isalpha():
        return None
    for ends in (ending, ending.removesuffix("s") or ending):
        for end, becomes in ENDINGS.get(ends, ()):
            if masculine.endswith(end):
                return len(end), becomes
    return None


@lru_cache(maxsize=_REMEMBERED)
def stem(word: str) -> str:
    """The key of a folded word: plural and feminine taken off in French and English, nothing else.

    Words of the same trade stay apart ("recherche", "chercheur"). Numbers are written in arabic.
    """
    if len(word) > 1 and word != "vie" and (roman := _ROMAN.fullmatch(word)):
        return str(10 * len(roman[1]) + _UNITS[roman[2]])
    if ordinal := _ORDINAL.fullmatch(word):
        return ordinal[1]
    if word == "dotnet":
        return ".net"
    if len(word) < 4 or not word.isalpha():
        return word
    if len(word) > 5:
        for english, french in _AS_IN_FRENCH:
            word = english.sub(french, word)
    return _ICAL.sub("", _masculine(_singular(word)))


@lru_cache(maxsize=_REMEMBERED)
def family(key: str) -> tuple[str, ...]:
    """Keys of the same field: of the science, its adjective, and who works in it."""
    for endings in _FAMILIES:
        for ending in endings:
            stem = key.removesuffix(ending)
            if stem != key and stem:
                return tuple(stem + other for other in endings if other != ending)
    return ()


def _singular(word: str) -> str:
    if word.endswith(("eaux", "oux")):
        return word[:-1]
    if re.search(r"(?<!e)aux?$|ail$", word) and len(word) > 4:
        return re.sub(r"(?:aux?|ail)$", "al", word)  # materiau, materiaux, material; travail, travaux
    if word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
        return re.sub(r"ail$", "al", word) if len(word) > 4 else word
    return word


def _masculine(word: str) -> str:
    if len(word) < 4:
        return word
    if len(word) > 5 and word.endswith(("trice", "drice")):
        return word[:-4] + "eu"
    if ending := re.search(r"(?:eure?|euse|eux)$", word):
        return word[: ending.start()] + "eu"
    word = word[:4] + word[4:].rstrip("e")
    if word.endswith("qu"):
        word = word[:-2] + "c"  # publique, public; informatique, informatics
    elif word.endswith("gu"):
        word = word[:-1]  # longue, long; catalogue, catalog
    elif word.endswith("iv"):
        word = word[:-1] + "f"
    elif word.endswith("y") and word[-2] not in "aeiou":
        word = word[:-1] + "i"  # biology, biologie; but not "employé", "emploi"
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "nltfs":
        word = word[:-1]
    return word
