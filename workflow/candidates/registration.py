"""Checking a registration, field by field (A2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflow.checks import Checks, clean_line
from workflow.language import DEFAULT, LANGUAGES, N_
from workflow.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH, is_guessable


@dataclass(frozen=True, slots=True)
class Registration:
    """What a candidate gave at registration, checked."""

    title: str
    first_name: str
    last_name: str
    email: str
    password: str
    secret_question: str
    secret_answer: str
    language: str


def checked_registration(data: Mapping[str, Any]) -> Registration:
    """Check every field of A2. `email_again` and `password_again` are compared where they are given.

    A secret question is a code of the reference list, or one's own words. Raises InvalidInput.
    """
    checks = Checks(data)
    registration = Registration(
        title=checks.choice("title", "title", required=True),
        first_name=checks.line("first_name", maximum=100, required=True),
        last_name=checks.line("last_name", maximum=100, required=True),
        email=checks.email("email"),
        password=_password(checks, data),
        secret_question=checked_question(checks),
        secret_answer=checks.line("secret_answer", maximum=200, required=True),
        language=_language(checks, data),
    )
    checks.same("email_again", clean_line(data.get("email")).lower(), lower=True)
    checks.same("password_again", str(data.get("password") or ""))
    if data.get("accept_notice") not in (True, "true", "yes", "on", "1"):
        checks.fail("accept_notice", N_("Accept the data notice to register."))
    checks.finish()
    return registration


def _password(checks: Checks, data: Mapping[str, Any]) -> str:
    password = str(data.get("password") or "")
    known = [str(data.get(name) or "") for name in ("email", "first_name", "last_name")]
    check_password(checks, password, known)
    return password


def check_password(checks: Checks, password: str, known: Sequence[str], *, field: str = "password") -> None:
    """Note what is wrong with a new password; `known` is what others know of its owner."""
    if not password:
        checks.fail(field, N_("Fill in this field."))
    elif len(password) < MINIMUM_LENGTH:
        checks.fail(field, N_("Use {least} characters or more."), least=MINIMUM_LENGTH)
    elif len(password) > MAXIMUM_LENGTH:
        checks.fail(field, N_("Use {most} characters at most."), most=MAXIMUM_LENGTH)
    elif is_guessable(password, known):
        checks.fail(field, N_("This password is too easy to guess. Several unrelated words make a good one."))


def _language(checks: Checks, data: Mapping[str, Any]) -> str:
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
