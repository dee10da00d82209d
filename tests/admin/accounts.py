"""Recruiters' accounts in tests: second factors, the mails that were recorded, what the audit says."""

import json
from datetime import datetime
from typing import Any

import pyotp

from workflow.audit.tables import AuditEntry
from workflow.database.connection import write_transaction
from workflow.engine.tables import Outbox
from workflow.recruiters.holding import hold_recruiter
from workflow.recruiters.second_factor import (
    confirm_authenticator,
    prepare_enrolment,
    waiting_authenticator,
)
from workflow.sealing import unseal


def code_at(secret: str, now: datetime) -> str:
    """What an authenticator shows."""
    return pyotp.TOTP(secret).at(now)


async def enrolled(recruiter_id: int, *, secret_key: str, now: datetime) -> tuple[str, tuple[str, ...]]:
    """Give somebody a second factor: its secret and recovery codes. The code of `now` is used up by it."""
    async with write_transaction():
        await prepare_enrolment(await hold_recruiter(recruiter_id), secret_key=secret_key, now=now)
    waiting = await waiting_authenticator(recruiter_id, secret_key=secret_key, now=now)
    assert waiting
    async with write_transaction():
        row = await hold_recruiter(recruiter_id)
        codes = await confirm_authenticator(row, code_at(waiting.secret, now), secret_key=secret_key, now=now)
    return waiting.secret, codes


async def mails() -> list[tuple[str, str]]:
    """Kind and recipient of the mails to recruiters, oldest first."""
    rows = await Outbox.select().where(Outbox.kind.like("recruiter_%")).order_by(Outbox.id)
    return [(row["kind"], row["recipient"]) for row in rows]


async def link(kind: str, secret_key: str) -> str:
    """The path in the newest mail of a kind."""
    row = await Outbox.select().where(Outbox.kind == kind).order_by(Outbox.id, ascending=False).first()
    assert row
    return str(unseal(row["secret"], secret_key)["path"])


async def audit() -> list[tuple[str, str, str, dict[str, Any], dict[str, Any]]]:
    """Who did what to which account, before and after, oldest first."""
    rows = await AuditEntry.select().where(AuditEntry.subject_type == "recruiter").order_by(AuditEntry.id)
    return [
        (
            row["actor_id"],
            row["action"],
            row["subject_id"],
            json.loads(row["before"]),
            json.loads(row["after"]),
        )
        for row in rows
    ]
