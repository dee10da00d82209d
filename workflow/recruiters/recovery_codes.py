"""Ten codes for the day the authenticator is lost: each opens the door once; only digests are kept."""

import hashlib
import hmac
import secrets
from datetime import datetime

from workflow.passwords import as_mailed
from workflow.recruiters.tables import RecoveryCode

HOW_MANY = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that nobody mistakes for another."""
_GROUP = 5


async def new_recovery_codes(recruiter_id: int, *, secret_key: str) -> tuple[str, ...]:
    """Ten codes in the place of those before, inside the caller's transaction; they can be read only now."""
    codes = tuple(f"{_group()}-{_group()}" for _ in range(HOW_MANY))
    await end_recovery_codes(recruiter_id)
    await RecoveryCode.insert(
        *(
            RecoveryCode(recruiter=recruiter_id, code_digest=_digest(recruiter_id, code, secret_key))
            for code in codes
        )
    )
    return codes


def _group() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_GROUP))


async def end_recovery_codes(recruiter_id: int) -> None:
    """None opens the door any more."""
    await RecoveryCode.delete().where(RecoveryCode.recruiter == recruiter_id)


async def use_recovery_code(recruiter_id: int, code: str, *, secret_key: str, now: datetime) -> bool:
    """Use a code up, inside the caller's transaction; whether it was one that opens the door."""
    mine = RecoveryCode.recruiter == recruiter_id
    this_one = RecoveryCode.code_digest == _digest(recruiter_id, code, secret_key)
    used = (
        await RecoveryCode.update({RecoveryCode.used_at: now})
        .where(mine & this_one & RecoveryCode.used_at.is_null())
        .returning(RecoveryCode.id)
    )
    return bool(used)


async def recovery_codes_left(recruiter_id: int) -> int:
    """How many have not been used."""
    return int(
        await RecoveryCode.count().where(
            (RecoveryCode.recruiter == recruiter_id) & RecoveryCode.used_at.is_null()
        )
    )


def _digest(recruiter_id: int, code: str, secret_key: str) -> str:
    facts = f"recovery code\n{recruiter_id}\n{as_mailed(code)}"
    return hmac.new(secret_key.encode(), facts.encode(), hashlib.sha256).hexdigest()
