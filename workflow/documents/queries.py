"""What is known of stored files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.documents.tables import Document


@dataclass(frozen=True, slots=True)
class DocumentView:
    """One stored file. `size` in bytes; `digest` is its key in the document store."""

    id: UUID
    candidate_id: UUID
    kind: str
    filename: str
    media_type: str
    size: int
    digest: str
    created_at: datetime


async def documents_by_id(ids: Sequence[UUID]) -> dict[UUID, DocumentView]:
    """The files with these ids, as far as they exist."""
    if not ids:
        return {}
    rows = await Document.select().where(Document.id.is_in(list(ids)))
    return {row["id"]: _view(row) for row in rows}


def _view(row: dict[str, Any]) -> DocumentView:
    return DocumentView(
        id=row["id"],
        candidate_id=row["candidate"],
        kind=row["kind"],
        filename=row["filename"],
        media_type=row["media_type"],
        size=row["size"],
        digest=row["digest"],
        created_at=row["created_at"],
    )
