"""The overview: what waits now, and how hiring went in a period, drawn, as tables and as CSV (C7, C9)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from admin.kit.filtering import choice_of_filters, strict_filters
from admin.kit.spreadsheets import Sheet, at_once, sheet_response
from admin.kit.wording import Wording
from admin.overview.drawing import Drawing, days_drawing, funnel_drawing, length, waits_drawing
from admin.overview.figures import Overview, overview_of
from admin.overview.period import PERIODS, asked_for
from admin.overview.tables import TABLES
from web.kit.addresses import row_id
from web.kit.forms import texts
from web.kit.pages import SAVED, redirect, render
from workflow.errors import FieldError, InvalidInput, NotFound
from workflow.language import say
from workflow.recruiters.queries import StaffMember, UnitView, units
from workflow.recruiters.units import set_waiting_days

OVERVIEW = "/console/overview"

_MOST_ROWS = 50
"""How many offers the page shows; the CSV has all."""


@get("/overview")
async def overview_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """The numbers of a period; odd days are said beside their fields, above those of the last 30."""
    words = Wording(request, now)
    asked = asked_for(request.query_params, words)
    found = await overview_of(staff, asked, now=now)
    typed = {name: request.query_params.get(name, "") for name in ("first", "last") if asked.errors}
    return render(
        request,
        "console/overview.html",
        status_code=422 if asked.errors else 200,
        form=asked.form | typed,
        errors=asked.errors,
        staff=staff,
        words=words,
        asked=asked,
        periods=[(code, say(words.language, text)) for code, text in PERIODS.items()],
        overview=found,
        offers=found.offers[:_MOST_ROWS],
        median=length(words, found.under_way[""].median) if found.under_way else "",
        drawings=_drawings(found, words),
        **await choice_of_filters(staff, asked.filters, words.language),
    )


def _drawings(overview: Overview, words: Wording) -> Sequence[Drawing]:
    return (
        days_drawing(overview.days, words),
        funnel_drawing(overview.funnel, words),
        waits_drawing(overview.ended, overview.under_way, words),
    )


@get("/overview/data/{name:str}")
async def overview_data(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    name: FromPath[str],
) -> Stream:
    """The numbers behind a chart. They name nobody, so they leave no trace.

    Raises NotFound for another name, InvalidInput for days, a unit or an offer that make no sense.
    """
    code = name.removesuffix(".csv")
    if code not in TABLES or code == name:
        raise NotFound
    words = Wording(request, now)
    strict_filters(request.query_params, ("offer", "unit"))
    asked = asked_for(request.query_params, words)
    if asked.errors or asked.choice != (request.query_params.get("period") or asked.choice):
        raise InvalidInput(asked.errors)
    head, rows = TABLES[code](await overview_of(staff, asked, now=now), words)
    days = f"{asked.period.first.isoformat()}-{asked.period.last.isoformat()}"
    return sheet_response(
        Sheet(words.language, words.zone), head, at_once(rows), name=f"vivier-{code}-{days}"
    )


@get("/units/{unit_id:int}/clock")
async def clock_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    unit_id: FromPath[int],
) -> Response[Any]:
    """After how many days a unit's applications are overdue. Raises NotFound for a unit of others."""
    unit = await _unit(staff, unit_id)
    return _clock(request, staff, now, unit, {"waiting_days": str(unit.waiting_days)})


@post("/units/{unit_id:int}/clock")
async def set_clock(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    unit_id: FromPath[int],
) -> Response[Any]:
    """Set it; what waits for longer is overdue at once. Raises NotFound for a unit of others."""
    unit = await _unit(staff, unit_id)
    form = await texts(request, "waiting_days")
    try:
        await set_waiting_days(staff, unit.id, form, now=now)
    except InvalidInput as error:
        return _clock(request, staff, now, unit, form, error.errors)
    return redirect(request, OVERVIEW, SAVED)


async def _unit(staff: StaffMember, unit_id: int) -> UnitView:
    found = await units([row_id(unit_id)]) if staff.sees_unit(unit_id) else ()
    if not found:
        raise NotFound
    return found[0]


def _clock(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    unit: UnitView,
    form: Mapping[str, str],
    errors: Sequence[FieldError] = (),
) -> Response[Any]:
    return render(
        request,
        "console/overview_clock.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        staff=staff,
        words=Wording(request, now),
        unit=unit,
    )


OVERVIEW_HANDLERS = (overview_page, overview_data, clock_page, set_clock)
