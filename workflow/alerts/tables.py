"""Alerts, the numbers of new offers, runs, and who was told of what."""

from piccolo.columns import UUID, BigInt, BigSerial, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from workflow.candidates.tables import Candidate
from workflow.offers.tables import Offer


class Alert(Table, tablename="alert"):
    """What a candidate wants to hear of: new offers that fit, once a day or once a week.

    '' in `job_type`, `industry`, `job`, `region` stands for all; `keywords` are as they were typed. `criteria`
    is a digest of what all of that means, by which a second alert of the same meaning is refused. It tells of
    offers that were published at `since` or later, whose numbers come after `from_number` or, once a run has
    begun after the one with the id `after_run`, after what that run went through
    (`workflow.alerts.runs`). It rests from `stopped_at` on.
    """

    id = UUID(primary_key=True)
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    frequency = Varchar(length=10)
    job_type = Varchar(length=40)
    industry = Varchar(length=10)
    job = Varchar(length=40)
    region = Varchar(length=10)
    keywords = Varchar(length=500)
    criteria = Varchar(length=64)
    since = Timestamptz()
    from_number = BigInt()
    after_run = BigInt()
    stopped_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz()
    edited_at = Timestamptz()


class OfferNews(Table, tablename="offer_news"):
    """The offers that were ever published, numbered in the order in which runs came to know of them.

    Numbers are given by one run at a time, so none appears below one that was seen before. `published_at`: when
    the offer was published or, where nobody knows, when it got its number.
    """

    number = BigInt(primary_key=True)
    offer = ForeignKey(Offer, on_delete=OnDelete.restrict, null=False, unique=True)
    published_at = Timestamptz()


class AlertRun(Table, tablename="alert_run"):
    """One look at all alerts of a frequency, unique for its period (a day, an ISO week).

    It tells of offers up to the number `through`, one candidate after the other: `done_through` is the last one
    who is done, while it is under way. A worker holds it by a lease. `alerts`, `digests`, `offers` count what was
    looked at and told.
    """

    id = BigSerial(primary_key=True)
    frequency = Varchar(length=10)
    period = Varchar(length=10)
    through = BigInt()
    started_at = Timestamptz()
    done_through = UUID(null=True, default=None)
    lease_token = UUID(null=True, default=None)
    lease_until = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    alerts = BigInt(default=0)
    digests = BigInt(default=0)
    offers = BigInt(default=0)


class AlertTold(Table, tablename="alert_told"):
    """A candidate was told of an offer by a digest: never again, whatever becomes of their alerts."""

    id = BigSerial(primary_key=True)
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    offer = ForeignKey(Offer, on_delete=OnDelete.restrict, null=False)
    run = ForeignKey(AlertRun, on_delete=OnDelete.restrict, null=False)
