"""One's data: a copy of it, and the end of the account."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from msgspec import Meta, Struct, structs

from web.api.problems import INPUT, LOGIN, problems
from web.api.sessions import RECEIVED, Received
from web.kit.archives import archive_response
from web.kit.gates import limited_confirmation, limited_password
from web.kit.portal import Portal
from workflow.applications.commands import candidate_actor
from workflow.candidates.queries import CandidateView
from workflow.errors import (
    AccountKept,
    ArchiveTooSoon,
    ArchiveUnderWay,
    DeletionPlanned,
    LinkExpired,
    LinkUsed,
    NotFound,
    TooManyAttempts,
)
from workflow.language import say
from workflow.privacy.commands import ask_for_archive, ask_for_deletion, confirm_deletion, keep_account
from workflow.privacy.queries import ArchiveView, archive_of, archives_of
from workflow.privacy.spans import spans_of

_PATH = "/api/v1/me/archives"
_ZIP = {
    200: ResponseSpec(
        bytes,
        generate_examples=False,
        media_type="application/zip",
        description="A ZIP with data.json and the files.",
    )
}

_Request = Request[Any, Any, Any]
_Candidate = NamedDependency[CandidateView]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]


class Archive(Struct, frozen=True, kw_only=True):
    """A copy of all that one may know of oneself."""

    id: UUID
    asked_at: datetime
    ready_at: Annotated[datetime | None, Meta(description="Null while it is being made.")]
    failed_at: Annotated[
        datetime | None, Meta(description="When it was given up; another one may be asked for at once.")
    ]
    expires_at: Annotated[datetime | None, Meta(description="When it is deleted.")]
    size: Annotated[int | None, Meta(description="In bytes.")]
    url: Annotated[str | None, Meta(description="Where its bytes are, once it is ready.")]


class Archives(Struct, frozen=True):
    """Those that are being made, can be fetched, or failed lately, newest first."""

    items: list[Archive]


class Deletion(Struct, frozen=True):
    """Whether the account is to be deleted."""

    deletes_at: Annotated[datetime | None, Meta(description="When; null where nothing is planned.")]


class DeletionRequest(Struct, frozen=True):
    """The first of two keys; the second is the link that is mailed."""

    current_password: str


class DeletionConfirmation(Struct, frozen=True):
    """What the link in the mail ends in."""

    token: Annotated[str, Meta(description="The last part of the link: /candidate/delete-account/{token}.")]


@get(
    "/me/archives",
    operation_id="listArchives",
    summary="List the copies of one's data",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def list_archives(candidate: _Candidate, now: _Now) -> Archives:
    """Those that are being made, can be fetched, or failed lately, newest first."""
    return Archives([_answer(archive) for archive in await archives_of(candidate.id, now=now)])


@post(
    "/me/archives",
    status_code=202,
    operation_id="askForArchive",
    summary="Ask for a copy of one's data",
    tags=["candidate"],
    responses=problems(*LOGIN, ArchiveUnderWay, ArchiveTooSoon),
)
async def ask(candidate: _Candidate, portal: _Portal, now: _Now) -> Response[Archive]:
    """Have a copy made; a mail says when it is ready. One at a time, and at most one an hour."""
    archive_id = await ask_for_archive(candidate.id, now=now)
    await portal.nudge()
    archive = _answer(await _own(candidate, archive_id, now))
    return Response(archive, headers={"Location": f"{_PATH}/{archive_id}"})


@get(
    "/me/archives/{archive_id:uuid}",
    operation_id="readArchive",
    summary="See how far a copy of one's data is",
    tags=["candidate"],
    responses=problems(*LOGIN, NotFound),
)
async def read_archive(archive_id: FromPath[UUID], candidate: _Candidate, now: _Now) -> Archive:
    """One of the candidate's copies."""
    return _answer(await _own(candidate, archive_id, now))


@get(
    "/me/archives/{archive_id:uuid}/content",
    media_type="application/zip",
    operation_id="readArchiveContent",
    summary="Get a copy of one's data",
    tags=["candidate"],
    responses=_ZIP | problems(*LOGIN, NotFound),
)
async def read_content(
    archive_id: FromPath[UUID], candidate: _Candidate, portal: _Portal, now: _Now
) -> Stream:
    """The ZIP. Not found while it is being made."""
    archive = await _own(candidate, archive_id, now)
    return await archive_response(archive, portal, reader=candidate_actor(candidate.id).id)


@get(
    "/me/deletion",
    operation_id="readDeletion",
    summary="See whether the account is to be deleted",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def read_deletion(candidate: _Candidate) -> Deletion:
    """When the account will be deleted, if its owner has confirmed that it shall be."""
    return Deletion(candidate.deletes_at)


@post(
    "/me/deletion",
    status_code=202,
    operation_id="askForDeletion",
    summary="Ask for the deletion of the account",
    tags=["candidate"],
    responses=problems(*LOGIN, *INPUT, DeletionPlanned, TooManyAttempts, oversized=True),
)
async def ask_to_delete(
    request: _Request,
    data: JSONBody[DeletionRequest],
    candidate: _Candidate,
    portal: _Portal,
    now: _Now,
    language: NamedDependency[str],
) -> Received:
    """Mail a link that confirms it; nothing is deleted before that."""
    async with limited_password(request, candidate.id, now=now):
        await ask_for_deletion(
            candidate.id, structs.asdict(data), secret_key=portal.settings.secret_key, now=now
        )
    await portal.nudge()
    return Received(say(language, RECEIVED))


@delete(
    "/me/deletion",
    status_code=204,
    operation_id="keepAccount",
    summary="Keep the account after all",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def keep(candidate: _Candidate, portal: _Portal, now: _Now) -> None:
    """Take back a deletion that was asked for or planned; again is the same as once."""
    await keep_account(candidate.id, now=now)
    await portal.nudge()


@post(
    "/candidates/deletion",
    status_code=200,
    operation_id="confirmDeletion",
    summary="Confirm the deletion of an account",
    tags=["account"],
    responses=problems(*INPUT, LinkUsed, AccountKept, LinkExpired, TooManyAttempts, oversized=True),
)
async def confirm(
    request: _Request, data: JSONBody[DeletionConfirmation], portal: _Portal, now: _Now
) -> Deletion:
    """Plan the deletion that the token was mailed for. Until then it can be taken back; a mail says how."""
    async with limited_confirmation(request, now=now):
        deletes_at = await confirm_deletion(
            data.token, spans=spans_of(portal.settings), zone=portal.zone, now=now
        )
    await portal.nudge()
    return Deletion(deletes_at)


async def _own(candidate: CandidateView, archive_id: UUID, now: datetime) -> ArchiveView:
    """Raises NotFound."""
    archive = await archive_of(candidate.id, archive_id, now=now)
    if archive is None:
        raise NotFound
    return archive


def _answer(archive: ArchiveView) -> Archive:
    return Archive(
        id=archive.id,
        asked_at=archive.asked_at,
        ready_at=archive.ready_at,
        failed_at=archive.failed_at,
        expires_at=archive.expires_at,
        size=archive.size,
        url=f"{_PATH}/{archive.id}/content" if archive.digest else None,
    )


JSON_HANDLERS = [
    list_archives,
    ask,
    read_archive,
    read_content,
    read_deletion,
    ask_to_delete,
    keep,
]
ROUTE_HANDLERS = [confirm]
