"""Errors as pages."""

import httpx
import pytest

from tests.web.site import ON_SQLITE, Site, text_of
from web.kit.security import CSRF_COOKIE

pytestmark = ON_SQLITE


@pytest.mark.parametrize(
    "path", ["/nothing", "/offers/none", "/offers/%00", "/candidate/nothing", "/dev/mailbox/x"]
)
async def test_an_unknown_address_is_a_page_of_its_own(site: Site, path: str) -> None:
    answer = await (await site.visitor("fr")).get(path)
    assert answer.status_code == 404
    assert 'lang="fr"' in answer.text
    assert "404" in text_of(answer)


async def test_a_form_without_its_token_is_refused(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.get("/candidate/login")
    answer = await visitor.client.post("/candidate/login", data={"email": "a@example.org", "password": "x"})
    assert answer.status_code == 403
    assert "This form was open for too long, or this page is not for your account" in text_of(answer)


async def test_the_language_can_be_switched_on_a_page_of_errors(site: Site) -> None:
    visitor = await site.visitor()
    await visitor.get("/")
    token = visitor.client.cookies[CSRF_COOKIE]
    assert f'value="{token}"' in (await visitor.get("/nothing")).text


async def test_a_method_that_an_address_does_not_take_is_a_page(site: Site) -> None:
    answer = await (await site.visitor()).get("/candidate/logout")
    assert answer.status_code == 405
    assert "This address cannot be opened like that" in text_of(answer)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nnonsense"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--x--\r\n',
        ),
        (
            "multipart/form-data; boundary=x",
            (
                b'--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=klingon\r\n\r\n'
                b"a\r\n--x--\r\n"
            ),
        ),
        ("application/x-www-form-urlencoded", b"email=%ff%00&password=\xff"),
        ("application/json", b"{"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(site: Site, content_type: str, body: bytes) -> None:
    visitor = await site.visitor()
    answer = await visitor.client.post(
        "/candidate/login", content=body, headers={"Content-Type": content_type}
    )
    assert answer.status_code in {400, 403, 422}


async def test_a_body_that_is_too_large_is_refused(site: Site, offer: str) -> None:
    candidate = await site.candidate()
    huge = bytes((4 * (site.settings.cv_megabytes + site.settings.letter_megabytes + 1) + 1) * 1024 * 1024)
    answer = await candidate.post(f"/offers/{offer}/apply", {}, {"covering_letter": ("a.pdf", huge)})
    assert answer.status_code == 413
    assert "That file is too large" in text_of(answer)
    assert "A CV may have up to 8 MB, a covering letter up to 4 MB." in text_of(answer)
    assert f'<a href="/offers/{offer}/apply">Back to the form</a>' in answer.text


async def test_a_text_that_is_too_large_is_not_called_a_file(site: Site) -> None:
    answer = await (await site.visitor()).post("/candidate/login", {"email": "a" * 1_000_000})
    said = text_of(answer)
    assert (answer.status_code, "That was too much text" in said, "file" in said) == (413, True, False)


async def test_a_page_of_errors_belongs_to_the_surface_that_was_asked(site: Site) -> None:
    visitor = await site.visitor()
    console, portal = [await visitor.get(path) for path in ("/console/nothing", "/nothing")]
    assert (console.status_code, portal.status_code) == (404, 404)
    assert ['href="/console/offers"' in page.text for page in (console, portal)] == [True, False]
    assert ['href="/candidate"' in page.text for page in (console, portal)] == [False, True]


async def test_pages_carry_the_headers_that_protect_them(site: Site) -> None:
    headers: httpx.Headers = (await (await site.visitor()).get("/")).headers
    assert "script-src" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "same-origin")
