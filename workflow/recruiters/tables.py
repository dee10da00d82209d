"""Units, the recruiters who work for them, and their sessions."""

import hashlib
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

from workflow.checks import clean_line
from workflow.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH, hash_password, password_fits


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

    @classmethod
    async def login(cls, username: str, password: str) -> int | None:
        """The id of the active recruiter whom address and password fit; the same work is done for nobody."""
        found = (
            await cls.select(cls.id, cls.password)
            .where((cls.username == clean_line(username).lower()) & cls.active.eq(True))
            .first()
        )
        fits = await password_fits(password, found["password"] if found else None)
        if not found or not fits:
            return None
        local_time = datetime.now()  # noqa: DTZ005  # Piccolo's column has no zone
        await cls.update({cls.last_login: local_time}).where(cls.id == found["id"])
        return int(found["id"])


class RecruiterUnit(Table, tablename="recruiter_unit"):
    """A unit whose offers and applications a recruiter sees."""

    recruiter = ForeignKey(Recruiter, on_delete=OnDelete.restrict, null=False)
    unit = ForeignKey(Unit, on_delete=OnDelete.restrict, null=False)


class RecruiterSession(Table, tablename="recruiter_session"):
    """A login of a recruiter, in the form that Piccolo Admin asks for; only a digest of the token is kept.

    `lacks`: what is still asked for before it opens anything, a `code` of the second factor or its `enrolment`.
    """

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
        cls, user_id: int, expiry_date: datetime | None = None, max_expiry_date: datetime | None = None
    ) -> "RecruiterSession":
        """Begin a session; its `token` is known only now. Piccolo hands in local naive times."""
        now = datetime.now(UTC)
        session = cls(
            user_id=user_id,
            created_at=now,
            expires_at=expiry_date.astimezone(UTC) if expiry_date else now + IDLE_LIMIT,
            ends_at=max_expiry_date.astimezone(UTC) if max_expiry_date else now + ABSOLUTE_LIMIT,
        )
        session.token = secrets.token_urlsafe(32)
        session.token_digest = _digest(session.token)
        await session.save()
        return session

    @classmethod
    async def get_user_id(cls, token: str, increase_expiry: timedelta | None = None) -> int | None:
        """Whose session this is, if it still runs; using it keeps it alive, up to its absolute end."""
        now = datetime.now(UTC)
        mine = cls.token_digest == _digest(token)
        session = await cls.select().where(mine & (cls.expires_at > now) & (cls.ends_at > now)).first()
        if not session:
            return None
        if increase_expiry and session["expires_at"] - now < increase_expiry:
            await cls.update({cls.expires_at: now + increase_expiry}).where(mine)
        return int(session["user_id"])

    @classmethod
    async def remove_session(cls, token: str) -> None:
        """End a session."""
        await cls.delete().where(cls.token_digest == _digest(token))


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
KEPT_ALIVE = timedelta(hours=1)
"""What using a session that is about to end adds to it, up to the absolute limit."""
ABSOLUTE_LIMIT = timedelta(days=7)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
