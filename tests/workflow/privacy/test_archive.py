"""The copy of one's data: whole, readable everywhere, and silent about what has not been told."""

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest

from tests.support.house import PASSWORD, House
from tests.workflow.documents.making import pdf
from workflow.alerts.commands import add_alert, stop_alerts
from workflow.alerts.tables import AlertRun, AlertTold
from workflow.applications.commands import move_application, withdraw_application
from workflow.applications.tables import Application
from workflow.candidates.queries import candidate_by_id
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.documents.commands import Upload, set_profile_cv
from workflow.engine.outbox import PENDING, SENT
from workflow.engine.tables import Outbox
from workflow.offers.tables import Offer
from workflow.privacy.archive import readable_names
from workflow.privacy.commands import ask_for_archive, ask_for_deletion
from workflow.privacy.making import make_archive
from workflow.privacy.queries import archive_of
from workflow.privacy.readme import PARTS
from workflow.privacy.spans import ARCHIVE
from workflow.privacy.tables import Archive
from workflow.recruiters.queries import StaffMember

MINUTE = timedelta(minutes=1)


async def opened(house: House, candidate: UUID, after: timedelta = timedelta()) -> ZipFile:
    """A copy, asked for and made."""
    now = house.now + after
    archive_id = await ask_for_archive(candidate, now=now)
    store = house.documents.store
    assert await make_archive(archive_id, store=store, scratch=house.folder, zone=house.terms.zone, now=now)
    archive = await archive_of(candidate, archive_id, now=now)
    assert archive is not None
    assert archive.digest is not None
    content = b"".join([piece async for piece in await store.pieces(archive.digest)])
    assert (archive.ready_at, archive.expires_at, archive.size) == (now, now + ARCHIVE, len(content))
    return ZipFile(io.BytesIO(content))


def data(archive: ZipFile) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(archive.read("data.json"))
    return content


async def move(house: House, staff: StaffMember, application: UUID, event: str, after: timedelta) -> None:
    await move_application(
        staff, application, event, terms=house.terms, now=house.now + after, note="not good enough"
    )


async def test_a_copy_holds_everything(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate(email="cleo@example.org", city="Brest", secret_question="first_job")
    store, now = house.documents.store, house.now
    files = {name: pdf() for name in ("CV.pdf", "Letter.pdf")}
    upload = Upload("CV.pdf", files["CV.pdf"])
    await set_profile_cv(candidate, upload, store=store, limit=10**6, now=now)
    application = await house.application(
        candidate,
        covering_letter=Upload("Letter.pdf", files["Letter.pdf"]),
        covering_letter_text="",
        cv_url="https://example.org/me",
    )
    await move(house, staff, application, "consider", MINUTE)
    archive = await opened(house, candidate, 2 * MINUTE)
    assert sorted(archive.namelist()) == [
        "README.txt",
        "data.json",
        "documents/CV.pdf",
        "documents/Letter.pdf",
    ]
    for name, content in files.items():
        assert archive.read(f"documents/{name}") == content
    found = data(archive)
    profile = await candidate_by_id(candidate)
    assert profile is not None
    assert {name: found["profile"][name] for name in ("first_name", "city", "cv")} == {
        "first_name": "Chloé",
        "city": "Brest",
        "cv": "documents/CV.pdf",
    }
    assert (found["account"]["email"], found["account"]["secret_question"]) == (
        "cleo@example.org",
        "Dans quelle ville avez-vous exercé votre premier emploi\u00a0?",
    )
    assert found["applications"] == [
        {
            "id": str(application),
            "offer": {"reference": "REF-1", "title": "Chimiste (H/F)", "unit": "Laboratory LAB1"},
            "status": "under_consideration",
            "status_label": "Candidature en cours d’examen",
            "submitted_at": now.isoformat(),
            "covering_letter": "documents/Letter.pdf",
            "covering_letter_text": "",
            "cv": "documents/CV.pdf",
            "cv_url": "https://example.org/me",
            "history": [
                {"status": "submitted", "label": "Candidature envoyée", "at": now.isoformat()},
                {
                    "status": "under_consideration",
                    "label": "Candidature en cours d’examen",
                    "at": (now + MINUTE).isoformat(),
                },
            ],
            "withdrawal_message": None,
        }
    ]
    assert found.keys() == {"made_at", *PARTS}
    assert [file["file"] for file in found["documents"]] == ["documents/CV.pdf", "documents/Letter.pdf"]
    secrets = ("password", "hash", "digest", "token", "not good enough", "candidate:", "recruiter")
    text = json.dumps(found).replace("temporary_passwords", "")  # when, not which
    assert [word for word in secrets if word in text] == []


async def send_all(house: House, after: timedelta) -> None:
    """What the worker would do with the mails that are due."""
    now = house.now + after
    await Outbox.update({Outbox.state: SENT, Outbox.settled_at: now, Outbox.secret: None}).where(
        Outbox.recipient.is_not_null() & (Outbox.due_at <= now) & (Outbox.state == PENDING)
    )


async def test_a_copy_lists_what_was_written(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate(email="cleo@example.org", language="en")
    other = await house.application(await house.candidate("Other"))
    application = await house.application(candidate)
    await move(house, staff, application, "consider", MINUTE)
    await move(house, staff, application, "reject", MINUTE)
    words = "I have found\nanother post."
    await withdraw_application(candidate, application, words, terms=house.terms, now=house.now + 2 * MINUTE)
    await withdraw_application(
        (await Application.select(Application.candidate).where(Application.id == other))[0]["candidate"],
        other,
        "Not mine.",
        terms=house.terms,
        now=house.now + 2 * MINUTE,
    )
    await ask_for_deletion(
        candidate, {"current_password": PASSWORD}, secret_key="a key", now=house.now + 3 * MINUTE
    )
    await send_all(house, 4 * MINUTE)
    await ask_for_deletion(
        candidate, {"current_password": PASSWORD}, secret_key="a key", now=house.now + 5 * MINUTE
    )
    found = data(await opened(house, candidate, 6 * MINUTE))
    mails = [(mail["kind"], mail["to"], mail["subject"], mail["application"]) for mail in found["mails"]]
    about = (str(application),)
    assert mails == [
        (
            "application_submitted",
            "cleo@example.org",
            "Application received: Chemist (REF-1)",
            *about,
        ),
        ("application_received", "employer", "Nouvelle candidature : Chimiste (H/F) (REF-1)", *about),
        (
            "application_considered",
            "cleo@example.org",
            "Under consideration: Chemist (REF-1)",
            *about,
        ),
        (
            "application_withdrawn",
            "cleo@example.org",
            "You have withdrawn: Chemist (REF-1)",
            *about,
        ),
        ("withdrawal_message", "employer", "Candidature retirée : Chimiste (H/F) (REF-1)", *about),
        (
            "withdrawal_message_copy",
            "cleo@example.org",
            "Copy of your message: Chemist (REF-1)",
            *about,
        ),
        ("deletion_confirmation", "cleo@example.org", "Delete your account: please confirm", None),
    ]
    assert {mail["sent_at"] for mail in found["mails"]} == {(house.now + 4 * MINUTE).isoformat()}
    assert [each["withdrawal_message"] for each in found["applications"]] == [words]
    assert [(link["purpose"], link["used_at"]) for link in found["links"]] == [("deletion", None)] * 2
    assert [copy["ready_at"] for copy in found["copies"]] == [None]


async def test_a_copy_holds_alerts_and_what_they_told_of(staff: StaffMember, house: House) -> None:
    now, (offer,) = house.now, await Offer.select(Offer.id)
    mine, other = await house.candidate(), await house.candidate()
    wanted = {
        "frequency": "daily",
        "job_type": "scientific",
        "job": "all",
        "region": "53",
        "keywords": "Chimie",
    }
    for candidate in (mine, other):
        alert = await add_alert(candidate, wanted, meaning=str.lower, now=now)
    run: dict[str, Any] = {"frequency": "daily", "period": "2026-03-03", "through": 1, "started_at": now}
    (inserted,) = await AlertRun.insert(AlertRun(**run))
    await AlertTold.insert(AlertTold(candidate=mine, offer=offer["id"], run=inserted["id"]))
    await stop_alerts(other, [alert], now=now)
    found = data(await opened(house, mine))
    at = now.isoformat()
    kept = wanted | {"job": "", "industry": "", "created_at": at, "edited_at": at, "stopped_at": None}
    assert found["alerts"] == [kept]
    assert found["told_by_alerts"] == [{"offer": "REF-1", "frequency": "daily", "period": "2026-03-03"}]
    others = data(await opened(house, other))
    assert ([each["stopped_at"] for each in others["alerts"]], others["told_by_alerts"]) == ([at], [])


@pytest.mark.parametrize(
    ("language", "first", "second"), [("fr", "Une copie", "A copy"), ("en", "A copy", "Une copie")]
)
async def test_a_copy_explains_itself_in_both_languages(
    staff: StaffMember, house: House, language: str, first: str, second: str
) -> None:
    archive = await opened(house, await house.candidate(language=language))
    words = archive.read("README.txt").decode()
    assert words.startswith(first)
    assert words.count(second) == 1
    assert words.index(second) > words.index("\r\n- copies")
    assert re.findall(r"\r\n- (\w+)\u00a0?: ", words) == [*PARTS] * 2
    assert words.count("2026-03-02") == 2
    assert re.search(r"[{}]|(?<!\r)\n", words) is None


async def test_a_copy_gives_no_held_decision_away(staff: StaffMember, house: House) -> None:
    quiet, decided, undone = [await house.candidate(name) for name in ("Quiet", "Decided", "Undone")]
    applications = {each: await house.application(each) for each in (quiet, decided, undone)}
    for application in applications.values():
        await move(house, staff, application, "consider", timedelta())
    await move(house, staff, applications[decided], "reject", MINUTE)
    await move(house, staff, applications[undone], "reject", MINUTE)
    await move(house, staff, applications[undone], "undo", 2 * MINUTE)

    await send_all(house, 3 * MINUTE)

    async def told(candidate: UUID) -> str:
        found = data(await opened(house, candidate, 3 * MINUTE))
        (application,) = found["applications"]
        said = json.dumps([application, found["mails"]])
        email = str(found["account"]["email"])
        return said.replace(str(applications[candidate]), "").replace(email, "")

    assert await told(decided) == await told(undone) == await told(quiet)
    later = data(await opened(house, decided, timedelta(hours=2)))["applications"][0]
    assert later["history"][-1] == {
        "status": "rejected",
        "label": "Candidature non retenue",
        "at": (house.now + 16 * MINUTE).isoformat(),
    }


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (["CV.pdf", "cv.PDF", "CV.pdf"], ["CV.pdf", "cv (2).PDF", "CV (3).pdf"]),
        (["CV (2).pdf", "CV.pdf", "CV.pdf"], ["CV (2).pdf", "CV.pdf", "CV (3).pdf"]),
        (["../../etc/passwd", "C:\\boot.ini", "/etc/x.pdf"], ["passwd", "boot.ini", "x.pdf"]),
        (["", "..", "nul.pdf", "é.pdf", "e\u0301.pdf"], None),
    ],
)
def test_names_are_readable_safe_and_told_apart(given: list[str], names: list[str] | None) -> None:
    readable = readable_names(given)
    assert names is None or readable == names
    assert len({name.casefold() for name in readable}) == len(given)
    for name in readable:
        assert Path(name).name == name
        assert name not in {".", ".."}


async def test_lost_bytes_cost_only_themselves(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate()
    store = house.documents.store
    await set_profile_cv(candidate, Upload("CV.pdf", pdf()), store=store, limit=10**6, now=house.now)
    await store.delete_unused(lambda _: nothing(), spare=timedelta(0))
    archive = await opened(house, candidate)
    assert archive.namelist() == ["data.json", "README.txt"]
    assert [file["file"] for file in data(archive)["documents"]] == [None]


async def nothing() -> set[str]:
    return set()


async def test_making_twice_is_making_once(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate(email="cleo@example.org")
    archive_id = await ask_for_archive(candidate, now=house.now)
    options: dict[str, Any] = {
        "store": house.documents.store,
        "scratch": house.folder,
        "zone": house.terms.zone,
        "now": house.now,
    }
    assert [await make_archive(archive_id, **options) for _ in range(2)] == [True, False]
    assert await Outbox.count().where(Outbox.kind == "archive_ready") == 1


async def test_nobody_gets_a_copy_after_leaving(staff: StaffMember, house: House) -> None:
    candidate = await house.candidate()
    archive_id = await ask_for_archive(candidate, now=house.now)
    async with write_transaction():
        await Candidate.update({Candidate.erased_at: house.now}).where(Candidate.id == candidate)
    assert not await make_archive(
        archive_id,
        store=house.documents.store,
        scratch=house.folder,
        zone=house.terms.zone,
        now=house.now,
    )
    assert await Archive.select(Archive.ready_at) == [{"ready_at": None}]
