"""Your data (A9): a copy of it, and the end of the account, which only the second of two keys opens."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from web.kit.addresses import local_path
from web.kit.archives import archive_response
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.gates import limited_confirmation, limited_password
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.commands import candidate_actor
from workflow.candidates.queries import CandidateView
from workflow.errors import (
    AccountKept,
    ArchiveTooSoon,
    ArchiveUnderWay,
    DeletionPlanned,
    FieldError,
    InvalidInput,
    LinkExpired,
    LinkUsed,
    NotFound,
)
from workflow.language import N_
from workflow.privacy.commands import (
    ask_for_archive,
    ask_for_deletion,
    check_deletion_link,
    confirm_deletion,
    keep_account,
)
from workflow.privacy.queries import ArchiveView, archive_of, archives_of
from workflow.privacy.spans import spans_of

_SECTION = "/candidate/account#own-data"
_ASKED = ("success", N_("We are making the copy. You get an e-mail when it is ready."))
_PROBLEMS = {AccountKept: "kept", LinkUsed: "used", LinkExpired: "expired"}
_KEPT = ("success", N_("Your account stays. Everything is as it was."))

_Request = Request[Any, Any, Any]
_Candidate = NamedDependency[CandidateView]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]


@dataclass(frozen=True, slots=True)
class OwnData:
    """What `candidate/_own_data.html` reads. `next_at`: from when on a copy may be asked for; None: now.

    `archive`: the newest that can be fetched; the others are about the one that was asked for last.
    """

    archive: ArchiveView | None
    is_under_way: bool
    has_failed: bool
    next_at: datetime | None


async def own_data(candidate: CandidateView, now: datetime) -> OwnData:
    """The section of the account's page about one's data."""
    archives = await archives_of(candidate.id, now=now)
    ready = next((archive for archive in archives if archive.ready_at), None)
    if not archives:
        return OwnData(ready, is_under_way=False, has_failed=False, next_at=None)
    latest = archives[0]
    next_at = latest.next_at if latest.next_at > now else None
    return OwnData(ready, latest.is_under_way, latest.has_failed, next_at)


@post("/account/archives")
async def ask_for_copy(request: _Request, candidate: _Candidate, portal: _Portal, now: _Now) -> Response[Any]:
    """Have a copy made; while there is a new one, or one on its way, the page says so."""
    try:
        await ask_for_archive(candidate.id, now=now)
    except (ArchiveUnderWay, ArchiveTooSoon):
        return redirect(request, _SECTION)
    page = redirect(request, _SECTION, _ASKED)
    page.background = BackgroundTask(portal.nudge)
    return page


@get("/account/archives/{archive_id:uuid}")
async def copy(archive_id: FromPath[UUID], candidate: _Candidate, portal: _Portal, now: _Now) -> Stream:
    """The ZIP itself. Raises NotFound for those of others, and for what is not ready or has gone."""
    archive = await archive_of(candidate.id, archive_id, now=now)
    if archive is None:
        raise NotFound
    return await archive_response(archive, portal, reader=candidate_actor(candidate.id).id)


@get("/account/deletion")
async def deletion_form(request: _Request, candidate: _Candidate) -> Response[Any]:
    """What deleting the account means, and the question for the password."""
    if candidate.deletes_at:
        return redirect(request, _SECTION)
    return _form(request, candidate)


def _form(request: _Request, candidate: CandidateView, errors: tuple[FieldError, ...] = ()) -> Response[Any]:
    return render(
        request,
        "candidate/delete_account.html",
        status_code=422 if errors else 200,
        errors=errors,
        email=candidate.email,
    )


@post("/account/deletion")
async def ask_to_delete(
    request: _Request, candidate: _Candidate, portal: _Portal, now: _Now
) -> Response[Any]:
    """Mail the link that confirms it."""
    form = await texts(request, "current_password")
    try:
        async with limited_password(request, candidate.id, now=now):
            email = await ask_for_deletion(candidate.id, form, secret_key=portal.settings.secret_key, now=now)
    except InvalidInput as wrong:
        return _form(request, candidate, wrong.errors)
    except DeletionPlanned:
        return redirect(request, _SECTION)
    page = render(request, "candidate/delete_account_sent.html", email=email)
    page.background = BackgroundTask(portal.nudge)
    return page


@post("/account/keep")
async def keep(request: _Request, candidate: _Candidate, portal: _Portal, now: _Now) -> Response[Any]:
    """Keep the account after all, and stay on the page; again is the same as once."""
    form = await texts(request, "next")
    await keep_account(candidate.id, now=now)
    page = redirect(request, local_path(form["next"], _SECTION), _KEPT)
    page.background = BackgroundTask(portal.nudge)
    return page


@get("/candidate/delete-account/{token:str}")
async def deletion(request: _Request, token: FromPath[str], now: _Now) -> Response[Any]:
    """A page with one button, which no script presses: this one is for people alone."""
    try:
        await check_deletion_link(token, now=now)
    except (LinkUsed, LinkExpired) as error:
        return _link_problem(request, error)
    page = render(request, "candidate/delete_account_confirm.html", token=token, problem=None)
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def _link_problem(request: _Request, error: LinkUsed | LinkExpired) -> Response[Any]:
    problem = _PROBLEMS[type(error)]
    return render(
        request, "candidate/delete_account_confirm.html", status_code=status_of(error), problem=problem
    )


@post("/candidate/delete-account/{token:str}")
async def confirm(request: _Request, token: FromPath[str], portal: _Portal, now: _Now) -> Response[Any]:
    """Plan the deletion, and say until when and how one may change one's mind. The link needs no login."""
    try:
        async with limited_confirmation(request, now=now):
            day = await confirm_deletion(token, spans=spans_of(portal.settings), zone=portal.zone, now=now)
    except (LinkUsed, LinkExpired) as error:
        return _link_problem(request, error)
    page = render(request, "candidate/delete_account_planned.html", day=day)
    page.background = BackgroundTask(portal.nudge)
    return page


OWN_HANDLERS = (ask_for_copy, copy, deletion_form, ask_to_delete, keep)
LINK_HANDLERS = (deletion, confirm)
