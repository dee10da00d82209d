"""What can be asked about applications that are being prepared."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.applications.tables import Draft
from workflow.candidates.tables import Candidate
from workflow.documents.queries import DocumentView, documents_by_id
from workflow.offers.queries import OfferView, offers_by_ids

DRAFTS_KEPT = timedelta(days=30)
"""How long a draft lasts that nobody touches."""


@dataclass(frozen=True, slots=True)
class DraftView:
    """An application that is being prepared. `cv`: its own; `sent_cv`: the one that would go, else the profile's."""

    offer: OfferView
    covering_letter: DocumentView | None
    covering_letter_text: str
    cv: DocumentView | None
    sent_cv: DocumentView | None
    cv_url: str
    changed_at: datetime

    @property
    def documents(self) -> tuple[DocumentView, ...]:
        """The files that were attached to it."""
        return tuple(file for file in (self.covering_letter, self.cv) if file)

    @property
    def has_words(self) -> bool:
        """Whether anything was typed."""
        return bool(self.covering_letter_text or self.cv_url)

    @property
    def words_mark(self) -> str:
        """Changes with the words."""
        return words_mark(self.covering_letter_text, self.cv_url)

    @property
    def mark(self) -> str:
        """Changes with anything that would be sent."""
        files = [str(file.id) if file else "" for file in (self.covering_letter, self.sent_cv)]
        return _digest([self.covering_letter_text, self.cv_url, *files])


def words_mark(letter_text: str, cv_url: str) -> str:
    """Tells these words from all others."""
    return _digest([letter_text, cv_url])


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


async def draft_of_candidate(candidate_id: UUID, offer_id: UUID, *, now: datetime) -> DraftView | None:
    """The candidate's draft for an offer, whether that is open or not."""
    found = await _drafts((Draft.candidate == candidate_id) & (Draft.offer == offer_id), candidate_id, now)
    return found[0] if found else None


async def drafts_of_candidate(candidate_id: UUID, *, now: datetime) -> tuple[DraftView, ...]:
    """All drafts of a candidate, the last touched first."""
    return await _drafts(Draft.candidate == candidate_id, candidate_id, now)


async def _drafts(wanted: Any, candidate_id: UUID, now: datetime) -> tuple[DraftView, ...]:
    """What is over is not found, though no clean-up has come by yet."""
    rows = (
        await Draft.select()
        .where(wanted & (Draft.changed_at > now - DRAFTS_KEPT))
        .order_by(Draft.changed_at, ascending=False)
    )
    if not rows:
        return ()
    offers = {offer.id: offer for offer in await offers_by_ids([row["offer"] for row in rows])}
    profile_cv = await _profile_cv(candidate_id)
    ids = [profile_cv, *(row[name] for row in rows for name in ("covering_letter", "cv"))]
    files = await documents_by_id([each for each in ids if each])
    return tuple(
        DraftView(
            offer=offers[row["offer"]],
            covering_letter=files.get(row["covering_letter"]),
            cv=files.get(row["cv"]),
            sent_cv=files.get(row["cv"] or profile_cv),
            **{name: row[name] for name in ("covering_letter_text", "cv_url", "changed_at")},
        )
        for row in rows
    )


async def _profile_cv(candidate_id: UUID) -> Any:
    row = await Candidate.select(Candidate.profile_cv).where(Candidate.id == candidate_id).first()
    return row["profile_cv"] if row else None
