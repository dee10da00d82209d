"""Piccolo Admin as a guest in our process: its address, its headers, what of it is closed, and its login."""

import re

import pytest

from tests.admin.conftest import Clock, Laboratories, Visiting
from tests.support.house import PASSWORD
from workflow.limits import LOGIN_FROM_ORIGIN, LOGIN_OF_ACCOUNT_FROM_ORIGIN
from workflow.recruiters.tables import SESSION_COOKIE

pytestmark = pytest.mark.filterwarnings("ignore:.*SQLite doesn't support ILIKE", "ignore:If running sessions")


async def test_page_and_its_assets_are_served(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as visitor:
        moved = await visitor.get("/admin")
        page = await visitor.get("/admin/")
        script = page.text.partition('src="./')[2].partition('"')[0]
        asset = await visitor.get(f"/admin/{script}")
    assert (moved.status_code, moved.headers["location"]) == (308, "/admin/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (asset.status_code, asset.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


async def test_closed_addresses_are_not_there(laboratories: Laboratories, visiting: Visiting) -> None:
    paths = [
        "/administrator",
        "/admin/public/docs/",
        "/admin/public/openapi.json",
        "/admin/openapi.json",
        "/admin/nothing/",
        "/admin/assets/",
        "/admin/assets/../../endpoints.py",
        "/admin/api/docs/",
        "/admin/api/openapi.json",
        "/admin/api/media/",
        "/admin/api/forms/x/",
        "/admin/api/tables/nothing/",
    ]
    async with visiting("ada") as ada:
        assert [(await ada.get(path)).status_code for path in paths] == [404] * len(paths)
        posted = [
            (await ada.admin("POST", path.removeprefix("/admin"), {})).status_code for path in paths[7:]
        ]
    assert posted == [404] * 5


async def test_odd_parameters_get_a_clear_answer(laboratories: Laboratories, visiting: Visiting) -> None:
    queries = [
        "__page_size=-5",
        "__page_size=0",
        "__page_size=5000",
        "__page_size=x",
        "__page=-1",
        "__page=99999999999999999999",
        "__order=nothing",
        "__order=-unit.name",
        "__visible_fields=unit.name",
        "nothing=1",
        "__range_header=true&__range_header_name=a%0d%0ab",
        "version=99999999999999999999",
        "version__operator=nothing",
    ]
    async with visiting("ada") as ada:
        answers = [(await ada.admin("GET", f"/api/tables/offer/?{query}")).status_code for query in queries]
        far = (await ada.admin("GET", f"/api/tables/unit/{'9' * 30}/")).status_code
    assert (answers, far) == ([400] * len(queries), 404)


async def test_values_that_do_not_fit_are_no_error_of_the_server(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("ada") as ada:
        for query in ("version=abc", "closes_on=soon", "id=1", "title_fr=%00", "closes_on=0001-01-01"):
            answer = await ada.admin("GET", f"/api/tables/offer/?{query}")
            assert (query, answer.status_code) in {(query, 200), (query, 400), (query, 422)}


async def test_large_body_is_refused(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        path = f"/api/tables/offer/{laboratories.offers[0]}/"
        answer = await rose.admin("PATCH", path, {"description_fr": "x" * 2_000_000})
    assert answer.status_code == 413


async def test_there_is_one_login(laboratories: Laboratories, visiting: Visiting) -> None:
    """Piccolo's own is closed, with the right password and the token too; the console's opens its tables."""
    right = {"username": "rose@example.org", "password": PASSWORD}
    async with visiting() as visitor:
        led = await visitor.get("/admin/")
        assert (led.status_code, led.headers["location"]) == (303, "/console/login?next=/admin/")
        for path in ("/public/login/", "/public/login"):
            refused = await visitor.admin("POST", path, right)
            assert (refused.status_code, refused.json(), SESSION_COOKIE in visitor.client.cookies) == (
                403,
                {
                    "detail": "Log in at /console/login: there is one login for the console and for these tables."
                },
                False,
            )
        form = {"email": "rose@example.org", "password": PASSWORD, "next": "/admin/"}
        answer = await visitor.submit("/console/login", **form)
        cookie = answer.headers["set-cookie"]
        assert (answer.headers["location"], "HttpOnly" in cookie, "SameSite=lax" in cookie) == (
            "/admin/",
            True,
            True,
        )
        assert (await visitor.get("/admin/")).status_code == 200
        changed = {"current_password": PASSWORD, "new_password": "x" * 20, "confirm_new_password": "x" * 20}
        refused = await visitor.admin("POST", "/api/change-password/", changed)
        assert (refused.status_code, refused.json()) == (
            403,
            {"detail": "Change your password at /console/account."},
        )
        led = await visitor.get("/admin/api/mfa-setup/")
        assert (led.status_code, led.headers["location"]) == (303, "/console/account/second-factor")
        assert (await visitor.admin("POST", "/public/logout/")).status_code == 200
        assert (await visitor.get("/console/")).status_code == 303


async def test_too_many_logins_wait_and_heal(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    """Also those who are refused for another account."""
    async with visiting() as visitor:
        for number in range(LOGIN_FROM_ORIGIN.most):
            wrong = await visitor.submit("/console/login", email=f"{number}@example.org", password="x")
            assert wrong.status_code == 401
        refused = await visitor.submit("/console/login", email="x", password="y")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "300")
        led = re.findall(r'<a class="button[^"]*" href="([^"]+)"', refused.text)
        assert led == ["/console/login", "/console/forgotten-password"]
        clock.now += LOGIN_FROM_ORIGIN.window
        assert (await visitor.submit("/console/login", email="x", password="y")).status_code == 401


async def test_an_account_is_not_guessed_at_however_it_is_written(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    names = ("rose@example.org", "Rose@Example.org ", "ro\x01se@example.org")
    right = {"email": "rose@example.org", "password": PASSWORD}
    async with visiting() as visitor:
        for number in range(LOGIN_OF_ACCOUNT_FROM_ORIGIN.most):
            wrong = {"email": names[number % 3], "password": "wrong"}
            assert (await visitor.submit("/console/login", **wrong)).status_code == 401
        assert (await visitor.submit("/console/login", **right)).status_code == 429
        clock.now += LOGIN_OF_ACCOUNT_FROM_ORIGIN.window
        assert (await visitor.submit("/console/login", **right)).status_code == 303


async def test_strangers_do_not_close_an_account_to_a_browser_that_it_knows(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    """Known by a login, also where the strangers come from the same origin."""
    form = {"email": "rose@example.org", "password": PASSWORD}
    async with visiting() as rose, visiting() as stranger:
        assert (await rose.submit("/console/login", **form)).status_code == 303
        await rose.submit("/console/logout")
        for _ in range(LOGIN_OF_ACCOUNT_FROM_ORIGIN.most):
            wrong = form | {"password": "wrong"}
            assert (await stranger.submit("/console/login", **wrong)).status_code == 401
        assert (await stranger.submit("/console/login", **form)).status_code == 429
        assert (await rose.submit("/console/login", **form)).status_code == 303
