"""What recruiters wrote about an application, for those who see it; the caller has made sure that they do."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from workflow.recruiters.queries import names_of_recruiters
from workflow.reviews.tables import ApplicationNote, ApplicationRating


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note for colleagues, and who wrote it."""

    id: UUID
    recruiter_id: int
    who: str
    words: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class RatingView:
    """The stars that somebody gave."""

    recruiter_id: int
    who: str
    stars: int


@dataclass(frozen=True, slots=True)
class Reviews:
    """Notes, newest first, and ratings by name."""

    notes: tuple[NoteView, ...]
    ratings: tuple[RatingView, ...]

    @property
    def average(self) -> float | None:
        """The mean of all stars; None where nobody gave any."""
        return sum(each.stars for each in self.ratings) / len(self.ratings) if self.ratings else None

    def stars_of(self, recruiter_id: int) -> int | None:
        """What one of them gave, if anything."""
        return next((each.stars for each in self.ratings if each.recruiter_id == recruiter_id), None)


async def reviews_of(application_id: UUID) -> Reviews:
    """All that was written about an application."""
    notes = (
        await ApplicationNote.select()
        .where(ApplicationNote.application == application_id)
        .order_by(ApplicationNote.written_at, ApplicationNote.id, ascending=False)
    )
    ratings = await ApplicationRating.select().where(ApplicationRating.application == application_id)
    names = await names_of_recruiters({row["recruiter"] for row in (*notes, *ratings)})
    return Reviews(
        notes=tuple(
            NoteView(row["id"], row["recruiter"], names[row["recruiter"]], row["words"], row["written_at"])
            for row in notes
        ),
        ratings=tuple(
            sorted(
                (RatingView(row["recruiter"], names[row["recruiter"]], row["stars"]) for row in ratings),
                key=lambda each: (each.who, each.recruiter_id),
            )
        ),
    )
