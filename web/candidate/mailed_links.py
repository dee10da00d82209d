"""Pages that links of mails lead to: what a link is for and one button, or that it is used or too old."""

from typing import Any

from litestar import Request, Response

from web.kit.errors import status_of
from web.kit.pages import render
from workflow.errors import FieldError, LinkExpired, LinkUsed


def link_page(
    request: Request[Any, Any, Any], template: str, *, errors: tuple[FieldError, ...], **shown: Any
) -> Response[Any]:
    """The page of a link that can be used. Its address, which holds the token, goes to nobody else."""
    status = 422 if errors else 200
    page = render(request, template, status_code=status, errors=errors, problem=None, **shown)
    page.headers["Referrer-Policy"] = "no-referrer"
    return page


def link_problem(
    request: Request[Any, Any, Any], template: str, error: LinkUsed | LinkExpired
) -> Response[Any]:
    """The same page for a link that cannot be used, with the way to a new one."""
    problem = "used" if isinstance(error, LinkUsed) else "expired"
    return render(request, template, status_code=status_of(error), problem=problem)
