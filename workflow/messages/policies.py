"""How the relay treats a kind of mail: which goes first, and what becomes of one that may have gone out or not."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum


class Priority(IntEnum):
    """Which mails go first."""

    URGENT = 1
    """Somebody sits before the screen and waits for it."""
    USUAL = 2
    BULK = 3
    """Thousands at once, and nobody minds an hour."""


class InDoubt(Enum):
    """What becomes of a mail that was handed over to a server that never answered."""

    RESEND = "resend"
    """It goes once more, the same to the byte: better twice than never."""
    HOLD = "hold"
    """It waits until an administrator says that it went out, or sends it again: better late than twice."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`is_bulk_subscription`: its readers asked for it and can stop it, by the address `unsubscribe_url` among its
    parameters, which its headers name for one click (RFC 8058).
    """

    priority: Priority = Priority.USUAL
    in_doubt: InDoubt = InDoubt.RESEND
    is_bulk_subscription: bool = False


_USUAL = Policy()
_URGENT = Policy(priority=Priority.URGENT)

POLICIES = {
    **dict.fromkeys(
        (
            "account_confirmation",
            "account_exists",
            "deletion_confirmation",
            "new_email_confirmation",
            "new_password",
            "recruiter_invitation",
            "recruiter_password",
        ),
        _URGENT,
    ),
    "account_unused": Policy(priority=Priority.BULK),
    "alert_digest": Policy(Priority.BULK, InDoubt.HOLD, is_bulk_subscription=True),
    "weekly_waiting": Policy(Priority.BULK, InDoubt.HOLD),
}
"""The kinds that are treated in a way of their own; all others are usual, and repeated when in doubt."""


def policy_of(kind: str) -> Policy:
    """How a kind of mail is treated."""
    return POLICIES.get(kind, _USUAL)


def in_order_of_priority(kinds: Iterable[str]) -> list[str]:
    """The same kinds, urgent ones first; those of one priority stay as they stood."""
    return sorted(kinds, key=lambda kind: policy_of(kind).priority)
