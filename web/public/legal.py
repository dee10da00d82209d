"""Pages that every public site must have."""

from datetime import date
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.response import Redirect

from web.kit.pages import render
from web.kit.portal import Portal
from workflow.candidates.commands import NOTICE_VERSION


@get("/favicon.ico")
async def favicon(portal: NamedDependency[Portal]) -> Redirect:
    """Asked for by old habit, where a page names no icon."""
    address: str = portal.templates.globals["static"]("img/favicon.svg")  # type: ignore[operator]
    return Redirect(address, status_code=301)


@get("/privacy")
async def privacy(request: Request[Any, Any, Any]) -> Response[Any]:
    """The data notice; its date is what is stored with each acceptance (A2)."""
    return render(request, "public/privacy.html", version_date=date.fromisoformat(NOTICE_VERSION))


@get("/accessibility")
async def accessibility(request: Request[Any, Any, Any]) -> Response[Any]:
    """How far everybody can use the site (I1)."""
    return render(request, "public/accessibility.html")


@get("/contact")
async def contact(request: Request[Any, Any, Any], portal: NamedDependency[Portal]) -> Response[Any]:
    """Whom to write to."""
    return render(request, "public/contact.html", contact_email=portal.settings.contact_email)
