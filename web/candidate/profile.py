"""The candidate's profile with its default CV (A8)."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from web.candidate.preparing import missing_fields
from web.kit.addresses import local_path
from web.kit.downloads import hand_out
from web.kit.forms import options, texts, upload
from web.kit.language import language_of
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from workflow.applications.commands import candidate_actor
from workflow.candidates.commands import change_profile, checked_profile
from workflow.candidates.queries import PROFILE_FIELDS, CandidateView, candidate_by_id
from workflow.documents.commands import CV, Upload, remove_profile_cv, set_profile_cv
from workflow.documents.queries import DocumentView, documents_by_id
from workflow.errors import DocumentRefused, FieldError, InvalidInput, NotFound, TooLarge
from workflow.reference.queries import alphabetical, countries, levels, situations, titles

CV_ADDRESS = "/candidate/profile/cv"


@get("/profile")
async def profile(
    request: Request[Any, Any, Any], candidate: NamedDependency[CandidateView]
) -> Response[Any]:
    """The form, filled with what is known."""
    form = {name: getattr(candidate, name) for name in PROFILE_FIELDS}
    return await _form(request, candidate, form | {"next": request.query_params.get("next", "")})


async def _form(
    request: Request[Any, Any, Any],
    candidate: CandidateView,
    form: dict[str, str],
    errors: tuple[FieldError, ...] = (),
    *,
    is_cv_kept: bool = False,
) -> Response[Any]:
    language = language_of(request)
    nations = options(alphabetical(countries(), language), language)
    return render(
        request,
        "candidate/profile.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        titles=options(titles(), language),
        countries=nations,
        nationalities=nations,
        levels=options(levels(), language),
        situations=options(situations(), language),
        cv=await cv_of(candidate),
        missing=missing_fields(candidate, language),
        completeness=candidate.completeness,
        next=local_path(form["next"], ""),
        is_cv_kept=is_cv_kept,
    )


async def cv_of(candidate: CandidateView) -> DocumentView | None:
    """The default CV, if there is one."""
    return (
        (await documents_by_id([candidate.profile_cv])).get(candidate.profile_cv)
        if candidate.profile_cv
        else None
    )


@post("/profile")
async def save_profile(
    request: Request[Any, Any, Any],
    candidate: NamedDependency[CandidateView],
    portal: NamedDependency[Portal],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Save all, or nothing but a new CV that is in order: a file cannot be typed again."""
    form = await texts(request, *PROFILE_FIELDS, "remove_cv", "next")
    file = await upload(request, CV)
    errors = await _refused_cv(candidate, file, portal, now) if file else ()
    is_cv_kept = file is not None and not errors
    try:
        if errors:
            checked_profile(form)
        else:
            await change_profile(candidate.id, form, now=now)
    except InvalidInput as wrong:
        errors += wrong.errors
    if errors:
        after = await candidate_by_id(candidate.id) or candidate
        typed = form | {"remove_cv": "" if file else form["remove_cv"]}
        return await _form(request, after, typed, errors, is_cv_kept=is_cv_kept)
    if form["remove_cv"] and file is None:
        await remove_profile_cv(candidate.id)
    return redirect(request, local_path(form["next"], "/candidate/profile"), SAVED)


async def _refused_cv(
    candidate: CandidateView, file: Upload, portal: Portal, now: datetime
) -> tuple[FieldError, ...]:
    """Replace the CV, or say what is wrong with the new one."""
    try:
        await set_profile_cv(
            candidate.id, file, store=portal.store, limit=portal.document_limits[CV], now=now
        )
    except (DocumentRefused, TooLarge) as refused:
        return (FieldError(CV, refused.template(), refused.facts),)
    return ()


@get("/profile/cv")
async def profile_cv(
    candidate: NamedDependency[CandidateView], portal: NamedDependency[Portal]
) -> Response[bytes]:
    """The default CV itself. Raises NotFound."""
    cv = await cv_of(candidate)
    if cv is None:
        raise NotFound
    return await hand_out(cv, portal.store, reader=candidate_actor(candidate.id).id)
