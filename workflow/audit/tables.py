"""The rows of the audit."""

from piccolo.columns import BigSerial, Integer, Text, Timestamptz, Varchar
from piccolo.table import Table


class AuditEntry(Table, tablename="audit"):
    """One change in the console, or one export from it. Append-only: triggers refuse everything else.

    `before` and `after` are JSON objects of what differs, `{}` where there is nothing to say. `unit`: whose
    recruiters see the entry; null: administrators alone. Nothing of a candidate's is written here but opaque ids.
    """

    id = BigSerial(primary_key=True)
    at = Timestamptz()
    actor_id = Varchar(length=64)
    role = Varchar(length=40)
    action = Varchar(length=60)
    subject_type = Varchar(length=40)
    subject_id = Varchar(length=64)
    unit = Integer(null=True, default=None)
    before = Text()
    after = Text()
