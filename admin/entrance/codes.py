"""What is shown of a second factor: the QR code of a new one, and recovery codes, once."""

import json
from typing import Any

import segno
from cryptography.fernet import InvalidToken
from litestar import Request
from litestar.datastructures import Cookie
from markupsafe import Markup

from web.kit.portal import portal_of
from workflow.sealing import seal, unseal

RECOVERY_CODES = "/console/account/recovery-codes"
CODES_COOKIE = "vivier_codes"
_SHOWN_WITHIN = 600


def qr_code(address: str) -> Markup:
    """A picture of an address for cameras: SVG, dark on light in every mood, for cameras want it so."""
    picture = segno.make(address, error="m", micro=False)
    svg = picture.svg_inline(border=4, light="#fff", dark="#000", omitsize=True, svgclass="qr-code")
    return Markup(svg)  # noqa: S704  # made from numbers; the address is in it as squares only


def codes_cookie(request: Request[Any, Any, Any], recruiter_id: int, codes: tuple[str, ...]) -> Cookie:
    """Carries new recovery codes, sealed, to the page that shows them, for they lie nowhere else."""
    settings = portal_of(request).settings
    sealed = seal({"whose": str(recruiter_id), "codes": json.dumps(codes)}, settings.secret_key)
    return Cookie(
        CODES_COOKIE,
        value=sealed.decode(),
        path=RECOVERY_CODES,
        max_age=_SHOWN_WITHIN,
        httponly=True,
        secure=settings.is_production,
        samesite="lax",
    )


def codes_to_show(request: Request[Any, Any, Any], recruiter_id: int) -> list[str]:
    """The recovery codes that this browser brings; none where they were shown already, or are another's."""
    sealed = request.cookies.get(CODES_COOKIE, "")
    try:
        facts = unseal(sealed.encode(), portal_of(request).settings.secret_key)
    except (InvalidToken, ValueError):
        return []
    codes: list[str] = json.loads(facts["codes"]) if facts.get("whose") == str(recruiter_id) else []
    return codes
