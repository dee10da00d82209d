"""Passwords and secret answers: how good they must be, and at rest, as Argon2id worked out in a thread."""

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 256
_LENGTH_WEIGHED = 32
_PLAIN = str.maketrans("@({[<|!$+%", "acccciistx")
"""zxcvbn tries every reading of such signs: seconds for a password made of them. They are read first, and cut."""
_COMMON_IN_FRENCH = (
    "motdepasse",
    "azerty",
    "bonjour",
    "bonsoir",
    "soleil",
    "jetaime",
    "amour",
    "chouchou",
    "doudou",
    "loulou",
    "chocolat",
    "coucou",
    "nicolas",
    "candidat",
    "candidature",
    "emploi",
    "recherche",
    "laboratoire",
    "france",
    "paris",
    "vivier",
)
"""What zxcvbn's lists, made of English, lack."""
_LEAST_OF_ONES_OWN = 8
"""So many characters must be neither their owner's names nor such a word."""
_STRONG_ENOUGH = 3
"""Of 4: more than 10^8 guesses (zxcvbn)."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Of new passwords: those that nobody mistakes for another."""

_hasher = PasswordHasher()
_threads = ThreadPoolExecutor(2, thread_name_prefix="passwords")
"""Their own, so that a burst of logins does not keep the search and the uploads waiting."""

T = TypeVar("T")


def is_guessable(password: str, known: Sequence[str] = ()) -> bool:
    """Whether a password is too common, too simple, or too like what is `known` of its owner (names, address)."""
    bare = _without_accents(password).lower()
    parts = {part for text in known for part in re.split(r"[\W_]+", _without_accents(text).lower())}
    parts = {part for part in parts if len(part) > 2}
    rest = bare
    for part in sorted(parts.union(_COMMON_IN_FRENCH), key=len, reverse=True):
        rest = rest.replace(part, "")
    if len(rest) < _LEAST_OF_ONES_OWN or len(set(bare)) < 5:
        return True
    weighed = password[:_LENGTH_WEIGHED].translate(_PLAIN)
    return int(zxcvbn(weighed, [*sorted(parts), *_COMMON_IN_FRENCH])["score"]) < _STRONG_ENOUGH


def new_password() -> str:
    """A random password that can be typed from a mail: four groups of four, about 79 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


def as_mailed(password: str) -> str:
    """What counts of a password that `new_password` made: no blanks, dashes or capitals, however it was copied."""
    return "".join(c for c in _normalised(password).casefold() if c.isalnum())


def needs_new_hash(stored: str) -> bool:
    """Whether a hash was made with other parameters than those of today."""
    return _hasher.check_needs_rehash(stored)


def hash_password(password: str) -> str:
    """An Argon2id hash. Blocks for about 50 ms: call it in a thread, or use `hashed`."""
    return _hasher.hash(_normalised(password))


async def hashed(password: str) -> str:
    """`hash_password`, off the event loop."""
    return await _apart(hash_password, password)


async def password_fits(password: str, stored: str | None) -> bool:
    """Whether a password fits its hash. Without a hash the same work is done, and the answer is no."""
    return await _apart(_fits, password, stored or _nobody()) and stored is not None


def normalised_answer(answer: str) -> str:
    """A secret answer without the differences that nobody remembers: case, accents, spaces."""
    return " ".join(_without_accents(answer).casefold().split())


def _without_accents(text: str) -> str:
    """Cut first: the time that normalising takes grows with the square of the marks."""
    apart = unicodedata.normalize("NFKD", text[:MAXIMUM_LENGTH])
    return "".join(c for c in apart if not unicodedata.combining(c))


async def _apart(work: Callable[..., T], *arguments: str) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)


def _fits(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, _normalised(password))
    except (VerificationError, InvalidHashError):
        return False


def _normalised(password: str) -> str:
    """NFKC, so that a password typed on another keyboard is the same; cut first, so that none costs more."""
    return unicodedata.normalize("NFKC", password[:MAXIMUM_LENGTH])[:MAXIMUM_LENGTH]


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex())
