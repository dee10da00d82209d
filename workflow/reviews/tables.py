"""Notes and ratings of applications, and saved paragraphs."""

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from workflow.applications.tables import Application
from workflow.recruiters.tables import Recruiter, Unit


class ApplicationNote(Table, tablename="application_note"):
    """What a recruiter wrote for colleagues about an application (C7); it goes with the candidate's account."""

    id = UUID(primary_key=True)
    application = ForeignKey(Application, on_delete=OnDelete.restrict, null=False)
    recruiter = ForeignKey(Recruiter, on_delete=OnDelete.restrict, null=False)
    words = Text()
    written_at = Timestamptz()


class ApplicationRating(Table, tablename="application_rating"):
    """One to five stars that a recruiter gave an application (C7); one rating for each recruiter."""

    id: Serial
    application = ForeignKey(Application, on_delete=OnDelete.restrict, null=False)
    recruiter = ForeignKey(Recruiter, on_delete=OnDelete.restrict, null=False)
    stars = Integer()
    rated_at = Timestamptz()


class Paragraph(Table, tablename="paragraph"):
    """Words that are often added to the mail of an event (C6). `unit`: whose they are; null: everybody's."""

    id: Serial
    unit = ForeignKey(Unit, on_delete=OnDelete.restrict, null=True, default=None)
    event = Varchar(length=40)
    language = Varchar(length=8)
    name = Varchar(length=100)
    words = Text()
