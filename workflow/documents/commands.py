"""Taking in what candidates upload."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from workflow.candidates.holding import held_candidate, hold_candidate
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.documents.inspection import Inspected, inspect_document
from workflow.documents.storage import DocumentStore
from workflow.documents.tables import Document
from workflow.errors import AuthenticationRequired

CV = "cv"
COVERING_LETTER = "covering_letter"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came in: the name that its sender gave it, and its bytes."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that was inspected and whose bytes lie in the store; no row speaks of it yet."""

    kind: str
    inspected: Inspected


async def accept_upload(upload: Upload, kind: str, *, store: DocumentStore, limit: int) -> Accepted:
    """Inspect a file and store its bytes. Call it before the transaction: it takes its time.

    Raises DocumentRefused or TooLarge. Bytes without a row are harmless: they are content-addressed.
    """
    inspected = await asyncio.to_thread(inspect_document, upload.content, upload.filename, limit)
    await store.put(upload.content)
    return Accepted(kind, inspected)


async def record_document(
    accepted: Accepted, *, document_id: UUID, candidate_id: UUID, now: datetime
) -> None:
    """Write the row of an accepted file, inside the caller's transaction."""
    await Document.insert(
        Document(
            id=document_id,
            candidate=candidate_id,
            kind=accepted.kind,
            filename=accepted.inspected.filename,
            media_type=accepted.inspected.media_type,
            size=accepted.inspected.size,
            digest=accepted.inspected.sha256,
            created_at=now,
        )
    )


async def set_profile_cv(
    candidate_id: UUID,
    upload: Upload,
    *,
    store: DocumentStore,
    limit: int,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> UUID:
    """Make a file the default CV (A8). Raises DocumentRefused, TooLarge, AuthenticationRequired."""
    accepted = await accept_upload(upload, CV, store=store, limit=limit)
    document_id = new_id()
    async with write_transaction():
        await hold_candidate(candidate_id, now=now)
        await record_document(accepted, document_id=document_id, candidate_id=candidate_id, now=now)
        await Candidate.update({Candidate.profile_cv: document_id}).where(Candidate.id == candidate_id)
    return document_id


async def remove_profile_cv(candidate_id: UUID) -> None:
    """Take the default CV away; applications that were sent with it keep it."""
    async with write_transaction():
        if await held_candidate(candidate_id) is None:
            raise AuthenticationRequired
        await Candidate.update({Candidate.profile_cv: None}).where(Candidate.id == candidate_id)
