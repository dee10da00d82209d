"""A small house to test in: units, offers, candidates, recruiters and applications, made by the real commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from workflow.applications.sending import submit_application
from workflow.applications.submission import ApplicationForm, Documents
from workflow.candidates.links import LINK_LIMIT
from workflow.candidates.names import name_key
from workflow.candidates.tables import Candidate, Registration
from workflow.database.connection import write_transaction
from workflow.documents.commands import COVERING_LETTER, CV
from workflow.documents.storage import DiskStore
from workflow.engine.machine import Terms
from workflow.logins import digest_of
from workflow.offers.commands import create_offer, move_offer
from workflow.passwords import hash_password
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Recruiter, RecruiterUnit, Unit

ZONE = ZoneInfo("Europe/Paris")
PASSWORD = "seven quiet herons"


@cache
def _password_hash() -> str:
    """Made when it is first asked for: by then tests have quick hashes, and checking one costs what making it did."""
    return hash_password(PASSWORD)


@dataclass(frozen=True)
class House:
    """Makes what a test needs at an instant, under some terms."""

    now: datetime
    terms: Terms
    folder: Path

    @property
    def documents(self) -> Documents:
        return Documents(DiskStore(self.folder / "documents"), {CV: 1_000_000, COVERING_LETTER: 1_000_000})

    async def unit(self, code: str = "LAB1") -> int:
        async with write_transaction():
            rows = await Unit.insert(
                Unit(
                    code=code,
                    name=f"Laboratory {code}",
                    city="Brest",
                    region="53",
                    contact_email=f"{code.lower()}@example.org",
                )
            )
        return int(rows[0]["id"])

    async def recruiter(
        self, *unit_ids: int, name: str = "Rose", is_administrator: bool = False
    ) -> StaffMember:
        email = f"{name.lower()}@example.org"
        async with write_transaction():
            rows = await Recruiter.insert(
                Recruiter(
                    username=email,
                    email=email,
                    password=_password_hash(),
                    first_name=name,
                    last_name="Recruiter",
                    active=True,
                    admin=True,
                    superuser=is_administrator,
                )
            )
            for unit_id in unit_ids:
                await RecruiterUnit.insert(RecruiterUnit(recruiter=rows[0]["id"], unit=unit_id))
        return StaffMember(
            rows[0]["id"], email, name, "Recruiter", None if is_administrator else frozenset(unit_ids)
        )

    def offer_data(self, **changes: Any) -> dict[str, Any]:
        closes_on = (self.now + timedelta(days=30)).date()
        return {
            "title_fr": "Chimiste (H/F)",
            "title_en": "Chemist",
            "description_fr": "Une mission.",
            "description_en": "A mission.",
            "job_type": "scientific",
            "region": "53",
            "city": "Brest",
            "closes_on": closes_on,
            **changes,
        }

    async def offer(
        self,
        staff: StaffMember,
        unit_id: int,
        reference: str = "REF-1",
        *,
        publish: bool = True,
        **changes: Any,
    ) -> UUID:
        offer_id = await create_offer(
            staff, reference, unit_id, self.offer_data(**changes), terms=self.terms, now=self.now
        )
        if publish:
            await move_offer(staff, reference, "publish", terms=self.terms, now=self.now)
        return offer_id

    async def candidate(self, name: str = "Chloé", **changes: Any) -> UUID:
        candidate_id = uuid4()
        email = changes.pop("email", f"{candidate_id.hex[:8]}@example.org")
        values: Mapping[str, Any] = {
            "email": email,
            "email_key": email,
            "password_hash": _password_hash(),
            "title": "ms",
            "first_name": name,
            "last_name": "Martin",
            "secret_question": "first_school",
            "secret_answer_hash": "",
            "language": "fr",
            "notice_version": "1",
            "notice_accepted_at": self.now,
            "created_at": self.now,
            "confirmed_at": self.now,
            "last_active_at": self.now,
            **changes,
        }
        async with write_transaction():
            key = name_key(values["first_name"], values["last_name"])
            await Candidate.insert(Candidate(id=candidate_id, name_key=key, **values))
        return candidate_id

    async def registration(self, email: str, **changes: Any) -> UUID:
        """One that waits for its confirmation; the token of its link is its address."""
        candidate_id = uuid4()
        values: Mapping[str, Any] = {
            "candidate_id": candidate_id,
            "token_digest": digest_of(email),
            "email": email,
            "email_key": email,
            "password_hash": _password_hash(),
            "title": "ms",
            "first_name": "Cléo",
            "last_name": "Martin",
            "secret_question": "Whose dog?",
            "secret_answer_hash": "",
            "language": "fr",
            "notice_version": "1",
            "notice_accepted_at": self.now,
            "created_at": self.now,
            "expires_at": self.now + LINK_LIMIT,
            **changes,
        }
        async with write_transaction():
            await Registration.insert(Registration(**values))
        return candidate_id

    async def application(self, candidate_id: UUID, reference: str = "REF-1", **form: Any) -> UUID:
        filled = ApplicationForm(**({"covering_letter_text": "I would like to join you."} | form))
        return await submit_application(
            candidate_id,
            reference,
            filled,
            documents=self.documents,
            terms=self.terms,
            now=self.now,
        )
