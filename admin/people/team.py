"""People (C1), for administrators: who works here, inviting, changing, closing, a lost second factor."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.kit.paging import page_of
from web.kit.forms import readable_form, texts
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from workflow.errors import FieldError, InvalidInput, NotFound
from workflow.language import LANGUAGES, N_
from workflow.recruiters.links import INVITATION, LIMITS
from workflow.recruiters.members import STATES, Member, member, members
from workflow.recruiters.queries import StaffMember, units
from workflow.recruiters.team import (
    change_member,
    close_account,
    invite_again,
    invite_recruiter,
    reopen_account,
    reset_second_factor,
)

TEAM = "/console/team"
_FIELDS = ("email", "first_name", "last_name", "language", "role", "needs_second_factor")

_Request = Request[Any, Any, Any]
_Staff = NamedDependency[StaffMember]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]


@get("/team")
async def team(
    request: _Request,
    staff: _Staff,
    now: _Now,
    q: FromQuery[str] = "",
    status: FromQuery[str] = "",
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """Everybody, or those of a state, or whose name, address or unit is like what was typed."""
    staff.require_administrator()
    everybody = await members()
    found = [each for each in everybody if status in {"", each.state} and _is_like(each, q)]
    query = {name: value for name, value in (("q", q), ("status", status)) if value}
    shown, pages = page_of(found, page, f"{TEAM}?{urlencode(query | {'page': ''})}")
    return render(
        request,
        "console/team.html",
        form={"q": q, "status": status},
        staff=staff,
        people=shown,
        pages=pages,
        states=STATES,
        counts={each: sum(person.state == each for person in everybody) for each in STATES},
        now=now,
    )


def _is_like(person: Member, words: str) -> bool:
    known = " ".join((person.name, person.email, *(unit.code for unit in person.units))).casefold()
    return all(word in known for word in words.casefold().split())


@get("/team/new")
async def invitation_form(request: _Request, staff: _Staff) -> Response[Any]:
    """Somebody new."""
    staff.require_administrator()
    return await _invitation(request, staff, {"role": "recruiter", "language": "fr"})


async def _invitation(
    request: _Request, staff: StaffMember, form: dict[str, Any], errors: tuple[FieldError, ...] = ()
) -> Response[Any]:
    return await _form_page(
        request, "console/team_new.html", staff, form, errors, days=LIMITS[INVITATION].days
    )


async def _form_page(
    request: _Request,
    template: str,
    staff: StaffMember,
    form: dict[str, Any],
    errors: tuple[FieldError, ...],
    **context: Any,
) -> Response[Any]:
    every_unit = [(str(unit.id), f"{unit.code} – {unit.name}") for unit in await units(None)]
    return render(
        request,
        template,
        status_code=422 if errors else 200,
        form={"units": [], **form},
        errors=errors,
        staff=staff,
        every_unit=every_unit,
        mail_languages=list(LANGUAGES.items()),
        **context,
    )


async def _filled(request: _Request) -> dict[str, Any]:
    form: dict[str, Any] = dict(await texts(request, *_FIELDS))
    chosen = (await readable_form(request)).getall("units", [])
    return form | {"units": [value for value in chosen if isinstance(value, str)]}


@post("/team/new")
async def invite(request: _Request, staff: _Staff, portal: _Portal, now: _Now) -> Response[Any]:
    """Make the account and mail the invitation."""
    staff.require_administrator()
    form = await _filled(request)
    try:
        recruiter_id = await invite_recruiter(staff, form, secret_key=portal.settings.secret_key, now=now)
    except InvalidInput as wrong:
        return await _invitation(request, staff, form, wrong.errors)
    return _told(request, recruiter_id, portal, N_("The invitation is on its way."))


def _told(request: _Request, recruiter_id: int, portal: Portal, message: str) -> Response[Any]:
    page = redirect(request, f"{TEAM}/{recruiter_id}", ("success", message))
    page.background = BackgroundTask(portal.nudge)
    return page


@get("/team/{recruiter_id:int}")
async def member_page(
    request: _Request, staff: _Staff, now: _Now, recruiter_id: FromPath[int]
) -> Response[Any]:
    """One of them: what can be changed, and what can be done."""
    staff.require_administrator()
    person = await _person(recruiter_id)
    form = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "language": person.language,
        "role": "administrator" if person.is_administrator else "recruiter",
        "needs_second_factor": "yes" if person.needs_second_factor else "",
        "units": [str(unit.id) for unit in person.units],
    }
    return await _member_page(request, staff, person, form, now)


async def _person(recruiter_id: int) -> Member:
    person = await member(recruiter_id)
    if person is None:
        raise NotFound
    return person


async def _member_page(
    request: _Request,
    staff: StaffMember,
    person: Member,
    form: dict[str, Any],
    now: datetime,
    errors: tuple[FieldError, ...] = (),
) -> Response[Any]:
    return await _form_page(
        request,
        "console/team_member.html",
        staff,
        form,
        errors,
        person=person,
        now=now,
        days=LIMITS[INVITATION].days,
    )


@post("/team/{recruiter_id:int}")
async def change(request: _Request, staff: _Staff, now: _Now, recruiter_id: FromPath[int]) -> Response[Any]:
    """Change what the form says."""
    staff.require_administrator()
    person = await _person(recruiter_id)
    form = await _filled(request)
    try:
        await change_member(staff, recruiter_id, form, now=now)
    except InvalidInput as wrong:
        return await _member_page(request, staff, person, form, now, wrong.errors)
    return redirect(request, TEAM, SAVED)


@post("/team/{recruiter_id:int}/invitation")
async def send_again(
    request: _Request, staff: _Staff, portal: _Portal, now: _Now, recruiter_id: FromPath[int]
) -> Response[Any]:
    """Mail a new link."""
    staff.require_administrator()
    await invite_again(staff, recruiter_id, secret_key=portal.settings.secret_key, now=now)
    return _told(
        request, recruiter_id, portal, N_("A new invitation is on its way. The link before it has ended.")
    )


@get("/team/{recruiter_id:int}/close")
async def close_form(request: _Request, staff: _Staff, recruiter_id: FromPath[int]) -> Response[Any]:
    """Asks once more."""
    return await _question(request, staff, recruiter_id, "console/team_close.html")


async def _question(request: _Request, staff: StaffMember, recruiter_id: int, template: str) -> Response[Any]:
    staff.require_administrator()
    return render(request, template, staff=staff, person=await _person(recruiter_id))


@post("/team/{recruiter_id:int}/close")
async def close(request: _Request, staff: _Staff, now: _Now, recruiter_id: FromPath[int]) -> Response[Any]:
    """Let them in no more."""
    staff.require_administrator()
    await close_account(staff, recruiter_id, now=now)
    message = N_("The account is closed, and logged out everywhere.")
    return redirect(request, f"{TEAM}/{recruiter_id}", ("success", message))


@post("/team/{recruiter_id:int}/reopen")
async def reopen(request: _Request, staff: _Staff, now: _Now, recruiter_id: FromPath[int]) -> Response[Any]:
    """Let them in again."""
    staff.require_administrator()
    await reopen_account(staff, recruiter_id, now=now)
    return redirect(request, f"{TEAM}/{recruiter_id}", ("success", N_("The account is open again.")))


@get("/team/{recruiter_id:int}/second-factor")
async def reset_form(request: _Request, staff: _Staff, recruiter_id: FromPath[int]) -> Response[Any]:
    """Asks once more."""
    return await _question(request, staff, recruiter_id, "console/team_second_factor.html")


@post("/team/{recruiter_id:int}/second-factor")
async def reset(
    request: _Request, staff: _Staff, portal: _Portal, now: _Now, recruiter_id: FromPath[int]
) -> Response[Any]:
    """Forget a second factor that was lost."""
    staff.require_administrator()
    await reset_second_factor(staff, recruiter_id, now=now)
    return _told(request, recruiter_id, portal, N_("The second factor is removed. We have told its owner."))


TEAM_HANDLERS = (
    team,
    invitation_form,
    invite,
    member_page,
    change,
    send_again,
    close_form,
    close,
    reopen,
    reset_form,
    reset,
)
