"""One's own account: name and mails, password, devices, second factor."""

from datetime import timedelta

import pytest
from litestar import Litestar

from tests.admin.accounts import audit, code_at, enrolled, mails
from tests.admin.conftest import Clock, Laboratories, Visiting
from tests.support.house import PASSWORD
from tests.web.site import ON_SQLITE
from workflow.limits import PASSWORD_OF_ACCOUNT
from workflow.recruiters.second_factor import second_factor_of, waiting_authenticator
from workflow.recruiters.sessions import sessions_of
from workflow.recruiters.tables import SESSION_COOKIE, Recruiter

pytestmark = pytest.mark.filterwarnings("ignore:.*SQLite doesn't support ILIKE", "ignore:If running sessions")

NEW = "nine patient otters"
STEP = timedelta(seconds=30)


@pytest.fixture
def key(app: Litestar) -> str:
    return str(app.state.portal.settings.secret_key)


@ON_SQLITE
async def test_name_and_mails_are_changed(laboratories: Laboratories, visiting: Visiting) -> None:
    rose = laboratories.staff["rose"]
    path = "/console/account/details"
    async with visiting("rose") as visitor:
        wrong = await visitor.submit(path, first_name="", last_name="R", language="xx")
        assert wrong.status_code == 422
        right = await visitor.submit(path, first_name="Rosa", last_name="Recruiter", language="en")
        assert right.headers["location"] == "/console/account"
        assert "Rosa Recruiter" in (await visitor.get("/console/account")).text
    assert await audit() == [
        (
            f"recruiter:{rose.id}",
            "recruiter.details_changed",
            str(rose.id),
            {"first_name": "Rose", "language": "fr", "wants_weekly": True},
            {"first_name": "Rosa", "language": "en", "wants_weekly": False},
        )
    ]


async def test_another_password_needs_the_present_one_and_ends_other_sessions(
    laboratories: Laboratories, visiting: Visiting, clock: Clock
) -> None:
    path = "/console/account/password"
    form = {"current_password": PASSWORD, "password": NEW, "password_again": NEW}
    async with visiting() as rose, visiting("rose") as elsewhere:
        await rose.submit("/console/login", email="rose@example.org", password=PASSWORD)
        before = rose.client.cookies[SESSION_COOKIE]
        for wrong in (
            {"current_password": ""},
            {"current_password": "wrong"},
            {"password_again": "other"},
            {"password": "rose", "password_again": "rose"},
            {"password": PASSWORD, "password_again": PASSWORD},
        ):
            assert (wrong, (await rose.submit(path, **form | wrong)).status_code) == (wrong, 422)
        assert await mails() == []
        assert (await rose.submit(path, **form)).status_code == 303
        assert rose.client.cookies[SESSION_COOKIE] != before
        assert [(await who.get("/console/")).status_code for who in (rose, elsewhere)] == [200, 303]
        assert await mails() == [("recruiter_password_changed", "rose@example.org")]
        answers = [
            (await rose.submit(path, **form | {"current_password": "wrong"})).status_code
            for _ in range(PASSWORD_OF_ACCOUNT.most)
        ]
        assert answers == [422] * (PASSWORD_OF_ACCOUNT.most - 1) + [429]


async def test_devices_are_listed_and_logged_out(laboratories: Laboratories, visiting: Visiting) -> None:
    rose, ivan = laboratories.staff["rose"], laboratories.staff["ivan"]
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0"}
    async with visiting() as here, visiting("rose") as there, visiting("rose"), visiting("ivan") as other:
        here.client.headers.update(agent)
        await here.submit("/console/login", email="rose@example.org", password=PASSWORD)
        token = here.client.cookies[SESSION_COOKIE]
        sessions = await sessions_of(rose.id, token)
        assert [(each.device, each.is_current) for each in sessions] == [
            ("Firefox, Windows", True),
            ("", False),
            ("", False),
        ]
        assert "Firefox on Windows" in (await here.get("/console/account")).text
        (of_ivan,) = await sessions_of(ivan.id, "")
        assert (await here.submit(f"/console/account/sessions/{of_ivan.id}/end")).status_code == 404
        assert (await here.submit(f"/console/account/sessions/{2**40}/end")).status_code == 404
        (of_there,) = [
            each.id
            for each in await sessions_of(rose.id, there.client.cookies[SESSION_COOKIE])
            if each.is_current
        ]
        assert (await here.submit(f"/console/account/sessions/{of_there}/end")).status_code == 303
        assert (await there.get("/console/")).status_code == 303
        assert len(await sessions_of(rose.id, token)) == 2
        assert (await here.submit("/console/account/sessions/end")).status_code == 303
        assert [each.is_current for each in await sessions_of(rose.id, token)] == [True]
        assert (await other.get("/console/")).status_code == 200


async def test_a_second_factor_is_set_up_moved_and_turned_off(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, key: str
) -> None:
    rose = laboratories.staff["rose"]
    path = "/console/account/second-factor"
    async with visiting("rose") as visitor, visiting("rose") as elsewhere:

        async def secret() -> str:
            waiting = await waiting_authenticator(rose.id, secret_key=key, now=clock.now)
            assert waiting
            return waiting.secret

        assert (await visitor.get(f"{path}/off")).status_code == 404
        assert (await visitor.submit(f"{path}/set-up", current_password="wrong")).status_code == 422
        assert (await visitor.submit(f"{path}/set-up", current_password=PASSWORD)).status_code == 303
        first = await secret()
        assert (await visitor.get(path)).text.count("<svg") >= 1
        assert (await second_factor_of(rose.id)).since is None  # until its first code
        assert (await visitor.submit(path, code="000000")).status_code == 422
        confirmed = await visitor.submit(path, code=code_at(first, clock.now))
        assert confirmed.headers["location"] == "/console/account/recovery-codes"
        assert [(await who.get("/console/")).status_code for who in (visitor, elsewhere)] == [200, 303]

        clock.now += STEP
        proof = {"current_password": PASSWORD, "code": ""}
        assert (await visitor.submit(f"{path}/set-up", **proof)).status_code == 422
        proof["code"] = code_at(first, clock.now)
        assert (await visitor.submit(f"{path}/set-up", **proof)).status_code == 303
        second = await secret()
        assert first != second
        since = (await second_factor_of(rose.id)).since
        clock.now += STEP
        assert (await visitor.submit(f"{path}/recovery-codes", **proof)).status_code == 422  # was used
        proof["code"] = code_at(first, clock.now)  # the old one counts still
        assert (await visitor.submit(f"{path}/recovery-codes", **proof)).status_code == 303
        assert (await visitor.submit(path, code=code_at(second, clock.now))).status_code == 303
        assert (await second_factor_of(rose.id)).since != since
        clock.now += STEP
        proof["code"] = code_at(first, clock.now)
        assert (await visitor.submit(f"{path}/off", **proof)).status_code == 422
        proof["code"] = code_at(second, clock.now)
        assert (await visitor.submit(f"{path}/off", **proof)).status_code == 303
        left = await second_factor_of(rose.id)
        assert (left.since, left.codes_left) == (None, 0)
    assert [entry[1] for entry in await audit()] == [
        "recruiter.second_factor_on",
        "recruiter.recovery_codes_renewed",
        "recruiter.second_factor_moved",
        "recruiter.second_factor_off",
    ]
    assert await mails() == [("recruiter_second_factor", "rose@example.org")] * 3


@ON_SQLITE
async def test_what_was_prepared_waits_for_an_hour(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, key: str
) -> None:
    rose = laboratories.staff["rose"]
    async with visiting("rose") as visitor:
        await visitor.submit("/console/account/second-factor/set-up", current_password=PASSWORD)
        waiting = await waiting_authenticator(rose.id, secret_key=key, now=clock.now)
        assert waiting
        clock.now += timedelta(hours=1)
        late = await visitor.submit("/console/account/second-factor", code=code_at(waiting.secret, clock.now))
        assert late.status_code == 422
        assert (await visitor.get("/console/account/second-factor")).text.count("qr-code") == 0


@ON_SQLITE
async def test_a_required_second_factor_is_not_turned_off(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, key: str
) -> None:
    rose = laboratories.staff["rose"]
    await Recruiter.update({Recruiter.needs_second_factor: True}).where(Recruiter.id == rose.id)
    secret, _ = await enrolled(rose.id, secret_key=key, now=clock.now)
    clock.now += STEP
    path = "/console/account/second-factor"
    async with visiting("rose") as visitor:
        assert f"{path}/off" not in (await visitor.get(path)).text
        assert (await visitor.get(f"{path}/off")).status_code == 404
        proof = {"current_password": PASSWORD, "code": code_at(secret, clock.now)}
        assert (await visitor.submit(f"{path}/off", **proof)).status_code == 403
        assert (await second_factor_of(rose.id)).since is not None
        assert (await visitor.submit(f"{path}/nothing", **proof)).status_code == 404


@ON_SQLITE
async def test_the_secret_lies_sealed(laboratories: Laboratories, clock: Clock, key: str) -> None:
    rose = laboratories.staff["rose"]
    secret, codes = await enrolled(rose.id, secret_key=key, now=clock.now)
    row = await Recruiter.select(Recruiter.totp_secret).where(Recruiter.id == rose.id).first()
    assert row
    assert secret.encode() not in bytes(row["totp_secret"])
    assert len(set(codes)) == 10
