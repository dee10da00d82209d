"""What is known of each stored file; its bytes lie in the document store under `digest`."""

from piccolo.columns import UUID, ForeignKey, Integer, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from workflow.candidates.tables import Candidate


class Document(Table, tablename="document"):
    """A file that a candidate gave us. `kind`: `cv` or `covering_letter`. `size` in bytes; `digest`: SHA-256, hex."""

    id = UUID(primary_key=True)
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(length=40)
    filename = Varchar(length=200)
    media_type = Varchar(length=120)
    size = Integer()
    digest = Varchar(length=64)
    created_at = Timestamptz()
