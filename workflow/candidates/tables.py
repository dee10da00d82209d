"""Registrations, candidates, their sessions, and the links and passwords that were mailed to them."""

from piccolo.columns import UUID, Boolean, ForeignKey, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table


class Registration(Table, tablename="registration"):
    """What somebody gave who wants an account, and a link that was mailed to its address; a row for each link.

    `candidate_id` is the id that the account will have: rows with the same one are one registration under older
    and newer links. Whoever registers at the same address again has another. `browser_digest` is that of a cookie
    of the browser that it was made in. Once it is used there is an account, and nothing personal is left here.
    """

    id: Serial
    token_digest = Varchar(length=64, unique=True, secret=True)
    candidate_id = UUID()
    email = Varchar(length=320)
    email_key = Varchar(length=320)
    password_hash = Varchar(length=255, secret=True)
    title = Varchar(length=10)
    first_name = Varchar(length=100)
    last_name = Varchar(length=100)
    secret_question = Varchar(length=200)
    secret_answer_hash = Varchar(length=255, secret=True)
    language = Varchar(length=8)
    notice_version = Varchar(length=20)
    notice_accepted_at = Timestamptz()
    return_to = Varchar(length=60, null=True, default=None)
    browser_digest = Varchar(length=64, null=True, default=None, secret=True)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)


class Candidate(Table, tablename="candidate"):
    """An account, since its registration was confirmed. `email` is unique in its normalised form (`email_key`).

    `profile_cv` is the id of the default CV (no foreign key: documents point here). `return_to` is the
    reference of the offer that the candidate registered for. `deletes_at`: when it will be deleted, as its
    owner wished; `warned_at`: when its owner was told that it will be, unused as it is; once `erased_at` is
    set nothing personal is left, and the row never changes again. `name_key` is what names are looked up by
    (`workflow.candidates.names`). `bounced_at`: when a mail to this address was refused for good, with what the
    server said; alerts rest meanwhile.
    """

    id = UUID(primary_key=True)
    email = Varchar(length=320)
    email_key = Varchar(length=320, unique=True)
    password_hash = Varchar(length=255, secret=True)
    title = Varchar(length=10)
    first_name = Varchar(length=100)
    last_name = Varchar(length=100)
    name_key = Varchar(length=420, default="")
    secret_question = Varchar(length=200)
    secret_answer_hash = Varchar(length=255, secret=True)
    language = Varchar(length=8)
    notice_version = Varchar(length=20)
    notice_accepted_at = Timestamptz()
    return_to = Varchar(length=60, null=True, default=None)
    created_at = Timestamptz()
    confirmed_at = Timestamptz(null=True, default=None)
    last_active_at = Timestamptz()
    address = Text()
    postal_code = Varchar(length=20)
    city = Varchar(length=120)
    country = Varchar(length=2)
    phone = Varchar(length=40)
    nationality = Varchar(length=2)
    level = Varchar(length=40)
    situation = Varchar(length=40)
    languages = Varchar(length=300)
    profile_cv = UUID(null=True, default=None)
    deletes_at = Timestamptz(null=True, default=None)
    warned_at = Timestamptz(null=True, default=None)
    bounced_at = Timestamptz(null=True, default=None)
    bounce_said = Text(default="")
    erased_at = Timestamptz(null=True, default=None)


class CandidateSession(Table, tablename="candidate_session"):
    """A login of a candidate: by cookie on the pages, by bearer token in the API. Only a digest is kept.

    `device` is what people know it again by. A restricted one, begun with a temporary password, may only
    choose a new password.
    """

    id: Serial
    token_digest = Varchar(length=64, unique=True, secret=True)
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    ends_at = Timestamptz()
    device = Varchar(length=120)
    is_restricted = Boolean(default=False)


class CandidateLink(Table, tablename="candidate_link"):
    """A link that was mailed, usable once until it expires.

    `purpose`: the account's `deletion`, or `new_email`, then with the address that it was mailed to.
    """

    id: Serial
    token_digest = Varchar(length=64, unique=True, secret=True)
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    purpose = Varchar(length=40)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
    email = Varchar(length=320, null=True, default=None)


class TemporaryPassword(Table, tablename="temporary_password"):
    """A password that was mailed to somebody who forgot theirs (A5): it opens the door once, within an hour."""

    id: Serial
    candidate = ForeignKey(Candidate, on_delete=OnDelete.restrict, null=False)
    password_hash = Varchar(length=255, secret=True)
    created_at = Timestamptz()
    expires_at = Timestamptz()
    used_at = Timestamptz(null=True, default=None)
