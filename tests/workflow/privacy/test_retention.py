"""What goes by itself, and what keeps it from going."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jobs.retention import DataKeeper
from tests.jobs.test_relay import Clock
from tests.support.house import PASSWORD, House
from tests.workflow.documents.making import pdf_with_object
from tests.workflow.privacy.conftest import kinds_to
from workflow.applications.tables import Application
from workflow.candidates.commands import confirm_candidate, log_in, send_confirmation_link
from workflow.candidates.tables import Candidate, CandidateLink, CandidateSession, Registration
from workflow.database.connection import write_transaction
from workflow.documents.commands import Upload, set_profile_cv
from workflow.documents.tables import Document
from workflow.engine.outbox import SENT
from workflow.engine.tables import Outbox
from workflow.errors import LinkUsed
from workflow.limits import LOGIN_FROM_ORIGIN, Attempt, Gate
from workflow.logins import UNKNOWN
from workflow.privacy import retention
from workflow.privacy.commands import ask_for_archive
from workflow.privacy.making import make_archive
from workflow.privacy.spans import Spans
from workflow.privacy.tables import Archive
from workflow.recruiters.queries import StaffMember
from workflow.sealing import unseal

DAY = timedelta(days=1)
SPANS = Spans(retention=730 * DAY, reflection=7 * DAY)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def keeper(house: House, clock: Clock, tmp_path: Path) -> DataKeeper:
    return DataKeeper(
        house.documents.store,
        spans=SPANS,
        terms=house.terms,
        mailbox=tmp_path / "mailbox",
        secret_key="key",
        clock=clock,
        spare=timedelta(0),
    )


async def pass_days(keeper: DataKeeper, clock: Clock, days: float) -> None:
    clock.now += days * DAY
    await keeper.tend()


async def erased(candidate: UUID) -> bool:
    row = await Candidate.select(Candidate.erased_at).where(Candidate.id == candidate).first()
    return row is None or row["erased_at"] is not None


async def test_an_unused_account_is_warned_and_then_deleted(
    staff: StaffMember, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    candidate = await house.candidate(email="cleo@example.org")
    await house.application(candidate)
    await pass_days(keeper, clock, 699.9)
    assert "account_unused" not in await kinds_to("cleo@example.org")
    await pass_days(keeper, clock, 0.1)
    await pass_days(keeper, clock, 1)
    rows = await Outbox.select(Outbox.params).where(Outbox.kind == "account_unused")
    assert len(rows) == 1
    assert '"day": "1er mars 2028"' in rows[0]["params"]
    await pass_days(keeper, clock, 28.9)
    assert not await erased(candidate)
    await pass_days(keeper, clock, 0.1)
    assert await erased(candidate)
    assert await Application.select(Application.status) == [{"status": "withdrawn"}]
    assert (await kinds_to("cleo@example.org"))[-1] == "account_deleted"


async def test_after_a_long_silence_of_ours_there_is_still_a_warning(
    database: str, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    candidate = await house.candidate(email="cleo@example.org")
    await pass_days(keeper, clock, 1000)
    assert not await erased(candidate)
    assert await kinds_to("cleo@example.org") == ["account_unused"]
    await pass_days(keeper, clock, 29.9)
    assert not await erased(candidate)
    await pass_days(keeper, clock, 0.1)
    assert await erased(candidate)


async def test_a_login_after_the_warning_keeps_the_account_for_another_span(
    database: str, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    candidate = await house.candidate(email="cleo@example.org")
    await pass_days(keeper, clock, 700)
    clock.now += 10 * DAY
    await log_in("cleo@example.org", PASSWORD, arrival=UNKNOWN, now=clock.now)
    await pass_days(keeper, clock, 699)
    assert not await erased(candidate)
    await pass_days(keeper, clock, 1)
    assert await kinds_to("cleo@example.org") == ["account_unused", "account_unused"]
    await pass_days(keeper, clock, 30)
    assert await erased(candidate)


async def test_a_registration_that_nobody_confirms_goes_with_its_mails(
    database: str, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    await house.registration("cleo@example.org")
    await send_link("cleo@example.org", clock.now)
    await pass_days(keeper, clock, 6.9)
    assert await Registration.count() == 2
    assert await kinds_to("cleo@example.org") == ["account_confirmation"]
    await pass_days(keeper, clock, 0.1)
    assert await Registration.count() == 0
    assert await kinds_to("cleo@example.org") == []


async def test_a_link_asked_for_on_the_last_day_works_as_long_as_any(
    database: str, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    candidate = await house.registration("cleo@example.org")
    await pass_days(keeper, clock, 6.9)
    token = await send_link("cleo@example.org", clock.now)
    await pass_days(keeper, clock, 1.9)
    assert await kinds_to("cleo@example.org") == ["account_confirmation"]
    confirmed = await confirm_candidate(token, password=PASSWORD, now=clock.now)
    assert confirmed.candidate_id == candidate
    await pass_days(keeper, clock, 30)
    with pytest.raises(LinkUsed):
        await confirm_candidate(token, password=PASSWORD, now=clock.now)
    await pass_days(keeper, clock, 1)
    assert await Registration.count() == 0


async def send_link(email: str, now: datetime) -> str:
    """The token of a new link, whose mail has gone out."""
    await send_confirmation_link(email, secret_key="key", now=now)
    row = await Outbox.select().order_by(Outbox.id, ascending=False).first()
    assert row is not None
    async with write_transaction():
        await Outbox.update({Outbox.state: SENT}).where(Outbox.id == row["id"])
    return str(unseal(row["secret"], "key")["path"]).rpartition("/")[2]


async def test_a_wished_deletion_comes_on_its_day_and_not_if_it_is_taken_back(
    database: str, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    leaves, stays = [
        await house.candidate(email=email, deletes_at=house.now + 7 * DAY)
        for email in ("leaves@example.org", "stays@example.org")
    ]
    await pass_days(keeper, clock, 6.9)
    async with write_transaction():
        await Candidate.update({Candidate.deletes_at: None}).where(Candidate.id == stays)
    await pass_days(keeper, clock, 0.1)
    assert (await erased(leaves), await erased(stays)) == (True, False)


async def test_one_account_that_fails_does_not_keep_the_others(
    staff: StaffMember, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    wished: Any = {"deletes_at": house.now + DAY}
    candidates = [await house.candidate(**wished) for _ in range(3)]
    broken = min(candidates)
    await break_farewell(await house.application(broken))
    await pass_days(keeper, clock, 1)
    assert [await erased(each) for each in sorted(candidates)] == [False, True, True]


async def test_accounts_that_fail_for_good_do_not_keep_those_behind_them(
    staff: StaffMember, house: House, keeper: DataKeeper, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 2)
    wished: Any = {"deletes_at": house.now + DAY}
    candidates = sorted([await house.candidate(**wished) for _ in range(5)])
    for broken in candidates[:3]:
        await break_farewell(await house.application(broken))
    await pass_days(keeper, clock, 1)
    assert [await erased(each) for each in candidates] == [False, False, False, True, True]


async def break_farewell(application: UUID) -> None:
    """A key that would be written again."""
    async with write_transaction():
        await Outbox.update({Outbox.dedup_key: f"withdrawal_message/{application}/2"}).where(
            (Outbox.subject_id == application) & (Outbox.kind == "application_submitted")
        )


async def test_what_has_expired_is_dropped(
    staff: StaffMember, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    candidate = await house.candidate(email="cleo@example.org")
    store, now = house.documents.store, house.now
    await log_in("cleo@example.org", PASSWORD, arrival=UNKNOWN, now=now)
    async with Gate(((LOGIN_FROM_ORIGIN, "203.0.113.7"),), "key").attempt(now=now):
        pass
    for name in ("Old.pdf", "New.pdf"):
        await set_profile_cv(
            candidate, Upload(name, pdf_with_object(f"({name})".encode())), store=store, limit=10**6, now=now
        )
    archive_id = await ask_for_archive(candidate, now=now)
    await make_archive(archive_id, store=store, scratch=house.folder, zone=house.terms.zone, now=now)
    await keeper.tend()
    assert (await Document.count(), await Archive.count(), files(house)) == (2, 1, 3)
    await pass_days(keeper, clock, 1)
    assert await Document.select(Document.filename) == [{"filename": "New.pdf"}]
    assert (await CandidateSession.count(), await Attempt.count(), await CandidateLink.count()) == (0, 0, 0)
    assert (await Archive.count(), files(house)) == (1, 2)
    await pass_days(keeper, clock, 6)
    assert (await Archive.count(), files(house)) == (0, 1)


def files(house: House) -> int:
    return sum(path.is_file() for path in (house.folder / "documents").rglob("*"))


async def test_a_file_without_a_row_is_spared_while_its_row_may_be_on_its_way(
    database: str, house: House, clock: Clock
) -> None:
    store = house.documents.store
    await house.candidate(erased_at=house.now)
    await store.put(b"on its way")
    keepers = [
        DataKeeper(
            store,
            spans=SPANS,
            terms=house.terms,
            mailbox=None,
            secret_key="key",
            clock=clock,
            spare=spare,
        )
        for spare in (timedelta(minutes=10), timedelta(0))
    ]
    left = []
    for keeper in keepers:
        await keeper.clean()
        left.append(files(house))
    assert left == [1, 0]


async def test_files_go_where_a_copy_of_ones_data_was_all_there_was(
    database: str, house: House, keeper: DataKeeper, clock: Clock
) -> None:
    archive_id = await ask_for_archive(await house.candidate(), now=house.now)
    await make_archive(
        archive_id,
        store=house.documents.store,
        scratch=house.folder,
        zone=house.terms.zone,
        now=house.now,
    )
    await keeper.tend()
    assert files(house) == 1
    await pass_days(keeper, clock, 7)
    assert files(house) == 0


async def test_files_stay_where_the_database_knows_of_none(
    database: str, house: House, keeper: DataKeeper
) -> None:
    await house.documents.store.put(b"of another database")
    await keeper.clean()
    assert files(house) == 1
