"""What was begun and is not sent yet: reading its files, and throwing it away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.apply import offer_to_apply_to
from web.candidate.preparing import shown_draft
from web.kit.downloads import hand_out
from web.kit.language import language_of
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from web.kit.visitors import provide_candidate
from workflow.applications.commands import candidate_actor
from workflow.applications.draft_queries import DraftView, draft_of_candidate
from workflow.applications.drafts import discard_draft
from workflow.candidates.queries import CandidateView
from workflow.errors import NotFound
from workflow.language import N_

_DISCARDED = ("success", N_("What you had begun is thrown away."))


@get("/offers/{reference:str}/apply/discard")
async def discard_form(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Asks once more, and shows what would go."""
    _, draft = await _own_draft(request, reference, now)
    if draft is None:
        return redirect(request, "/candidate/applications")
    shown = shown_draft(draft, language_of(request), now=now, zone=portal.zone)
    return render(request, "candidate/discard.html", draft=shown)


@post("/offers/{reference:str}/apply/discard")
async def discard(request: Request[Any, Any, Any], reference: FromPath[str]) -> Response[Any]:
    """Throw away what was begun."""
    candidate = await provide_candidate(request)
    offer = await offer_to_apply_to(reference)
    await discard_draft(candidate.id, offer.id)
    return redirect(request, "/candidate/applications", _DISCARDED)


@get("/offers/{reference:str}/apply/documents/{document_id:uuid}")
async def draft_document(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    document_id: FromPath[UUID],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[bytes]:
    """A file that was attached to a draft, to its candidate alone. Raises NotFound."""
    candidate, draft = await _own_draft(request, reference, now)
    for file in draft.documents if draft else ():
        if file.id == document_id:
            return await hand_out(file, portal.store, reader=candidate_actor(candidate.id).id)
    raise NotFound


async def _own_draft(
    request: Request[Any, Any, Any], reference: str, now: datetime
) -> tuple[CandidateView, DraftView | None]:
    candidate = await provide_candidate(request)
    offer = await offer_to_apply_to(reference)
    return candidate, await draft_of_candidate(candidate.id, offer.id, now=now)


ROUTE_HANDLERS = (discard_form, discard, draft_document)
