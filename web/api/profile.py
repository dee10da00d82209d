"""The candidate's profile and default CV."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import JSONBody, MultipartBody
from msgspec import Meta, Struct, structs

from web.api.bodies import read_form
from web.api.documents import DocumentAnswer, document_answer, file_response, received_file
from web.api.problems import INPUT, LOGIN, problems, unfit
from web.kit.portal import Portal
from workflow.applications.commands import candidate_actor
from workflow.candidates.commands import change_profile
from workflow.candidates.queries import CandidateView, candidate_by_id
from workflow.documents.commands import CV, remove_profile_cv, set_profile_cv
from workflow.documents.queries import DocumentView, documents_by_id
from workflow.errors import AuthenticationRequired, DocumentRefused, NotFound, TooLarge
from workflow.language import N_

_CV = "/api/v1/me/profile/cv"
_READ_ONLY = "Read only: in a PUT it may be left out, and changes nothing."


class Profile(Struct, frozen=True, kw_only=True):
    """What a candidate says about themselves."""

    title: Annotated[str, Meta(description="A code of `reference/titles`.", examples=["ms"])]
    first_name: Annotated[str, Meta(examples=["Camille"])]
    last_name: Annotated[str, Meta(examples=["Martin"])]
    address: str = ""
    postal_code: str = ""
    city: str = ""
    country: Annotated[str, Meta(description="A code of `reference/countries`.", examples=["FR"])] = ""
    phone: Annotated[str, Meta(examples=["+33 1 23 45 67 89"])] = ""
    nationality: Annotated[str, Meta(description="A code of `reference/countries`.", examples=["FR"])] = ""
    level: Annotated[str, Meta(description="A code of `reference/levels`.", examples=["DOC"])] = ""
    situation: Annotated[str, Meta(description="A code of `reference/situations`.", examples=["student"])] = (
        ""
    )
    languages: Annotated[str, Meta(description="In words.", examples=["French (native), English (C1)"])] = ""
    cv: Annotated[DocumentAnswer | None, Meta(description="The default CV. " + _READ_ONLY)] = None
    missing: Annotated[list[str], Meta(description="What is still empty. " + _READ_ONLY)] = []
    completeness: Annotated[int, Meta(description="In per cent. " + _READ_ONLY)] = 0


class CvForm(Struct, frozen=True):
    """A form with one file."""

    cv: Annotated[UploadFile, Meta(description="PDF, DOCX or ODT.")]


@get(
    "/me/profile",
    operation_id="readProfile",
    summary="Read the profile",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def read_profile(candidate: NamedDependency[CandidateView]) -> Profile:
    """The candidate's profile."""
    return await _profile(candidate)


@put(
    "/me/profile",
    operation_id="writeProfile",
    summary="Write the profile",
    tags=["candidate"],
    responses=problems(*LOGIN, *INPUT, oversized=True),
)
async def write_profile(
    data: JSONBody[Profile], candidate: NamedDependency[CandidateView], now: NamedDependency[datetime]
) -> Profile:
    """Replace the profile: what is left out is emptied. Only title and names are mandatory."""
    await change_profile(candidate.id, structs.asdict(data), now=now)
    return await _profile_now(candidate.id)


@put(
    "/me/profile/cv",
    operation_id="writeProfileCv",
    summary="Set the default CV",
    tags=["candidate"],
    before_request=read_form,
    responses=problems(*LOGIN, *INPUT, TooLarge, form=True),
)
async def write_cv(
    data: MultipartBody[CvForm],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Profile:
    """Make a file the CV of applications that bring none. Earlier applications keep theirs."""
    upload = await received_file(data.cv, CV, portal)
    if upload is None:
        raise unfit(CV, N_("Fill in this field."))
    try:
        await set_profile_cv(
            candidate.id, upload, store=portal.store, limit=portal.document_limits[CV], now=now
        )
    except DocumentRefused as refused:
        raise unfit(CV, refused.template(), **refused.facts) from refused
    return await _profile_now(candidate.id)


@get(
    "/me/profile/cv",
    media_type="application/octet-stream",
    operation_id="readProfileCv",
    summary="Get the default CV",
    tags=["candidate"],
    responses=problems(*LOGIN, NotFound),
)
async def read_cv(
    candidate: NamedDependency[CandidateView], portal: NamedDependency[Portal]
) -> Response[bytes]:
    """The bytes of the default CV, in the media type that they have."""
    cv = await _cv_of(candidate)
    if cv is None:
        raise NotFound
    return await file_response(cv, portal, candidate_actor(candidate.id))


@delete(
    "/me/profile/cv",
    status_code=204,
    operation_id="removeProfileCv",
    summary="Remove the default CV",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def remove_cv(candidate: NamedDependency[CandidateView]) -> None:
    """Take the default CV away; applications that were sent with it keep it."""
    await remove_profile_cv(candidate.id)


async def _profile_now(candidate_id: UUID) -> Profile:
    candidate = await candidate_by_id(candidate_id)
    if candidate is None:
        raise AuthenticationRequired
    return await _profile(candidate)


async def _profile(candidate: CandidateView) -> Profile:
    cv = await _cv_of(candidate)
    own = {name: getattr(candidate, name) for name in Profile.__struct_fields__ if hasattr(candidate, name)}
    missing = ["cv" if name == "profile_cv" else name for name in candidate.missing]
    return Profile(**own | {"cv": document_answer(cv, _CV) if cv else None, "missing": missing})


async def _cv_of(candidate: CandidateView) -> DocumentView | None:
    wanted = candidate.profile_cv
    return (await documents_by_id([wanted])).get(wanted) if wanted else None


JSON_HANDLERS = [read_profile, write_profile, read_cv, remove_cv]
UPLOAD_HANDLERS = [write_cv]
