"""What logins of candidates and of recruiters have in common."""

import hashlib
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where somebody logs in: what the device is called, and the token of the session it had, which ends."""

    device: str = ""
    token: str = ""


UNKNOWN = Arrival()


@dataclass(frozen=True, slots=True)
class SessionView:
    """One open session, as its owner knows it again. `used_at` is right to ten minutes."""

    id: int
    device: str
    created_at: datetime
    used_at: datetime
    is_current: bool


def digest_of(token: str) -> str:
    """What is kept of a token: its SHA-256, hex."""
    return hashlib.sha256(token.encode()).hexdigest()
