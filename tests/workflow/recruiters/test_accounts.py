"""What ends with a password, and numbers that nobody and nothing has."""

import pytest

from tests.admin.accounts import link
from tests.support.house import PASSWORD, House
from workflow.database.connection import write_transaction
from workflow.errors import AuthenticationRequired, CurrentPasswordWrong, LinkExpired, NotFound
from workflow.logins import UNKNOWN
from workflow.recruiters.holding import hold_proven_recruiter, hold_recruiter
from workflow.recruiters.links import INVITATION, send_link
from workflow.recruiters.members import member
from workflow.recruiters.passwords import change_password, owner_of_link, proven_by_password
from workflow.recruiters.sessions import end_own_session
from workflow.recruiters.team import close_account

KEY = "a secret key for the tests"


async def test_with_a_password_every_link_ends(database: str, house: House) -> None:
    rose = await house.recruiter()
    async with write_transaction():
        row = await hold_recruiter(rose.id)
        await send_link(row, INVITATION, secret_key=KEY, now=house.now, inviter="")
    token = (await link("recruiter_invitation", KEY)).rpartition("/")[2]
    assert (await owner_of_link(token, INVITATION, now=house.now)).first_name == "Rose"
    data = {"current_password": PASSWORD, "password": "nine loud herons sing"}
    await change_password(rose.id, data, arrival=UNKNOWN, now=house.now)
    with pytest.raises(LinkExpired):
        await owner_of_link(token, INVITATION, now=house.now)


async def test_who_was_let_in_by_another_password_is_not_held(database: str, house: House) -> None:
    rose = await house.recruiter()
    known = await proven_by_password(rose.id, {"current_password": PASSWORD})
    async with write_transaction():
        assert (await hold_proven_recruiter(rose.id, known))["id"] == rose.id
        with pytest.raises(AuthenticationRequired):
            await hold_proven_recruiter(rose.id, "")
    with pytest.raises(CurrentPasswordWrong):
        await proven_by_password(rose.id + 1, {"current_password": PASSWORD})


@pytest.mark.parametrize("number", [-(2**63) - 1, -1, 0, 2**31, 2**63])
async def test_there_is_nothing_at_odd_numbers(database: str, house: House, number: int) -> None:
    ada = await house.recruiter(name="Ada", is_administrator=True)
    assert await member(number) is None
    with pytest.raises(NotFound):
        await close_account(ada, number, now=house.now)
    with pytest.raises(NotFound):
        await end_own_session(ada.id, number)
