"""Erasing: once, whole, whatever happens beside it; and nothing comes to those who left."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.house import PASSWORD, House
from tests.support.locks import ON_POSTGRES, somebody_else
from tests.workflow.documents.making import pdf
from tests.workflow.privacy.conftest import kinds_to
from workflow.applications.commands import move_application, withdraw_application
from workflow.applications.queries import application_of_candidate
from workflow.applications.tables import Application
from workflow.candidates.account import change_account
from workflow.candidates.commands import change_profile, log_in, register_candidate
from workflow.candidates.sessions import begin_session, log_out_everywhere
from workflow.candidates.tables import Candidate, CandidateSession, Registration
from workflow.database.connection import write_transaction
from workflow.documents.commands import Upload, remove_profile_cv, set_profile_cv
from workflow.documents.tables import Document
from workflow.engine import outbox, statements
from workflow.engine.tables import History, HistoryNote, Outbox
from workflow.errors import AuthenticationRequired, CandidateLeft, Conflict, IllegalEvent, WrongCredentials
from workflow.logins import UNKNOWN
from workflow.privacy.commands import ask_for_archive, keep_account
from workflow.privacy.erasure import erase_candidate
from workflow.privacy.tables import Archive
from workflow.privacy.traces import erase_late_words, forget_empty_accounts, forget_traces, orphans, traces
from workflow.recruiters.queries import StaffMember

MINUTE = timedelta(minutes=1)
CV = Upload("CV.pdf", pdf())


def always(_row: Mapping[str, Any]) -> bool:
    return True


async def erase(house: House, candidate: UUID, after: timedelta = timedelta()) -> bool:
    return await erase_candidate(
        candidate, is_due=always, reason="wish", terms=house.terms, now=house.now + after
    )


async def move(
    house: House, staff: StaffMember, application: UUID, event: str, after: timedelta = timedelta()
) -> None:
    await move_application(staff, application, event, terms=house.terms, now=house.now + after, note="a word")


async def steps(application: UUID) -> list[tuple[str, str]]:
    rows = await History.select().where(History.subject_id == application).order_by(History.version)
    return [(row["event"], row["role"]) for row in rows]


async def test_two_who_erase_at_once_tell_everybody_once(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate(email="cleo@example.org")
    application = await house.application(candidate)
    erased = await asyncio.gather(*(erase(house, candidate) for _ in range(4)))
    assert sorted(erased) == [False, False, False, True]
    assert await steps(application) == [("submit", "candidate"), ("withdraw", "candidate")]
    assert (await kinds_to("cleo@example.org"), await kinds_to("lab1@example.org")) == (
        ["application_submitted", "account_deleted"],
        ["application_received", "withdrawal_message"],
    )


async def test_a_failure_in_the_middle_leaves_everything(
    staff: StaffMember, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = await house.candidate()
    application = await house.application(candidate)
    before = await Candidate.select().first()
    with monkeypatch.context() as patched:
        patched.setattr("workflow.privacy.erasure._NOBODY", {Candidate.email: None})
        with pytest.raises(Exception, match=r"(?i)not.null"):
            await erase(house, candidate)
    assert await Candidate.select().first() == before
    assert await steps(application) == [("submit", "candidate")]
    assert await erase(house, candidate)


async def test_a_held_decision_is_taken_back_first(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate(email="cleo@example.org")
    application = await house.application(candidate)
    await move(house, staff, application, "consider")
    await move(house, staff, application, "reject")
    assert await erase(house, candidate, MINUTE)
    assert await steps(application) == [
        ("submit", "candidate"),
        ("consider", "recruiter"),
        ("reject", "recruiter"),
        ("undo", "system"),
        ("withdraw", "candidate"),
    ]
    states = await Outbox.select(Outbox.state).where(Outbox.kind == "application_rejected")
    assert states == [{"state": "cancelled"}]


async def test_while_a_decision_is_on_its_way_erasing_waits(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate()
    application = await house.application(candidate)
    await move(house, staff, application, "consider")
    await move(house, staff, application, "reject")
    await Outbox.update({Outbox.state: outbox.CLAIMED}).where(Outbox.kind == "application_rejected")
    with pytest.raises(Conflict):
        await erase(house, candidate, MINUTE)
    assert await steps(application) == [
        ("submit", "candidate"),
        ("consider", "recruiter"),
        ("reject", "recruiter"),
    ]
    assert await erase(house, candidate, 16 * MINUTE)
    assert (await steps(application))[-1] == ("reject", "recruiter")


async def test_moves_beside_it_come_before_or_are_refused(staff: StaffMember, house: House) -> None:
    for number in range(6):
        candidate = await house.candidate(email=f"cleo{number}@example.org")
        application = await house.application(candidate)
        outcomes = await asyncio.gather(
            erase(house, candidate),
            move(house, staff, application, "consider"),
            withdraw_application(candidate, application, None, terms=house.terms, now=house.now),
            return_exceptions=True,
        )
        assert outcomes[0] is True
        refusals = [each for each in outcomes[1:] if isinstance(each, Exception)]
        assert {type(each) for each in refusals} <= {IllegalEvent, CandidateLeft}
        assert (await steps(application))[-1] == ("withdraw", "candidate")
        row = await Application.select(Application.status).where(Application.id == application).first()
        assert row == {"status": "withdrawn"}


async def test_an_application_sent_beside_it_is_withdrawn_or_never_was(
    staff: StaffMember, house: House
) -> None:
    for number in range(6):
        candidate = await house.candidate(email=f"cleo{number}@example.org")
        outcomes = await asyncio.gather(
            erase(house, candidate), house.application(candidate), return_exceptions=True
        )
        assert outcomes[0] is True
        rows = await Application.select().where(Application.candidate == candidate)
        assert [(row["status"], row["covering_letter_text"]) for row in rows] in ([], [("withdrawn", "")])
        assert bool(rows) is not isinstance(outcomes[1], Exception)


async def test_nothing_comes_to_those_who_left(staff: StaffMember, house: House) -> None:
    (unit,) = staff.unit_ids or frozenset[int]()
    await house.offer(staff, unit, "REF-2")
    candidate = await house.candidate(email="cleo@example.org")
    decided = await house.application(candidate)
    await move(house, staff, decided, "consider")
    await move(house, staff, decided, "reject")
    now = house.now + timedelta(hours=1)
    assert await erase(house, candidate, timedelta(hours=1))
    with pytest.raises(WrongCredentials):
        await log_in("cleo@example.org", PASSWORD, arrival=UNKNOWN, now=now)
    with pytest.raises(WrongCredentials):
        await log_in(f"erased:{candidate}", "", arrival=UNKNOWN, now=now)
    with pytest.raises(CandidateLeft):
        await move(house, staff, decided, "reopen", timedelta(hours=2))
    for late in (
        house.application(candidate, "REF-2"),
        a_session(candidate, now),
        set_profile_cv(candidate, CV, store=house.documents.store, limit=10**6, now=now),
        remove_profile_cv(candidate),
        change_profile(candidate, {"title": "ms", "first_name": "A", "last_name": "B"}, now=now),
        change_account(candidate, {"language": "en"}, arrival=UNKNOWN, secret_key="key", now=now),
        ask_for_archive(candidate, now=now),
        keep_account(candidate, now=now),
    ):
        with pytest.raises(AuthenticationRequired):
            await late
    await log_out_everywhere(candidate)
    assert await CandidateSession.count() == await Document.count() == 0
    row = await Candidate.select().where(Candidate.id == candidate).first()
    assert row is not None
    assert (row["first_name"], row["email"], row["email_key"]) == ("", "", f"erased:{candidate}")
    assert await application_of_candidate(candidate, decided, now=now) is not None


async def a_session(candidate: UUID, now: datetime) -> None:
    async with write_transaction():
        await begin_session(candidate, arrival=UNKNOWN, now=now)


async def test_the_database_itself_lets_nothing_come_to_those_who_left(
    staff: StaffMember, house: House
) -> None:
    candidate = await house.candidate()
    await erase(house, candidate)
    with pytest.raises(Exception, match="this candidate has left"):
        await Archive.insert(Archive(id=uuid4(), candidate=candidate, asked_at=house.now))
    with pytest.raises(Exception, match="never changes"):
        await Candidate.update({Candidate.first_name: "A"}).where(Candidate.id == candidate)


@ON_POSTGRES
async def test_a_decision_is_not_reopened_beside_it(staff: StaffMember, house: House, database: str) -> None:
    """What the mail would speak of was read while the candidate was still there."""
    candidate, hour = await house.candidate(email="cleo@example.org"), timedelta(hours=1)
    application = await house.application(candidate)
    await move(house, staff, application, "consider")
    await move(house, staff, application, "reject")
    await Outbox.update({Outbox.state: outbox.SENT}, force=True)
    await ask_for_archive(candidate, now=house.now)
    async with somebody_else(database) as other:
        await other.hold("outbox", "kind = 'make_archive'")
        erasing = asyncio.create_task(erase(house, candidate, hour))
        await other.see_waiting(1)
        reopening = asyncio.create_task(move(house, staff, application, "reopen", hour))
        await other.see_waiting(2)
    outcomes = await asyncio.gather(erasing, reopening, return_exceptions=True)
    assert outcomes[0] is True
    assert isinstance(outcomes[1], CandidateLeft)
    assert await Application.select(Application.status) == [{"status": "rejected"}]
    assert "application_reopened" not in await kinds_to("cleo@example.org")


async def test_whoever_left_may_come_back_as_somebody_new(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate(email="cleo@example.org")
    await house.application(candidate)
    await erase(house, candidate)
    await register_candidate(
        {
            "title": "ms",
            "first_name": "Cleo",
            "last_name": "Again",
            "email": "cleo@example.org",
            "password": "seven loud herons sing",
            "secret_question": "first_pet",
            "secret_answer": "Rex",
            "accept_notice": True,
            "language": "en",
        },
        secret_key="key",
        now=house.now,
    )
    assert await Registration.select(Registration.email) == [{"email": "cleo@example.org"}]


async def test_traces_go_once_they_are_settled_or_old(staff: StaffMember, house: House) -> None:
    candidate, other = await house.candidate(email="cleo@example.org"), await house.candidate()
    await house.application(candidate)
    await house.application(other)
    await Outbox.update({Outbox.state: outbox.SENT}).where(Outbox.state == outbox.PENDING)
    assert await traces(now=house.now) == ()
    await erase(house, candidate)
    told = ["application_submitted", "application_received"]
    assert [trace.kind for trace in await traces(now=house.now)] == told
    await forget_traces(await traces(now=house.now))
    assert await kinds_to("cleo@example.org") == ["account_deleted"]
    week = house.now + timedelta(days=7)
    assert [trace.kind for trace in await traces(now=week)] == ["withdrawal_message", "account_deleted"]
    await forget_traces(await traces(now=week))
    left = await Outbox.select(Outbox.kind).where(Outbox.recipient.is_not_null()).order_by(Outbox.id)
    assert [row["kind"] for row in left] == told


async def test_mails_about_accounts_whose_rows_are_gone_are_found(staff: StaffMember, house: House) -> None:
    gone, stays = await house.candidate(), await house.candidate()
    for candidate in (gone, stays):
        await ask_for_archive(candidate, now=house.now)
    await Archive.delete(force=True)
    await Outbox.update({Outbox.state: outbox.SENT}, force=True)
    await Candidate.delete().where(Candidate.id == gone)
    found = await orphans(now=house.now)
    assert len(found) == 1
    await forget_traces(found)
    left = await Outbox.select(Outbox.subject_id).where(Outbox.subject_type == "candidate")
    assert left == [{"subject_id": stays}]


async def test_words_written_in_the_very_moment_go_too(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate()
    application = await house.application(candidate)
    await move(house, staff, application, "consider")
    await erase(house, candidate)
    step = await History.select().where(History.subject_id == application).order_by(History.version).first()
    assert step is not None
    values = {**step, "id": 10**6, "version": 4, "from_state": "withdrawn", "note_digest": "x" * 64}
    await statements.insert(History, [values])
    await statements.insert(
        HistoryNote, [{"history": 10**6, "salt": "salt", "words": "a word about somebody"}]
    )
    await erase_late_words(now=house.now)
    assert await HistoryNote.count() == 0


async def test_accounts_that_never_applied_go_whole(staff: StaffMember, house: House) -> None:
    applied, empty, stays = [await house.candidate() for _ in range(3)]
    await house.application(applied)
    for candidate in (applied, empty):
        await erase(house, candidate)
    tomorrow = house.now + timedelta(days=1)
    assert await forget_empty_accounts(now=tomorrow) == 0  # the farewell is still to be sent
    await Outbox.delete().where(Outbox.kind == "account_deleted")
    assert await forget_empty_accounts(now=house.now) == 0
    assert await forget_empty_accounts(now=tomorrow) == 1
    rows = await Candidate.select(Candidate.id)
    assert {row["id"] for row in rows} == {applied, stays}
    assert not await erase(house, uuid4())
