"""What administrators do with webhooks: add, change, stop, resume, test, send again, renew secrets, delete."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.webhooks.pages import PAGES, SPANS, WEBHOOKS
from admin.webhooks.secrets import SECRET_COOKIE, secret_cookie, secret_path, secret_to_show
from web.kit.addresses import row_id
from web.kit.forms import readable_form, texts
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from workflow.errors import FieldError, InvalidInput, NotFound
from workflow.language import N_
from workflow.recruiters.queries import StaffMember
from workflow.webhooks import commands, queries, replaying
from workflow.webhooks.addresses import Allowance
from workflow.webhooks.commands import Reach, TooManyWebhooks
from workflow.webhooks.events import EVENTS
from workflow.webhooks.queries import WebhookView
from workflow.webhooks.replaying import WebhookStopped

_Request = Request[Any, Any, Any]
_Staff = NamedDependency[StaffMember]
_Portal = NamedDependency[Portal]
_Now = NamedDependency[datetime]
_Id = FromPath[UUID]


@get("/webhooks/new")
async def new_webhook_page(request: _Request, staff: _Staff) -> Response[Any]:
    """An empty form. Raises NotFound for those who are no administrators."""
    queries.require_administrator(staff)
    return _form(request, staff, {"events": list(EVENTS)})


@post("/webhooks/new")
async def new_webhook(request: _Request, staff: _Staff, portal: _Portal, now: _Now) -> Response[Any]:
    """Subscribe, and show the secret once."""
    queries.require_administrator(staff)
    form = await _fields(request)
    try:
        made = await commands.add_webhook(
            staff, form, reach=_reach(portal), secret_key=portal.settings.secret_key, now=now
        )
    except InvalidInput as error:
        return _form(request, staff, form, error.errors)
    except TooManyWebhooks as error:
        return _form(request, staff, form, [FieldError("", error.template(), error.facts)])
    cookie = secret_cookie(request, made.id, made.secret)
    return redirect(request, secret_path(made.id), cookies=[cookie])


@get("/webhooks/{webhook_id:uuid}/edit")
async def edit_page(request: _Request, staff: _Staff, webhook_id: _Id) -> Response[Any]:
    """The form as it was saved. Raises NotFound."""
    webhook = await queries.webhook(staff, webhook_id)
    form = {"url": webhook.url, "description": webhook.description, "events": list(webhook.events)}
    return _form(request, staff, form, webhook=webhook)


@post("/webhooks/{webhook_id:uuid}/edit")
async def edit(
    request: _Request, staff: _Staff, portal: _Portal, now: _Now, webhook_id: _Id
) -> Response[Any]:
    """Save address, description and events."""
    webhook = await queries.webhook(staff, webhook_id)
    form = await _fields(request)
    try:
        await commands.edit_webhook(staff, webhook_id, form, reach=_reach(portal), now=now)
    except InvalidInput as error:
        return _form(request, staff, form, error.errors, webhook=webhook)
    return _back(request, webhook_id, SAVED, portal)


@get("/webhooks/{webhook_id:uuid}/secret")
async def secret_page(request: _Request, staff: _Staff, webhook_id: _Id) -> Response[Any]:
    """A new secret, once; later, what a new one would mean. Raises NotFound."""
    webhook = await queries.webhook(staff, webhook_id)
    secret = secret_to_show(request, webhook_id)
    page = render(request, "console/webhook_secret.html", staff=staff, webhook=webhook, secret=secret)
    if secret:
        page.delete_cookie(SECRET_COOKIE, path=secret_path(webhook_id))
    return page


@post("/webhooks/{webhook_id:uuid}/secret")
async def renew_secret(
    request: _Request, staff: _Staff, portal: _Portal, now: _Now, webhook_id: _Id
) -> Response[Any]:
    """Make a new secret and show it."""
    secret = await commands.renew_secret(staff, webhook_id, secret_key=portal.settings.secret_key, now=now)
    return redirect(request, secret_path(webhook_id), cookies=[secret_cookie(request, webhook_id, secret)])


@post("/webhooks/{webhook_id:uuid}/stop")
async def stop(request: _Request, staff: _Staff, now: _Now, webhook_id: _Id) -> Response[Any]:
    """Tell it nothing any more."""
    await commands.stop_webhook(staff, webhook_id, now=now)
    return _back(request, webhook_id, _done(N_("The webhook is stopped.")))


@post("/webhooks/{webhook_id:uuid}/resume")
async def resume(request: _Request, staff: _Staff, now: _Now, webhook_id: _Id) -> Response[Any]:
    """Let it go on."""
    await commands.resume_webhook(staff, webhook_id, now=now)
    return _back(request, webhook_id, _done(N_("The webhook goes on from now.")))


@post("/webhooks/{webhook_id:uuid}/test")
async def test(
    request: _Request, staff: _Staff, portal: _Portal, now: _Now, webhook_id: _Id
) -> Response[Any]:
    """Send a test."""
    await commands.send_test(staff, webhook_id, now=now)
    said = _done(N_("A test is on its way. Its answer will stand in the log."))
    return _back(request, webhook_id, said, portal)


@post("/webhooks/{webhook_id:uuid}/replay")
async def replay(
    request: _Request, staff: _Staff, portal: _Portal, now: _Now, webhook_id: _Id
) -> Response[Any]:
    """Send again all that failed of late, unless it is stopped. Raises NotFound for a span that is none."""
    hours = (await texts(request, "hours"))["hours"]
    if hours not in SPANS:
        raise NotFound
    since = now - timedelta(hours=int(hours))
    try:
        number = await replaying.replay_failed(staff, webhook_id, since=since, now=now)
    except WebhookStopped as error:
        return _back(request, webhook_id, ("error", error.template()))
    if not number:
        return _back(request, webhook_id, ("info", N_("There was nothing to send again.")))
    return _back(request, webhook_id, _done(N_("What failed is on its way again.")), portal)


@post("/webhooks/{webhook_id:uuid}/attempts/{attempt_id:int}/replay")
async def replay_one(
    request: _Request,
    staff: _Staff,
    portal: _Portal,
    now: _Now,
    webhook_id: _Id,
    attempt_id: FromPath[int],
) -> Response[Any]:
    """Send one message again, unless it is stopped."""
    try:
        await replaying.replay_attempt(staff, webhook_id, row_id(attempt_id), now=now)
    except WebhookStopped as error:
        return _back(request, webhook_id, ("error", error.template()))
    return _back(request, webhook_id, _done(N_("The message is on its way again.")), portal)


@get("/webhooks/{webhook_id:uuid}/delete")
async def delete_page(request: _Request, staff: _Staff, webhook_id: _Id) -> Response[Any]:
    """Asks once more."""
    webhook = await queries.webhook(staff, webhook_id)
    return render(request, "console/webhook_delete.html", staff=staff, webhook=webhook)


@post("/webhooks/{webhook_id:uuid}/delete")
async def delete(request: _Request, staff: _Staff, now: _Now, webhook_id: _Id) -> Response[Any]:
    """Delete it with its log."""
    await commands.delete_webhook(staff, webhook_id, now=now)
    return redirect(request, WEBHOOKS, ("success", N_("The webhook is deleted.")))


def _reach(portal: Portal) -> Reach:
    return Reach(Allowance.of(portal.settings))


async def _fields(request: _Request) -> dict[str, Any]:
    form = await readable_form(request)
    events = [value for value in form.getall("events", []) if isinstance(value, str)]
    return {**await texts(request, "url", "description"), "events": events}


def _form(
    request: _Request,
    staff: StaffMember,
    form: Mapping[str, Any],
    errors: Sequence[FieldError] = (),
    *,
    webhook: WebhookView | None = None,
) -> Response[Any]:
    return render(
        request,
        "console/webhook_form.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        staff=staff,
        webhook=webhook,
        events=list(EVENTS.items()),
    )


def _done(message: str) -> tuple[str, str]:
    return "success", message


def _back(
    request: _Request, webhook_id: UUID, said: tuple[str, str], portal: Portal | None = None
) -> Response[Any]:
    """To the page of the webhook; the worker is woken where something is on its way."""
    response = redirect(request, f"{WEBHOOKS}/{webhook_id}", said)
    if portal is not None:
        response.background = BackgroundTask(portal.nudge)
    return response


WEBHOOK_HANDLERS = (
    *PAGES,
    new_webhook_page,
    new_webhook,
    edit_page,
    edit,
    secret_page,
    renew_secret,
    stop,
    resume,
    test,
    replay,
    replay_one,
    delete_page,
    delete,
)
