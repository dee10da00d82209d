"""What no browser sends is refused, never a failure of ours."""

import pytest

from tests.web.site import ON_SQLITE, Site
from web.kit.security import CSRF_COOKIE

pytestmark = ON_SQLITE

CHARSETS = ["hex", "rot13", "zlib", "base64", "punycode", "undefined", "nothing-such", "unicode_escape"]


@pytest.mark.parametrize("charset", CHARSETS)
async def test_a_form_in_a_strange_charset_is_refused(site: Site, charset: str) -> None:
    visitor = await site.visitor()
    await visitor.get("/candidate/login")
    token = visitor.client.cookies[CSRF_COOKIE]
    parts = [
        ("_csrf_token", "", token),
        ("email", f"; charset={charset}", "a\\ud800b"),
        ("password", "", "x"),
    ]
    body = "".join(
        f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: text/plain{kind}\r\n\r\n{value}\r\n'
        for name, kind, value in parts
    )
    answer = await visitor.client.post(
        "/candidate/login",
        content=f"{body}--XX--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=XX"},
    )
    assert answer.status_code in {400, 401}, answer.text


async def test_a_name_too_long_for_a_file_is_not_there(site: Site) -> None:
    assert (await (await site.visitor()).get("/static/" + "A" * 3000)).status_code == 404


@pytest.mark.parametrize("path", ["/candidate/register", "/console/login", "/language"])
async def test_a_form_without_files_takes_no_megabytes(site: Site, path: str) -> None:
    visitor = await site.visitor()
    assert (await visitor.post(path, {"email": "a" * 1_000_000})).status_code == 413
