"""Subscriptions of other programs, and every try to tell them."""

from piccolo.columns import (
    UUID,
    BigSerial,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from workflow.recruiters.tables import Recruiter


class Webhook(Table, tablename="webhook"):
    """An address that is told of some events. Secrets are sealed; an old one signs along for a while.

    `events`: their names, a JSON list. `failing_since`: when the first try failed since the last that did not.
    `rests_until`: it is left alone until then, because it failed or asked for it.
    """

    id = UUID(primary_key=True)
    url = Varchar(length=1000)
    description = Varchar(length=200)
    events = Text()
    secret = Bytea(secret=True)
    old_secret = Bytea(null=True, default=None, secret=True)
    old_secret_until = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    created_by = ForeignKey(Recruiter, on_delete=OnDelete.restrict, null=False)
    failing_since = Timestamptz(null=True, default=None)
    stopped_at = Timestamptz(null=True, default=None)
    stopped_why = Varchar(length=300, default="")
    rests_until = Timestamptz(null=True, default=None)


class WebhookAttempt(Table, tablename="webhook_attempt"):
    """One try to tell an address of a message, and what came back: the status, or null where nothing did."""

    id = BigSerial(primary_key=True)
    webhook = ForeignKey(Webhook, on_delete=OnDelete.restrict, null=False)
    message = Varchar(length=64)
    event = Varchar(length=60)
    body = Text()
    at = Timestamptz()
    status = Integer(null=True, default=None)
    said = Varchar(length=1000)
    milliseconds = Integer()
