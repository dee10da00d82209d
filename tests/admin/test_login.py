"""Coming in: a password, a second factor where there is one, and nothing before all of it is there."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from litestar import Litestar

from tests.admin.accounts import audit, code_at, enrolled, link, mails
from tests.admin.conftest import Clock, Laboratories, Visiting, Visitor
from tests.support.house import PASSWORD
from tests.web.site import ON_SQLITE
from workflow.limits import CODE_OF_ACCOUNT
from workflow.recruiters.second_factor import second_factor_of, waiting_authenticator
from workflow.recruiters.tables import SESSION_COOKIE, Recruiter, RecruiterSession

pytestmark = pytest.mark.filterwarnings("ignore:.*SQLite doesn't support ILIKE", "ignore:If running sessions")

ROSE = {"email": "rose@example.org", "password": PASSWORD}
NEW = "nine patient otters"
STEP = timedelta(seconds=30)


@pytest.fixture
def key(app: Litestar) -> str:
    return str(app.state.portal.settings.secret_key)


@pytest.fixture
async def stranger(visiting: Visiting) -> AsyncIterator[Visitor]:
    async with visiting() as visitor:
        yield visitor


def token(visitor: Visitor) -> str:
    return visitor.client.cookies[SESSION_COOKIE]


async def opened(visitor: Visitor) -> list[int]:
    """What the console, Piccolo Admin's page, its REST and our REST answer."""
    bearer = {"Authorization": f"Bearer {token(visitor)}"}
    return [
        (await visitor.get("/console/")).status_code,
        (await visitor.get("/admin/")).status_code,
        (await visitor.get("/admin/api/tables/")).status_code,
        (await visitor.client.get("/console/account", headers=bearer)).status_code,
    ]


async def test_the_password_alone_opens_nothing_where_there_is_a_second_factor(
    laboratories: Laboratories, stranger: Visitor, clock: Clock, key: str
) -> None:
    rose = laboratories.staff["rose"]
    secret, _ = await enrolled(rose.id, secret_key=key, now=clock.now)
    clock.now += 2 * STEP
    answer = await stranger.submit("/console/login", **ROSE, next="/console/offers")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/console/login/code?next=%2Fconsole%2Foffers",
    )
    assert "vivier_known" not in stranger.client.cookies
    assert await opened(stranger) == [303, 303, 401, 303]
    assert await RecruiterSession.get_user_id(token(stranger)) is None
    assert (await Recruiter.select(Recruiter.last_login).where(Recruiter.id == rose.id).first()) == {
        "last_login": None
    }
    begun = token(stranger)
    assert (await stranger.get("/console/login")).headers["location"] == "/console/login/code"
    answer = await stranger.submit(
        "/console/login/code", code=code_at(secret, clock.now), next="/console/offers"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/offers")
    assert token(stranger) != begun
    assert "vivier_known" in stranger.client.cookies
    assert await opened(stranger) == [200, 200, 200, 200]
    assert await RecruiterSession.running(begun) is None


@ON_SQLITE
async def test_a_code_opens_the_door_once_and_little_early_or_late(
    laboratories: Laboratories, stranger: Visitor, clock: Clock, key: str
) -> None:
    secret, _ = await enrolled(laboratories.staff["rose"].id, secret_key=key, now=clock.now)
    start = clock.now + 10 * STEP
    outcomes = []
    for shown_at in (-2, -1, -1, 0, 1, 0, 2):  # each after the ones before it
        clock.now = start
        await stranger.submit("/console/logout")
        await stranger.submit("/console/login", **ROSE)
        answer = await stranger.submit("/console/login/code", code=code_at(secret, start + shown_at * STEP))
        outcomes.append(answer.status_code)
    assert outcomes == [401, 303, 401, 303, 303, 401, 401]


async def test_wrong_codes_are_counted_and_heal(
    laboratories: Laboratories, stranger: Visitor, clock: Clock, key: str
) -> None:
    secret, _ = await enrolled(laboratories.staff["rose"].id, secret_key=key, now=clock.now)
    clock.now += 2 * STEP
    await stranger.submit("/console/login", **ROSE)
    codes = ["", "12345", "abcde-fghjk", "000000", "１２３４５６", "999999", "1" * 40]
    answers = [(await stranger.submit("/console/login/code", code=code)).status_code for code in codes]
    assert answers == [401, 401, 401, 401, 401, 401, 429]
    right = await stranger.submit("/console/login/code", code=code_at(secret, clock.now))
    assert (right.status_code, right.headers["retry-after"]) == (429, "900")
    clock.now += CODE_OF_ACCOUNT.window
    right = await stranger.submit("/console/login/code", code=code_at(secret, clock.now))
    assert right.status_code == 303


async def test_a_recovery_code_opens_the_door_once(
    laboratories: Laboratories, stranger: Visitor, clock: Clock, key: str
) -> None:
    rose, ivan = laboratories.staff["rose"], laboratories.staff["ivan"]
    _, codes = await enrolled(rose.id, secret_key=key, now=clock.now)
    _, of_ivan = await enrolled(ivan.id, secret_key=key, now=clock.now)
    outcomes = []
    for code in (f" {codes[0].upper()} ", codes[0], of_ivan[1], codes[9].replace("-", "")):
        await stranger.submit("/console/logout")
        await stranger.submit("/console/login", **ROSE)
        outcomes.append((await stranger.submit("/console/login/code", code=code)).status_code)
    assert outcomes == [303, 401, 401, 303]
    assert (await second_factor_of(rose.id)).codes_left == 8


async def test_who_needs_a_second_factor_sets_it_up_before_anything_else(
    laboratories: Laboratories, stranger: Visitor, clock: Clock, key: str
) -> None:
    rose = laboratories.staff["rose"]
    await Recruiter.update({Recruiter.needs_second_factor: True}).where(Recruiter.id == rose.id)
    answer = await stranger.submit("/console/login", **ROSE)
    assert answer.headers["location"] == "/console/login/second-factor?next=%2Fconsole%2F"
    assert await opened(stranger) == [303, 303, 401, 303]
    assert (await stranger.submit("/console/login/code", code="123456")).headers[
        "location"
    ] == "/console/login"
    assert (await stranger.get("/console/login/second-factor")).text.count('<svg class="qr-code"') == 0
    await stranger.submit("/console/login/second-factor/begin")
    waiting = await waiting_authenticator(rose.id, secret_key=key, now=clock.now)
    assert waiting
    page = (await stranger.get("/console/login/second-factor")).text
    assert (
        "".join(page.partition('class="secret">')[2].partition("</code>")[0].split())
        .replace("<span>", "")
        .replace("</span>", "")
        == waiting.secret
    )
    assert "style=" not in page.partition('class="qr"')[2].partition("</svg>")[0]
    assert (await stranger.submit("/console/login/second-factor", code="000000")).status_code == 401
    begun = token(stranger)
    answer = await stranger.submit("/console/login/second-factor", code=code_at(waiting.secret, clock.now))
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/account/recovery-codes")
    assert await opened(stranger) == [200, 200, 200, 200]
    assert await RecruiterSession.running(begun) is None
    shown = await stranger.get("/console/account/recovery-codes")
    assert shown.text.count("<li><code>") == 10
    again = await stranger.get("/console/account/recovery-codes")
    assert again.headers["location"] == "/console/account/second-factor"
    assert await mails() == [("recruiter_second_factor", "rose@example.org")]
    assert await audit() == [(f"recruiter:{rose.id}", "recruiter.second_factor_on", str(rose.id), {}, {})]


async def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(
    laboratories: Laboratories, visiting: Visiting, stranger: Visitor, clock: Clock, key: str
) -> None:
    async with visiting("rose") as rose:
        known, unknown = [
            await stranger.submit("/console/forgotten-password", email=email)
            for email in ("Rose@Example.org", "nobody@example.org")
        ]
        assert (known.status_code, known.headers["location"]) == (
            unknown.status_code,
            unknown.headers["location"],
        )
        assert await mails() == [("recruiter_password", "rose@example.org")]
        path = await link("recruiter_password", key)
        for _ in range(2):
            assert (await stranger.get(path)).status_code == 200  # opening it does nothing
        weak = await stranger.submit(path, password="rose@example.org", password_again="rose@example.org")
        assert weak.status_code == 422
        assert (await rose.get("/console/")).status_code == 200
        answer = await stranger.submit(path, password=NEW, password_again=NEW)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
        assert [(await who.get("/console/")).status_code for who in (stranger, rose)] == [200, 303]
    assert (await stranger.get(path)).status_code == 409
    assert (await stranger.submit(path, password=NEW, password_again=NEW)).status_code == 409
    await stranger.submit("/console/logout")
    assert (await stranger.submit("/console/login", **ROSE)).status_code == 401
    assert (await stranger.submit("/console/login", **ROSE | {"password": NEW})).status_code == 303
    assert (await mails())[1:] == [("recruiter_password_changed", "rose@example.org")]


async def test_a_link_to_a_password_ends_after_an_hour_and_by_the_next_one(
    laboratories: Laboratories, stranger: Visitor, clock: Clock, key: str
) -> None:
    await stranger.submit("/console/forgotten-password", email="rose@example.org")
    first = await link("recruiter_password", key)
    await stranger.submit("/console/forgotten-password", email="rose@example.org")
    second = await link("recruiter_password", key)
    assert [(await stranger.get(path)).status_code for path in (first, second)] == [409, 200]
    clock.now += timedelta(hours=1)
    assert (await stranger.get(second)).status_code == 409
    answer = await stranger.submit(second, password=NEW, password_again=NEW)
    assert answer.status_code == 409
    assert (await stranger.submit(second.replace("password", "invitation"))).status_code == 409


@ON_SQLITE
async def test_a_new_password_does_not_pass_the_second_factor(
    laboratories: Laboratories, stranger: Visitor, clock: Clock, key: str
) -> None:
    await enrolled(laboratories.staff["rose"].id, secret_key=key, now=clock.now)
    await stranger.submit("/console/forgotten-password", email="rose@example.org")
    answer = await stranger.submit(await link("recruiter_password", key), password=NEW, password_again=NEW)
    assert answer.headers["location"] == "/console/login/code?next=%2Fconsole%2F"
    assert await opened(stranger) == [303, 303, 401, 303]


@ON_SQLITE
async def test_asking_for_passwords_is_limited_and_heals(
    laboratories: Laboratories, stranger: Visitor, clock: Clock
) -> None:
    for email in ("rose@example.org", "nobody@example.org"):
        asked = [
            (await stranger.submit("/console/forgotten-password", email=email)).status_code for _ in range(6)
        ]
        assert asked == [303] * 5 + [429]
    clock.now += timedelta(hours=1)
    answer = await stranger.submit("/console/forgotten-password", email="rose@example.org")
    assert answer.status_code == 303


@ON_SQLITE
async def test_closed_accounts_get_no_link(laboratories: Laboratories, stranger: Visitor) -> None:
    await Recruiter.update({Recruiter.active: False}).where(Recruiter.username == "rose@example.org")
    answer = await stranger.submit("/console/forgotten-password", email="rose@example.org")
    assert (answer.status_code, await mails()) == (303, [])
