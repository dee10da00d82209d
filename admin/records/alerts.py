"""The runs of alerts, for administrators: when, how long, how many were told; and when the next ones are due."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from admin.kit.paging import PAGE_SIZE, first_of, pages_of
from admin.kit.wording import Wording
from web.kit.pages import render
from web.kit.portal import Portal
from workflow.alerts.criteria import frequency_in_words
from workflow.alerts.looking_back import alert_figures, last_runs
from workflow.errors import NotFound
from workflow.mail_hours import FREQUENCIES, mail_hours
from workflow.recruiters.queries import StaffMember

_PATH = "/console/alerts"


@get("/alerts")
async def runs_page(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    page: FromQuery[int] = 1,
) -> Response[Any]:
    """The newest runs first. Raises NotFound for those who are no administrators, and for a page that is none."""
    if not staff.is_administrator:
        raise NotFound
    words = Wording(request, now)
    runs, total = await last_runs(limit=PAGE_SIZE, offset=first_of(max(1, min(page, 10**6))))
    hours = mail_hours(portal.settings)
    return render(
        request,
        "console/alert_runs.html",
        staff=staff,
        words=words,
        runs=runs,
        pages=pages_of(total, page, f"{_PATH}?page="),
        figures=await alert_figures(),
        often={each: frequency_in_words(each, words.language) for each in FREQUENCIES},
        next_runs=[(each, hours.last(each, now).ends_at) for each in FREQUENCIES],
    )


ALERT_HANDLERS = (runs_page,)
