"""Asking for a copy, for the end of the account, and for its staying."""

import asyncio
from datetime import timedelta

import pytest

from tests.support.house import House
from tests.workflow.privacy.conftest import KEY, deletion_token, kinds_to
from workflow.candidates.links import CONFIRMATION, LINK_LIMIT, make_link
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.engine.tables import Outbox
from workflow.errors import (
    ArchiveTooSoon,
    ArchiveUnderWay,
    CurrentPasswordWrong,
    DeletionPlanned,
    InvalidInput,
    LinkExpired,
    LinkUsed,
)
from workflow.privacy.commands import ask_for_archive, ask_for_deletion, confirm_deletion, keep_account
from workflow.privacy.queries import GIVEN_UP, archive_of, archives_of
from workflow.privacy.spans import Spans
from workflow.privacy.tables import Archive

HOUR = timedelta(hours=1)
SPANS = Spans(retention=timedelta(days=730), reflection=timedelta(days=7))


async def test_one_copy_at_a_time_and_one_an_hour(database: str, house: House) -> None:
    candidate, now = await house.candidate(), house.now
    first = await ask_for_archive(candidate, now=now)
    with pytest.raises(ArchiveUnderWay):
        await ask_for_archive(candidate, now=now + 2 * HOUR)
    await Archive.update({Archive.ready_at: now, Archive.expires_at: now + 7 * 24 * HOUR}).where(
        Archive.id == first
    )
    with pytest.raises(ArchiveTooSoon) as refused:
        await ask_for_archive(candidate, now=now + HOUR - timedelta(seconds=90))
    assert refused.value.facts == {"seconds": 90}
    second = await ask_for_archive(candidate, now=now + HOUR)
    assert [archive.id for archive in await archives_of(candidate, now=now + HOUR)] == [second, first]
    rows = await Outbox.select(Outbox.kind, Outbox.subject_id)
    assert rows == [{"kind": "make_archive", "subject_id": candidate}] * 2


async def test_of_many_who_ask_at_once_one_is_heard(database: str, house: House) -> None:
    candidate = await house.candidate()
    asked = await asyncio.gather(
        *(ask_for_archive(candidate, now=house.now) for _ in range(6)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in asked) == ["ArchiveUnderWay"] * 5 + ["UUID"]
    assert await Archive.count() == await Outbox.count() == 1


async def test_a_copy_that_is_never_made_stands_in_nobodys_way(database: str, house: House) -> None:
    candidate = await house.candidate()
    await ask_for_archive(candidate, now=house.now)
    assert await ask_for_archive(candidate, now=house.now + GIVEN_UP)


async def test_copies_of_others_are_not_found(database: str, house: House) -> None:
    candidate, other = await house.candidate(), await house.candidate()
    archive = await ask_for_archive(candidate, now=house.now)
    assert await archive_of(other, archive, now=house.now) is None
    assert await archive_of(candidate, archive, now=house.now) is not None


async def test_deletion_needs_two_keys_and_can_be_taken_back(database: str, house: House) -> None:
    candidate, now = await house.candidate(email="cleo@example.org"), house.now
    for wrong, kind in (("", InvalidInput), ("not the password", CurrentPasswordWrong)):
        with pytest.raises(kind):
            await ask_for_deletion(candidate, {"current_password": wrong}, secret_key=KEY, now=now)
    assert await kinds_to("cleo@example.org") == []
    token = await deletion_token(house, candidate)
    assert await deletes_at(candidate) is None
    assert await confirm_deletion(token, spans=SPANS, zone=house.terms.zone, now=now) == now + timedelta(
        days=7
    )
    assert await deletes_at(candidate) == now + timedelta(days=7)
    with pytest.raises(LinkUsed):
        await confirm_deletion(token, spans=SPANS, zone=house.terms.zone, now=now)
    with pytest.raises(DeletionPlanned):
        await deletion_token(house, candidate)
    assert await keep_account(candidate, now=now + HOUR) is True
    assert await keep_account(candidate, now=now + HOUR) is False
    assert await deletes_at(candidate) is None
    assert await kinds_to("cleo@example.org") == [
        "deletion_confirmation",
        "deletion_planned",
        "account_kept",
    ]


async def deletes_at(candidate: object) -> object:
    row = await Candidate.select(Candidate.deletes_at).where(Candidate.id == candidate).first()
    assert row is not None
    return row["deletes_at"]


async def test_a_link_ends_with_time_with_a_newer_one_and_with_the_wish_to_stay(
    database: str, house: House
) -> None:
    candidate, now = await house.candidate(), house.now
    first = await deletion_token(house, candidate)
    second = await deletion_token(house, candidate)
    with pytest.raises(LinkExpired):
        await confirm_deletion(first, spans=SPANS, zone=house.terms.zone, now=now)
    with pytest.raises(LinkExpired):
        await confirm_deletion(second, spans=SPANS, zone=house.terms.zone, now=now + LINK_LIMIT)
    await keep_account(candidate, now=now)
    with pytest.raises(LinkExpired):
        await confirm_deletion(second, spans=SPANS, zone=house.terms.zone, now=now)
    with pytest.raises(LinkExpired):
        await confirm_deletion("made up", spans=SPANS, zone=house.terms.zone, now=now)
    assert await deletes_at(candidate) is None


async def test_a_link_of_another_purpose_deletes_nothing(database: str, house: House) -> None:
    candidate = await house.candidate()
    row = await Candidate.select().where(Candidate.id == candidate).first()
    assert row is not None
    async with write_transaction():
        token = await make_link(row, CONFIRMATION, now=house.now)
    with pytest.raises(LinkExpired):
        await confirm_deletion(token, spans=SPANS, zone=house.terms.zone, now=house.now)
