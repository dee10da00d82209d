"""When drafts publish themselves, set by recruiters, and all that happens by itself to their offers (C2, W5)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.kit.addresses import offer_address
from admin.kit.moves import version_of
from admin.kit.paging import PAGE_SIZE, first_of, pages_of
from admin.kit.wording import Wording
from admin.offers.page import overview
from admin.offers.timers import shown_timer
from web.kit.forms import texts
from web.kit.pages import redirect, render
from web.kit.portal import Portal
from workflow.checks import Checks
from workflow.errors import DomainError, FieldError, InvalidInput, NotFound
from workflow.language import N_
from workflow.offers.commands import offer_of_staff, schedule_offer
from workflow.offers.queries import agenda_of_units, offers_by_ids
from workflow.recruiters.queries import StaffMember

PLANNED = "/console/planned"

_MOST_PAGES = 100_000
"""Beyond it databases could not count the rows before."""

_HOUR = re.compile(r"([01]?\d|2[0-3]) ?[:hH.] ?([0-5]\d)(:00)?", re.ASCII)
"""As browsers send it, and as people write it where there is no field for hours."""


@post("/offers/{reference:str}/schedule")
async def schedule(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """Set the hour at which a draft publishes itself, or take it off the schedule (C2)."""
    form = await texts(request, "publish_day", "publish_hour", "version", "action")
    offer = await offer_of_staff(staff, reference)
    is_off, publish_at = form["action"] == "clear", None
    try:
        if not is_off:
            publish_at = instant_of(form, portal.zone)
        await schedule_offer(
            staff, reference, publish_at, terms=portal.terms, now=now, expected_version=version_of(form)
        )
    except NotFound:
        raise
    except DomainError as error:
        offer = await offer_of_staff(staff, reference)
        typed = {name: form[name] for name in ("publish_day", "publish_hour") if not is_off}
        errors = _beside_fields(error, publish_at, now, portal.zone)
        return await overview(request, staff, now, offer, typed, errors, error=error)
    done = (
        N_("It no longer publishes by itself.")
        if is_off
        else N_("The hour is set: then it publishes by itself.")
    )
    return redirect(request, offer_address(offer.reference), ("success", done))


def instant_of(form: Mapping[str, str], zone: ZoneInfo) -> datetime:
    """The instant of a day and an hour in the portal's zone; of an hour that comes twice, the first.

    Raises InvalidInput, also for an hour that the clocks leave out.
    """
    checks = Checks(form)
    day = checks.day("publish_day")
    if not form["publish_day"].strip():
        checks.fail("publish_day", N_("Choose a day."))
    hour = _HOUR.fullmatch(form["publish_hour"].strip())
    if not hour:
        checks.fail("publish_hour", N_("Write the hour as 09:00."))
    if day is None or not hour:
        raise InvalidInput(checks.errors)
    local = datetime.combine(day, time(int(hour[1]), int(hour[2])), tzinfo=zone)
    instant = local.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        text = N_("On this day the clocks leave this hour out. Choose another one.")
        raise InvalidInput([FieldError("publish_hour", text)])
    return instant


def _beside_fields(
    error: DomainError, publish_at: datetime | None, now: datetime, zone: ZoneInfo
) -> list[FieldError]:
    """What is wrong, beside the hour or the day; `publish_at`: the instant, where one was understood."""
    if not isinstance(error, InvalidInput):
        return []
    return [
        _beside_field(each, publish_at, now, zone) if each.field == "publish_at" and publish_at else each
        for each in error.errors
    ]


def _beside_field(error: FieldError, publish_at: datetime, now: datetime, zone: ZoneInfo) -> FieldError:
    """Of what is over, the hour is wrong if the day is today's, else the day; what is too late has a wrong day."""
    if publish_at > now:
        return FieldError("publish_day", error.message, error.facts)
    if publish_at.astimezone(zone).date() == now.astimezone(zone).date():
        return FieldError("publish_hour", error.message, error.facts)
    return FieldError("publish_day", N_("This day is over. Choose a later one, or publish now."))


@get("/planned")
async def planned_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """What happens by itself to the offers that one may see: what failed first, then the soonest first.

    Raises NotFound for a page that is none.
    """
    words = Wording(request, now)
    if not 1 <= page <= _MOST_PAGES:
        raise NotFound
    planned, total = await agenda_of_units(staff.unit_ids, limit=PAGE_SIZE, offset=first_of(page))
    offers = {offer.id: offer for offer in await offers_by_ids([each.subject_id for each in planned])}
    return render(
        request,
        "console/planned.html",
        staff=staff,
        words=words,
        total=total,
        pages=pages_of(total, page, f"{PLANNED}?page="),
        rows=[
            (shown_timer(each, offer, words), offer)
            for each in planned
            if (offer := offers.get(each.subject_id))
        ],
    )


SCHEDULE_HANDLERS = (schedule, planned_page)
