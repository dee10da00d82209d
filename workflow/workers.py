"""The workers there are: each says every few seconds that it is alive, in a row of its own."""

from piccolo.columns import UUID, Integer, Timestamptz, Varchar
from piccolo.table import Table


class Worker(Table, tablename="worker"):
    """A worker process, from its start until a while after it was last seen."""

    id = UUID(primary_key=True)
    host = Varchar(length=255)
    pid = Integer()
    started_at = Timestamptz()
    seen_at = Timestamptz()
