"""Copies of their data that candidates asked for; the bytes lie in the document store under `digest`."""

from piccolo.columns import UUID, BigInt, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from workflow.candidates.tables import Candidate


class Archive(Table, tablename="archive"):
    """A ZIP that is being made until `ready_at`, and goes at `expires_at`. `size` in bytes.

    `failed_at`: when it was given up, after several tries.
    """

    id = UUID(primary_key=True)
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    asked_at = Timestamptz()
    ready_at = Timestamptz(null=True, default=None)
    failed_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    size = BigInt(null=True, default=None)
    digest = Varchar(length=64, null=True, default=None)
