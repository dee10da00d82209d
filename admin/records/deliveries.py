"""Every mail and how far it got; a dead one is sent again, of one in doubt somebody says what became of it (C9)."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.kit.wording import Wording
from admin.records.workforce import workforce
from web.kit.addresses import row_id
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.applications.deliveries import (
    STATES,
    Delivery,
    Wanted,
    deliveries,
    delivery,
    message_id,
    note_as_sent,
    retry_delivery,
)
from workflow.errors import NotFound
from workflow.language import N_
from workflow.machines import told_kinds
from workflow.messages.rendering import (
    House,
    Rendered,
    carries_secret,
    kinds,
    subject_line,
    subject_of,
)
from workflow.messages.rendering import (
    render as render_mail,
)
from workflow.recruiters.queries import StaffMember

DELIVERIES = "/console/deliveries"

_VARIES = re.compile(r"\(?\[\w+\]\)?( \(?\[\w+\]\)?)*")

_STATES = {
    "pending": N_("Waiting"),
    "claimed": N_("On its way"),
    "held": N_("In doubt"),
    "sent": N_("Went out"),
    "dead": N_("Given up"),
    "cancelled": N_("Taken back"),
}


@get("/deliveries")
async def deliveries_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    status: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    recipient: FromQuery[str] = "",
    before: FromQuery[int | None] = None,
) -> Response[Any]:
    """The newest mails first. Raises NotFound for a state or a kind that is none."""
    if (status and status not in STATES) or (kind and kind not in kinds()):
        raise NotFound
    wanted = Wanted(status, kind, recipient.strip().replace("\0", "")[:320])
    shown, older = await deliveries(staff, wanted, before=row_id(before) if before is not None else None)
    words = Wording(request, now)
    form = {"status": status, "kind": kind, "recipient": wanted.recipient}
    return render(
        request,
        "console/deliveries.html",
        form=form,
        staff=staff,
        words=words,
        mails=[(each, subject_of(each.kind, words.language, each.params)) for each in shown],
        states=_STATES,
        kinds=_kinds(staff, words.language),
        older=f"{DELIVERIES}?{urlencode(form | {'before': older})}" if older else "",
        is_filtered=any(form.values()),
        workforce=await workforce(now),
    )


@get("/deliveries/{delivery_id:int}")
async def delivery_page(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    delivery_id: FromPath[int],
) -> Response[Any]:
    """One mail: what it says, and why it did not go out."""
    found = await delivery(staff, row_id(delivery_id))
    if found is None:
        raise NotFound
    return render(
        request,
        "console/delivery.html",
        staff=staff,
        words=Wording(request, now),
        mail=found,
        subject=subject_of(found.kind, found.language, found.params),
        rendered=_rendered(found, portal.house),
        states=_STATES,
        can_be_retried=found.can_be_retried(now),
        message_id=await message_id(found) if found.is_held else "",
    )


@post("/deliveries/{delivery_id:int}/retry")
async def retry(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    delivery_id: FromPath[int],
) -> Response[Any]:
    """Send it again, at once."""
    await retry_delivery(staff, row_id(delivery_id), now=now)
    response = redirect(
        request, f"{DELIVERIES}/{delivery_id}", ("success", N_("The mail is on its way again."))
    )
    response.background = BackgroundTask(portal.nudge)
    return response


@post("/deliveries/{delivery_id:int}/sent")
async def noted_as_sent(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    delivery_id: FromPath[int],
) -> Response[Any]:
    """It went out after all: nothing more is sent."""
    await note_as_sent(staff, row_id(delivery_id), now=now)
    return redirect(
        request, f"{DELIVERIES}/{delivery_id}", ("success", N_("The mail is noted as one that went out."))
    )


def _kinds(staff: StaffMember, language: str) -> list[tuple[str, str]]:
    """The kinds that this viewer can come across, by their subjects, in which dots stand for what varies."""
    names = kinds() if staff.is_administrator else told_kinds() & kinds()
    lines = [(name, _VARIES.sub("…", subject_line(name, language))) for name in names]
    return sorted(lines, key=lambda each: each[1].casefold())


def _rendered(found: Delivery, house: House) -> Rendered | None:
    """The words of a mail; None for one whose link or password is nobody's to read but its recipient's."""
    if carries_secret(found.kind):
        return None
    return render_mail(found.kind, found.language, found.params, house=house)


DELIVERY_HANDLERS = (deliveries_page, delivery_page, noted_as_sent, retry)
