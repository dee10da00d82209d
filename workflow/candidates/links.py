"""Links that are mailed: each usable once, until it expires; of an account's for the same purpose the newest counts."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from workflow.account_checks import address_key
from workflow.candidates.mails import addressee
from workflow.candidates.tables import CandidateLink
from workflow.database.connection import hold_name
from workflow.engine.outbox import Announcement, record
from workflow.errors import LinkExpired, LinkUsed
from workflow.limits import MAILS_TO_ADDRESS, take_room
from workflow.logins import digest_of
from workflow.sealing import seal

LINK_LIMIT = timedelta(hours=48)
CONFIRMATION = "confirmation"
"""Of a registration; these links are kept with it."""
NEW_EMAIL = "new_email"
DELETION = "deletion"
_MAILS = {
    CONFIRMATION: ("account_confirmation", "/candidate/confirm/"),
    NEW_EMAIL: ("new_email_confirmation", "/candidate/new-address/"),
    DELETION: ("deletion_confirmation", "/candidate/delete-account/"),
}


async def hold_address(email: str) -> None:
    """Held by whoever makes, confirms or moves an account at an address, so that two never get the same one."""
    await hold_name(f"address of a candidate/{email.lower()}")


async def make_link(
    candidate: Mapping[str, Any], purpose: str, *, email: str | None = None, now: datetime
) -> str:
    """A new link's token; those before it end. `email`: the new address that it stands for."""
    token = secrets.token_urlsafe(32)
    await end_links(candidate["id"], purpose, now=now)
    await CandidateLink.insert(
        CandidateLink(
            token_digest=digest_of(token),
            candidate=candidate["id"],
            purpose=purpose,
            email=email,
            created_at=now,
            expires_at=now + LINK_LIMIT,
        )
    )
    return token


async def mail_link(
    candidate: Mapping[str, Any], purpose: str, token: str, *, recipient: str, secret_key: str, now: datetime
) -> None:
    """Record the mail that carries a link; not to an address to which strangers have had too many sent (ADR 17)."""
    if purpose != DELETION and not await take_room(
        MAILS_TO_ADDRESS, address_key(recipient), secret_key=secret_key, now=now
    ):
        return
    kind, path = _MAILS[purpose]
    mail = Announcement(
        kind=kind,
        dedup_key=f"{kind}/{digest_of(token)}",
        recipient=recipient,
        language=candidate["language"],
        params=addressee(candidate) | ({"account": candidate["email"]} if purpose == NEW_EMAIL else {}),
        secret=seal({"path": f"{path}{token}"}, secret_key),
        expires_at=now + LINK_LIMIT,
        about=("candidate", candidate["id"]),
    )
    await record([mail], now=now)


async def end_links(candidate_id: UUID, purpose: str, *, now: datetime) -> None:
    """No link of this purpose that was mailed to a candidate works any more."""
    await CandidateLink.update({CandidateLink.expires_at: now}).where(
        (CandidateLink.candidate == candidate_id)
        & (CandidateLink.purpose == purpose)
        & CandidateLink.used_at.is_null()
        & (CandidateLink.expires_at > now)
    )


async def found_link(token: str, purpose: str) -> dict[str, Any]:
    """The link of a token, whatever became of it. Raises LinkExpired for one that there is not."""
    mine = (CandidateLink.token_digest == digest_of(token)) & (CandidateLink.purpose == purpose)
    link: dict[str, Any] | None = await CandidateLink.select().where(mine).first()
    if link is None:
        raise LinkExpired
    return link


def require_open(link: Mapping[str, Any], *, now: datetime) -> None:
    """That a link can still be used. Raises LinkUsed, LinkExpired."""
    if link["used_at"]:
        raise LinkUsed
    if link["expires_at"] <= now:
        raise LinkExpired


async def use_link(link: Mapping[str, Any], *, now: datetime) -> None:
    """Use a link up. Raises LinkUsed, LinkExpired."""
    used = (
        await CandidateLink.update({CandidateLink.used_at: now})
        .where(
            (CandidateLink.id == link["id"])
            & CandidateLink.used_at.is_null()
            & (CandidateLink.expires_at > now)
        )
        .returning(CandidateLink.id)
    )
    if not used:
        latest = await CandidateLink.select().where(CandidateLink.id == link["id"]).first()
        raise LinkUsed if latest and latest["used_at"] else LinkExpired
