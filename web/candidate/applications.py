"""Your applications: all of them, one of them, and the files that went with it (P5)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.preparing import shown_draft, shown_profile
from web.candidate.presenting import shown_application
from web.kit.downloads import hand_out
from web.kit.language import language_of
from web.kit.pages import render
from web.kit.portal import Portal
from workflow.applications.commands import candidate_actor
from workflow.applications.draft_queries import drafts_of_candidate
from workflow.applications.machine import ENDED
from workflow.applications.queries import (
    CandidateApplication,
    application_of_candidate,
    applications_of_candidate,
    live_application,
)
from workflow.candidates.queries import CandidateView
from workflow.errors import NotFound
from workflow.privacy.correspondence import withdrawal_messages


async def own_application(
    candidate: CandidateView, application_id: UUID, now: datetime
) -> CandidateApplication:
    """One of the candidate's applications; of others' it is not even told that they exist. Raises NotFound."""
    application = await application_of_candidate(candidate.id, application_id, now=now)
    if application is None:
        raise NotFound
    return application


@get("/applications")
async def all_applications(
    request: Request[Any, Any, Any],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """All, past ones included, newest first, and those that are not sent yet."""
    applications = await applications_of_candidate(candidate.id, now=now)
    drafts = await drafts_of_candidate(candidate.id, now=now)
    language = language_of(request)
    return render(
        request,
        "candidate/applications.html",
        applications=[shown_application(each, language, now=now, zone=portal.zone) for each in applications],
        drafts=[shown_draft(each, language, now=now, zone=portal.zone) for each in drafts],
    )


@get("/applications/{application_id:uuid}")
async def one_application(
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Where it stands, what was sent, what happened, what can be done."""
    return await _page(request, "candidate/application.html", application_id, candidate, portal, now)


@get("/applications/{application_id:uuid}/submitted")
async def submitted(
    request: Request[Any, Any, Any],
    application_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The confirmation on the screen (P3)."""
    return await _page(
        request, "candidate/applied.html", application_id, candidate, portal, now, email=candidate.email
    )


async def _page(
    request: Request[Any, Any, Any],
    template: str,
    application_id: UUID,
    candidate: CandidateView,
    portal: Portal,
    now: datetime,
    **context: Any,
) -> Response[Any]:
    application = await own_application(candidate, application_id, now)
    language = language_of(request)
    message = (await withdrawal_messages([application_id])).get(application_id, "")
    return render(
        request,
        template,
        application=shown_application(application, language, now=now, zone=portal.zone, message=message),
        profile=shown_profile(candidate, language),
        may_apply_again=await may_apply_again(candidate, application, portal, now),
        **context,
    )


async def may_apply_again(
    candidate: CandidateView, application: CandidateApplication, portal: Portal, now: datetime
) -> bool:
    """Whether the offer of an application that was left takes another one (P4)."""
    offer = application.offer
    if application.status not in ENDED or not offer.is_open(now, portal.zone):
        return False
    return await live_application(candidate.id, offer.id, now=now) is None


@get("/applications/{application_id:uuid}/documents/{document_id:uuid}")
async def document(
    application_id: FromPath[UUID],
    document_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """A file as it was sent. Raises NotFound for the files of others, and of other applications."""
    application = await own_application(candidate, application_id, now)
    for file in (application.covering_letter, application.cv):
        if file and file.id == document_id:
            reader = candidate_actor(candidate.id).id
            return await hand_out(file, portal.store, reader=reader, application_id=application_id)
    raise NotFound
