"""The second factor: codes of an authenticator (TOTP, RFC 6238), each of which opens the door once."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyotp
from cryptography.fernet import InvalidToken

from workflow.errors import AuthenticationRequired, CodeRequired, CodeWrong
from workflow.passwords import as_mailed
from workflow.recruiters.recovery_codes import (
    end_recovery_codes,
    new_recovery_codes,
    recovery_codes_left,
    use_recovery_code,
)
from workflow.recruiters.tables import Recruiter
from workflow.sealing import seal, unseal

ISSUER = "Vivier"
ENROLMENT_LIMIT = timedelta(hours=1)
_STEP_SECONDS = 30  # RFC 6238, section 4.1: X
_DIGITS = 6
_TOLERANCE = (-1, 0, 1)
"""Steps: clocks differ, and people type slowly (RFC 6238, section 5.2)."""


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """How an account is guarded. `since`: when the authenticator was set up; None: there is none."""

    since: datetime | None
    is_required: bool
    codes_left: int


@dataclass(frozen=True, slots=True)
class NewAuthenticator:
    """What an authenticator is given: the secret to type, and the address that its QR code holds."""

    secret: str
    address: str


async def second_factor_of(recruiter_id: int) -> SecondFactor:
    """What the account page shows. Raises AuthenticationRequired for an account that is gone."""
    row = await Recruiter.select().where(Recruiter.id == recruiter_id).first()
    if row is None:
        raise AuthenticationRequired
    return SecondFactor(
        row["totp_since"], row["needs_second_factor"], await recovery_codes_left(recruiter_id)
    )


async def require_code(row: Mapping[str, Any], code: str, *, secret_key: str, now: datetime) -> None:
    """Use up a code of a recruiter who has a second factor, inside the transaction that holds them.

    Of the authenticator, or a recovery code. Raises CodeRequired where there is none, CodeWrong, also for
    one that was used.
    """
    bare = as_mailed(code)
    if not bare:
        raise CodeRequired
    if bare.isdecimal() and len(bare) == _DIGITS:
        secret = _sealed(row, secret_key).get("secret")
        is_right = secret is not None and await _use_step(row, secret, bare, now)
    else:
        is_right = await use_recovery_code(row["id"], bare, secret_key=secret_key, now=now)
    if not is_right:
        raise CodeWrong


async def _use_step(row: Mapping[str, Any], secret: str, code: str, now: datetime) -> bool:
    """A code, and all before it, opens nothing any more once it was used (RFC 6238, section 5.2)."""
    step = _step_of(secret, code, now, after=row["totp_last_step"])
    if step is None:
        return False
    await Recruiter.update({Recruiter.totp_last_step: step}).where(Recruiter.id == row["id"])
    return True


def _step_of(secret: str, code: str, now: datetime, *, after: int = 0) -> int | None:
    """The step of time that a code belongs to, if it is near enough."""
    totp = pyotp.TOTP(secret, digits=_DIGITS, interval=_STEP_SECONDS)
    present = int(now.timestamp()) // _STEP_SECONDS
    steps = [present + tolerated for tolerated in _TOLERANCE]
    fitting = [
        step
        for step in steps
        if step > after and hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
    ]
    return fitting[0] if fitting else None


async def prepare_enrolment(row: Mapping[str, Any], *, secret_key: str, now: datetime) -> None:
    """Draw a new secret, inside the transaction that holds the recruiter. Until it is confirmed the old one counts."""
    waiting = {"next": pyotp.random_base32(), "asked_at": now.isoformat()}
    kept = {name: value for name, value in _sealed(row, secret_key).items() if name == "secret"}
    await Recruiter.update({Recruiter.totp_secret: seal(kept | waiting, secret_key)}).where(
        Recruiter.id == row["id"]
    )


async def waiting_authenticator(
    recruiter_id: int, *, secret_key: str, now: datetime
) -> NewAuthenticator | None:
    """What was prepared, and waits for its first code; for an hour."""
    row = await Recruiter.select().where(Recruiter.id == recruiter_id).first()
    secret = _waiting_secret(row, secret_key, now) if row else None
    if row is None or secret is None:
        return None
    address = pyotp.TOTP(secret).provisioning_uri(name=row["email"], issuer_name=ISSUER)
    return NewAuthenticator(secret, address)


def _waiting_secret(row: Mapping[str, Any], secret_key: str, now: datetime) -> str | None:
    facts = _sealed(row, secret_key)
    if "next" not in facts or datetime.fromisoformat(facts["asked_at"]) <= now - ENROLMENT_LIMIT:
        return None
    return facts["next"]


async def confirm_authenticator(
    row: Mapping[str, Any], code: str, *, secret_key: str, now: datetime
) -> tuple[str, ...]:
    """Let the prepared secret count from its first code on; ten recovery codes, which can be read only now.

    Inside the transaction that holds the recruiter. Raises CodeWrong, also where nothing waits any more.
    """
    secret = _waiting_secret(row, secret_key, now)
    step = _step_of(secret, as_mailed(code), now) if secret else None
    if secret is None or step is None:
        raise CodeWrong
    await Recruiter.update(
        {
            Recruiter.totp_secret: seal({"secret": secret}, secret_key),
            Recruiter.totp_since: now,
            Recruiter.totp_last_step: step,
        }
    ).where(Recruiter.id == row["id"])
    return await new_recovery_codes(row["id"], secret_key=secret_key)


async def drop_authenticator(recruiter_id: int) -> None:
    """No second factor any more, nor anything of it, inside the caller's transaction."""
    await Recruiter.update({Recruiter.totp_secret: None, Recruiter.totp_since: None}).where(
        Recruiter.id == recruiter_id
    )
    await end_recovery_codes(recruiter_id)


def _sealed(row: Mapping[str, Any], secret_key: str) -> dict[str, str]:
    """What lies sealed; nothing where the portal's key has changed since: no code is right then."""
    try:
        return unseal(bytes(row["totp_secret"]), secret_key) if row["totp_secret"] else {}
    except InvalidToken:
        return {}
