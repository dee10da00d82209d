"""The tables as Piccolo Admin shows them: narrowed to who looks, without hashes, digests and secrets.

Each is a second view of a table of `workflow`, so that nothing outside of the mount is narrowed.
"""

from typing import Any

from piccolo.columns import (
    UUID,
    BigInt,
    BigSerial,
    Boolean,
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

from admin.piccolo.scope import AllRows, ScopedRows
from workflow.applications.tables import Application
from workflow.audit.tables import AuditEntry
from workflow.offers.tables import Offer, Synonym
from workflow.recruiters.tables import Unit
from workflow.reviews.tables import Paragraph


class UnitRow(ScopedRows, Unit, tablename="unit"):
    """Units; recruiters see their own."""

    @classmethod
    def of_units(cls, unit_ids: list[int]) -> Any:
        """Itself."""
        return cls.id.is_in(unit_ids)


class OfferRow(ScopedRows, Offer, tablename="offer"):
    """Offers of the units of who looks."""

    unit = ForeignKey(UnitRow, on_delete=OnDelete.restrict)

    @classmethod
    def of_units(cls, unit_ids: list[int]) -> Any:
        """By the offer's unit."""
        return cls.unit.is_in(unit_ids)

    @classmethod
    def get_readable(cls) -> Readable:
        return Readable(template="%s – %s", columns=[cls.reference, cls.title_fr])


class CandidateRow(ScopedRows, Table, tablename="candidate"):
    """Those who applied to offers of the units of who looks: names and addresses, no secrets."""

    id = UUID(primary_key=True)
    title = Varchar(length=10)
    first_name = Varchar(length=100)
    last_name = Varchar(length=100)
    email = Varchar(length=320)
    phone = Varchar(length=40)
    city = Varchar(length=120)
    country = Varchar(length=2)
    level = Varchar(length=40)
    situation = Varchar(length=40)
    languages = Varchar(length=300)

    @classmethod
    def of_units(cls, unit_ids: list[int]) -> Any:
        """By the offers they applied to."""
        own = Offer.select(Offer.id).where(Offer.unit.is_in(unit_ids))
        return cls.id.is_in(Application.select(Application.candidate).where(Application.offer.is_in(own)))

    @classmethod
    def get_readable(cls) -> Readable:
        return Readable(template="%s %s", columns=[cls.first_name, cls.last_name])


class ApplicationRow(ScopedRows, Table, tablename="application"):
    """Applications to offers of the units of who looks. Documents are served by the console alone."""

    id = UUID(primary_key=True)
    candidate = ForeignKey(CandidateRow, on_delete=OnDelete.restrict)
    offer = ForeignKey(OfferRow, on_delete=OnDelete.restrict)
    status = Varchar(length=40)
    version = Integer()
    covering_letter_text = Text()
    cv_url = Varchar(length=500)
    submitted_at = Timestamptz()

    @classmethod
    def of_units(cls, unit_ids: list[int]) -> Any:
        """By the unit of the offer; a sub-select, because an UPDATE knows no joins."""
        return cls.offer.is_in(Offer.select(Offer.id).where(Offer.unit.is_in(unit_ids)))


class RecruiterRow(AllRows, Table, tablename="recruiter"):
    """Accounts of recruiters; there is no password in this view."""

    id: Serial
    username = Varchar(length=320)
    first_name = Varchar(length=255, null=True, default=None)
    last_name = Varchar(length=255, null=True, default=None)
    active = Boolean()
    superuser = Boolean(help_text="An administrator, who sees every unit.")

    @classmethod
    def get_readable(cls) -> Readable:
        return Readable(template="%s", columns=[cls.username])


class RecruiterUnitRow(AllRows, Table, tablename="recruiter_unit"):
    """Which recruiter sees which unit."""

    id: Serial
    recruiter = ForeignKey(RecruiterRow, on_delete=OnDelete.restrict, null=False)
    unit = ForeignKey(UnitRow, on_delete=OnDelete.restrict, null=False)


class HistoryRow(AllRows, Table, tablename="history"):
    """Every step of every application and offer; the digests of its chain are not shown."""

    id = BigSerial(primary_key=True)
    subject_type = Varchar(length=40)
    subject_id = UUID()
    version = Integer()
    event = Varchar(length=40)
    from_state = Varchar(length=40)
    to_state = Varchar(length=40)
    actor_id = Varchar(length=64)
    role = Varchar(length=40)
    at = Timestamptz()
    announce_at = Timestamptz(null=True, default=None)
    undoes = Integer(null=True, default=None)


class OutboxRow(AllRows, Table, tablename="outbox"):
    """Every effect and how far it got; what the mails say and their secrets are not shown."""

    id = BigSerial(primary_key=True)
    kind = Varchar(length=60)
    recipient = Varchar(length=320, null=True, default=None)
    subject_type = Varchar(length=40, null=True, default=None)
    subject_id = UUID(null=True, default=None)
    state = Varchar(length=20)
    due_at = Timestamptz()
    attempts = Integer()
    receipt = Text(null=True, default=None)
    created_at = Timestamptz()
    settled_at = Timestamptz(null=True, default=None)


class AlertRunRow(AllRows, Table, tablename="alert_run"):
    """When alerts were looked at, how many, and what came of it."""

    id = BigSerial(primary_key=True)
    frequency = Varchar(length=10)
    period = Varchar(length=10)
    started_at = Timestamptz()
    finished_at = Timestamptz(null=True, default=None)
    alerts = BigInt()
    digests = BigInt()
    offers = BigInt()


class ParagraphRow(AllRows, Paragraph, tablename="paragraph"):
    """Saved paragraphs of all units."""

    unit = ForeignKey(UnitRow, on_delete=OnDelete.restrict, null=True, default=None)


class SynonymRow(AllRows, Synonym, tablename="synonym"):
    """The house's own synonyms."""


class AuditRow(AllRows, AuditEntry, tablename="audit"):
    """Who changed what in the console."""


FOR_STAFF = (ApplicationRow, CandidateRow, OfferRow, UnitRow)
FOR_ADMINISTRATORS = (
    RecruiterRow,
    RecruiterUnitRow,
    ParagraphRow,
    SynonymRow,
    HistoryRow,
    OutboxRow,
    AlertRunRow,
    AuditRow,
)
BY_NAME: dict[str, type[Table]] = {
    table._meta.tablename: table for table in (*FOR_STAFF, *FOR_ADMINISTRATORS)
}


def tables_of(*, is_administrator: bool) -> frozenset[str]:
    """The names of the tables in reach; the others do not exist for who looks."""
    tables = (*FOR_STAFF, *FOR_ADMINISTRATORS) if is_administrator else FOR_STAFF
    return frozenset(table._meta.tablename for table in tables)


def references_to(name: str, *, is_administrator: bool) -> list[dict[str, str]]:
    """Which tables in reach point to this one, and by which column, as Piccolo Admin's page asks for them."""
    in_reach = tables_of(is_administrator=is_administrator)
    return [
        {"tableName": column._meta.table._meta.tablename, "columnName": column._meta.name}
        for column in BY_NAME[name]._meta.foreign_key_references
        if column._meta.table._meta.tablename in in_reach
    ]
