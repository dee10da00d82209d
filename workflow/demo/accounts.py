"""Writes the accounts of the demonstration; their password is too short for anybody else."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from workflow.candidates.commands import NOTICE_VERSION
from workflow.candidates.names import name_key
from workflow.candidates.tables import Candidate
from workflow.demo.candidates import DemoCandidate, demo_candidates
from workflow.demo.cv import demo_cv, spoken_languages
from workflow.documents.commands import CV, Accepted, Upload, accept_upload, record_document
from workflow.documents.storage import DocumentStore
from workflow.engine.machine import Actor
from workflow.passwords import hashed, normalised_answer
from workflow.recruiters.tables import Recruiter, RecruiterUnit
from workflow.roles import ADMINISTRATOR, RECRUITER

CANDIDATE_EMAIL = "candidate@example.org"
RECRUITER_EMAIL = "recruiter@example.org"
ADMINISTRATOR_EMAIL = "admin@example.org"
PASSWORD = "vivier-demo"  # noqa: S105  # public, refused in production
"""Of every account in the demonstration."""

_SECRET_QUESTION, _SECRET_ANSWER = "first_school", "vivier"  # as public as the password
_REGISTERED_BEFORE = timedelta(days=45)


async def demo_accounts_exist() -> bool:
    """Whether the demonstration was loaded into this database."""
    return bool(
        await Candidate.exists().where(Candidate.email_key == CANDIDATE_EMAIL)
        or await Recruiter.exists().where(Recruiter.username.is_in([RECRUITER_EMAIL, ADMINISTRATOR_EMAIL]))
    )


async def open_demo_accounts() -> tuple[str, ...]:
    """Addresses of those that can be logged in to, recruiters first. What was erased has no address any more."""
    recruiters = (
        await Recruiter.select(Recruiter.username)
        .where(Recruiter.username.is_in([RECRUITER_EMAIL, ADMINISTRATOR_EMAIL]) & Recruiter.active.eq(True))
        .order_by(Recruiter.id)
    )
    addresses = [candidate.email.lower() for candidate in demo_candidates()]
    candidates = (
        await Candidate.select(Candidate.email_key)
        .where(Candidate.email_key.is_in(addresses))
        .order_by(Candidate.email_key)
    )
    return (*(row["username"] for row in recruiters), *(row["email_key"] for row in candidates))


async def accepted_cvs(
    candidates: Sequence[DemoCandidate], store: DocumentStore, limit: int
) -> dict[str, Accepted]:
    """The CVs, inspected and stored as any upload is, by the candidate's address."""
    uploads = [Upload(f"CV {candidate.name}.pdf", demo_cv(candidate)) for candidate in candidates]
    accepted = await asyncio.gather(
        *(accept_upload(upload, CV, store=store, limit=limit) for upload in uploads)
    )
    return {candidate.email: cv for candidate, cv in zip(candidates, accepted, strict=True)}


async def password_hash() -> str:
    """The one hash of the one password."""
    return await hashed(PASSWORD)


async def answer_hash() -> str:
    """The hash of the secret answer."""
    return await hashed(normalised_answer(_SECRET_ANSWER))


async def write_candidate(
    candidate: DemoCandidate,
    cv: Accepted,
    *,
    candidate_id: UUID,
    cv_id: UUID,
    password: str,
    answer: str,
    now: datetime,
) -> None:
    """A confirmed account with a profile and a CV. `password` and `answer` are hashes."""
    registered_at = now - _REGISTERED_BEFORE
    await Candidate.insert(
        Candidate(
            id=candidate_id,
            email=candidate.email,
            email_key=candidate.email.lower(),
            password_hash=password,
            title=candidate.title,
            first_name=candidate.first_name,
            last_name=candidate.last_name,
            name_key=name_key(candidate.first_name, candidate.last_name),
            secret_question=_SECRET_QUESTION,
            secret_answer_hash=answer,
            language=candidate.language,
            notice_version=NOTICE_VERSION,
            notice_accepted_at=registered_at,
            created_at=registered_at,
            confirmed_at=registered_at + timedelta(minutes=4),
            last_active_at=now,
            city=candidate.city,
            country=candidate.country,
            nationality=candidate.nationality,
            level=candidate.level,
            situation=candidate.situation,
            languages=spoken_languages(candidate),
        )
    )
    await record_document(cv, document_id=cv_id, candidate_id=candidate_id, now=registered_at)
    await Candidate.update({Candidate.profile_cv: cv_id}).where(Candidate.id == candidate_id)


async def write_recruiter(
    email: str,
    first_name: str,
    last_name: str,
    *,
    password: str,
    unit_ids: Sequence[int] | None,
    now: datetime,
) -> Actor:
    """An account of the console, and who it is to the history. Without units: an administrator."""
    inserted = await Recruiter.insert(
        Recruiter(
            username=email,
            email=email,
            password=password,
            first_name=first_name,
            last_name=last_name,
            active=True,
            admin=True,
            superuser=unit_ids is None,
            joined_at=now,
        )
    )
    recruiter_id = int(inserted[0]["id"])
    for unit_id in unit_ids or ():
        await RecruiterUnit.insert(RecruiterUnit(recruiter=recruiter_id, unit=unit_id))
    return Actor(f"recruiter:{recruiter_id}", ADMINISTRATOR if unit_ids is None else RECRUITER)
