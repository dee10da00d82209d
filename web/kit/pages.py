"""Rendering a page for its visitor: language, who is logged in, flash messages, form and errors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from web.kit import filters
from web.kit.language import language_of
from web.kit.portal import document_limits, portal_of
from web.kit.security import csrf_token
from workflow.errors import FieldError
from workflow.language import LANGUAGES, N_, say, translations
from workflow.sealing import seal, unseal
from workflow.settings import Settings

FLASH_COOKIE = "vivier_flash"
BY_SCRIPT = "X-Sent-By-Script"
"""The header of a form that a script sends; no page of others can set it."""
_FLASH_SECONDS = 120
_TEMPLATES = Path(__file__).parent.parent / "templates"


@dataclass(frozen=True, slots=True)
class Flash:
    """One sentence shown once, on the next page. `kind`: success, info, warning or error."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownError:
    """An error beside its field, in the reader's language."""

    field: str
    text: str


def templates(
    settings: Settings, *, more_templates: Sequence[Path] = (), more_assets: Sequence[Path] = ()
) -> Environment:
    """The environment of every page; other surfaces bring templates and assets of their own."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (_TEMPLATES, *more_templates)]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=not settings.is_production,
    )
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    static = partial(_static_address, (_STATIC, *more_assets))
    environment.globals |= {
        "static": cache(static) if settings.is_production else static,
        "employer": settings.employer,
        "document_limits": document_limits(settings),
    }
    filters.install(environment, settings.timezone)
    return environment


@pass_context
def _gettext(context: Context, message: str) -> str:
    return translations(context["language"]).gettext(message)


@pass_context
def _ngettext(context: Context, one: str, several: str, number: int) -> str:
    return translations(context["language"]).ngettext(one, several, number)


def _static_address(folders: Sequence[Path], path: str) -> str:
    """The address of an asset; the time of its last change makes a changed one a new address."""
    file = next(folder / path for folder in folders if (folder / path).exists())
    return f"/static/{path}?v={int(file.stat().st_mtime)}"


_STATIC = Path(__file__).parent.parent / "static"


def render(
    request: Request[Any, Any, Any],
    template: str,
    /,
    *,
    status_code: int = 200,
    form: Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
    **context: Any,
) -> Response[str]:
    """A page for this visitor. Flash messages are shown, and then forgotten."""
    portal = portal_of(request)
    language = language_of(request)
    flash = _read_flash(request, language)
    html = portal.templates.get_template(template).render(
        {
            "language": language,
            "languages": list(LANGUAGES.items()),
            "path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            "candidate": request.state.get("candidate"),
            "undo_bar": request.state.get("undo_bar"),
            "csrf": csrf_token(request),
            "flash": flash,
            "now": portal.clock(),
            "base_url": portal.settings.base_url,
            "form": form or {},
            "errors": [
                ShownError(error.field, say(language, error.message, **error.facts)) for error in errors
            ],
            **context,
        }
    )
    response = page_of(request, html, status_code)
    if flash:
        response.delete_cookie(FLASH_COOKIE)
    return response


def page_of(request: Request[Any, Any, Any], html: str, status_code: int = 200) -> Response[str]:
    """A rendered page as the answer to this visitor; nobody may keep it for others."""
    response = Response(html, media_type=MediaType.HTML, status_code=status_code)
    response.headers["Vary"] = "Cookie, Accept-Language"
    response.headers["Cache-Control"] = "no-store" if request.cookies else "private, no-cache"
    return response


def redirect(
    request: Request[Any, Any, Any], path: str, *messages: tuple[str, str], cookies: Sequence[Cookie] = ()
) -> Response[Any]:
    """Go on to another page (303), with sentences to show there: pairs of kind and English message id.

    A script that sends a form, to show how far it is, is told where to go: it could not see it otherwise.
    """
    response: Response[Any] = (
        Response({"location": path}, status_code=200, cookies=list(cookies))
        if request.headers.get(BY_SCRIPT)
        else Redirect(path, status_code=303, cookies=list(cookies))
    )
    if messages:
        portal = portal_of(request)
        sealed = seal({"messages": json.dumps(messages)}, portal.settings.secret_key).decode()
        response.set_cookie(
            FLASH_COOKIE,
            sealed,
            max_age=_FLASH_SECONDS,
            httponly=True,
            secure=portal.settings.is_production,
            samesite="lax",
        )
    return response


def _read_flash(request: Request[Any, Any, Any], language: str) -> list[Flash]:
    sealed = request.cookies.get(FLASH_COOKIE)
    if not sealed:
        return []
    try:
        messages = json.loads(unseal(sealed.encode(), portal_of(request).settings.secret_key)["messages"])
    except (InvalidToken, ValueError, KeyError):
        return []
    return [Flash(kind, say(language, text)) for kind, text in messages]


SAVED = ("success", N_("All saved."))
