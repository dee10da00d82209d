"""Letting go of what recruiters wrote about applications, when a candidate's account goes."""

from collections.abc import Sequence
from uuid import UUID

from workflow.reviews.tables import ApplicationNote, ApplicationRating


async def erase_reviews(application_ids: Sequence[UUID]) -> None:
    """Delete the notes and ratings of some applications, inside the transaction of the caller, who holds them."""
    if not application_ids:
        return
    ids = list(application_ids)
    await ApplicationNote.delete().where(ApplicationNote.application.is_in(ids))
    await ApplicationRating.delete().where(ApplicationRating.application.is_in(ids))
