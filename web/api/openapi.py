"""The description of the API: OpenAPI 3.1 as JSON at /api/v1/openapi.json, and no pages that load from elsewhere."""

from litestar.enums import MediaType
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag

_DESCRIPTION = """\
Search offers, apply and follow one's applications; move applications as a recruiter.

Log in at `session` (candidates) or `console/session` (recruiters) and send the token as
`Authorization: Bearer …`. `Accept-Language` (en, fr) decides labels and sentences.
Refusals are problems of RFC 9457; their `type` is stable.
Instants are UTC; days are those of the portal's time zone.
"""

_BEARER = SecurityScheme(
    type="http", scheme="bearer", description="A token of `POST session` or `POST console/session`."
)

OPENAPI = OpenAPIConfig(
    title="Vivier",
    version="1",
    description=_DESCRIPTION,
    # Litestar answers unknown paths below this one with a page of its own: so it is the document's own address
    path="/api/v1/openapi.json",
    render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"], media_type=MediaType.JSON)],
    components=Components(security_schemes={"bearer": _BEARER}),
    tags=[
        Tag("offers", "Searching and reading offers."),
        Tag("reference", "The lists that codes come from."),
        Tag("account", "Registering, confirming, logging in."),
        Tag("candidate", "One's profile, account and applications."),
        Tag("console", "Applications to the offers of one's own units."),
    ],
    use_handler_docstrings=True,
)
