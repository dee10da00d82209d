"""Whoever leaves, leaves nothing: all that a candidate can give us is given, and then looked for everywhere."""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from jobs.archives import ArchiveMaker
from jobs.mailbox import open_mailbox
from jobs.relay import Relay
from jobs.retention import DataKeeper
from tests.docs.test_privacy import remaining
from tests.jobs.test_relay import Clock
from tests.support.everywhere import database_content, files_content, found
from tests.support.house import House
from tests.workflow.documents.making import pdf_with_object
from workflow.alerts.bounces import note_bounce
from workflow.alerts.commands import add_alert
from workflow.applications.commands import move_application, withdraw_application
from workflow.applications.sending import submit_application
from workflow.applications.submission import ApplicationForm
from workflow.applications.tables import Application, Draft
from workflow.candidates.account import change_account, confirm_new_email
from workflow.candidates.commands import change_profile, confirm_candidate, log_in, register_candidate
from workflow.candidates.recovery import send_new_password
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.documents.commands import Upload, set_profile_cv
from workflow.documents.tables import Document
from workflow.engine.checkpoints import extend
from workflow.engine.outbox import PENDING, SENT
from workflow.engine.records import Fault
from workflow.engine.tables import Outbox
from workflow.engine.verification import verify
from workflow.limits import LOGIN_FROM_ORIGIN, Gate
from workflow.logins import Arrival
from workflow.machines import MACHINES
from workflow.messages.mailbox import messages
from workflow.messages.rendering import House as Sender
from workflow.privacy.commands import ask_for_archive, ask_for_deletion, confirm_deletion
from workflow.privacy.queries import archives_of
from workflow.privacy.spans import Spans
from workflow.reviews.commands import rate_application, write_note
from workflow.sealing import unseal

KEY = "a key for the tests of leaving"
SPANS = Spans(retention=timedelta(days=730), reflection=timedelta(days=7))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

OLD_EMAIL = "vieille.adresse@abandonnee-croquignole.example"
EMAIL = "zebulonne.quixetoile@unmistakable.example"
FIRST_NAME, LAST_NAME = "Zébulonne", "Quixétoile-Vandermoor"
PROFILE = {
    "title": "ms",
    "first_name": FIRST_NAME,
    "last_name": LAST_NAME,
    "address": "77 impasse Grimbeltaine",
    "postal_code": "X9-7741-QZ",
    "city": "Vrombeçais-sur-Lune",
    "phone": "+99 8877 6655 4433",
    "languages": "Klingonnais courant",
    "country": "FR",
    "nationality": "FR",
}
QUESTION, ANSWER = "Le surnom de ma tortue Gribouillette ?", "Pantoufle-Céleste"
LETTER = "Madame, ma lettre parle de quaternions mirobolants."
LETTER_FILE, CV_FILE, OLD_CV_FILE = (
    "Lettre-Brindezingue.pdf",
    "CV-Farfelupin-é.pdf",
    "Ancien-CV-Zigouigoui.pdf",
)
IN_LETTER, IN_CV, IN_OLD_CV = "ContenuLettreBaragouin", "ContenuCvCarabistouille", "ContenuAncienTintinnabule"
URL = "https://portfolio-abracadabrantesque.example/moi"
MESSAGE = "Chers tous, je préfère cultiver des rutabagas phosphorescents."
NOTE, OTHER_NOTE = "Candidature étourdissante de sapience", "Reprise: dossier ébouriffant"
REVIEW = "Chuchotis entre collègues, ébaubissant"
DEVICE = "Netscape sur Minitel-Flamboyant"
ADDRESS = "198.51.100.237"
DRAFT_LETTER = "Brouillon sur les hippocampes métaphysiques."
PASSWORD = "sept hérons cacophoniques indigo"
ALERT = "limnologue abyssalissime"
BOUNCE = "550 5.1.1 boîte pulvérisée par un mirliton"

WORDS = {
    OLD_EMAIL,
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    *(PROFILE[name] for name in ("address", "postal_code", "city", "phone", "languages")),
    "Gribouillette",
    ANSWER,
    "quaternions mirobolants",
    *(LETTER_FILE, CV_FILE, OLD_CV_FILE, IN_LETTER, IN_CV, IN_OLD_CV, URL),
    "rutabagas phosphorescents",
    NOTE,
    OTHER_NOTE,
    REVIEW,
    DEVICE,
    ADDRESS,
    "hippocampes métaphysiques",
    ALERT,
    BOUNCE,
    PASSWORD,
}


def file(name: str, words: str) -> Upload:
    return Upload(name, pdf_with_object(f"({words})".encode()))


@dataclass
class Stay:
    """A candidate's time with us, with all the parts of a worker around it and a clock that tests move."""

    house: House
    folder: Path
    clock: Clock
    relay: Relay
    staff: Any
    keeper: DataKeeper
    maker: ArchiveMaker
    applications: dict[str, UUID] = field(default_factory=dict)
    told: list[tuple[str, str]] = field(default_factory=list)
    candidate_id: UUID | None = None

    async def work(self) -> None:
        """Whatever is due now."""
        while await self.relay.sweep() or await self.maker.sweep():
            pass

    async def pass_time(self, span: timedelta) -> None:
        """Move the clock, and let everybody do what is due; what that tells whom is then in `told`."""
        self.clock.now += span
        rows = await Outbox.select(Outbox.id).where(Outbox.state != PENDING)
        before = {row["id"] for row in rows}
        await self.work()
        await self.keeper.tend()
        await self.work()
        rows = await Outbox.select().where(Outbox.state == SENT)
        self.told = sorted(
            (row["kind"], row["recipient"]) for row in rows if row["id"] not in before and row["recipient"]
        )
        await self.keeper.tend()

    async def path(self, kind: str) -> str:
        rows = await Outbox.select().where(Outbox.kind == kind).order_by(Outbox.id)
        return str(unseal(rows[-1]["secret"], KEY)["path"])

    async def apply(self, reference: str, **form: Any) -> None:
        assert self.candidate_id
        self.applications[reference] = await submit_application(
            self.candidate_id,
            reference,
            ApplicationForm(**form),
            documents=self.house.documents,
            terms=self.house.terms,
            now=self.clock.now,
        )

    async def move(self, reference: str, event: str, note: str = "") -> None:
        await move_application(
            self.staff,
            self.applications[reference],
            event,
            terms=self.house.terms,
            now=self.clock.now,
            note=note,
        )

    async def content(self) -> bytes:
        return await database_content() + files_content(self.folder)

    async def statuses(self) -> dict[str, str]:
        rows = await Application.select(Application.id, Application.status)
        by_id = {row["id"]: row["status"] for row in rows}
        return {reference: by_id[each] for reference, each in self.applications.items()}


@pytest.fixture
async def stay(database: str, house: House, now: datetime, tmp_path: Path) -> AsyncIterator[Stay]:
    clock = Clock(now)
    await extend(transaction=write_transaction, key=house.terms.history_key, now=now)
    unit = await house.unit()
    staff = await house.recruiter(unit)
    for number in range(6):
        await house.offer(staff, unit, f"REF-{number}", tells_contact=True)
    store, mailbox = house.documents.store, tmp_path / "mailbox"
    async with open_mailbox(mailbox, clock) as server:
        relay = Relay(
            server,
            sender="Vivier <no-reply@example.org>",
            house=Sender("https://careers.example.org", "Example Research", "careers@example.org"),
            secret_key=KEY,
            journals=tmp_path / "journal",
            clock=clock,
        )
        keeper = DataKeeper(
            store,
            spans=SPANS,
            terms=house.terms,
            mailbox=mailbox,
            secret_key=KEY,
            clock=clock,
            spare=timedelta(0),
        )
        maker = ArchiveMaker(store, scratch=tmp_path, zone=house.terms.zone, clock=clock)
        yield Stay(house, tmp_path, clock, relay, staff, keeper, maker)
        await relay.close()


async def live_through_everything(stay: Stay) -> None:
    """Fill every field there is, and let everything happen that can happen to a candidate."""
    now = stay.clock.now
    registration = {
        **PROFILE,
        "email": OLD_EMAIL,
        "password": PASSWORD,
        "own_secret_question": QUESTION,
        "secret_answer": ANSWER,
        "accept_notice": True,
        "language": "fr",
    }
    for _ in range(2):  # of two one is confirmed
        await register_candidate(registration, secret_key=KEY, now=now)
    token = (await stay.path("account_confirmation")).rpartition("/")[2]
    confirmed = await confirm_candidate(token, password=PASSWORD, arrival=Arrival(DEVICE), now=now)
    candidate_id = stay.candidate_id = confirmed.candidate_id
    await send_new_password(OLD_EMAIL, ANSWER, secret_key=KEY, now=now)
    await change_account(
        candidate_id,
        {"email": EMAIL, "current_password": PASSWORD},
        arrival=Arrival(DEVICE),
        secret_key=KEY,
        now=now,
    )
    token = (await stay.path("new_email_confirmation")).rpartition("/")[2]
    await stay.work()
    await confirm_new_email(token, password=PASSWORD, now=now)
    async with Gate(((LOGIN_FROM_ORIGIN, ADDRESS),), KEY).attempt(now=now):
        await log_in(EMAIL, PASSWORD, arrival=Arrival(DEVICE), now=now)
    await change_profile(candidate_id, PROFILE, now=now)
    documents = stay.house.documents
    for upload in (file(OLD_CV_FILE, IN_OLD_CV), file(CV_FILE, IN_CV)):
        await set_profile_cv(candidate_id, upload, store=documents.store, limit=10**6, now=now)
    await stay.work()
    for number in range(5):
        await stay.apply(
            f"REF-{number}",
            covering_letter=file(LETTER_FILE, IN_LETTER),
            covering_letter_text=LETTER,
            cv_url=URL,
        )
    await stay.work()
    for reference in ("REF-1", "REF-2", "REF-3"):
        await stay.move(reference, "consider")
    await stay.move("REF-1", "reject", NOTE)
    await stay.work()
    await stay.move("REF-1", "undo", "Une erreur: " + NOTE)
    await stay.move("REF-2", "reject", NOTE)
    await stay.pass_time(HOUR)
    await stay.move("REF-2", "reopen", OTHER_NOTE)
    await stay.move("REF-2", "accept", OTHER_NOTE)
    for application in stay.applications.values():
        await write_note(stay.staff, application, REVIEW, now=stay.clock.now)
        await rate_application(stay.staff, application, 4, now=stay.clock.now)
    await withdraw_application(
        candidate_id, stay.applications["REF-4"], MESSAGE, terms=stay.house.terms, now=stay.clock.now
    )
    await keep_draft(stay)
    wanted = {"frequency": "daily", "job_type": "all", "region": "all", "keywords": ALERT}
    await add_alert(candidate_id, wanted, meaning=str.lower, now=stay.clock.now)
    await note_bounce(EMAIL, BOUNCE, now=stay.clock.now)
    await ask_for_archive(candidate_id, now=stay.clock.now)
    await stay.pass_time(HOUR)


async def keep_draft(stay: Stay) -> None:
    offers = await Outbox.raw("SELECT id FROM offer WHERE reference = {}", "REF-5")
    async with write_transaction():
        await Draft.insert(
            Draft(
                id=UUID(int=7),
                candidate=stay.candidate_id,
                offer=offers[0]["id"],
                covering_letter_text=DRAFT_LETTER,
                cv_url=URL,
                changed_at=stay.clock.now,
            )
        )


async def ask_and_confirm(stay: Stay) -> None:
    assert stay.candidate_id
    now = stay.clock.now
    await ask_for_deletion(stay.candidate_id, {"current_password": PASSWORD}, secret_key=KEY, now=now)
    token = (await stay.path("deletion_confirmation")).rpartition("/")[2]
    await confirm_deletion(token, spans=SPANS, zone=stay.house.terms.zone, now=now)
    await stay.work()


async def faults(stay: Stay) -> list[Fault]:
    """What `vivier verify-history` finds."""
    await extend(transaction=write_transaction, key=stay.house.terms.history_key, now=stay.clock.now)
    parts = [part async for part in verify(MACHINES, stay.house.terms.history_key)]
    return [fault for part in parts for fault in part.faults]


async def test_whoever_leaves_leaves_nothing(stay: Stay, house: House) -> None:
    other = await house.candidate("Ottilie", email="ottilie@example.org")
    await set_profile_cv(
        other, file("Ottilie.pdf", IN_CV), store=house.documents.store, limit=10**6, now=stay.clock.now
    )
    await house.application(other, "REF-0", covering_letter=file("Ottilie-Letter.pdf", "hers alone"))
    await live_through_everything(stay)
    await ask_and_confirm(stay)
    hidden = {ANSWER, PASSWORD, ADDRESS}
    assert found(await stay.content(), WORDS) == WORDS - hidden
    assert await faults(stay) == []

    await stay.move("REF-3", "accept", NOTE)  # held when the day comes
    stay.clock.now += 7 * DAY - timedelta(minutes=5)
    await stay.move("REF-1", "accept", NOTE)  # held as well
    assert await stay.statuses() == {
        "REF-0": "submitted",
        "REF-1": "successful",
        "REF-2": "successful",
        "REF-3": "successful",
        "REF-4": "withdrawn",
    }
    await stay.pass_time(timedelta(minutes=5))
    assert await stay.statuses() == {
        "REF-0": "withdrawn",
        "REF-1": "withdrawn",
        "REF-2": "successful",
        "REF-3": "successful",
        "REF-4": "withdrawn",
    }
    rows = await Candidate.raw("SELECT * FROM candidate WHERE email_key LIKE 'erased:%'")
    assert {name for name, value in rows[0].items() if value not in (None, "")} == remaining()["candidate"]
    mine = await Application.raw("SELECT * FROM application WHERE candidate = {}", stay.candidate_id)
    assert [{name for name, value in row.items() if value not in (None, "")} for row in mine] == [
        remaining()["application"]
    ] * 5
    shared = {IN_CV}  # the other candidate has the very same file
    assert found(await stay.content(), WORDS) == shared
    assert await Candidate.count() == 2
    files = [path for path in (stay.folder / "documents").rglob("*") if path.is_file()]
    assert len(files) == await Document.count() == 2
    assert Counter(mail.to for mail in messages(stay.folder / "mailbox")) == {
        "ottilie@example.org": 1,
        "lab1@example.org": 1,
    }
    assert stay.told == [
        ("account_deleted", EMAIL),
        ("withdrawal_message", "lab1@example.org"),
        ("withdrawal_message", "lab1@example.org"),
    ]
    assert await faults(stay) == []


async def test_a_copy_holds_all_that_one_may_know_of_oneself(stay: Stay) -> None:
    """Whatever has to go when somebody leaves is theirs to take along, but for secrets and others' notes."""
    await live_through_everything(stay)
    (copy,) = await archives_of(stay.candidate_id or UUID(int=0), now=stay.clock.now)
    assert copy.digest
    with ZipFile(io.BytesIO(await stay.house.documents.store.get(copy.digest))) as archive:
        content = b"".join(archive.read(name) + name.encode() for name in archive.namelist())
    withheld = {ANSWER, PASSWORD, ADDRESS, NOTE, OTHER_NOTE, REVIEW}
    assert found(content, WORDS) == WORDS - withheld


async def test_a_worker_killed_between_a_mail_and_its_row_is_followed_by_another(
    stay: Stay, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = await house.candidate(email=EMAIL, deletes_at=stay.clock.now + HOUR)
    await house.application(candidate, "REF-0")
    await stay.work()
    stay.clock.now += HOUR
    with monkeypatch.context() as patched:
        patched.setattr("jobs.retention.forget_traces", killed)
        with pytest.raises(asyncio.CancelledError):
            await stay.keeper.tend()
    assert messages(stay.folder / "mailbox") == []
    assert await Outbox.count().where(Outbox.recipient == EMAIL) == 2
    await asyncio.gather(stay.keeper.tend(), stay.keeper.tend())
    await stay.work()
    assert sorted(mail.to for mail in messages(stay.folder / "mailbox")) == ["lab1@example.org", EMAIL]
    await stay.keeper.tend()
    assert messages(stay.folder / "mailbox") == []
    assert found(await stay.content(), {EMAIL}) == set()
    assert await Outbox.count().where(Outbox.recipient.is_not_null()) == 0


async def killed(_: object) -> None:
    raise asyncio.CancelledError
