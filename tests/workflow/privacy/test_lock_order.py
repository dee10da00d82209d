"""Everything that can happen to a candidate at once, on PostgreSQL: each waits its turn, none for another in a circle.

docs/architecture.md has the one order in which rows are held.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.effort import effort, tell_figures
from tests.support.house import PASSWORD, House
from tests.support.locks import ON_POSTGRES
from tests.workflow.alerts.random_days import Worker
from tests.workflow.candidates.recovering import KEY, chloe, secret_of
from tests.workflow.documents.making import pdf
from tests.workflow.privacy.conftest import deletion_token
from workflow.alerts.bounces import catch_up, clear_bounce, note_bounce
from workflow.alerts.commands import (
    add_alert,
    delete_alert,
    edit_alert,
    resume_alerts,
    set_frequency_of_all,
    stop_alerts,
)
from workflow.alerts.forgetting import forget_told
from workflow.alerts.tables import Alert, AlertTold
from workflow.alerts.visiting import RunLost
from workflow.applications.commands import (
    cancel_offer,
    move_application,
    move_applications,
    withdraw_application,
)
from workflow.applications.drafts import discard_draft, save_draft
from workflow.applications.sending import submit_draft
from workflow.applications.submission import ApplicationForm
from workflow.applications.tables import Application, Draft
from workflow.candidates.account import change_account, confirm_new_email
from workflow.candidates.commands import change_profile, confirm_candidate, log_in, register_candidate
from workflow.candidates.recovery import replace_temporary_password, send_new_password
from workflow.candidates.sessions import end_other_session, log_out_everywhere, open_session, sessions_of
from workflow.candidates.tables import CandidateLink, CandidateSession, TemporaryPassword
from workflow.database.postgres import HeldPostgresEngine
from workflow.documents.commands import Upload, remove_profile_cv, set_profile_cv
from workflow.documents.tables import Document
from workflow.engine.many import Move
from workflow.engine.tables import Outbox
from workflow.errors import DomainError
from workflow.logins import UNKNOWN, Arrival
from workflow.privacy import retention
from workflow.privacy.commands import ask_for_archive, confirm_deletion, keep_account
from workflow.privacy.erasure import erase_candidate
from workflow.privacy.making import make_archive
from workflow.privacy.spans import Spans
from workflow.privacy.tables import Archive
from workflow.privacy.traces import erase_late_words, forget_empty_accounts, forget_traces, orphans, traces
from workflow.recruiters.queries import StaffMember
from workflow.reviews.commands import rate_application, write_note

TURNS = effort(8, 200)
"""Each one candidate, and some forty commands at once, ten of them in the database."""

SPANS = Spans(retention=timedelta(days=730), reflection=timedelta(days=7))
OF_CANDIDATES = (
    Alert,
    AlertTold,
    Archive,
    CandidateLink,
    CandidateSession,
    Document,
    Draft,
    TemporaryPassword,
)
EVERYTHING = {"frequency": "daily", "job_type": "all", "region": "all"}
NAME = {"title": "ms", "first_name": "Chloé", "last_name": "Martin"}
REGISTRATION = NAME | {
    "password": "nine loud bitterns",
    "secret_question": "first_school",
    "secret_answer": "Rex",
    "accept_notice": True,
}

pytestmark = pytest.mark.timeout(effort(120, 3_600))


@dataclass
class Busy:
    """A candidate with two applications, a draft, two logins, mailed passwords and links, and all that is done."""

    house: House
    staff: StaffMember
    turn: int
    id: UUID
    applications: Sequence[UUID]
    mark: str
    restricted: str
    tokens: Sequence[str]
    new_email: str
    confirmation: str
    deletion: str
    archive: UUID
    alert: UUID

    @property
    def email(self) -> str:
        return f"chloe{self.turn}@example.org"

    @property
    def new_address(self) -> str:
        return f"new{self.turn}@example.org"

    def offer(self, number: int) -> str:
        return f"REF-{self.turn}-{number}"

    @property
    def later(self) -> datetime:
        """When all that expires has expired."""
        return self.house.now + timedelta(days=40)

    def of_the_account(self) -> list[Awaitable[Any]]:
        now, arrival = self.house.now, Arrival(token=self.tokens[0])
        account: dict[str, Any] = {"arrival": arrival, "secret_key": KEY, "now": now}
        current = {"current_password": PASSWORD}
        return [
            log_in(self.email, PASSWORD, arrival=arrival, now=now),
            log_in(self.email, PASSWORD, arrival=Arrival(token=self.restricted), now=now),
            open_session(self.tokens[0], now=now + timedelta(hours=1)),
            log_out_everywhere(self.id),
            self._end_some_session(),
            change_profile(self.id, NAME, now=now),
            change_account(self.id, {"language": "en"}, **account),
            change_account(self.id, current | {"password": "nine loud bitterns"}, **account),
            change_account(self.id, current | {"email": "third@example.org"}, **account),
            confirm_new_email(self.new_email, logged_in=self.id, catch_up=catch_up, now=now),
            confirm_candidate(self.confirmation, password="nine loud bitterns", now=now),
            register_candidate(REGISTRATION | {"email": self.new_address}, secret_key=KEY, now=now),
            send_new_password(self.email, "Odet", secret_key=KEY, now=now),
            replace_temporary_password(
                self.id, {"password": "ten shy dunlins"}, arrival=Arrival(token=self.restricted), now=now
            ),
        ]

    async def _end_some_session(self) -> None:
        for session in await sessions_of(self.id, "", now=self.house.now):
            await end_other_session(self.id, session.id)

    def of_applications(self) -> list[Awaitable[Any]]:
        terms: dict[str, Any] = {"terms": self.house.terms, "now": self.house.now}
        store, first, second = self.house.documents.store, *self.applications
        with_file = ApplicationForm(covering_letter=Upload("CV.pdf", pdf()))
        form = ApplicationForm(covering_letter_text="Dear all, dear all")
        saving: dict[str, Any] = {"documents": self.house.documents, "zone": self.house.terms.zone}
        return [
            self.house.application(self.id, self.offer(3)),
            self.house.application(self.id, self.offer(3)),
            submit_draft(self.id, self.offer(4), self.mark, **terms),
            save_draft(self.id, self.offer(4), form, now=self.house.now, **saving),
            save_draft(self.id, self.offer(5), with_file, now=self.house.now, **saving),
            self._discard(self.offer(5)),
            set_profile_cv(self.id, Upload("CV.pdf", pdf()), store=store, limit=10**6, now=self.house.now),
            remove_profile_cv(self.id),
            withdraw_application(self.id, first, "Goodbye", **terms),
            move_application(self.staff, second, "reject", note="No.", idempotency_key="the same", **terms),
            move_application(self.staff, second, "undo", **terms),
            self._move_both(),
            write_note(self.staff, first, "A word", now=self.house.now),
            write_note(self.staff, second, "Another", now=self.house.now),
            rate_application(self.staff, second, 3, now=self.house.now),
            rate_application(self.staff, second, 5, now=self.house.now),
            cancel_offer(self.staff, self.offer(2), **terms),
        ]

    async def _discard(self, reference: str) -> None:
        rows = await Outbox.raw("SELECT id FROM offer WHERE reference = {}", reference)
        await discard_draft(self.id, rows[0]["id"])

    async def _move_both(self) -> None:
        moves = [
            Move(each, "consider", idempotency_key=key)
            for each, key in zip(self.applications, ("the same", "b"), strict=True)
        ]
        async for _ in move_applications(self.staff, moves, terms=self.house.terms, now=self.house.now):
            pass

    def of_their_data(self) -> list[Awaitable[Any]]:
        now, zone, later = self.house.now, self.house.terms.zone, self.later
        return [
            ask_for_archive(self.id, now=now),
            make_archive(
                self.archive,
                store=self.house.documents.store,
                scratch=self.house.folder,
                zone=zone,
                now=now,
            ),
            confirm_deletion(self.deletion, spans=SPANS, zone=zone, now=now),
            keep_account(self.id, now=now),
            retention.warn_owner(self.id, spans=SPANS, zone=zone, now=now + SPANS.retention),
            *(retention.drop_expired(now=later) for _ in range(2)),
            *(self._forget(find) for find in (traces, traces, orphans)),
            *(forget_empty_accounts(now=now + timedelta(days=2)) for _ in range(2)),
            erase_late_words(now=now),
        ]

    def of_alerts(self) -> list[Awaitable[Any]]:
        now, words = self.house.now, EVERYTHING | {"keywords": "new"}
        writing: dict[str, Any] = {"meaning": str.lower, "now": now}
        return [
            *(add_alert(self.id, words, **writing) for _ in range(2)),
            edit_alert(self.id, self.alert, EVERYTHING | {"frequency": "weekly"}, **writing),
            set_frequency_of_all(self.id, {"frequency": "weekly"}, now=now),
            stop_alerts(self.id, now=now),
            resume_alerts(self.id, [self.alert], now=now),
            delete_alert(self.id, self.alert, now=now),
            note_bounce(self.email, "550 5.1.1 nobody", now=now),
            clear_bounce(self.id, now=now),
            *(self._run_alerts() for _ in range(2)),
            forget_told(now=self.later + timedelta(days=90)),
        ]

    async def _run_alerts(self) -> None:
        """The run of another day each turn, taken from each other."""
        with suppress(RunLost):
            on = self.house.now + timedelta(days=self.turn)
            await Worker(lambda: on, lease=timedelta(0)).work()

    @staticmethod
    async def _forget(find: Callable[..., Awaitable[Any]]) -> None:
        await forget_traces(await find(now=datetime(2030, 1, 1, tzinfo=UTC)))

    async def erase(self) -> bool:
        return await erase_candidate(
            self.id, is_due=lambda _: True, reason="wish", terms=self.house.terms, now=self.house.now
        )


async def busy(house: House, staff: StaffMember, unit: int, turn: int) -> Busy:
    now, email, new_address = house.now, f"chloe{turn}@example.org", f"new{turn}@example.org"
    for number in range(1, 6):
        await house.offer(staff, unit, f"REF-{turn}-{number}")
    candidate = await chloe(house, email=email)
    cv = Upload("CV.pdf", pdf())
    await set_profile_cv(candidate, cv, store=house.documents.store, limit=10**6, now=now)
    applications = [await house.application(candidate, f"REF-{turn}-{number}") for number in (1, 2)]
    await move_application(staff, applications[1], "consider", terms=house.terms, now=now)
    form = ApplicationForm(covering_letter_text="Dear all")
    saving: dict[str, Any] = {"documents": house.documents, "zone": house.terms.zone, "now": now}
    saved = await save_draft(candidate, f"REF-{turn}-4", form, **saving)
    assert saved.draft
    tokens = [(await log_in(email, PASSWORD, now=now)).token for _ in range(2)]
    deletion = await deletion_token(house, candidate)
    asked = {"email": new_address, "current_password": PASSWORD}
    await change_account(candidate, asked, arrival=UNKNOWN, secret_key=KEY, now=now)
    await send_new_password(email, "Odet", secret_key=KEY, now=now)
    restricted = await log_in(email, await secret_of("new_password"), now=now)
    await send_new_password(email, "Odet", secret_key=KEY, now=now)
    await register_candidate(REGISTRATION | {"email": new_address}, secret_key=KEY, now=now)
    return Busy(
        house,
        staff,
        turn,
        candidate,
        applications,
        saved.draft.mark,
        restricted.token,
        tokens,
        await secret_of("new_email_confirmation"),
        await secret_of("account_confirmation"),
        deletion,
        await ask_for_archive(candidate, now=now),
        await add_alert(candidate, EVERYTHING, meaning=str.lower, now=now),
    )


@ON_POSTGRES
async def test_whatever_happens_at_once_ends_and_is_refused_only_with_a_reason(
    database: str, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance, outcomes = random.Random(4), Counter[str]()
    let_others_in_between(monkeypatch, chance)
    unit = await house.unit()
    staff = await house.recruiter(unit)
    for turn in range(TURNS):
        one = await busy(house, staff, unit, turn)
        work = [*one.of_the_account(), *one.of_applications(), *one.of_their_data(), *one.of_alerts()]
        if turn % 2:
            work += [one.erase(), one.erase()]
        chance.shuffle(work)
        for result in await asyncio.gather(*work, return_exceptions=True):
            outcomes["done" if not isinstance(result, BaseException) else type(result).__name__] += 1
            assert not isinstance(result, BaseException) or isinstance(result, DomainError), repr(result)
        if turn % 2:
            await nothing_is_left(one)
    tell_figures("everything at once", turns=TURNS, **outcomes)


def let_others_in_between(monkeypatch: pytest.MonkeyPatch, chance: random.Random) -> None:
    """Before each statement somebody else may be quicker."""
    run = HeldPostgresEngine.run_querystring

    async def run_later(self: HeldPostgresEngine, *arguments: Any, **options: Any) -> Any:
        await asyncio.sleep(chance.uniform(0, 0.01))
        return await run(self, *arguments, **options)

    monkeypatch.setattr(HeldPostgresEngine, "run_querystring", run_later)


async def nothing_is_left(one: Busy) -> None:
    """Of somebody who left beside all else; the other account, of whoever confirmed the same address, stays."""
    left = {
        table._meta.tablename: await table.count().where(table.candidate == one.id) for table in OF_CANDIDATES
    }
    assert left == dict.fromkeys(left, 0)
    rows = await Application.select(Application.status).where(Application.candidate == one.id)
    assert {row["status"] for row in rows} <= {"withdrawn", "rejected"}
