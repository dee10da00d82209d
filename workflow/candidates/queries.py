"""What is known of a candidate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.custom_types import Combinable

from workflow.account_checks import address_key
from workflow.candidates.tables import Candidate
from workflow.known_browsers import Account
from workflow.roles import CANDIDATE

PROFILE_FIELDS = (
    "title",
    "first_name",
    "last_name",
    "address",
    "postal_code",
    "city",
    "country",
    "phone",
    "nationality",
    "level",
    "situation",
    "languages",
)
"""What candidates tell of themselves in words and choices (A8)."""

_KNOWN_FROM_REGISTRATION = ("title", "first_name", "last_name")
_ASKED_FOR = (*(name for name in PROFILE_FIELDS if name not in _KNOWN_FROM_REGISTRATION), "profile_cv")


@dataclass(frozen=True, slots=True)
class CandidateView:
    """An account with its profile; codes are those of `workflow.reference`."""

    id: UUID
    email: str
    title: str
    first_name: str
    last_name: str
    language: str
    secret_question: str
    return_to: str | None
    created_at: datetime
    address: str
    postal_code: str
    city: str
    country: str
    phone: str
    nationality: str
    level: str
    situation: str
    languages: str
    profile_cv: UUID | None
    deletes_at: datetime | None
    bounced_at: datetime | None
    bounce_said: str

    @property
    def has_left(self) -> bool:
        """Whether the account is erased; then nothing here says anything any more."""
        return not self.email

    @property
    def missing(self) -> tuple[str, ...]:
        """The profile fields that are still empty; nobody is forced to fill them (A3)."""
        return tuple(name for name in _ASKED_FOR if not getattr(self, name))

    @property
    def completeness(self) -> int:
        """How complete the profile is, in per cent."""
        return round(100 * (len(_ASKED_FOR) - len(self.missing)) / len(_ASKED_FOR))


async def candidate_by_id(candidate_id: UUID) -> CandidateView | None:
    """The candidate with this id, if there is one."""
    row = await Candidate.select().where(Candidate.id == candidate_id).first()
    return _view(row) if row else None


async def account_at(email: str) -> Account | None:
    """What browsers know the account at an address by, if there is one."""
    return await _account(Candidate.email_key == address_key(email))


async def account_of(candidate_id: UUID) -> Account | None:
    """The same of a candidate."""
    return await _account(Candidate.id == candidate_id)


async def _account(which: Combinable) -> Account | None:
    row = await Candidate.select(Candidate.id, Candidate.password_hash).where(which).first()
    return Account(f"{CANDIDATE} {row['id']}", row["password_hash"]) if row else None


def _view(row: dict[str, Any]) -> CandidateView:
    return CandidateView(**{name: row[name] for name in CandidateView.__dataclass_fields__})
