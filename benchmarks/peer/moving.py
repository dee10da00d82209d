"""One move as a Django team writes it: lock, transition with its log row, save, outbox row, in one transaction."""

import dataclasses
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from benchmarks.peer.models import Application, Outbox

KIND = "application_considered"
PARAMS = {
    "title": "ms",
    "first_name": "Chloé",
    "last_name": "Martin",
    "offer_title": "Chimiste (H/F)",
    "offer_reference": "REF-1",
    "unit_name": "Laboratory LAB1",
}


class NotFound(Exception):
    """No such application, or one of others."""


class Stale(Exception):
    """Somebody else was first."""


@dataclasses.dataclass(frozen=True)
class Staff:
    """Who moves; the units are read once, when the request is authenticated, as ours are."""

    user: Any
    unit_ids: Collection[int]


def consider(application_id: int, staff: Staff, *, expected_version: int, now: datetime) -> None:
    """The move alone: what it tells is known beforehand."""
    with transaction.atomic():
        application = Application.objects.select_for_update().get(pk=application_id)
        _move(application, staff, expected_version)
        _tell(
            application, "candidate@example.org", "fr", PARAMS | {"application_id": str(application_id)}, now
        )


def consider_authorised(application_id: int, staff: Staff, *, expected_version: int, now: datetime) -> None:
    """The whole command: whose it is, what the mail says, the move."""
    with transaction.atomic():
        application = (
            Application.objects.select_for_update(of=("self",))
            .select_related("candidate", "offer__unit")
            .filter(pk=application_id)
            .first()
        )
        if application is None or application.offer.unit_id not in staff.unit_ids:
            raise NotFound
        _move(application, staff, expected_version)
        candidate, offer = application.candidate, application.offer
        params = {
            "title": candidate.title,
            "first_name": candidate.first_name,
            "last_name": candidate.last_name,
            "offer_title": offer.title_fr if candidate.language == "fr" else offer.title_en,
            "offer_reference": offer.reference,
            "unit_name": offer.unit.name,
            "application_id": str(application_id),
        }
        _tell(application, candidate.email, candidate.language, params, now)


def _move(application: Application, staff: Staff, expected_version: int) -> None:
    if application.version != expected_version:
        raise Stale
    application.consider(by=staff.user)
    application.version += 1
    application.save(update_fields=["status", "version"])


def _tell(
    application: Application, recipient: str, language: str, params: dict[str, str], now: datetime
) -> None:
    Outbox.objects.create(
        kind=KIND,
        dedup_key=f"{KIND}/{application.pk}/{application.version}",
        recipient=recipient,
        language=language,
        params=params,
        subject_type="application",
        subject_id=application.pk,
        subject_version=application.version,
        due_at=now,
        created_at=now,
    )
