"""What was written to a candidate, and to employers about them, as the copy of their data lists it.

Only what was sent: a mail that waits may tell of a decision that is taken back before.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from workflow.applications.machine import ApplicationMachine
from workflow.engine.outbox import SENT
from workflow.engine.tables import Outbox
from workflow.messages.rendering import kinds, subject_of

COPY = "withdrawal_message_copy"
"""The kind of mail that keeps the words with which a candidate withdrew."""

_TO_EMPLOYERS = {
    rule.tells["employer"] for rule in ApplicationMachine.rules.values() if "employer" in rule.tells
}


async def mails_about(candidate_id: UUID, application_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Kind, receiver, subject and instant of every mail, oldest first. An employer is told by that word alone."""
    rows = (
        await Outbox.select()
        .where(
            _about(candidate_id, application_ids)
            & (Outbox.state == SENT)
            & Outbox.kind.is_in(sorted(kinds()))
        )
        .order_by(Outbox.id)
    )
    return [_mail(row) for row in rows]


def _about(candidate_id: UUID, application_ids: Sequence[UUID]) -> Any:
    mine = (Outbox.subject_type == "candidate") & (Outbox.subject_id == candidate_id)
    if not application_ids:
        return mine
    return mine | _about_applications(application_ids)


def _about_applications(application_ids: Sequence[UUID]) -> Any:
    return (Outbox.subject_type == ApplicationMachine.subject) & Outbox.subject_id.is_in(
        list(application_ids)
    )


def _mail(row: Mapping[str, Any]) -> dict[str, Any]:
    is_about_application = row["subject_type"] == ApplicationMachine.subject
    return {
        "kind": row["kind"],
        "to": "employer" if row["kind"] in _TO_EMPLOYERS else row["recipient"],
        "subject": subject_of(row["kind"], row["language"], json.loads(row["params"])),
        "sent_at": row["settled_at"],
        "application": row["subject_id"] if is_about_application else None,
    }


async def withdrawal_messages(application_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What a candidate wrote to the employer when withdrawing, by application; those without a word are left out."""
    if not application_ids:
        return {}
    rows = await Outbox.select(Outbox.subject_id, Outbox.params).where(
        _about_applications(application_ids) & (Outbox.kind == COPY)
    )
    return {row["subject_id"]: json.loads(row["params"])["message"] for row in rows}
