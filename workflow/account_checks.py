"""What every account's forms ask alike, candidates' and recruiters': an address, a password, a language."""

from collections.abc import Mapping
from typing import Any

from workflow.checks import Checks, clean_line
from workflow.language import DEFAULT, LANGUAGES, N_
from workflow.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH, is_guessable


def address_key(email: str) -> str:
    """The one form of an address by which its account is found, however it was typed."""
    return Checks({"email": email}).email("email").lower()


def checked_password(checks: Checks, data: Mapping[str, Any], owner: Mapping[str, Any]) -> str:
    """A new password, `password`, that is not like what others know of its owner: address and names."""
    password = str(data.get("password") or "")
    known = [clean_line(owner.get(name)) for name in ("email", "first_name", "last_name")]
    if not password:
        checks.fail("password", N_("Fill in this field."))
    elif len(password) < MINIMUM_LENGTH:
        checks.fail("password", N_("Use {least} characters or more."), least=MINIMUM_LENGTH)
    elif len(password) > MAXIMUM_LENGTH:
        checks.fail("password", N_("Use {most} characters at most."), most=MAXIMUM_LENGTH)
    elif is_guessable(password, known):
        checks.fail(
            "password", N_("This password is too easy to guess. Several unrelated words make a good one.")
        )
    checks.same("password_again", password)
    return password


def checked_language(checks: Checks, data: Mapping[str, Any]) -> str:
    """The language that mails are written in; English where none is given."""
    language = str(data.get("language") or DEFAULT)
    if language not in LANGUAGES:
        checks.fail(
            "language", N_("“{value}” is not in the list. Choose one of it."), value=clean_line(language)[:60]
        )
    return language
