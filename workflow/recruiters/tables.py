"""Units, the recruiters who work for them, and their sessions."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from piccolo.apps.user.tables import BaseUser
from piccolo.columns import (
    BigInt,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Timestamptz,
    Varchar,
)
from piccolo.columns.readable import Readable
from piccolo.table import Table

from workflow.logins import digest_of
from workflow.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH, hash_password


class Unit(Table, tablename="unit"):
    """A laboratory or service that publishes offers. `contact_email` gets what its offers tell the employer.

    `waiting_days`: an application that has waited in its state for longer is overdue (C7).
    """

    id: Serial
    code = Varchar(length=40, unique=True)
    name = Varchar(length=300)
    city = Varchar(length=120)
    region = Varchar(length=10)
    contact_email = Varchar(length=320)
    waiting_days = Integer(default=14)

    @classmethod
    def get_readable(cls) -> Readable:
        return Readable(template="%s – %s", columns=[cls.code, cls.name])


class Recruiter(BaseUser, tablename="recruiter"):
    """Somebody who may log in to the console. `superuser`: an administrator, who sees every unit.

    Piccolo Admin's user table too, therefore its columns; `username` is the e-mail address in lower case.
    `language`: of the pages of mails to them; `wants_weekly`: the mail of what waits (C7). `totp_secret` is
    sealed, and counts since `totp_since`; `totp_last_step` is the last one that was used, for a code opens the
    door once. `needs_second_factor`: an administrator wants one. Who was invited and has not joined has no password.
    """

    id: Serial
    language = Varchar(length=8, default="fr")
    wants_weekly = Boolean(default=True)
    needs_second_factor = Boolean(default=False)
    totp_secret = Bytea(null=True, default=None, secret=True)
    totp_since = Timestamptz(null=True, default=None)
    totp_last_step = BigInt(default=0)
    invited_at = Timestamptz(null=True, default=None)
    joined_at = Timestamptz(null=True, default=None)

    _min_password_length = MINIMUM_LENGTH
    _max_password_length = MAXIMUM_LENGTH

    @classmethod
    def hash_password(cls, password: str, salt: str = "", iterations: int | None = None) -> str:  # noqa: ARG003  # Piccolo's form
        """Argon2id instead of Piccolo's PBKDF2."""
        return hash_password(password)

    def __init__(self, **kwargs: Any) -> None:
        Table.__init__(self, **kwargs)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)


class RecruiterUnit(Table, tablename="recruiter_unit"):
    """A unit whose offers and applications a recruiter sees."""

    recruiter = ForeignKey(Recruiter, on_delete=OnDelete.restrict, null=False)
    unit = ForeignKey(Unit, on_delete=OnDelete.restrict, null=False)


class RecruiterSession(Table, tablename="recruiter_session"):
    """A login of a recruiter, in the form that Piccolo Admin asks for; only a digest of the token is kept.

    `lacks`: what is still asked for before it opens anything, a `code` of the second factor or its `enrolment`.
    """

    id: Serial
    token_digest = Varchar(length=64, secret=True)
    user_id = Integer()
    created_at = Timestamptz()
    expires_at = Timestamptz()
    ends_at = Timestamptz()
    lacks = Varchar(length=20, null=True, default=None)
    device = Varchar(length=120, default="")

    token: str

    @classmethod
    async def create_session(
        cls,
        user_id: int,
        expiry_date: datetime | None = None,
        max_expiry_date: datetime | None = None,
        *,
        lacks: str | None = None,
        device: str = "",
    ) -> "RecruiterSession":
        """Begin a session; its `token` is known only now. Piccolo hands in local naive times."""
        now = datetime.now(UTC)
        session = cls(
            user_id=user_id,
            created_at=now,
            expires_at=expiry_date.astimezone(UTC) if expiry_date else now + IDLE_LIMIT,
            ends_at=max_expiry_date.astimezone(UTC) if max_expiry_date else now + ABSOLUTE_LIMIT,
            lacks=lacks,
            device=device[:120],
        )
        session.token = secrets.token_urlsafe(32)
        session.token_digest = digest_of(session.token)
        await session.save()
        return session

    @classmethod
    async def get_user_id(cls, token: str, increase_expiry: timedelta | None = None) -> int | None:
        """Whose session this is, if it still runs; using it keeps it alive, up to its absolute end.

        None for one that lacks anything: the password alone opens nothing where a second factor is asked for.
        """
        session = await cls.running(token)
        if session is None or session["lacks"]:
            return None
        now = datetime.now(UTC)
        if increase_expiry and session["expires_at"] - now < increase_expiry - FRESH_ENOUGH:
            await cls.update({cls.expires_at: now + increase_expiry}).where(cls.id == session["id"])
        return int(session["user_id"])

    @classmethod
    async def running(cls, token: str) -> dict[str, Any] | None:
        """The row of a session that has not ended, whatever it lacks."""
        now = datetime.now(UTC)
        mine = (cls.token_digest == digest_of(token)) & (cls.expires_at > now) & (cls.ends_at > now)
        found: dict[str, Any] | None = await cls.select().where(mine).first()
        return found

    @classmethod
    async def remove_session(cls, token: str) -> None:
        """End a session."""
        await cls.delete().where(cls.token_digest == digest_of(token))


class RecruiterLink(Table, tablename="recruiter_link"):
    """A link that was mailed to a recruiter, usable once until it expires: an `invitation`, or to a new `password`."""

    id: Serial
    token_digest = Varchar(length=64, unique=True, secret=True)
    recruiter = ForeignKey(Recruiter, on_delete=OnDelete.restrict, null=False)
    purpose = Varchar(length=20)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class RecoveryCode(Table, tablename="recovery_code"):
    """A code that opens the door once where the authenticator is lost; only a digest is kept."""

    id: Serial
    recruiter = ForeignKey(Recruiter, on_delete=OnDelete.restrict, null=False)
    code_digest = Varchar(length=64, secret=True)
    used_at = Timestamptz(null=True, default=None)


SESSION_COOKIE = "id"
"""One login for Piccolo Admin, which gives the cookie this name, and our own console."""

IDLE_LIMIT = timedelta(hours=8)
KEPT_ALIVE = IDLE_LIMIT
"""How long a session lives on after it was used, up to the absolute limit."""
FRESH_ENOUGH = timedelta(minutes=10)
"""So exactly is it written when a session was used."""
ABSOLUTE_LIMIT = timedelta(days=7)
