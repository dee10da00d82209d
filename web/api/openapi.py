"""The description of the API: OpenAPI 3.1 as JSON at /api/v1/openapi.json, and no pages that load from elsewhere."""

from litestar.enums import MediaType
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag

_DESCRIPTION = """\
Search offers, apply and follow one's applications; move applications as a recruiter.

Log in at `session` (candidates) or `console/session` (recruiters) and send the token as
`Authorization: Bearer …`. `Accept-Language` (en, fr) decides labels and sentences.
Refusals are problems of RFC 9457; their `type` is stable. Those of 429 say in `Retry-After` how many seconds to wait.
Instants are UTC; days are those of the portal's time zone. Codes are those of `reference/…`.

A candidate's way, from the first request to the application:

    API=https://careers.example.org/api/v1
    curl $API/candidates -H 'Content-Type: application/json' -d '{"title": "ms", "first_name": "Camille",
      "last_name": "Martin", "email": "camille.martin@example.org", "password": "four unrelated words here",
      "secret_question": "first_school", "secret_answer": "Jules Ferry", "accept_notice": true}'
    # the token is the end of the link in the mail; the answer holds the token of a session
    curl $API/candidates/confirmation -H 'Content-Type: application/json' -d '{"token": "…"}'
    curl $API/offers?keywords=chemist
    curl $API/offers/LAB12-CHEM-01/applications -H 'Authorization: Bearer …' \\
      -F covering_letter=@letter.pdf -F cv=@cv.pdf -F cv_url=https://example.org/me
    curl $API/me/applications -H 'Authorization: Bearer …'
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
        Tag("candidate", "One's profile, account, applications and alerts."),
        Tag("console", "Applications to the offers of one's own units."),
    ],
    use_handler_docstrings=True,
)
