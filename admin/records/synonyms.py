"""The house's own synonyms, for administrators: one field, a meaning a line."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from web.kit.forms import texts
from web.kit.pages import SAVED, redirect, render
from web.kit.synonyms import check_synonyms
from workflow.errors import InvalidInput
from workflow.offers.synonyms import own_synonyms, save_synonyms
from workflow.recruiters.queries import StaffMember

SYNONYMS = "/console/synonyms"


@get("/synonyms")
async def synonyms_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember]
) -> Response[Any]:
    """The lines as they were saved. Raises NotFound for those who are no administrators."""
    staff.require_administrator()
    lines = "\n".join(await own_synonyms())
    return render(request, "console/synonyms.html", form={"lines": lines}, staff=staff)


@post("/synonyms")
async def save(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """Save them all; a line that says nothing is named, and nothing is saved."""
    form = await texts(request, "lines")
    try:
        await save_synonyms(staff, form["lines"], check=check_synonyms, now=now)
    except InvalidInput as error:
        return render(
            request, "console/synonyms.html", status_code=422, form=form, errors=error.errors, staff=staff
        )
    return redirect(request, SYNONYMS, SAVED)


SYNONYM_HANDLERS = (synonyms_page, save)
