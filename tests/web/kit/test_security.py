"""What protects every page, beside the tokens that each form's test sends."""

from litestar._parsers import parse_url_encoded_form_data

from tests.web.site import ON_SQLITE, Site

pytestmark = ON_SQLITE


async def test_no_password_stays_in_memory(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.post("/candidate/login", {"email": "a@example.org", "password": "seven quiet herons"})
    assert parse_url_encoded_form_data.cache_info().currsize == 0


async def test_a_form_without_its_token_is_refused(site: Site) -> None:
    visitor = await site.visitor()
    answer = await visitor.client.post("/candidate/login", data={"email": "a@example.org", "password": "x"})
    assert answer.status_code == 403


async def test_every_answer_has_the_headers_that_protect(site: Site) -> None:
    visitor = await site.visitor()
    for path in ("/", "/nowhere", "/api/v1/offers", "/static/css/base.css"):
        headers = (await visitor.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["content-security-policy"].startswith("default-src 'self'"), path
