"""Units, as administrators keep them: the list, new ones, their facts and clocks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.kit.wording import Wording
from web.kit.addresses import row_id
from web.kit.forms import options, texts
from web.kit.pages import SAVED, redirect, render
from workflow.errors import FieldError, InvalidInput, NotFound
from workflow.language import N_
from workflow.recruiters.queries import StaffMember, UnitView, units
from workflow.recruiters.units import UNIT_FIELDS, create_unit, edit_unit
from workflow.reference import queries as reference

UNITS = "/console/units"


@get("/units")
async def units_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """All units, by code. Raises NotFound for those who are no administrators."""
    staff.require_administrator()
    return render(
        request, "console/units.html", staff=staff, words=Wording(request, now), units=await units(None)
    )


@get("/units/new")
async def new_unit_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """An empty form."""
    staff.require_administrator()
    return _form(request, staff, now, {"waiting_days": "14"})


@post("/units/new")
async def new_unit(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """Make a unit."""
    form = await texts(request, "code", *UNIT_FIELDS)
    try:
        await create_unit(staff, form, now=now)
    except InvalidInput as error:
        return _form(request, staff, now, form, error.errors)
    return redirect(request, UNITS, ("success", N_("The unit is made.")))


@get("/units/{unit_id:int}")
async def unit_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    unit_id: FromPath[int],
) -> Response[Any]:
    """The form of a unit, as it was saved."""
    staff.require_administrator()
    unit = await _unit(unit_id)
    form = {name: str(getattr(unit, name)) for name in UNIT_FIELDS}
    return _form(request, staff, now, form, unit=unit)


@post("/units/{unit_id:int}")
async def save_unit(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    unit_id: FromPath[int],
) -> Response[Any]:
    """Save what is known of a unit."""
    staff.require_administrator()
    unit = await _unit(unit_id)
    form = await texts(request, *UNIT_FIELDS)
    try:
        await edit_unit(staff, unit.id, form, now=now)
    except InvalidInput as error:
        return _form(request, staff, now, form, error.errors, unit=unit)
    return redirect(request, UNITS, SAVED)


async def _unit(unit_id: int) -> UnitView:
    found = await units([row_id(unit_id)])
    if not found:
        raise NotFound
    return found[0]


def _form(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    form: Mapping[str, str],
    errors: Sequence[FieldError] = (),
    *,
    unit: UnitView | None = None,
) -> Response[Any]:
    words = Wording(request, now)
    return render(
        request,
        "console/unit.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        staff=staff,
        words=words,
        unit=unit,
        regions=options(reference.regions(), words.language),
    )


UNIT_HANDLERS = (units_page, new_unit_page, new_unit, unit_page, save_unit)
