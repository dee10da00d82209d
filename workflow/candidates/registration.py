"""Checking a registration, field by field (A2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflow.account_checks import checked_language, checked_password
from workflow.checks import Checks, clean_line
from workflow.language import N_


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


def checked_question(checks: Checks) -> str:
    """The candidate's own question where there is one, else the code of the one chosen from the list (A2)."""
    own = checks.line("own_secret_question", maximum=200)
    return own or checks.line("secret_question", maximum=200, required=True)
