"""Registering, and confirming the account by the link in the mail."""

from datetime import datetime, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from web.candidate.arrivals import AREA, destination, offer_to_come_back_to
from web.kit.errors import status_of
from web.kit.forms import options, texts
from web.kit.gates import limited_confirmation, limited_mail
from web.kit.language import language_of
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from web.kit.visitors import arrival_of, session_cookie
from workflow.candidates.commands import confirm_candidate, register_candidate, send_confirmation_link
from workflow.candidates.links import LINK_LIMIT
from workflow.checks import Checks, clean_line
from workflow.errors import FieldError, InvalidInput, LinkExpired, LinkUsed
from workflow.language import N_
from workflow.passwords import MINIMUM_LENGTH
from workflow.reference.queries import secret_questions, titles

_FIELDS = (
    "title",
    "first_name",
    "last_name",
    "email",
    "email_again",
    "password",
    "password_again",
    "secret_question",
    "own_secret_question",
    "secret_answer",
    "accept_notice",
)
_CONFIRMED = (
    ("success", N_("Your account is confirmed")),
    ("success", N_("Login successful")),
)


@get("/candidate/register")
async def registration_form(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """The form of A2, for an offer where the address names one (P1)."""
    if request.state.candidate:
        return redirect(request, await destination(reference=request.query_params.get("offer")))
    return await _form(request, portal, now, reference=request.query_params.get("offer", ""))


async def _form(
    request: Request[Any, Any, Any],
    portal: Portal,
    now: datetime,
    *,
    reference: str,
    form: dict[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> Response[Any]:
    language = language_of(request)
    return render(
        request,
        "candidate/register.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        titles=options(titles(), language),
        secret_questions=options(secret_questions(), language),
        password_length=MINIMUM_LENGTH,
        offer=await offer_to_come_back_to(reference, language, portal, now),
    )


@post("/candidate/register")
async def register(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Make the account and say where its mail went; whether the address was known before is not told (A2)."""
    form = await texts(request, *_FIELDS, "offer")
    offer = await offer_to_come_back_to(form["offer"], language_of(request), portal, now)
    try:
        async with limited_mail(request, form["email"], now=now):
            await register_candidate(
                form | {"language": language_of(request)},
                secret_key=portal.settings.secret_key,
                now=now,
                return_to=offer.reference if offer else None,
            )
    except InvalidInput as wrong:
        return await _form(request, portal, now, reference=form["offer"], form=form, errors=wrong.errors)
    return _check_your_mail(request, portal, form["email"])


def _check_your_mail(request: Request[Any, Any, Any], portal: Portal, email: str) -> Response[Any]:
    page = render(
        request,
        "candidate/registered.html",
        email=clean_line(email),
        hours=LINK_LIMIT // timedelta(hours=1),
    )
    page.background = BackgroundTask(portal.nudge)
    return page


@get("/candidate/confirm")
async def new_link_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """Where a new confirmation link is asked for."""
    return render(request, "candidate/new_link.html")


@post("/candidate/confirm")
async def send_new_link(
    request: Request[Any, Any, Any], portal: NamedDependency[Portal], now: NamedDependency[datetime]
) -> Response[Any]:
    """Mail a new link, if an account waits for one; what is said is the same."""
    form = await texts(request, "email")
    checks = Checks(form)
    checks.email("email")
    if checks.errors:
        return render(request, "candidate/new_link.html", status_code=422, form=form, errors=checks.errors)
    async with limited_mail(request, form["email"], now=now):
        await send_confirmation_link(form["email"], secret_key=portal.settings.secret_key, now=now)
    return _check_your_mail(request, portal, form["email"])


@get("/candidate/confirm/{token:str}")
async def confirmation(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """A page with one button, which a script presses: programs that open links of mails must not use them up."""
    page = render(request, "candidate/confirm.html", token=token, problem=None)
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


@post("/candidate/confirm/{token:str}")
async def confirm(
    request: Request[Any, Any, Any], token: FromPath[str], now: NamedDependency[datetime]
) -> Response[Any]:
    """Confirm, log in, and go on to the offer that the candidate registered for (A3, P1)."""
    try:
        async with limited_confirmation(request, now=now):
            confirmed = await confirm_candidate(token, arrival=arrival_of(request), now=now)
    except (LinkUsed, LinkExpired) as error:
        problem = "used" if isinstance(error, LinkUsed) else "expired"
        return render(
            request, "candidate/confirm.html", status_code=status_of(error), token=token, problem=problem
        )
    path = await destination(AREA, confirmed.return_to)
    return redirect(request, path, *_CONFIRMED, cookies=[session_cookie(request, confirmed.session)])


ROUTE_HANDLERS = (registration_form, register, new_link_form, send_new_link, confirmation, confirm)
