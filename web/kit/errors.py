"""The only place where an error becomes HTTP: a page for people, RFC 9457 for programs."""

import errno
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import structlog
from litestar import Request, Response
from litestar.exceptions import ClientException, HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from search.errors import IndexMissing, IndexUnusable
from web.kit.filters import long_datetime
from web.kit.language import language_of
from web.kit.misfits import misfit
from web.kit.pages import redirect, render
from web.kit.portal import portal_of
from workflow.engine.machine import Machine
from workflow.errors import (
    AlertExists,
    AuthenticationRequired,
    CodeRequired,
    CodeWrong,
    Conflict,
    DocumentRefused,
    DomainError,
    FieldError,
    Forbidden,
    InvalidInput,
    NotAForm,
    NotFound,
    StaleVersion,
    TooLarge,
    TooManyAttempts,
    WrongCredentials,
)
from workflow.language import N_, say
from workflow.machines import MACHINES
from workflow.roles import CANDIDATE

_log = structlog.get_logger(__name__)

_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (InvalidInput, 422),
    (DocumentRefused, 422),
    (NotFound, 404),
    (AuthenticationRequired, 401),
    (WrongCredentials, 401),
    (CodeRequired, 401),
    (CodeWrong, 401),
    (Forbidden, 403),
    (Conflict, 409),
    (TooLarge, 413),
    (NotAForm, 415),
    (TooManyAttempts, 429),
)

_SENTENCES = {
    400: N_("This request cannot be understood."),
    401: N_("Log in first."),
    403: N_("You may not do this."),
    404: N_("There is nothing at this address."),
    405: N_("This address does not take such a request."),
    409: N_("This is not possible as things stand now."),
    413: N_("What you sent is larger than we can take."),
    415: N_("This kind of content is not understood here."),
    422: N_("Some of what you sent cannot be accepted."),
    429: N_("Too many attempts. Wait a little and try again."),
    500: N_("Something went wrong on our side. We have noted it."),
    503: N_("The search is being rebuilt. Try again in a moment."),
}

_CODES = {404: NotFound.code, 422: InvalidInput.code}
"""Litestar's refusals that are ours too have one code."""

_SAID_BY_THE_PAGE = {*_CODES.values(), TooManyAttempts.code}

_MACHINES: dict[str, type[Machine]] = {machine.subject: machine for machine in MACHINES}

_FULL = N_("Nothing can be saved at the moment, and nothing was. Try again in a few minutes.")


def status_of(error: DomainError) -> int:
    """The HTTP status of an error of the domain."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 400)


def title_of(status: int, language: str) -> str:
    """What a status means; one that has no sentence of its own is at least on the right side."""
    return say(language, _SENTENCES.get(status, _SENTENCES[500 if status >= 500 else 400]))


def is_for_programs(request: Request[Any, Any, Any]) -> bool:
    """Whether the JSON form is wanted: under /api/."""
    return request.url.path.startswith("/api/")


def _answer(
    request: Request[Any, Any, Any],
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    members: Mapping[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response[Any]:
    title = title_of(status, language_of(request))
    if not is_for_programs(request):
        page = render(
            request,
            "public/error.html",
            status_code=status,
            status=status,
            code=code,
            detail=None if code.startswith("http-") or code in _SAID_BY_THE_PAGE else detail,
            retry_after=int((headers or {}).get("Retry-After", 0)) or None,
        )
        page.headers.update(headers or {})
        return page
    body: dict[str, Any] = {
        "type": f"urn:vivier:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
    }
    if errors is not None:
        body["errors"] = errors
    body |= members or {}
    return Response(body, status_code=status, media_type="application/problem+json", headers=headers)


def _domain_error(request: Request[Any, Any, Any], error: DomainError) -> Response[Any]:
    if isinstance(error, AuthenticationRequired) and not is_for_programs(request):
        return _to_login(request, error)
    language = language_of(request)
    errors = _field_errors(request, error.errors) if isinstance(error, InvalidInput) else None
    status = status_of(error)
    headers = {}
    if status == 401 and is_for_programs(request):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyAttempts):
        headers["Retry-After"] = str(error.facts["seconds"])
    return _answer(
        request,
        status,
        error.code,
        say(language, error.template(), **_worded(request, error.facts)),
        errors=errors,
        members=_members(error),
        headers=headers,
    )


def _members(error: DomainError) -> dict[str, Any]:
    """What else a program is told of a refusal."""
    match error:
        case StaleVersion():
            return {"current": _current(error)}
        case AlertExists():
            return {"alert": error.facts["alert"]}
    return {}


def _current(error: StaleVersion) -> dict[str, Any]:
    """What stands now, and how it came there, so that a program can decide anew. Who did it: where it may be told."""
    facts = error.facts
    current = {
        "version": facts["version"],
        "status": facts["to_state"],
        "event": facts["event"],
        "at": facts["at"],
    }
    return current | {name: facts[name] for name in ("by", "role") if name in facts}


def _field_errors(request: Request[Any, Any, Any], errors: Iterable[FieldError]) -> list[dict[str, str]]:
    language = language_of(request)
    return [
        {"field": each.field, "message": say(language, each.message, **_worded(request, each.facts))}
        for each in errors
    ]


def _worded(request: Request[Any, Any, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The facts as the reader says them: states and events by their labels, instants as dates."""
    language = language_of(request)
    worded = {
        name: long_datetime(fact, language, portal_of(request).zone) if isinstance(fact, datetime) else fact
        for name, fact in facts.items()
    }
    machine = _MACHINES.get(facts.get("subject", ""))
    if machine is None:
        return worded
    audience = "recruiter" if "staff" in request.state else CANDIDATE
    for name in {"state", "to_state"} & facts.keys():
        worded[name] = say(language, machine.state_message(facts[name], audience))
    return worded | {"event": say(language, machine.event_message(facts["event"]))}


def _to_login(request: Request[Any, Any, Any], error: AuthenticationRequired) -> Response[Any]:
    """Log in first, and then go on to where one was going (A1). Only a GET can be gone on to."""
    login: str = error.facts.get("login", "/candidate/login")
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return redirect(request, f"{login}?next={quote(wanted)}" if request.method == "GET" else login)


def _http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """Litestar's own refusals: unknown addresses, methods, bodies that do not fit."""
    status = 422 if isinstance(error, ValidationException) else error.status_code
    if status >= 500:
        return _system_error(request, error.__cause__ if isinstance(error.__cause__, OSError) else error)
    errors = _field_errors(request, _misfits(error)) if isinstance(error, ValidationException) else None
    detail = title_of(status, language_of(request))
    code = _CODES.get(status, f"http-{status}")
    return _answer(request, status, code, detail, errors=errors, headers=dict(error.headers or {}))


def _misfits(error: ValidationException) -> list[FieldError]:
    extra = error.extra if isinstance(error.extra, list) else []
    return [
        misfit(str(each.get("key", "")), str(each.get("message", "")))
        for each in extra
        if isinstance(each, dict)
    ]


def _unreadable(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A form whose bytes are not what their charset says, or in a charset that nobody knows."""
    if isinstance(error, UnicodeError) or type(error) is LookupError:  # a KeyError would be our own mistake
        return _http_error(request, ClientException())
    return _unexpected(request, error)


def _system_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What the machine refuses: a name that is too long for a file is no file, a full disk passes."""
    if getattr(error, "errno", None) == errno.ENAMETOOLONG:
        return _domain_error(request, NotFound())
    if getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in str(error):
        _log.error("disk is full", reason=str(error))
        detail = say(language_of(request), _FULL)
        return _answer(request, 503, "cannot-save", detail, headers={"Retry-After": "60"})
    return _unexpected(request, error)


def _index_gone(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Rather nothing than half of it: a plain answer, and when to come back."""
    _log.warning("search index unusable", reason=str(error))
    detail = say(language_of(request), _SENTENCES[503])
    return _answer(request, 503, "search-unavailable", detail, headers={"Retry-After": "5"})


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    # the pattern of the path: an address may hold a token that still works
    path = request.scope.get("path_template", "")
    _log.error("unexpected error", method=request.method, path=path, exc_info=error)
    return _answer(request, 500, "http-500", say(language_of(request), _SENTENCES[500]))


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    DomainError: _domain_error,
    HTTPException: _http_error,
    UnicodeError: _unreadable,
    LookupError: _unreadable,
    OSError: _system_error,
    sqlite3.OperationalError: _system_error,
    IndexMissing: _index_gone,
    IndexUnusable: _index_gone,
    Exception: _unexpected,
}
