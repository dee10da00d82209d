"""Applying, following one's applications, withdrawing: all that is told comes from the steps that were told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, MultipartBody
from msgspec import Meta, Struct

from web.api.bodies import read_form
from web.api.documents import DocumentAnswer, document_answer, file_response, received_file
from web.api.offer_answers import OfferMention, mention
from web.api.offers import public_offer
from web.api.problems import INPUT, LOGIN, problems
from web.kit.portal import Portal
from workflow.applications.commands import candidate_actor, withdraw_application
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import (
    CandidateApplication,
    application_of_candidate,
    applications_of_candidate,
)
from workflow.applications.sending import submit_application
from workflow.applications.submission import ApplicationForm
from workflow.candidates.queries import CandidateView
from workflow.documents.commands import COVERING_LETTER, CV
from workflow.documents.queries import DocumentView
from workflow.engine.history import Step
from workflow.errors import AlreadyApplied, IllegalEvent, NotFound, OfferNotOpen, TooLarge
from workflow.language import say
from workflow.privacy.correspondence import withdrawal_messages
from workflow.roles import CANDIDATE

_PATH = "/api/v1/me/applications"


class ToldStep(Struct, frozen=True):
    """One step, as it was told."""

    status: Annotated[str, Meta(examples=["submitted"])]
    label: Annotated[str, Meta(examples=["Application submitted"])]
    at: Annotated[datetime, Meta(description="When it was told.")]


class Application(Struct, frozen=True, kw_only=True):
    """An application as its candidate knows it."""

    id: UUID
    offer: OfferMention
    status: Annotated[
        str,
        Meta(
            description="One of submitted, under_consideration, successful, rejected, withdrawn.",
            examples=["under_consideration"],
        ),
    ]
    status_label: Annotated[str, Meta(examples=["Application under consideration"])]
    version: Annotated[int, Meta(description="How many steps have been told.")]
    submitted_at: datetime
    documents: list[DocumentAnswer]
    covering_letter_text: str | None
    cv_url: str | None
    withdrawal_message: Annotated[str | None, Meta(description="What the employer was told at a withdrawal.")]
    actions: Annotated[list[str], Meta(description="What the candidate may do now.", examples=[["withdraw"]])]
    history: Annotated[list[ToldStep], Meta(description="Oldest first.")]


class Applications(Struct, frozen=True):
    """All applications of a candidate, newest first."""

    items: list[Application]


class ApplicationBody(Struct, frozen=True, kw_only=True):
    """An application form. A covering letter is required, as a file or as text."""

    covering_letter: Annotated[UploadFile | None, Meta(description="PDF, DOCX or ODT.")] = None
    covering_letter_text: Annotated[
        str, Meta(description="10,000 characters at most.", examples=["I would like to join you, because …"])
    ] = ""
    cv: Annotated[UploadFile | None, Meta(description="Instead of the profile's CV.")] = None
    cv_url: Annotated[
        str,
        Meta(description="A page, blog or video about the candidate.", examples=["https://example.org/me"]),
    ] = ""


class Withdrawal(Struct, frozen=True):
    """How one withdraws."""

    message: Annotated[
        str | None,
        Meta(
            description="To the employer, 5,000 characters at most; null sends none. One of the two must be said.",
            examples=["I have found another post, and thank you for your time."],
        ),
    ]


@post(
    "/offers/{reference:str}/applications",
    status_code=201,
    operation_id="apply",
    summary="Apply to an offer",
    tags=["candidate"],
    before_request=read_form,
    responses=problems(*LOGIN, *INPUT, NotFound, OfferNotOpen, AlreadyApplied, TooLarge, form=True),
)
async def apply(
    reference: FromPath[str],
    data: MultipartBody[ApplicationBody],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> Response[Application]:
    """Apply. `Location` is the new application's address."""
    await public_offer(reference)
    form = ApplicationForm(
        covering_letter=await received_file(data.covering_letter, COVERING_LETTER, portal),
        covering_letter_text=data.covering_letter_text,
        cv=await received_file(data.cv, CV, portal),
        cv_url=data.cv_url,
    )
    application_id = await submit_application(
        candidate.id,
        reference,
        form,
        documents=portal.documents,
        terms=portal.terms,
        now=now,
    )
    await portal.nudge()
    application = await _answer(await _own(candidate, application_id, now), language)
    return Response(application, headers={"Location": f"{_PATH}/{application_id}"})


@get(
    "/me/applications",
    operation_id="listApplications",
    summary="List one's applications",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def list_applications(
    candidate: NamedDependency[CandidateView], now: NamedDependency[datetime], language: NamedDependency[str]
) -> Applications:
    """All applications, past ones included, newest first."""
    found = await applications_of_candidate(candidate.id, now=now)
    return Applications(await _answers(found, language))


@get(
    "/me/applications/{application_id:uuid}",
    operation_id="readApplication",
    summary="Read an application",
    tags=["candidate"],
    responses=problems(*LOGIN, NotFound),
)
async def read_application(
    application_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> Application:
    """One of the candidate's applications."""
    return await _answer(await _own(candidate, application_id, now), language)


@get(
    "/me/applications/{application_id:uuid}/documents/{document_id:uuid}",
    media_type="application/octet-stream",
    operation_id="readApplicationDocument",
    summary="Get a file of an application",
    tags=["candidate"],
    responses=problems(*LOGIN, NotFound),
)
async def read_document(
    application_id: FromPath[UUID],
    document_id: FromPath[UUID],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """The bytes of a covering letter or CV, in the media type that they have."""
    application = await _own(candidate, application_id, now)
    document = next((each for each in _documents(application) if each.id == document_id), None)
    if document is None:
        raise NotFound
    return await file_response(document, portal, candidate_actor(candidate.id), application_id)


@post(
    "/me/applications/{application_id:uuid}/withdrawal",
    status_code=200,
    operation_id="withdrawApplication",
    summary="Withdraw an application",
    tags=["candidate"],
    responses=problems(*LOGIN, *INPUT, NotFound, IllegalEvent, oversized=True),
)
async def withdraw(
    application_id: FromPath[UUID],
    data: JSONBody[Withdrawal],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
    language: NamedDependency[str],
) -> Application:
    """Withdraw, with a message to the employer (the candidate gets a copy) or without."""
    await withdraw_application(candidate.id, application_id, data.message, terms=portal.terms, now=now)
    await portal.nudge()
    return await _answer(await _own(candidate, application_id, now), language)


async def _own(candidate: CandidateView, application_id: UUID, now: datetime) -> CandidateApplication:
    """Of others' applications it is not even told that they exist. Raises NotFound."""
    application = await application_of_candidate(candidate.id, application_id, now=now)
    if application is None:
        raise NotFound
    return application


def _documents(application: CandidateApplication) -> tuple[DocumentView, ...]:
    return tuple(each for each in (application.covering_letter, application.cv) if each)


async def _answer(application: CandidateApplication, language: str) -> Application:
    (answer,) = await _answers([application], language)
    return answer


async def _answers(found: Sequence[CandidateApplication], language: str) -> list[Application]:
    messages = await withdrawal_messages([application.id for application in found])
    return [_answer_with(application, messages.get(application.id), language) for application in found]


def _answer_with(application: CandidateApplication, message: str | None, language: str) -> Application:
    url = f"{_PATH}/{application.id}/documents"
    return Application(
        id=application.id,
        offer=mention(application.offer, language),
        status=application.status,
        status_label=_label(application.status, language),
        version=application.version,
        submitted_at=application.submitted_at,
        documents=[document_answer(document, f"{url}/{document.id}") for document in _documents(application)],
        covering_letter_text=application.covering_letter_text or None,
        cv_url=application.cv_url or None,
        withdrawal_message=message,
        actions=list(application.actions),
        history=[_told(step, language) for step in application.history],
    )


def _told(step: Step, language: str) -> ToldStep:
    """A decision happened for its candidate when it was told, not when it was taken."""
    return ToldStep(step.to_state, _label(step.to_state, language), step.announce_at or step.at)


def _label(status: str, language: str) -> str:
    return say(language, ApplicationMachine.state_message(status, CANDIDATE))


JSON_HANDLERS = [list_applications, read_application, read_document, withdraw]
UPLOAD_HANDLERS = [apply]
