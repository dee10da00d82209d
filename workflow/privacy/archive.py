"""A copy of all that a candidate may know of themselves: `data.json`, a README and the files, as a ZIP (A9).

Applications are projected from the steps that were told: nothing in it gives away what was not.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import structlog
from anyio import to_thread

from workflow.alerts.tables import Alert, AlertTold
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import CandidateApplication, applications_of_candidate
from workflow.applications.tables import Draft
from workflow.candidates.queries import PROFILE_FIELDS
from workflow.candidates.tables import Candidate, CandidateLink, CandidateSession, TemporaryPassword
from workflow.documents.filenames import clean_filename
from workflow.documents.storage import DocumentStore, StoredDocumentCorrupt
from workflow.documents.tables import Document
from workflow.engine.history import Step
from workflow.errors import NotFound
from workflow.language import say
from workflow.privacy.correspondence import mails_about, withdrawal_messages
from workflow.privacy.queries import archives_of
from workflow.privacy.readme import README, readme
from workflow.reference.queries import label
from workflow.roles import CANDIDATE

DATA = "data.json"
FOLDER = "documents"
_ACCOUNT = (
    "email",
    "language",
    "notice_version",
    "notice_accepted_at",
    "created_at",
    "confirmed_at",
    "last_active_at",
    "return_to",
    "warned_at",
    "deletes_at",
    "bounced_at",
    "bounce_said",
)
_ALERT = (
    "frequency",
    "job_type",
    "industry",
    "job",
    "region",
    "keywords",
    "created_at",
    "edited_at",
    "stopped_at",
)
_ONCE = ("created_at", "expires_at", "used_at")

_log = structlog.get_logger(__name__)


async def written_archive(candidate_id: UUID, file: BinaryIO, *, store: DocumentStore, now: datetime) -> None:
    """Write a candidate's ZIP into a file, one document in memory at a time. Raises NotFound for one who left."""
    candidate = await Candidate.select().where(Candidate.id == candidate_id).first()
    if candidate is None or candidate["erased_at"]:
        raise NotFound
    documents = (
        await Document.select().where(Document.candidate == candidate_id).order_by(Document.created_at)
    )
    names = readable_names([row["filename"] for row in documents])
    files: dict[UUID, str | None] = {}
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for row, name in zip(documents, names, strict=True):
            files[row["id"]] = await _added(archive, f"{FOLDER}/{name}", row, store)
        data = await data_of(candidate, documents, files, now=now)
        text = json.dumps(data, ensure_ascii=False, indent=2, default=_plain)
        await to_thread.run_sync(archive.writestr, _entry(DATA, now), text)
        words = readme(candidate["language"], now=now).replace("\n", "\r\n")
        await to_thread.run_sync(archive.writestr, _entry(README, now), words)


async def _added(archive: ZipFile, path: str, row: Mapping[str, Any], store: DocumentStore) -> str | None:
    """The name of the file in the archive; None where its bytes are lost, which must not cost the rest."""
    try:
        content = await store.get(row["digest"])
    except (NotFound, StoredDocumentCorrupt):
        _log.error("document missing in an archive", document=str(row["id"]))
        return None
    await to_thread.run_sync(archive.writestr, _entry(path, row["created_at"]), content)
    return path


def _entry(path: str, at: datetime) -> ZipInfo:
    entry = ZipInfo(path, at.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def readable_names(filenames: Sequence[str]) -> list[str]:
    """The files' own names, safe on every system; equal ones, also but for case, told apart: “CV (2).pdf”."""
    taken: set[str] = set()
    names = []
    for filename in filenames:
        path = PurePosixPath(clean_filename(filename))
        name, number = path.name, 1
        while name.casefold() in taken:
            number += 1
            name = f"{path.stem} ({number}){path.suffix}"
        taken.add(name.casefold())
        names.append(name)
    return names


async def data_of(
    candidate: Mapping[str, Any],
    documents: Sequence[Mapping[str, Any]],
    files: Mapping[UUID, str | None],
    *,
    now: datetime,
) -> dict[str, Any]:
    """The content of `data.json`. `files`: where in the archive each document lies."""
    language, candidate_id = candidate["language"], candidate["id"]
    applications = await applications_of_candidate(candidate_id, now=now)
    ids = [each.id for each in applications]
    messages = await withdrawal_messages(ids)
    question = label("secret_question", candidate["secret_question"], language)
    return {
        "made_at": now,
        "account": {name: candidate[name] for name in _ACCOUNT} | {"secret_question": question},
        "profile": {name: candidate[name] for name in PROFILE_FIELDS}
        | {"cv": files.get(candidate["profile_cv"])},
        "sessions": await _rows(
            CandidateSession, candidate_id, "device", "created_at", "expires_at", "ends_at"
        ),
        "links": await _rows(CandidateLink, candidate_id, "purpose", "email", *_ONCE),
        "temporary_passwords": await _rows(TemporaryPassword, candidate_id, *_ONCE),
        "applications": [
            _application(each, files, language) | {"withdrawal_message": messages.get(each.id)}
            for each in applications
        ],
        "drafts": [_draft(row, files) for row in await _drafts_of(candidate_id)],
        "alerts": await _rows(Alert, candidate_id, *_ALERT),
        "told_by_alerts": await _told_by_alerts(candidate_id),
        "documents": [
            {
                "file": files[row["id"]],
                **{name: row[name] for name in ("filename", "kind", "media_type", "size", "created_at")},
                "sha256": row["digest"],
            }
            for row in documents
        ],
        "mails": await mails_about(candidate_id, ids),
        "copies": [
            {name: getattr(each, name) for name in ("asked_at", "ready_at", "expires_at", "size")}
            for each in await archives_of(candidate_id, now=now)
        ],
    }


async def _rows(table: Any, candidate_id: UUID, *names: str) -> list[dict[str, Any]]:
    """What a candidate may know of their rows in a table, oldest first."""
    columns = [getattr(table, name) for name in names]
    rows: list[dict[str, Any]] = (
        await table.select(*columns).where(table.candidate == candidate_id).order_by(table.created_at)
    )
    return rows


def _application(
    application: CandidateApplication, files: Mapping[UUID, str | None], language: str
) -> dict[str, Any]:
    letter, cv = application.covering_letter, application.cv
    return {
        "id": application.id,
        "offer": {
            "reference": application.offer.reference,
            "title": application.offer.title(language),
            "unit": application.offer.unit_name,
        },
        "status": application.status,
        "status_label": _label(application.status, language),
        "submitted_at": application.submitted_at,
        "covering_letter": files.get(letter.id) if letter else None,
        "covering_letter_text": application.covering_letter_text,
        "cv": files.get(cv.id) if cv else None,
        "cv_url": application.cv_url,
        "history": [_step(step, language) for step in application.history],
    }


async def _drafts_of(candidate_id: UUID) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        await Draft.select(*Draft.all_columns(), Draft.offer.reference.as_alias("reference"))
        .where(Draft.candidate == candidate_id)
        .order_by(Draft.changed_at)
    )
    return rows


async def _told_by_alerts(candidate_id: UUID) -> list[dict[str, Any]]:
    """Of which offers digests told, and in which run of a day or a week."""
    rows: list[dict[str, Any]] = (
        await AlertTold.select(
            AlertTold.offer.reference.as_alias("offer"),
            AlertTold.run.frequency.as_alias("frequency"),
            AlertTold.run.period.as_alias("period"),
        )
        .where(AlertTold.candidate == candidate_id)
        .order_by(AlertTold.id)
    )
    return rows


def _draft(row: Mapping[str, Any], files: Mapping[UUID, str | None]) -> dict[str, Any]:
    return {
        "offer": row["reference"],
        "covering_letter": files.get(row["covering_letter"]),
        "cv": files.get(row["cv"]),
        **{name: row[name] for name in ("covering_letter_text", "cv_url", "changed_at")},
    }


def _step(step: Step, language: str) -> dict[str, Any]:
    """A step happened for its candidate when it was told."""
    return {
        "status": step.to_state,
        "label": _label(step.to_state, language),
        "at": step.announce_at or step.at,
    }


def _label(status: str, language: str) -> str:
    return say(language, ApplicationMachine.state_message(status, CANDIDATE))


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
