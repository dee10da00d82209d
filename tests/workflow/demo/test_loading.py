"""The demonstration is loaded whole, once, with a past that could have been."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from search.analysis import meaning
from workflow.applications.draft_queries import drafts_of_candidate
from workflow.applications.queries import applications_of_candidate
from workflow.applications.tables import Application
from workflow.calendar import calendar_of
from workflow.candidates.commands import log_in
from workflow.candidates.tables import Candidate
from workflow.demo.accounts import ADMINISTRATOR_EMAIL, CANDIDATE_EMAIL, PASSWORD, RECRUITER_EMAIL
from workflow.demo.loading import DemoForbidden, DemoLoaded, database_is_empty, load_demo
from workflow.documents.storage import DiskStore
from workflow.documents.tables import Document
from workflow.engine.tables import History, Outbox, Timer
from workflow.offers.tables import Offer
from workflow.recruiters.login import known_by_password
from workflow.recruiters.queries import staff_member
from workflow.recruiters.tables import Recruiter
from workflow.settings import Settings
from workflow.terms import terms_of
from workflow.vital_signs import waiting

SETTINGS = Settings()

# What the rows then say does not depend on the kind of database; that they can be written is tested on both.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    return DiskStore(tmp_path / "documents")


async def test_demo_fills_an_empty_database_once(database: str, now: datetime, store: DiskStore) -> None:
    assert await database_is_empty()
    assert await load_demo(SETTINGS, store=store, meaning=meaning, now=now) == DemoLoaded(14, 89, 12, 37)
    assert not await database_is_empty()
    before = [await table.select() for table in (Offer, Application, Candidate, Recruiter, History, Outbox)]
    assert await load_demo(SETTINGS, store=store, meaning=meaning, now=now + timedelta(days=3)) is None
    after = [await table.select() for table in (Offer, Application, Candidate, Recruiter, History, Outbox)]
    assert after == before


@on_sqlite
async def test_demo_has_applications_in_every_state(database: str, now: datetime, store: DiskStore) -> None:
    await load_demo(SETTINGS, store=store, meaning=meaning, now=now)
    mine, others = await _states(RECRUITER_EMAIL), await _states(ADMINISTRATOR_EMAIL)
    every = {"submitted", "under_consideration", "rejected", "successful", "withdrawn"}
    assert (set(mine), set(others)) == (every, every)
    offers = Counter(row["status"] for row in await Offer.select(Offer.status))
    assert (set(offers), offers["published"] >= 60) == ({"published", "draft", "closed"}, True)


async def _states(email: str) -> list[str]:
    """The states of the applications to the offers that a recruiter sees, or to all for an administrator."""

    recruiter = await Recruiter.select(Recruiter.id).where(Recruiter.username == email).first()
    assert recruiter is not None
    staff = await staff_member(recruiter["id"])
    assert staff is not None
    rows = await Application.select(Application.status, Application.offer.unit.as_alias("unit"))
    return [row["status"] for row in rows if staff.sees_unit(row["unit"])]


@on_sqlite
async def test_demo_history_lies_in_the_past_and_goes_forward(
    database: str, now: datetime, store: DiskStore
) -> None:
    await load_demo(SETTINGS, store=store, meaning=meaning, now=now)
    steps = await History.select(History.subject_id, History.at, History.announce_at).order_by(
        History.subject_id, History.version
    )
    assert [step for step in steps if step["at"] >= now or step["announce_at"] > now] == []
    pairs = pairwise(steps)
    assert [
        (one, two) for one, two in pairs if one["subject_id"] == two["subject_id"] and one["at"] >= two["at"]
    ] == []
    opened = {row["id"]: row["published_at"] for row in await Offer.select(Offer.id, Offer.published_at)}
    sent = await Application.select(Application.offer, Application.submitted_at)
    assert [each for each in sent if each["submitted_at"] < opened[each["offer"]]] == []


@on_sqlite
async def test_demo_accounts_log_in_and_the_candidate_can_withdraw(
    database: str, now: datetime, store: DiskStore
) -> None:
    await load_demo(SETTINGS, store=store, meaning=meaning, now=now)
    staff = [await known_by_password(each, PASSWORD) for each in (RECRUITER_EMAIL, ADMINISTRATOR_EMAIL)]
    assert len({known.recruiter_id for known in staff}) == 2
    session = await log_in(CANDIDATE_EMAIL, PASSWORD, now=now)
    assert session.expires_at > now
    row = await Candidate.select().where(Candidate.email == CANDIDATE_EMAIL).first()
    assert row is not None
    own = await applications_of_candidate(row["id"], now=now)
    assert sorted(each.status for each in own) == [
        "rejected",
        "submitted",
        "under_consideration",
        "withdrawn",
    ]
    assert [each.actions for each in own if each.status == "submitted"] == [("withdraw",)]
    (begun,) = await drafts_of_candidate(row["id"], now=now)
    assert begun.offer.is_open(now, SETTINGS.timezone)
    assert begun.offer.id not in [each.offer.id for each in own]
    document = await Document.select().where(Document.id == row["profile_cv"]).first()
    assert document is not None
    assert (document["kind"], document["media_type"]) == ("cv", "application/pdf")
    assert (await store.get(document["digest"])).startswith(b"%PDF-")


@on_sqlite
async def test_demo_has_everything_planned_that_happens_by_itself(
    database: str, now: datetime, store: DiskStore
) -> None:
    await load_demo(SETTINGS, store=store, meaning=meaning, now=now)
    assert await calendar_of(terms_of(SETTINGS)).plan_anew() == 0
    planned = Counter(row["name"] for row in await Timer.select(Timer.name))
    assert planned == Counter(close=76, remind=7, publish=1)
    at = await Timer.select(Timer.due_at).where(Timer.name == "publish")
    assert at == [{"due_at": datetime(2026, 3, 8, 8, tzinfo=UTC)}]


@on_sqlite
async def test_demo_tells_nobody_but_its_visitor(database: str, now: datetime, store: DiskStore) -> None:
    await load_demo(SETTINGS, store=store, meaning=meaning, now=now)
    rows = await Outbox.select(Outbox.kind, Outbox.recipient)
    mails = Counter(row["kind"] for row in rows if row["kind"] != "index_offer")
    assert mails == Counter(
        application_submitted=4, application_considered=2, application_rejected=1, application_withdrawn=1
    )
    assert {row["recipient"] for row in rows if row["kind"] != "index_offer"} == {CANDIDATE_EMAIL}
    published = await Offer.count().where(Offer.status == "published")
    assert len(rows) - mails.total() == published
    # they are dated in the past, and nobody is late with them
    of_visitor = Outbox.select(Outbox.first_due_at).where(Outbox.recipient == CANDIDATE_EMAIL)
    assert {row["first_due_at"] for row in await of_visitor.where(Outbox.due_at < now)} == {now}
    assert max(each.oldest or now for each in await waiting(now) if each.kind != "index_offer") == now


async def test_demo_is_refused_in_production(database: str, now: datetime, store: DiskStore) -> None:
    with pytest.raises(DemoForbidden):
        await load_demo(replace(SETTINGS, environment="production"), store=store, meaning=meaning, now=now)
    assert await database_is_empty()
