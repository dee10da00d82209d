"""Applications of candidates to offers."""

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from workflow.candidates.tables import Candidate
from workflow.documents.tables import Document
from workflow.offers.tables import Offer


class Application(Table, tablename="application"):
    """One candidate's application to one offer. `status` and `version` change only through the machine.

    The covering letter is a document or a text. A partial unique index allows one application per
    candidate and offer that is not withdrawn (P4).
    """

    id = UUID(primary_key=True)
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    offer = ForeignKey(Offer, on_delete=OnDelete.restrict, null=False)
    status = Varchar(length=40)
    version = Integer()
    covering_letter = ForeignKey(Document, on_delete=OnDelete.restrict, null=True, default=None)
    covering_letter_text = Text()
    cv = ForeignKey(Document, on_delete=OnDelete.restrict, null=True, default=None)
    cv_url = Varchar(length=500)
    submitted_at = Timestamptz()


class Draft(Table, tablename="draft"):
    """An application that is being prepared: at most one per candidate and offer, gone once it is sent."""

    id = UUID(primary_key=True)
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    offer = ForeignKey(Offer, on_delete=OnDelete.restrict, null=False)
    covering_letter = ForeignKey(Document, on_delete=OnDelete.restrict, null=True, default=None)
    covering_letter_text = Text()
    cv = ForeignKey(Document, on_delete=OnDelete.restrict, null=True, default=None)
    cv_url = Varchar(length=500)
    changed_at = Timestamptz()
