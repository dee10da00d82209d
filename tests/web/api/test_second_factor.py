"""Programs of recruiters who have a second factor: a code with the password, once."""

from datetime import timedelta

from tests.admin.accounts import code_at, enrolled
from tests.support.house import PASSWORD
from tests.web.api.program import problem, program
from tests.web.site import ON_SQLITE, Site
from workflow.limits import CODE_OF_ACCOUNT
from workflow.recruiters.sessions import sessions_of
from workflow.recruiters.tables import Recruiter

DOOR = "/console/session"
LOGIN = {"email": "rose@example.org", "password": PASSWORD}


async def test_a_code_is_asked_for_and_opens_once(site: Site) -> None:
    rose = await site.house.recruiter(await site.house.unit(), name="Rose")
    secret, codes = await enrolled(rose.id, secret_key=site.settings.secret_key, now=site.now)
    site.pass_time(minutes=1)
    someone = await program(site)
    code = code_at(secret, site.now)
    assert problem(await someone.post(DOOR, LOGIN)) == (401, "code-required")
    assert problem(await someone.post(DOOR, LOGIN | {"code": None})) == (401, "code-required")
    assert problem(await someone.post(DOOR, LOGIN | {"code": "000000"})) == (401, "wrong-code")
    wrong = LOGIN | {"password": "x", "code": code}
    assert problem(await someone.post(DOOR, wrong)) == (401, "wrong-credentials")
    assert (await someone.post(DOOR, LOGIN | {"code": code})).status_code == 201
    assert problem(await someone.post(DOOR, LOGIN | {"code": code})) == (401, "wrong-code")
    assert (await someone.post(DOOR, LOGIN | {"code": codes[3]})).status_code == 201
    assert len(await sessions_of(rose.id, "")) == 2


@ON_SQLITE
async def test_wrong_codes_are_counted_with_those_of_the_pages_and_heal(site: Site) -> None:
    rose = await site.house.recruiter(await site.house.unit(), name="Rose")
    secret, _ = await enrolled(rose.id, secret_key=site.settings.secret_key, now=site.now)
    site.pass_time(minutes=1)
    someone = await program(site)
    for _ in range(CODE_OF_ACCOUNT.most):
        assert problem(await someone.post(DOOR, LOGIN | {"code": "000000"})) == (401, "wrong-code")
    right = LOGIN | {"code": code_at(secret, site.now)}
    refused = await someone.post(DOOR, right)
    assert (problem(refused), refused.headers["retry-after"]) == ((429, "too-many-attempts"), "900")
    site.pass_time(seconds=CODE_OF_ACCOUNT.window / timedelta(seconds=1))
    right = LOGIN | {"code": code_at(secret, site.now)}
    assert (await someone.post(DOOR, right)).status_code == 201


@ON_SQLITE
async def test_who_is_to_set_one_up_is_sent_to_the_pages(site: Site) -> None:
    rose = await site.house.recruiter(await site.house.unit(), name="Rose")
    await Recruiter.update({Recruiter.needs_second_factor: True}).where(Recruiter.id == rose.id)
    someone = await program(site)
    assert problem(await someone.post(DOOR, LOGIN)) == (403, "enrolment-required")
    assert await sessions_of(rose.id, "") == ()
