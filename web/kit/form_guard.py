"""Against forged forms: a token that is renewed whenever somebody logs in or out in this browser.

Forms in other tabs are out of date then: they come back with what was typed in them, and nothing was done.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.exceptions import PermissionDeniedException
from litestar.middleware.csrf import CSRFMiddleware, generate_csrf_token
from litestar.types import Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from web.kit.addresses import local_path
from web.kit.forms import readable_form
from web.kit.language import language_of
from web.kit.pages import redirect, render
from web.kit.security import CSRF_COOKIE, forget_forms
from web.kit.visitors import SESSION_COOKIE, recognise_candidate
from workflow.language import N_, say
from workflow.recruiters.tables import SESSION_COOKIE as STAFF_COOKIE

_LOGINS = {name.encode() for name in (SESSION_COOKIE, STAFF_COOKIE)}
_TOKEN = "_csrf_token"  # noqa: S105  # the name of a field
REOPENS: dict[str, Any] = {"opt": {"reopens": True}}
"""For forms whose page says what stands now at the same address: who sends an outdated one is shown that page."""
_SAID = N_("Not saved: you logged in or out in another tab since. Send the form once more.")
_LABELS = {
    "email": N_("E-mail address"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "address": N_("Address"),
    "postal_code": N_("Postal code"),
    "city": N_("City"),
    "phone": N_("Phone"),
    "languages": N_("Languages"),
    "covering_letter_text": N_("Covering letter"),
    "cv_url": N_("Link"),
    "message": N_("Message to the laboratory"),
    "keywords": N_("Keywords"),
}
"""Fields that people write in; what others hold is shown where it is more than a code."""


class FormGuard(CSRFMiddleware):
    """Litestar's guard, which alone keeps one token as long as a browser runs, and answers 403 to whatever lacks it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""

        async def send_renewed(message: Message) -> None:
            if message["type"] == "http.response.start" and _changes_login(message["headers"]):
                self._set_cookie_if_needed(message, generate_csrf_token(self.config.secret))
            await send(message)

        try:
            await super().__call__(scope, receive, send_renewed)
        except PermissionDeniedException:
            request: Request[Any, Any, Any] = Request(scope, receive, send)
            answer = await self._outdated(request) if is_from_our_pages(request) else None
            await forget_forms(request)
            if answer is None:
                raise
            await answer.to_asgi_response(app=None, request=request)(scope, receive, send)

    async def _outdated(self, request: Request[Any, Any, Any]) -> Response[Any]:
        """The page that gives the form back, with a token that works."""
        kept = request.cookies.get(CSRF_COOKIE, "")
        token = kept if self._decode_csrf_token(kept) else generate_csrf_token(self.config.secret)
        ScopeState.from_scope(request.scope).csrf_token = token
        answer = await outdated_form(request)
        if token != kept:
            answer.set_cookie(
                CSRF_COOKIE,
                token,
                secure=self.config.cookie_secure,
                httponly=True,
                samesite=self.config.cookie_samesite,
            )
        return answer


def _changes_login(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether an answer begins or ends a session in this browser."""
    set_cookies = [value for name, value in headers if name.lower() == b"set-cookie"]
    return any(value.partition(b"=")[0] in _LOGINS for value in set_cookies)


def is_from_our_pages(request: Request[Any, Any, Any]) -> bool:
    """Whether the browser vouches that a page of ours sent this; no page of others can make it say so."""
    if site := request.headers.get("sec-fetch-site"):
        return site == "same-origin"
    host = urlsplit(request.headers.get("origin", "")).netloc
    return bool(host) and host == request.headers.get("host")


async def outdated_form(request: Request[Any, Any, Any]) -> Response[Any]:
    """What was typed, to be sent once more by its writer; who presses is told in which account. 403: it was not done.

    A form in which nothing was typed is not offered again: whoever meant it goes back and presses its button.
    Passwords and files are not kept. Those marked `**REOPENS` are shown anew.
    """
    await recognise_candidate(request)
    if "application/json" in request.headers.get("accept", ""):
        return Response({"said": say(language_of(request), _SAID)}, status_code=403)
    form = await readable_form(request)
    if request.route_handler.opt.get("reopens"):
        return redirect(request, request.url.path, *([("warning", _SAID)] if form.get("password") else []))
    names = [
        name for name in dict.fromkeys(form) if name != _TOKEN
    ]  # as on the page; `multi_items` shuffles them
    sent = [(name, value) for name in names for value in form.getall(name)]
    await form.close()
    kept = [(name, value) for name, value in sent if isinstance(value, str) and "password" not in name]
    came_from = urlsplit(request.headers.get("referer", ""))
    return render(
        request,
        "public/outdated.html",
        status_code=403,
        kept=kept,
        typed=_typed(request, kept),
        is_all=len(kept) == len(sent),
        back=local_path(came_from.path, "/"),
    )


def _typed(request: Request[Any, Any, Any], kept: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Label and words of what people wrote."""
    language = language_of(request)
    return [
        (say(language, _LABELS[name]) if name in _LABELS else "", value)
        for name, value in kept
        if value.strip() and (name in _LABELS or len(value.split()) > 1)
    ]
