"""What the recruiters of the demonstration wrote about applications, and the paragraphs that they keep."""

from datetime import datetime, timedelta
from uuid import UUID

from workflow.demo.texts import read
from workflow.reviews.tables import ApplicationNote, ApplicationRating, Paragraph

_AFTER = timedelta(hours=5)
_RATED_EACH, _NOTED_EACH = 2, 3
"""Of so many applications that were looked at, one has stars, one a note."""


async def write_review(
    number: int, application_id: UUID, recruiter_id: int, *, note_id: UUID, looked_at: datetime
) -> None:
    """Stars and a note for an application that somebody looked at; for some of them only."""
    at = looked_at + _AFTER
    if number % _RATED_EACH == 0:
        await ApplicationRating.insert(
            ApplicationRating(
                application=application_id, recruiter=recruiter_id, stars=2 + number % 4, rated_at=at
            )
        )
    if number % _NOTED_EACH == 0:
        notes = read("reviews")["notes"]
        await ApplicationNote.insert(
            ApplicationNote(
                id=note_id,
                application=application_id,
                recruiter=recruiter_id,
                words=notes[number // _NOTED_EACH % len(notes)],
                written_at=at,
            )
        )


async def write_paragraphs() -> None:
    """For all units."""
    await Paragraph.insert(*(Paragraph(unit=None, **each) for each in read("reviews")["paragraphs"]))
