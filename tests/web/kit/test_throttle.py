"""Failed logins are limited, by one count for all doors; what succeeds is not."""

from tests.support.house import PASSWORD
from tests.web.site import ON_SQLITE, Site
from web.kit.throttle import FAILURES, WINDOW

pytestmark = ON_SQLITE

WRONG = {"email": "nobody@example.org", "password": "wrong words here"}
DOORS = ["/api/v1/session", "/api/v1/console/session"]


async def test_too_many_failures_close_every_door_until_they_are_forgotten(site: Site) -> None:
    visitor = await site.visitor()
    for number in range(FAILURES):
        assert (await visitor.client.post(DOORS[number % 2], json=WRONG)).status_code == 401
    for door in DOORS:
        answer = await visitor.client.post(door, json=WRONG)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "300")
        assert answer.json()["type"] == "urn:vivier:problem:too-many-attempts"
    assert (await visitor.post("/candidate/login", WRONG)).status_code == 429
    site.pass_time(seconds=WINDOW.total_seconds())
    assert (await visitor.client.post(DOORS[0], json=WRONG)).status_code == 401


async def test_logins_that_succeed_are_not_counted(site: Site) -> None:
    await site.house.candidate(email="chloe@example.org")
    visitor = await site.visitor()
    right = {"email": "chloe@example.org", "password": PASSWORD}
    for _ in range(FAILURES + 1):
        assert (await visitor.client.post(DOORS[0], json=right)).status_code == 201
