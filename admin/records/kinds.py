"""What each kind of mail looks like, for administrators: filled with samples, in either language."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from admin.kit.mail_frames import MAILS_OWN_STYLES, framed
from web.kit.pages import render
from web.kit.portal import Portal
from workflow.errors import NotFound
from workflow.language import LANGUAGES
from workflow.messages.rendering import kinds, subject_of
from workflow.messages.rendering import render as render_mail
from workflow.messages.samples import SAMPLES
from workflow.recruiters.queries import StaffMember


@get("/deliveries/kinds")
async def kinds_page(request: Request[Any, Any, Any], staff: NamedDependency[StaffMember]) -> Response[Any]:
    """All kinds, by their subjects. Raises NotFound for those who are no administrators."""
    _require_administrator(staff)
    subjects = [
        (kind, {language: subject_of(kind, language, SAMPLES[kind]) for language in LANGUAGES})
        for kind in sorted(kinds())
    ]
    return render(
        request, "console/mail_kinds.html", staff=staff, subjects=subjects, mail_languages=LANGUAGES
    )


@get("/deliveries/kinds/{kind:str}")
async def kind_page(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    kind: FromPath[str],
    language: FromQuery[str] = "en",
) -> Response[Any]:
    """One kind, as it looks and as text. Raises NotFound for a kind or a language that is none."""
    _require_administrator(staff)
    if kind not in kinds() or language not in LANGUAGES:
        raise NotFound
    mail = render_mail(kind, language, SAMPLES[kind], house=portal.house)
    page = render(
        request,
        "console/mail_kind.html",
        staff=staff,
        kind=kind,
        mail=mail,
        html=framed(mail.html),
        shown=language,
        mail_languages=LANGUAGES,
    )
    page.headers["Content-Security-Policy"] = MAILS_OWN_STYLES
    return page


def _require_administrator(staff: StaffMember) -> None:
    if not staff.is_administrator:
        raise NotFound


KIND_HANDLERS = (kinds_page, kind_page)
