"""Job offers."""

from piccolo.columns import (
    UUID,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.readable import Readable
from piccolo.table import Table

from workflow.recruiters.tables import Unit


class Offer(Table, tablename="offer"):
    """A job offer. `status` and `version` change only through the offer machine (a trigger guards them).

    Codes are those of `workflow.reference`. A text in one language may be missing, not both titles.
    `closes_on` is the last day on which one can apply, in the portal's time zone. `publish_at`: when a
    draft publishes itself; `published_at`: when it was published.
    """

    id = UUID(primary_key=True)
    reference = Varchar(length=60, unique=True)
    status = Varchar(length=40)
    version = Integer()
    unit = ForeignKey(Unit, on_delete=OnDelete.restrict, null=False)
    title_fr = Varchar(length=300)
    title_en = Varchar(length=300)
    description_fr = Text()
    description_en = Text()
    job_type = Varchar(length=40)
    industry = Varchar(length=10, null=True, default=None)
    job = Varchar(length=40, null=True, default=None)
    level = Varchar(length=40, null=True, default=None)
    region = Varchar(length=10)
    city = Varchar(length=120)
    country = Varchar(length=2)
    contract = Varchar(length=120)
    duration_months = Integer(null=True, default=None)
    work_time = Varchar(length=120)
    salary = Varchar(length=300)
    experience = Varchar(length=120)
    starts_on = Date(null=True, default=None)
    closes_on = Date()
    positions = Integer(default=1)
    contact_email = Varchar(length=320, null=True, default=None)
    tells_contact = Boolean(default=True)
    created_at = Timestamptz()
    publish_at = Timestamptz(null=True, default=None)
    published_at = Timestamptz(null=True, default=None)

    @classmethod
    def get_readable(cls) -> Readable:
        return Readable(template="%s – %s%s", columns=[cls.reference, cls.title_fr, cls.title_en])


class Synonym(Table, tablename="synonym"):
    """A line of the house's own synonyms, in the form of search/synonyms.txt, besides those given there."""

    id: Serial
    line = Varchar(length=500)
