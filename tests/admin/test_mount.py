"""Piccolo Admin as a guest in our process: its address, its headers, what of it is closed, and its login."""

import pytest
from litestar import Litestar

from admin.throttle import ATTEMPTS
from tests.admin.conftest import Clock, Laboratories, Visiting
from tests.support.house import PASSWORD

pytestmark = pytest.mark.filterwarnings("ignore:.*SQLite doesn't support ILIKE", "ignore:If running sessions")


async def test_page_and_its_assets_are_served(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting() as visitor:
        moved = await visitor.get("/admin")
        page = await visitor.get("/admin/")
        script = page.text.partition('src="./')[2].partition('"')[0]
        asset = await visitor.get(f"/admin/{script}")
    assert (moved.status_code, moved.headers["location"]) == (308, "/admin/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert (asset.status_code, asset.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


@pytest.mark.parametrize(
    "path",
    [
        "/administrator",
        "/admin/public/docs/",
        "/admin/public/openapi.json",
        "/admin/openapi.json",
        "/admin/nothing/",
        "/admin/assets/",
        "/admin/assets/../../endpoints.py",
    ],
)
async def test_closed_addresses_are_not_there(laboratories: Laboratories, visiting: Visiting, path: str) -> None:
    async with visiting() as visitor:
        assert (await visitor.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["docs/", "openapi.json", "media/", "forms/x/", "tables/nothing/"])
async def test_closed_addresses_of_the_api_are_not_there(
    laboratories: Laboratories, visiting: Visiting, path: str
) -> None:
    async with visiting("ada") as ada:
        assert (await ada.admin("GET", f"/api/{path}")).status_code == 404
        assert (await ada.admin("POST", f"/api/{path}", {})).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
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
        "version=99999999999999999999",
        "version__operator=nothing",
    ],
)
async def test_odd_parameters_get_a_clear_answer(
    laboratories: Laboratories, visiting: Visiting, query: str
) -> None:
    async with visiting("ada") as ada:
        assert (await ada.admin("GET", f"/api/tables/offer/?{query}")).status_code == 400


@pytest.mark.parametrize("query", ["version=abc", "closes_on=soon", "id=1", "title_fr=%00"])
async def test_values_that_do_not_fit_are_no_error_of_the_server(
    laboratories: Laboratories, visiting: Visiting, query: str
) -> None:
    async with visiting("ada") as ada:
        assert (await ada.admin("GET", f"/api/tables/offer/?{query}")).status_code in {200, 400, 422}


async def test_large_body_is_refused(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as rose:
        path = f"/api/tables/offer/{laboratories.offers[0]}/"
        answer = await rose.admin("PATCH", path, {"description_fr": "x" * 2_000_000})
    assert answer.status_code == 413


async def test_piccolos_login_opens_the_console_too(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting() as visitor:
        assert (await visitor.get("/console/")).status_code == 303
        answer = await visitor.admin(
            "POST", "/public/login/", {"username": "rose@example.org", "password": PASSWORD}
        )
        cookie = answer.headers["set-cookie"]
        assert (answer.status_code, "HttpOnly" in cookie, "SameSite=lax" in cookie) == (200, True, True)
        assert (await visitor.get("/console/")).status_code == 200
        assert (await visitor.admin("POST", "/public/logout/")).status_code == 200
        assert (await visitor.get("/console/")).status_code == 303


async def test_login_without_the_token_is_refused(
    laboratories: Laboratories, visiting: Visiting, app: Litestar
) -> None:
    async with visiting() as visitor:
        credentials = {"username": "rose@example.org", "password": PASSWORD}
        answer = await visitor.client.post("/admin/public/login/", json=credentials)
    assert answer.status_code == 403


async def test_too_many_logins_wait_and_heal(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    wrong = {"username": "nobody", "password": "wrong"}
    async with visiting() as visitor:
        answers = [
            (await visitor.admin("POST", "/public/login/", wrong)).status_code for _ in range(ATTEMPTS + 1)
        ]
        assert answers == [401] * ATTEMPTS + [429]
        at_the_other_door = await visitor.submit("/console/login", email="x", password="y")
        assert (at_the_other_door.status_code, at_the_other_door.headers["retry-after"]) == (429, "300")
        clock.now = clock.now.replace(minute=clock.now.minute + 6)
        assert (await visitor.submit("/console/login", email="x", password="y")).status_code == 401
