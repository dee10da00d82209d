"""Why people get the mails that no machine tells: for the documentation; the machines speak for all others."""

from collections.abc import Mapping
from dataclasses import dataclass

_CANDIDATE, _RECRUITER, _NEW, _OLD = "candidate", "recruiter", "the new address", "the old address"


@dataclass(frozen=True, slots=True)
class Occasion:
    """Who gets a mail, and what has happened then."""

    to: str
    when: str


OCCASIONS: Mapping[str, Occasion] = {
    "account_confirmation": Occasion(_NEW, "somebody registers, or logs in before having confirmed"),
    "account_deleted": Occasion(_CANDIDATE, "the account is gone: as wished, or because nobody used it"),
    "account_exists": Occasion(_CANDIDATE, "somebody registers with the address of an account"),
    "account_kept": Occasion(_CANDIDATE, "a deletion is called off"),
    "account_unused": Occasion(_CANDIDATE, "an account is not used for long and will be deleted"),
    "alert_digest": Occasion(_CANDIDATE, "a daily or weekly run finds new offers that fit their alerts"),
    "archive_ready": Occasion(_CANDIDATE, "the copy of their data that they asked for is ready"),
    "deletion_confirmation": Occasion(_CANDIDATE, "they ask for their account to be deleted"),
    "deletion_planned": Occasion(_CANDIDATE, "they have confirmed that, and may still change their mind"),
    "email_changed": Occasion(_OLD, "the account has moved to another address"),
    "new_email_asked": Occasion(_OLD, "the account is to move to another address"),
    "new_email_confirmation": Occasion(_NEW, "an account is to move to it"),
    "new_password": Occasion(_CANDIDATE, "they answer their secret question"),
    "password_changed": Occasion(_CANDIDATE, "their password was changed"),
    "recruiter_invitation": Occasion(
        _RECRUITER, "an administrator invites them, or the invitation is asked for again"
    ),
    "recruiter_password": Occasion(_RECRUITER, "they have forgotten their password"),
    "recruiter_password_changed": Occasion(_RECRUITER, "their password was changed"),
    "recruiter_second_factor": Occasion(
        _RECRUITER, "their second factor was set up, moved, turned off or reset"
    ),
    "secret_question_changed": Occasion(_CANDIDATE, "their secret question was changed"),
    "weekly_waiting": Occasion(_RECRUITER, "once a week, if applications to their units' offers wait"),
}
