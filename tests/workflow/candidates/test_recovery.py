"""Forgotten passwords: A5."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.support.house import PASSWORD, House
from tests.workflow.candidates.recovering import EMAIL, KEY, chloe, mails, secret_of
from workflow.candidates import recovery
from workflow.candidates.commands import log_in
from workflow.candidates.recovery import question_of, replace_temporary_password, send_new_password
from workflow.candidates.sessions import NewSession, OpenSession, open_session
from workflow.candidates.tables import Candidate, CandidateSession, TemporaryPassword
from workflow.errors import AuthenticationRequired, InvalidInput, WrongCredentials
from workflow.logins import Arrival
from workflow.passwords import hash_password
from workflow.reference.queries import secret_questions

OWN = {"password": "nine loud bitterns", "password_again": "nine loud bitterns"}


async def sent_to_chloe(now: datetime) -> str:
    await send_new_password(EMAIL, "  ÔDET ", secret_key=KEY, now=now)
    return await secret_of("new_password")


async def test_the_question_of_an_unknown_address_is_plausible_and_stays(database: str, house: House) -> None:
    await chloe(house)
    await house.registration("new@example.org", secret_question="Whose dog?")
    codes = {question.code for question in secret_questions()}
    unknown = [f"{number}@example.org" for number in range(50)] + ["new@example.org"]
    asked = [await question_of(email, secret_key=KEY) for email in unknown]
    assert await question_of(f" {EMAIL.upper()} ", secret_key=KEY) == "Which river?"
    assert set(asked) == codes
    assert [await question_of(email.upper(), secret_key=KEY) for email in unknown] == asked


async def test_the_right_answer_alone_is_mailed_a_password(
    database: str, house: House, now: datetime
) -> None:
    await chloe(house)
    await house.registration("new@example.org", secret_answer_hash=hash_password("odet"))
    for email, answer in [(EMAIL, "Loire"), ("nobody@example.org", "Odet"), ("new@example.org", "Odet")]:
        await send_new_password(email, answer, secret_key=KEY, now=now)
    assert (await mails(), await TemporaryPassword.count()) == ([], 0)
    await send_new_password(EMAIL, "Odet", secret_key=KEY, now=now)
    assert await mails() == [("new_password", EMAIL)]


async def test_an_address_that_moves_meanwhile_is_mailed_nothing(
    database: str, house: House, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chloe(house)

    async def moved_meanwhile(_secret: str) -> str:
        await Candidate.update({Candidate.email_key: "new@example.org"}, force=True)
        return "a hash"

    monkeypatch.setattr(recovery, "hashed", moved_meanwhile)
    await send_new_password(EMAIL, "Odet", secret_key=KEY, now=now)
    assert (await mails(), await TemporaryPassword.count()) == ([], 0)


async def test_the_new_password_opens_a_restricted_session_once(
    database: str, house: House, now: datetime
) -> None:
    candidate_id = await chloe(house)
    password = await sent_to_chloe(now)
    session = await log_in(EMAIL, password, now=now)
    assert (session.is_restricted, session.expires_at) == (True, now + timedelta(hours=1))
    assert await open_session(session.token, now=now) == OpenSession(candidate_id, is_restricted=True)
    assert await open_session(session.token, now=now + timedelta(hours=1)) is None
    with pytest.raises(WrongCredentials):
        await log_in(EMAIL, password, now=now)


@pytest.mark.parametrize("copied", ["  {} \n", "{}\u200b", "\u00a0{}\t"])
@pytest.mark.parametrize("wrote", [str.upper, str.title, lambda words: words.replace("-", " \u2013 ")])
async def test_the_new_password_bears_how_it_was_copied(
    database: str, house: House, now: datetime, copied: str, wrote: Callable[[str], str]
) -> None:
    await chloe(house)
    password = copied.format(wrote(await sent_to_chloe(now)))
    assert (await log_in(EMAIL, password, now=now)).is_restricted


async def test_an_own_password_is_taken_as_it_is(database: str, house: House, now: datetime) -> None:
    await chloe(house)
    await sent_to_chloe(now)
    for password in (PASSWORD.upper(), f" {PASSWORD}", PASSWORD.replace(" ", "")):
        with pytest.raises(WrongCredentials):
            await log_in(EMAIL, password, now=now)


async def test_the_new_password_ends_after_an_hour_and_when_another_is_sent(
    database: str, house: House, now: datetime
) -> None:
    await chloe(house)
    first = await sent_to_chloe(now)
    second = await sent_to_chloe(now)
    with pytest.raises(WrongCredentials):
        await log_in(EMAIL, first, now=now)
    with pytest.raises(WrongCredentials):
        await log_in(EMAIL, second, now=now + timedelta(hours=1))
    assert await log_in(EMAIL, second, now=now + timedelta(minutes=59))


async def test_two_uses_at_once_open_the_door_once(database: str, house: House, now: datetime) -> None:
    await chloe(house)
    password = await sent_to_chloe(now)
    ends = await asyncio.gather(*(log_in(EMAIL, password, now=now) for _ in range(5)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["NewSession"] + ["WrongCredentials"] * 4
    assert await CandidateSession.count() == 1


async def test_one_of_their_own_ends_the_old_one_and_all_sessions(
    database: str, house: House, now: datetime
) -> None:
    candidate_id = await chloe(house)
    thief = await log_in(EMAIL, PASSWORD, now=now)
    unused = await sent_to_chloe(now)
    restricted = await log_in(EMAIL, unused, now=now)
    assert await log_in(EMAIL, PASSWORD, now=now)
    another = await sent_to_chloe(now)
    arrival = Arrival("Firefox, Windows", restricted.token)
    session = await replace_temporary_password(candidate_id, OWN, arrival=arrival, now=now)
    assert await open_session(session.token, now=now) == OpenSession(candidate_id, is_restricted=False)
    assert [await open_session(each.token, now=now) for each in (thief, restricted)] == [None, None]
    for password in (PASSWORD, another):
        with pytest.raises(WrongCredentials):
            await log_in(EMAIL, password, now=now)
    assert not (await log_in(EMAIL, OWN["password"], now=now)).is_restricted
    assert (await mails())[-1] == ("password_changed", EMAIL)


async def test_the_password_that_one_had_does_not_replace_a_mailed_one(
    database: str, house: House, now: datetime
) -> None:
    candidate_id = await chloe(house)
    await send_new_password(EMAIL, "Odet", secret_key=KEY, now=now)
    arrival = Arrival(token=(await log_in(EMAIL, await secret_of("new_password"), now=now)).token)
    with pytest.raises(InvalidInput) as caught:
        await replace_temporary_password(candidate_id, {"password": PASSWORD}, arrival=arrival, now=now)
    told = [(error.field, error.message) for error in caught.value.errors]
    assert told == [("password", "This is the password that you had. Choose another one.")]
    assert await replace_temporary_password(candidate_id, OWN, arrival=arrival, now=now)


async def test_a_restricted_session_replaces_once(database: str, house: House, now: datetime) -> None:
    candidate_id = await chloe(house)
    restricted = await log_in(EMAIL, await sent_to_chloe(now), now=now)
    arrival = Arrival(token=restricted.token)
    ends = await asyncio.gather(
        *(replace_temporary_password(candidate_id, OWN, arrival=arrival, now=now) for _ in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(end, NewSession) for end in ends) == 1
    # whoever begins once it is done is told that it is the present password already
    assert sum(isinstance(end, (AuthenticationRequired, InvalidInput)) for end in ends) == 2


async def test_a_guessable_one_of_their_own_is_refused(database: str, house: House, now: datetime) -> None:
    candidate_id = await chloe(house)
    restricted = await log_in(EMAIL, await sent_to_chloe(now), now=now)
    with pytest.raises(InvalidInput) as caught:
        await replace_temporary_password(
            candidate_id,
            {"password": "chloemartin12", "password_again": "x"},
            arrival=Arrival(token=restricted.token),
            now=now,
        )
    assert [error.field for error in caught.value.errors] == ["password", "password_again"]
    assert await open_session(restricted.token, now=now) == OpenSession(candidate_id, is_restricted=True)
