"""Pages that every public site must have."""

from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.response import Redirect

from web.kit.pages import render
from web.kit.portal import Portal
from workflow.applications.draft_queries import DRAFTS_KEPT
from workflow.candidates.commands import NOTICE_VERSION
from workflow.candidates.sessions import ABSOLUTE_LIMIT
from workflow.known_browsers import KEPT_FOR
from workflow.privacy.spans import ARCHIVE, UNCONFIRMED, WARNING, spans_of


@get("/favicon.ico")
async def favicon(portal: NamedDependency[Portal]) -> Redirect:
    """Asked for by old habit, where a page names no icon."""
    address: str = portal.templates.globals["static"]("img/favicon.svg")  # type: ignore[operator]
    return Redirect(address, status_code=301)


@get("/privacy")
async def privacy(request: Request[Any, Any, Any], portal: NamedDependency[Portal]) -> Response[Any]:
    """The data notice; its date is what is stored with each acceptance (A2)."""
    spans = spans_of(portal.settings)
    return render(
        request,
        "public/privacy.html",
        version_date=date.fromisoformat(NOTICE_VERSION),
        unused_days=spans.retention.days,
        warning_days=WARNING.days,
        reflection_days=spans.reflection.days,
        unconfirmed_days=UNCONFIRMED.days,
        archive_days=ARCHIVE.days,
        login_days=ABSOLUTE_LIMIT.days,
        draft_days=DRAFTS_KEPT.days,
        known_days=KEPT_FOR.days,
    )


@get("/accessibility")
async def accessibility(request: Request[Any, Any, Any]) -> Response[Any]:
    """How far everybody can use the site (I1)."""
    return render(request, "public/accessibility.html")


@get("/contact")
async def contact(request: Request[Any, Any, Any], portal: NamedDependency[Portal]) -> Response[Any]:
    """Whom to write to."""
    return render(request, "public/contact.html", contact_email=portal.settings.contact_email)
