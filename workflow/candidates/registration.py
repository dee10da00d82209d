"""Checking a registration, field by field (A2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.checks import Checks, clean_line
from workflow.language import DEFAULT, LANGUAGES, N_
from workflow.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH, is_guessable


@dataclass(frozen=True, slots=True)
class RegistrationForm:
    """What somebody gave at registration, checked."""

    title: str
    first_name: str
    last_name: str
    email: str
    password: str
    secret_question: str
    secret_answer: str
    language: str


def checked_registration(data: Mapping[str, Any]) -> RegistrationForm:
    """Check every field of A2. `email_again` and `password_again` are compared where they are given.

    A secret question is a code of the reference list, or one's own words. Raises InvalidInput.
    """
    checks = Checks(data)
    form = RegistrationForm(
        title=checks.choice("title", "title", required=True),
        first_name=checks.name("first_name", maximum=100),
        last_name=checks.name("last_name", maximum=100),
        email=checks.email("email"),
        password=checked_password(checks, data, data),
        secret_question=checked_question(checks),
        secret_answer=checks.line("secret_answer", maximum=200, required=True),
        language=checked_language(checks, data),
    )
    checks.same("email_again", clean_line(data.get("email")).lower(), lower=True)
    if data.get("accept_notice") not in (True, "true", "yes", "on", "1"):
        checks.fail("accept_notice", N_("Accept the data notice to register."))
    checks.finish()
    return form


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


def checked_question(checks: Checks) -> str:
    """The candidate's own question where there is one, else the code of the one chosen from the list (A2)."""
    own = checks.line("own_secret_question", maximum=200)
    return own or checks.line("secret_question", maximum=200, required=True)
