"""Checking what people send, field by field, so that all mistakes are told at once."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from unicodedata import category, normalize
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.reference.queries import Kind, is_known

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their category, and invisible: fillers of Hangul, the empty cell of Braille."""
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
_PHONE = re.compile(r"[+(]?[\d\s().+/·-]+(\s?(ext|x|p|poste|#)\.?\s?\d+)?", re.IGNORECASE)
_PHONE_LENGTH = 40
_LINK = re.compile(r"://|www\.|\w\.\w{2,}/", re.IGNORECASE)
"""What mail programs make a link of, as far as no name looks like it."""
_FEWEST_DIGITS, _MOST_DIGITS = 5, 20  # E.164 allows 15; extensions come on top
_EMAIL_LENGTH = 254  # RFC 5321: a path of 256 with its brackets
_BEFORE_AT_LENGTH = 64  # RFC 5321, section 4.5.3.1.1


def clean_line(value: object) -> str:
    """One line of text: no control characters, no line breaks, single spaces."""
    return " ".join(_CONTROL.sub("", str(value or "")).split())


def clean_text(value: object) -> str:
    """Text of several lines, with `\\n` as line break and no control characters."""
    text = str(value or "").replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text).strip()


ROW_IDS = range(1, 2**63)
"""The numbers that rows can have; databases cannot even compare others."""


def number_in(text: str, *, digits: int = 9) -> int:
    """The whole number that a text of so many digits at most is; 0 for every other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= digits else 0


def is_seen(value: str) -> bool:
    """Whether there is anything to see: more than spaces and the marks that only steer how others are shown."""
    return any(category(each)[0] not in "CZM" and each not in _BLANKS for each in value)


class Checks:
    """Reads fields one by one and gathers what is wrong; `finish()` raises InvalidInput if anything is."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self.errors: list[FieldError] = []

    def fail(self, field: str, message: str, **facts: Any) -> None:
        """Note what is wrong with a field, and how to mend it."""
        self.errors.append(FieldError(field, message, facts))

    def line(self, field: str, *, maximum: int = 200, required: bool = False) -> str:
        """One line of text."""
        return self._limited(field, clean_line(self._data.get(field)), maximum, required)

    def name(self, field: str, *, maximum: int) -> str:
        """A person's name. Mails greet with it, and nobody may have us mail addresses to strangers."""
        value = self.line(field, maximum=maximum, required=True)
        lines = str(self._data.get(field) or "").strip().splitlines()
        if len(lines) > 1 or _LINK.search(normalize("NFKC", value[:maximum])):
            self.fail(field, N_("Write a name on one line, without a web address."))
        return value

    def text(self, field: str, *, maximum: int, required: bool = False) -> str:
        """Text of several lines."""
        return self._limited(field, clean_text(self._data.get(field)), maximum, required)

    def _limited(self, field: str, value: str, maximum: int, required: bool) -> str:
        if required and not is_seen(value):
            self.fail(field, N_("Fill in this field."))
        if len(value) > maximum:
            self.fail(
                field,
                N_("Use {maximum} characters at most; there are {length}."),
                maximum=maximum,
                length=len(value),
            )
        return value

    def choice(self, field: str, kind: Kind, *, required: bool = False) -> str:
        """A code of a reference list."""
        value = clean_line(self._data.get(field))
        if required and not value:
            self.fail(field, N_("Choose one of the list."))
        elif value and not is_known(kind, value):
            self.fail(field, N_("“{value}” is not in the list. Choose one of it."), value=value[:60])
        return value

    def email(self, field: str) -> str:
        """An e-mail address that our mails can reach; not checked for existence."""
        value = clean_line(self._data.get(field))
        if not value:
            self.fail(field, N_("Fill in this field."))
            return ""
        if len(value) > _EMAIL_LENGTH:  # before the validator, whose time grows with the length
            return self._limited(field, value, _EMAIL_LENGTH, required=True)
        before_at, _, domain = value.rpartition("@")
        if domain and len(before_at) > _BEFORE_AT_LENGTH:
            self.fail(
                field,
                N_("Before the @ there may be {maximum} characters at most; there are {length}."),
                maximum=_BEFORE_AT_LENGTH,
                length=len(before_at),
            )
            return value
        if domain and not before_at.isascii() and "<" not in before_at:
            self.fail(
                field, N_("Before the @ we can only take letters without accents, digits and ordinary signs.")
            )
            return value
        try:
            checked = validate_email(
                value, check_deliverability=False, allow_smtputf8=False, test_environment=True
            )
        except EmailNotValidError:
            self.fail(field, N_("Write the address in the form name@example.org."))
            return value
        return str(checked.ascii_email)

    def same(self, field: str, value: str, *, lower: bool = False) -> None:
        """What is typed a second time, where it is given at all, to find slips of the finger."""
        if field not in self._data:
            return
        again = str(self._data[field] or "")
        if (clean_line(again).lower() if lower else again) != value:
            self.fail(field, N_("The two do not agree. Type it again."))

    def url(self, field: str) -> str:
        """An optional http(s) address."""
        value = clean_line(self._data.get(field))
        if value and not is_web_address(value):
            self.fail(field, N_("Write a full web address that begins with https:// or http://."))
        return self._limited(field, value, 500, required=False)

    def words(self, field: str, *, maximum: int) -> str:
        """One optional line that says something: there is a letter in it, of whatever script."""
        value = self.line(field, maximum=maximum)
        if value and not any(map(str.isalpha, value)):
            self.fail(field, N_("Write this in words."))
        return value

    def phone(self, field: str) -> str:
        """An optional phone number, as people write it: only what could not be dialled is refused."""
        value = self.line(field, maximum=_PHONE_LENGTH)
        digits = sum(character.isdecimal() for character in value)
        is_number = _FEWEST_DIGITS <= digits <= _MOST_DIGITS and _PHONE.fullmatch(value)
        if 0 < len(value) <= _PHONE_LENGTH and not is_number:
            self.fail(field, N_("Write a phone number, such as +33 1 23 45 67 89."))
        return value

    def number(self, field: str, *, least: int, most: int) -> int | None:
        """A whole number, or None where there is none. 0 is a number."""
        given = self._data.get(field)
        value = clean_line("" if given is None else str(given))
        if not value:
            return None
        if not value.isdecimal() or len(value) > 9 or not least <= int(value) <= most:
            self.fail(field, N_("Write a whole number from {least} to {most}."), least=least, most=most)
            return None
        return int(value)

    def day(self, field: str, *, required: bool = False) -> date | None:
        """A day of this century or so, or None where there is none; given as a date or as 2026-12-31."""
        given = self._data.get(field)
        text = given.isoformat() if isinstance(given, date) else clean_line(given)
        if not text and not required:
            return None
        try:
            value = date.fromisoformat(text)
        except ValueError:
            self.fail(field, N_("Write the day as year-month-day, such as 2026-12-31."))
            return None
        if not _FIRST_DAY <= value <= _LAST_DAY:
            self.fail(field, N_("Choose a day from {first} to {last}."), first=_FIRST_DAY, last=_LAST_DAY)
            return None
        return value

    def finish(self) -> None:
        """Raises InvalidInput with all that is wrong."""
        if self.errors:
            raise InvalidInput(self.errors)


def is_web_address(value: str) -> bool:
    """Whether this is an http(s) address with a host, and neither spaces nor a user name in it."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and "@" not in parts.netloc
        and " " not in value
        and value.isprintable()
    )
