"""Batches of moves, and what became of each."""

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from workflow.applications.tables import Application
from workflow.recruiters.tables import Recruiter

WAITING = "waiting"
MOVED = "moved"
REFUSED = "refused"


class Batch(Table, tablename="batch"):
    """One event that a recruiter confirmed for several applications.

    The words of note and paragraphs are wiped when it is finished: by then history and mails have them.
    """

    id = UUID(primary_key=True)
    recruiter = ForeignKey(Recruiter, on_delete=OnDelete.restrict, null=False)
    event = Varchar(length=40)
    note = Text()
    paragraph_fr = Text()
    paragraph_en = Text()
    created_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)


class BatchItem(Table, tablename="batch_item"):
    """One application of a batch, at the version that was previewed. `state`: waiting, moved or refused.

    `via`: the event that goes before the batch's own (a submitted one is considered before it is rejected), or
    empty. `reason`: the code of what refused it, see `workflow.batches.reasons`.
    Whoever writes several holds the name `batch/{id}` first: two who lock them in other orders never end.
    """

    id: Serial
    batch = ForeignKey(Batch, on_delete=OnDelete.restrict, null=False)
    application = ForeignKey(Application, on_delete=OnDelete.restrict, null=False)
    version = Integer()
    via = Varchar(length=40)
    state = Varchar(length=20)
    reason = Varchar(length=100)
