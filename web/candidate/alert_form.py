"""The form of an alert (L1): fields follow from choices, by a script or step by step, and show what would be found."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from search.analysis import meaning
from web.candidate.alerts import (
    ALERTS,
    alert_address,
    common_frequency,
    frequency_options,
    preview_of,
    shown_alert,
)
from web.candidate.searches import taken_over
from web.kit.forms import options, texts
from web.kit.language import language_of
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from workflow.alerts.commands import add_alert, edit_alert
from workflow.alerts.criteria import (
    ALL,
    FACETS,
    LONGEST_KEYWORDS,
    Criteria,
    checked_criteria,
    facets_after,
    jobs_after,
)
from workflow.alerts.queries import MOST_ALERTS, AlertView, alert_of, alerts_of
from workflow.candidates.queries import CandidateView
from workflow.errors import AlertExists, FieldError, InvalidInput, NotFound, TooManyAlerts
from workflow.language import N_, say
from workflow.reference.queries import Choice, alphabetical, industries, job_types, regions

_FIELDS = ("frequency", *FACETS, "keywords")
_SEARCHED = (*FACETS, "keywords", "level")
_USUAL_FREQUENCY = "daily"
_MORE = N_("Not saved yet: choose what the job type leads to as well.")
_OTHER_JOBS = N_("Not saved yet: the industry has changed. Choose one of its jobs as well.")
_GONE = N_("This alert was deleted meanwhile: nothing was saved. Save what you chose here as a new alert.")
_ALL = {
    "job_type": N_("All job types"),
    "industry": N_("All industries"),
    "job": N_("All jobs"),
    "region": N_("All regions"),
}

_Request = Request[Any, Any, Any]
_Candidate = NamedDependency[CandidateView]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]
_Form = dict[str, str]


@get("/alerts/new")
async def new_alert(request: _Request, candidate: _Candidate, portal: _Portal, now: _Now) -> Response[Any]:
    """An empty form; from a search, one that is filled with what was searched for."""
    alerts = await alerts_of(candidate.id)
    if len(alerts) >= MOST_ALERTS:
        return _to_too_many(request)
    form = {"frequency": common_frequency(alerts) or _USUAL_FREQUENCY}
    params = request.query_params
    if not any(params.get(name) for name in _SEARCHED):
        return await _form(request, portal, now, form)
    chosen, notes = taken_over(params, language_of(request))
    return await _form(request, portal, now, form | chosen, notes=notes)


def _to_too_many(request: _Request) -> Response[Any]:
    return redirect(request, ALERTS, ("warning", TooManyAlerts.template()))


@post("/alerts/new")
async def add(request: _Request, candidate: _Candidate, portal: _Portal, now: _Now) -> Response[Any]:
    """Make the alert, or show the fields that follow."""
    form = await texts(request, *_FIELDS, "shown", "then")
    if (page := await _next_step(request, portal, now, form)) is not None:
        return page
    try:
        await add_alert(candidate.id, form, meaning=meaning, now=now)
    except TooManyAlerts:
        return _to_too_many(request)
    except (InvalidInput, AlertExists) as wrong:
        return await _refused(request, candidate, portal, now, form, wrong)
    message = N_("Your alert is saved. It tells you of what is published from now on.")
    return redirect(request, ALERTS, ("success", message))


@get("/alerts/{alert_id:uuid}")
async def alert_form(
    request: _Request, alert_id: FromPath[UUID], candidate: _Candidate, portal: _Portal, now: _Now
) -> Response[Any]:
    """The alert as it stands. Raises NotFound."""
    alert = await _own(candidate, alert_id)
    chosen = {name: getattr(alert.criteria, name) or ALL for name in FACETS}
    form = {"frequency": alert.frequency, "keywords": alert.criteria.keywords} | chosen
    return await _form(request, portal, now, form, alert=alert)


@post("/alerts/{alert_id:uuid}")
async def edit(
    request: _Request, alert_id: FromPath[UUID], candidate: _Candidate, portal: _Portal, now: _Now
) -> Response[Any]:
    """Change it, or show the fields that follow; all that was chosen, as a new alert, where it is gone."""
    form = await texts(request, *_FIELDS, "shown", "then")
    alert = await alert_of(candidate.id, alert_id)
    if alert is None:
        return await _gone(request, portal, now, form)
    if (page := await _next_step(request, portal, now, form, alert=alert)) is not None:
        return page
    try:
        await edit_alert(candidate.id, alert_id, form, meaning=meaning, now=now)
    except NotFound:
        return await _gone(request, portal, now, form)
    except (InvalidInput, AlertExists) as wrong:
        return await _refused(request, candidate, portal, now, form, wrong, alert=alert)
    return redirect(request, ALERTS, SAVED)


async def _own(candidate: CandidateView, alert_id: UUID) -> AlertView:
    alert = await alert_of(candidate.id, alert_id)
    if alert is None:
        raise NotFound
    return alert


async def _gone(request: _Request, portal: Portal, now: datetime, form: _Form) -> Response[Any]:
    """What was chosen for an alert that is not there any more, so that it can be made anew."""
    _forget_what_does_not_follow(form)
    notes = (say(language_of(request), _GONE),)
    return await _form(request, portal, now, form, notes=notes, status_code=404)


async def _next_step(
    request: _Request, portal: Portal, now: datetime, form: _Form, *, alert: AlertView | None = None
) -> Response[Any] | None:
    """The form once more, when more is to be chosen or only looked at; None when it is to be saved.

    `then`: `look` (a script, or somebody who wants the lists that follow), `continue` from the first step,
    `preview`, or nothing. `shown`: for which job type and industry the page showed its lists.
    """
    is_same_type = form["shown"].split()[:1] == [form["job_type"]]
    more = _OTHER_JOBS if is_same_type and form["industry"] else _MORE
    is_more_asked = _forget_what_does_not_follow(form)
    errors: tuple[FieldError, ...] = ()
    if form["then"] == "continue" and not form["job_type"]:
        errors = (FieldError("job_type", N_("Choose one of the list.")),)
    elif form["then"] == "preview" and not is_more_asked:
        _, errors = _read(form)
    elif form["then"] not in ("look", "continue", "preview") and not is_more_asked:
        return None
    is_sent_too_early = is_more_asked and form["then"] not in ("look", "continue")
    notes = (say(language_of(request), more),) if is_sent_too_early else ()
    return await _form(request, portal, now, form, errors, alert=alert, notes=notes, is_changed=True)


def _forget_what_does_not_follow(form: _Form) -> bool:
    """Take out what belonged to another job type or industry. Whether there are lists now that were not on the page."""
    following = facets_after(form["job_type"])
    for facet in {"industry", "job"}.difference(following):
        form[facet] = ""
    if form["shown"] == _lists_shown(form):
        return False
    if form["shown"].strip() and form["shown"].split()[0] != form["job_type"]:
        form["industry"] = form["job"] = ""
    elif form["job"] not in ("", ALL, *(job.code for job in jobs_after(form["job_type"], form["industry"]))):
        form["job"] = ""
    return any(not form[facet] for facet in following)


def _lists_shown(form: Mapping[str, str]) -> str:
    job_type = form.get("job_type", "")
    industry = form.get("industry", "") if "industry" in facets_after(job_type) else ""
    return f"{job_type} {industry}"


def _read(form: _Form) -> tuple[Criteria | None, tuple[FieldError, ...]]:
    """The criteria, or what is wrong with them."""
    try:
        return checked_criteria(form), ()
    except InvalidInput as wrong:
        return None, wrong.errors


async def _refused(
    request: _Request,
    candidate: CandidateView,
    portal: Portal,
    now: datetime,
    form: _Form,
    wrong: InvalidInput | AlertExists,
    *,
    alert: AlertView | None = None,
) -> Response[Any]:
    """The form with its mistakes; beside the alert that looks for the same, where there is one."""
    if isinstance(wrong, InvalidInput):
        return await _form(request, portal, now, form, wrong.errors, alert=alert, is_changed=True)
    errors = (FieldError("", wrong.template()),)
    twin = await alert_of(candidate.id, wrong.facts["alert"])
    return await _form(request, portal, now, form, errors, alert=alert, twin=twin, is_changed=True)


async def _form(
    request: _Request,
    portal: Portal,
    now: datetime,
    form: _Form,
    errors: tuple[FieldError, ...] = (),
    *,
    alert: AlertView | None = None,
    twin: AlertView | None = None,
    notes: tuple[str, ...] = (),
    is_changed: bool = False,
    status_code: int = 200,
) -> Response[Any]:
    language = language_of(request)
    criteria, _ = _read(form)
    job_type, industry = form.get("job_type", ""), form.get("industry", "")
    following = facets_after(job_type)
    jobs = alphabetical(jobs_after(job_type, industry), language)
    return render(
        request,
        "candidate/alert.html",
        status_code=422 if errors else status_code,
        form=form,
        errors=errors,
        alert=shown_alert(alert, language) if alert else None,
        twin=shown_alert(twin, language) if twin else None,
        action=alert_address(alert.id) if alert else f"{ALERTS}/new",
        notes=notes,
        is_changed=is_changed or bool(notes),
        frequencies=frequency_options(language),
        job_types=_with_all("job_type", job_types(), language),
        industries=_with_all("industry", industries(), language) if "industry" in following else [],
        jobs=_with_all("job", jobs, language) if "job" in following else [],
        regions=_with_all("region", regions(), language),
        shown=_lists_shown(form),
        longest=LONGEST_KEYWORDS,
        preview=await preview_of(criteria, portal, language, now=now) if criteria else None,
    )


def _with_all(facet: str, choices: tuple[Choice, ...], language: str) -> list[tuple[str, str]]:
    return [(ALL, say(language, _ALL[facet])), *options(choices, language)]


OWN_HANDLERS = (new_alert, add, alert_form, edit)
