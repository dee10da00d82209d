"""People (C1): inviting, joining, changing, closing and opening again, and a second factor that was lost."""

import asyncio
import re
from datetime import timedelta

import pytest
from litestar import Litestar

from tests.admin.accounts import audit, enrolled, link, mails
from tests.admin.conftest import Clock, Laboratories, Visiting, Visitor
from tests.support.house import PASSWORD
from tests.web.site import ON_SQLITE
from workflow.errors import NotFound, OwnAccount
from workflow.recruiters.members import member, members
from workflow.recruiters.queries import StaffMember, staff_member
from workflow.recruiters.second_factor import second_factor_of
from workflow.recruiters.tables import SESSION_COOKIE, Recruiter
from workflow.recruiters.team import change_member, close_account

pytestmark = pytest.mark.filterwarnings("ignore:.*SQLite doesn't support ILIKE", "ignore:If running sessions")

NEW = "nine patient otters"


@pytest.fixture
def key(app: Litestar) -> str:
    return str(app.state.portal.settings.secret_key)


def paul(unit: int, **changed: str) -> dict[str, str]:
    """The form of an invitation."""
    return {
        "email": "Paul@Example.org",
        "first_name": "Paul",
        "last_name": "Petit",
        "role": "recruiter",
        "units": str(unit),
        "language": "en",
    } | changed


async def invited(ada: Visitor, **form: str) -> int:
    answer = await ada.submit("/console/team/new", **form)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].rpartition("/")[2])


async def test_somebody_is_invited_joins_and_works(
    laboratories: Laboratories, visiting: Visiting, key: str
) -> None:
    ada_id = laboratories.staff["ada"].id
    async with visiting("ada") as ada, visiting() as paul_:
        number = await invited(ada, **paul(laboratories.units[0]))
        assert await mails() == [("recruiter_invitation", "paul@example.org")]
        found = await member(number)
        assert found
        assert (found.state, found.name, [unit.code for unit in found.units], found.last_login) == (
            "invited",
            "Paul Petit",
            ["LAB1"],
            None,
        )
        login = await paul_.submit("/console/login", email="paul@example.org", password="")
        assert login.status_code == 401
        path = await link("recruiter_invitation", key)
        assert [(await paul_.get(path)).status_code for _ in range(2)] == [200, 200]
        for weak in ("short", "paul petit paul petit", "aaaaaaaaaaaa", "password1234"):
            refused = await paul_.submit(path, password=weak, password_again=weak)
            assert (weak, refused.status_code) == (weak, 422)
        answer = await paul_.submit(path, password=NEW, password_again=NEW)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console/")
        assert (await paul_.get("/console/")).status_code == 200
        assert (await paul_.get("/admin/api/tables/offer/")).text.count("REF-") == 1
        assert (await paul_.get(path)).status_code == 409
    joined = await member(number)
    assert joined
    assert (joined.state, joined.last_login is not None) == ("active", True)
    person = {
        "email": "paul@example.org",
        "first_name": "Paul",
        "last_name": "Petit",
        "language": "en",
        "superuser": False,
        "needs_second_factor": False,
        "units": ["LAB1"],
    }
    assert await audit() == [
        (f"recruiter:{ada_id}", "recruiter.invited", str(number), {}, person),
        (f"recruiter:{number}", "recruiter.joined", str(number), {}, {}),
    ]
    assert await mails() == [("recruiter_invitation", "paul@example.org")]


@ON_SQLITE
async def test_an_invitation_is_checked(laboratories: Laboratories, visiting: Visiting) -> None:
    unit = laboratories.units[0]
    async with visiting("ada") as ada:
        refused = [
            (await ada.submit("/console/team/new", **paul(unit, **wrong))).status_code
            for wrong in (
                {"email": "paul"},
                {"email": "ROSE@example.org"},
                {"email": f"{'p' * 60}@{'e' * 40}.example.org"},
                {"first_name": ""},
                {"last_name": "www.example.org/win"},
                {"role": "owner"},
                {"units": ""},
                {"units": "999"},
                {"units": "x"},
                {"language": "xx"},
            )
        ]
        assert refused == [422] * 10
        assert len(await members()) == 4
        assert await mails() == []
        administrator = paul(unit, role="administrator", units="")
        del administrator["units"]
        await invited(ada, **administrator)


async def test_an_invitation_ends_after_a_week_and_comes_again(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, key: str
) -> None:
    async with visiting("ada") as ada, visiting() as stranger:
        number = await invited(ada, **paul(laboratories.units[0]))
        first = await link("recruiter_invitation", key)
        clock.now += timedelta(days=7)
        assert (await stranger.get(first)).status_code == 409
        assert "The link has expired" in (await ada.get("/console/team")).text
        await ada.submit(f"/console/team/{number}/invitation")
        second = await link("recruiter_invitation", key)
        assert (await stranger.get(second)).status_code == 200
        await stranger.submit("/console/forgotten-password", email="paul@example.org")
        third = await link("recruiter_invitation", key)
        assert [(await stranger.get(path)).status_code for path in (second, third)] == [409, 200]
        assert (await stranger.submit(third, password=NEW, password_again=NEW)).status_code == 303
        again = await ada.submit(f"/console/team/{number}/invitation")
        assert again.status_code == 409
    assert await mails() == [("recruiter_invitation", "paul@example.org")] * 3


async def test_changes_count_at_once_and_are_told_in_the_audit(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    rose, ada_id = laboratories.staff["rose"], laboratories.staff["ada"].id
    path = f"/console/team/{rose.id}"
    form = {"first_name": "Rosa", "last_name": "Recruiter", "language": "fr", "role": "recruiter"}
    async with visiting("ada") as ada, visiting("rose") as visitor:
        answer = await ada.submit(path, **form, units=str(laboratories.units[1]))
        assert answer.status_code == 303
        assert (await visitor.get("/admin/api/tables/offer/")).text.count("REF-2") == 1
        assert (await ada.submit(path, **form | {"role": "administrator"})).status_code == 303
        assert (await visitor.get("/console/team")).status_code == 200
    actor = f"recruiter:{ada_id}"
    assert await audit() == [
        (
            actor,
            "recruiter.changed",
            str(rose.id),
            {"first_name": "Rose", "units": ["LAB1"]},
            {"first_name": "Rosa", "units": ["LAB2"]},
        ),
        (
            actor,
            "recruiter.changed",
            str(rose.id),
            {"superuser": False, "units": ["LAB2"]},
            {"superuser": True, "units": []},
        ),
    ]


async def test_requiring_a_second_factor_reaches_who_is_logged_in(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    rose = laboratories.staff["rose"]
    path = f"/console/team/{rose.id}"
    form = {"first_name": "Rose", "last_name": "Recruiter", "language": "fr", "role": "recruiter"}
    form["units"] = str(laboratories.units[0])
    async with visiting("ada") as ada, visiting("rose") as visitor:
        await ada.submit(path, **form, needs_second_factor="yes")
        assert (await visitor.get("/console/")).headers["location"] == "/console/login?next=/console"
        login = await visitor.get("/console/login?next=/console/offers")
        assert login.headers["location"] == "/console/login/second-factor?next=%2Fconsole%2Foffers"
        await ada.submit(path, **form)
        await visitor.submit("/console/login", email="rose@example.org", password=PASSWORD)
        assert (await visitor.get("/console/")).status_code == 200


async def test_a_closed_account_is_closed_everywhere_and_opens_again(
    laboratories: Laboratories, visiting: Visiting, key: str
) -> None:
    rose, ada_id = laboratories.staff["rose"], laboratories.staff["ada"].id
    path = f"/console/team/{rose.id}"
    right = {"email": "rose@example.org", "password": PASSWORD}
    async with visiting("ada") as ada, visiting("rose") as visitor, visiting() as stranger:
        await stranger.submit("/console/forgotten-password", email="rose@example.org")
        mailed = await link("recruiter_password", key)
        assert (await ada.get(f"{path}/close")).status_code == 200
        assert (await visitor.get("/console/")).status_code == 200  # asking did nothing
        assert (await ada.submit(f"{path}/close")).status_code == 303
        token = visitor.client.cookies[SESSION_COOKIE]
        bearer = {"Authorization": f"Bearer {token}"}
        assert [
            (await visitor.get("/console/")).status_code,
            (await visitor.client.get("/admin/api/tables/", headers=bearer)).status_code,
            (await stranger.submit("/console/login", **right)).status_code,
            (await stranger.get(mailed)).status_code,
        ] == [303, 401, 401, 409]
        assert (await ada.submit(f"{path}/reopen")).status_code == 303
        assert (await visitor.get("/console/")).status_code == 303  # its session has ended
        assert (await stranger.submit("/console/login", **right)).status_code == 303
    assert (await audit()) == [
        (f"recruiter:{ada_id}", "recruiter.closed", str(rose.id), {"active": True}, {"active": False}),
        (f"recruiter:{ada_id}", "recruiter.reopened", str(rose.id), {"active": False}, {"active": True}),
    ]


@ON_SQLITE
async def test_nobody_closes_or_lowers_themselves(laboratories: Laboratories, visiting: Visiting) -> None:
    ada_id = laboratories.staff["ada"].id
    path = f"/console/team/{ada_id}"
    form = {"first_name": "Ada", "last_name": "Recruiter", "language": "fr", "role": "recruiter"}
    form["units"] = str(laboratories.units[0])
    async with visiting("ada") as ada:
        answers = [
            (await ada.submit(f"{path}/close")).status_code,
            (await ada.submit(f"{path}/second-factor")).status_code,
            (await ada.submit(path, **form)).status_code,
            (await ada.submit(path, **form | {"role": "administrator"})).status_code,
        ]
        assert answers == [409, 409, 409, 303]
        page = (await ada.get(path)).text
        others = (await ada.get(f"/console/team/{laboratories.staff['rose'].id}")).text
    offered = [
        (f"{leads}/close" in shown, 'name="role" value="recruiter"' in shown)
        for leads, shown in ((path, page), (f"/console/team/{laboratories.staff['rose'].id}", others))
    ]
    assert offered == [(False, False), (True, True)]


async def test_two_administrators_cannot_close_each_other_at_once(
    laboratories: Laboratories, now: object
) -> None:
    ada = laboratories.staff["ada"]
    await Recruiter.update({Recruiter.superuser: True}).where(Recruiter.username == "rose@example.org")
    rose = await staff_member(laboratories.staff["rose"].id)
    assert rose
    instant = laboratories.house.now

    async def close(who: StaffMember, whom: StaffMember) -> str:
        try:
            await close_account(who, whom.id, now=instant)
        except NotFound:
            return "not found"
        return "closed"

    outcomes = await asyncio.gather(close(ada, rose), close(rose, ada))
    assert sorted(outcomes) == ["closed", "not found"]
    left = await Recruiter.count().where(Recruiter.active.eq(True) & Recruiter.superuser.eq(True))
    assert left == 1


async def test_commands_refuse_recruiters_and_ones_own_account(laboratories: Laboratories) -> None:
    rose, ada = laboratories.staff["rose"], laboratories.staff["ada"]
    form = {"first_name": "A", "last_name": "B", "language": "fr", "role": "administrator", "units": ()}
    instant = laboratories.house.now
    with pytest.raises(NotFound):
        await change_member(rose, rose.id, form, now=instant)
    with pytest.raises(NotFound):
        await close_account(rose, ada.id, now=instant)
    with pytest.raises(NotFound):
        await close_account(ada, 2**40, now=instant)
    with pytest.raises(OwnAccount):
        await close_account(ada, ada.id, now=instant)
    assert await audit() == []


async def test_a_lost_second_factor_is_removed(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, key: str
) -> None:
    rose, ada_id = laboratories.staff["rose"], laboratories.staff["ada"].id
    await enrolled(rose.id, secret_key=key, now=clock.now)
    path = f"/console/team/{rose.id}/second-factor"
    async with visiting("ada") as ada, visiting("rose") as visitor:
        assert (await ada.get(path)).status_code == 200
        assert (await second_factor_of(rose.id)).since == clock.now  # asking did nothing
        assert (await ada.submit(path)).status_code == 303
        assert (await visitor.get("/console/")).status_code == 303
        left = await second_factor_of(rose.id)
        assert (left.since, left.codes_left) == (None, 0)
        login = await visitor.submit("/console/login", email="rose@example.org", password=PASSWORD)
        assert login.headers["location"] == "/console/"
    assert await mails() == [("recruiter_second_factor", "rose@example.org")]
    assert await audit() == [(f"recruiter:{ada_id}", "recruiter.second_factor_reset", str(rose.id), {}, {})]


@ON_SQLITE
async def test_people_are_for_administrators_alone(laboratories: Laboratories, visiting: Visiting) -> None:
    ada_id = laboratories.staff["ada"].id
    paths = ["/console/team", "/console/team/new"] + [
        f"/console/team/{ada_id}{rest}" for rest in ("", "/close", "/second-factor")
    ]
    posts = [*paths[1:], f"/console/team/{ada_id}/reopen", f"/console/team/{ada_id}/invitation"]
    async with visiting("rose") as rose:
        assert [(await rose.get(path)).status_code for path in paths] == [404] * 5
        assert [(await rose.submit(path)).status_code for path in posts] == [404] * 6


@ON_SQLITE
async def test_people_are_found_by_name_address_unit_and_state(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    await Recruiter.update({Recruiter.active: False}).where(Recruiter.username == "nina@example.org")

    async def found(query: str) -> list[str]:
        page = (await ada.get(f"/console/team?{query}")).text
        return re.findall(r">(\w+) Recruiter</a>", page.partition("<tbody>")[2])

    async with visiting("ada") as ada:
        assert await found("") == ["Ada", "Ivan", "Nina", "Rose"]
        assert await found("q=ROSE") == ["Rose"]
        assert await found("q=ivan@example") == ["Ivan"]
        assert await found("q=lab2+recruiter") == ["Ivan"]
        assert await found("status=closed") == ["Nina"]
        assert await found("status=active&q=lab1") == ["Rose"]
        assert await found("status=invited") == []
        assert (await ada.get("/console/team?page=2")).status_code == 404


async def test_there_is_nobody_at_odd_numbers(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("ada") as ada:
        for number in (-(2**70), -1, 0, 2**31, 2**70):
            path = f"/console/team/{number}"
            answers = [
                (await ada.get(path)).status_code,
                (await ada.submit(f"{path}/close")).status_code,
                (await ada.submit(f"/console/account/sessions/{number}/end")).status_code,
            ]
            assert answers == [404] * 3
