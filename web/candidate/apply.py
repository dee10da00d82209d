"""Preparing an application (P1, P2): the form, whose words and files are kept as a draft."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_time
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.arrivals import already_applied, public_offer, to_first_application
from web.candidate.preparing import ShownDraft, shown_draft
from web.kit.errors import status_of
from web.kit.forms import texts, upload
from web.kit.language import language_of
from web.kit.letters import letter
from web.kit.offers import application_form_address, offer_address, shown_offer
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.draft_queries import DraftView, draft_of_candidate
from workflow.applications.drafts import SavedDraft, mark_of_typed, save_draft
from workflow.applications.queries import live_application
from workflow.applications.submission import LETTER_LENGTH, ApplicationForm
from workflow.candidates.queries import CandidateView
from workflow.documents.commands import COVERING_LETTER, CV
from workflow.documents.queries import DocumentView, documents_by_id
from workflow.errors import (
    AlreadyApplied,
    FieldError,
    InvalidInput,
    NotFound,
    OfferNotOpen,
)
from workflow.language import N_, say
from workflow.language.days import locale_of
from workflow.offers.queries import OfferView

_LOGGED_OUT = FieldError(
    "",
    N_(
        "You are no longer logged in. Log in again in another tab of your browser, then come back and go on: "
        "what you wrote is still here."
    ),
)
_CLASH = FieldError(
    "covering_letter_text",
    N_(
        "You changed this application in another tab or on another device. "
        "Both texts are here: keep what you want of them, then go on."
    ),
)
_SAVED = ("success", N_("All saved. You can go on whenever you like."))
_SAVED_AT = N_("All saved at {hour}.")
_NOT_SAVED = N_("Not saved.")
_STAY, _LATER = "stay", "later"
_WORDS = ("covering_letter_text", "cv_url")
_SENT_BEFORE = ("sent_covering_letter_text", "sent_cv_url")
"""Words that a page sent before, and does not know to have arrived."""


@get("/offers/{reference:str}/apply")
async def application_form(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """The form, as it was left; a stranger goes to the homepage to register, and comes back to it (P1)."""
    offer = await offer_to_apply_to(reference)
    candidate: CandidateView | None = request.state.candidate
    draft = await draft_of_candidate(candidate.id, offer.id, now=now) if candidate else None
    if not offer.is_open(now, portal.zone):
        return too_late(request, portal, now, offer, draft)
    if candidate is None:
        return redirect(request, f"/?{urlencode({'offer': offer.reference})}")
    if existing := await live_application(candidate.id, offer.id, now=now):
        return already_applied(request, existing)
    return await _form(request, portal, now, offer, candidate, draft)


@post("/offers/{reference:str}/apply")
async def save(
    request: Request[Any, Any, Any],
    reference: FromPath[str],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep what was typed and attached, then go on to the review, or come back later."""
    offer = await offer_to_apply_to(reference)
    candidate: CandidateView | None = request.state.candidate
    removals = (f"remove_{COVERING_LETTER}", f"remove_{CV}")
    form = await texts(request, *_WORDS, *_SENT_BEFORE, "seen", "then", *removals)
    if candidate is None:
        return await _logged_out(request, portal, now, offer, form)
    try:
        saved = await _saved(request, candidate, offer, portal, now, form)
    except (InvalidInput, OfferNotOpen, AlreadyApplied) as refused:
        return await _not_saved(request, portal, now, offer, candidate, form, refused)
    if form["then"] == _STAY:
        return _saved_by_script(request, portal, now, saved, form)
    return await _onward(request, portal, now, offer, candidate, saved, form)


async def _saved(
    request: Request[Any, Any, Any],
    candidate: CandidateView,
    offer: OfferView,
    portal: Portal,
    now: datetime,
    form: dict[str, str],
) -> SavedDraft:
    return await save_draft(
        candidate.id,
        offer.reference,
        ApplicationForm(
            covering_letter=await upload(request, COVERING_LETTER),
            covering_letter_text=form["covering_letter_text"],
            cv=await upload(request, CV),
            cv_url=form["cv_url"],
        ),
        seen=form["seen"],
        on_its_way=mark_of_typed(*(form[name] for name in _SENT_BEFORE)),
        removed=frozenset(kind for kind in (COVERING_LETTER, CV) if form[f"remove_{kind}"]),
        documents=portal.documents,
        zone=portal.zone,
        now=now,
    )


async def _onward(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    offer: OfferView,
    candidate: CandidateView,
    saved: SavedDraft,
    form: dict[str, str],
) -> Response[Any]:
    unfinished = () if form["then"] == _LATER else saved.unfinished
    errors = (_CLASH, *saved.refused) if saved.clash else (*unfinished, *saved.refused)
    if errors:
        mine = {name: form[name] for name in _WORDS}
        status_code = 409 if saved.clash else 422
        return await _form(request, portal, now, offer, candidate, saved.draft, mine, errors, status_code)
    if form["then"] == _LATER:
        return redirect(request, "/candidate/applications", _SAVED)
    return redirect(request, f"{application_form_address(offer.reference)}/review")


def _saved_by_script(
    request: Request[Any, Any, Any], portal: Portal, now: datetime, saved: SavedDraft, form: dict[str, str]
) -> Response[Any]:
    """What a page that saves as one writes is told; a preview of the letter with it."""
    language = language_of(request)
    hour = format_time(now, "short", tzinfo=portal.zone, locale=locale_of(language))
    said = say(language, _CLASH.message) if saved.clash else say(language, _SAVED_AT, hour=hour)
    too_long = [error for error in saved.unfinished if error.field == "covering_letter_text"]
    told = " ".join([said, *(say(language, error.message, **error.facts) for error in too_long)])
    answer = {"said": told, "preview": "" if too_long else letter(form["covering_letter_text"])}
    if not saved.clash:
        answer["seen"] = saved.draft.words_mark if saved.draft else ""
    return Response(answer, status_code=409 if saved.clash else 200)


async def _not_saved(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    offer: OfferView,
    candidate: CandidateView,
    form: dict[str, str],
    refused: InvalidInput | OfferNotOpen | AlreadyApplied,
) -> Response[Any]:
    """Nothing of the form was kept; what was typed is given back."""
    errors = refused.errors if isinstance(refused, InvalidInput) else (FieldError("", refused.template()),)
    if form["then"] == _STAY:
        return _unsaved_by_script(request, errors, status_of(refused))
    if isinstance(refused, AlreadyApplied):
        return await to_first_application(request, candidate, offer, now)
    draft = await draft_of_candidate(candidate.id, offer.id, now=now)
    if isinstance(refused, InvalidInput):
        mine = {name: form[name] for name in (*_WORDS, "seen")}
        return await _form(request, portal, now, offer, candidate, draft, mine, errors, 422, is_read=False)
    closed = await offer_to_apply_to(offer.reference)
    written = form["covering_letter_text"]
    return not_sent(request, portal, now, closed, draft, letter_text=written, status_code=status_of(refused))


def _unsaved_by_script(
    request: Request[Any, Any, Any], errors: tuple[FieldError, ...], status_code: int
) -> Response[Any]:
    language = language_of(request)
    said = [say(language, _NOT_SAVED), *(say(language, each.message, **each.facts) for each in errors)]
    return Response({"said": " ".join(said)}, status_code=status_code)


async def _logged_out(
    request: Request[Any, Any, Any], portal: Portal, now: datetime, offer: OfferView, form: dict[str, str]
) -> Response[Any]:
    if form["then"] == _STAY:
        return _unsaved_by_script(request, (_LOGGED_OUT,), 401)
    mine = {name: form[name] for name in (*_WORDS, "seen")}
    return await _form(request, portal, now, offer, None, None, mine, (_LOGGED_OUT,), 401, is_read=False)


async def offer_to_apply_to(reference: str) -> OfferView:
    """The offer of an address. Raises NotFound where the public may not know of it."""
    offer = await public_offer(reference)
    if offer is None:
        raise NotFound
    return offer


async def _form(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    offer: OfferView,
    candidate: CandidateView | None,
    draft: DraftView | None,
    typed: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
    status_code: int = 200,
    *,
    is_read: bool = True,
) -> Response[Any]:
    """`typed` stands where there is something to mend, else what the draft holds; `is_read`: files were looked at."""
    kept = {name: getattr(draft, name) for name in _WORDS} if draft else {}
    seen = {"seen": draft.words_mark if draft else ""}
    return render(
        request,
        "candidate/apply.html",
        status_code=status_code,
        form=seen | (kept if typed is None else typed),
        errors=errors,
        offer=shown_offer(offer, language_of(request), now=now, zone=portal.zone),
        draft=_shown(request, draft, portal, now),
        clash=draft if _CLASH in errors else None,
        profile_cv=await _profile_cv(candidate),
        letter_limit=LETTER_LENGTH,
        is_read=is_read,
    )


def _shown(
    request: Request[Any, Any, Any], draft: DraftView | None, portal: Portal, now: datetime
) -> ShownDraft | None:
    return shown_draft(draft, language_of(request), now=now, zone=portal.zone) if draft else None


async def _profile_cv(candidate: CandidateView | None) -> DocumentView | None:
    wanted = candidate.profile_cv if candidate else None
    return (await documents_by_id([wanted])).get(wanted) if wanted else None


def too_late(
    request: Request[Any, Any, Any], portal: Portal, now: datetime, offer: OfferView, draft: DraftView | None
) -> Response[Any]:
    """Of an offer that is not open: what was begun, or else the offer's own page."""
    if draft:
        return not_sent(request, portal, now, offer, draft)
    return redirect(request, offer_address(offer.reference))


def not_sent(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    offer: OfferView,
    draft: DraftView | None,
    *,
    letter_text: str = "",
    status_code: int = 200,
) -> Response[Any]:
    """The offer closed while somebody wrote: say so, and give back what there is (S7)."""
    return render(
        request,
        "candidate/not_sent.html",
        status_code=status_code,
        offer=shown_offer(offer, language_of(request), now=now, zone=portal.zone),
        letter=letter_text or (draft.covering_letter_text if draft else ""),
        draft=_shown(request, draft, portal, now),
    )


FORM_HANDLERS = (application_form,)
UPLOAD_HANDLERS = (save,)
