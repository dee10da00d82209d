"""Every way of tampering with what the engine keeps is found, and nothing that was done rightly is."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from search.analysis import meaning
from tests.support.house import House
from tests.workflow.engine.proving import Past, a_past, checkpoint, faults
from tests.workflow.offers.test_importing import NEW, OVER
from workflow.applications.commands import cancel_offer, withdraw_application
from workflow.database.connection import (
    database_from_url,
    opened_database,
    use_database,
    write_transaction,
)
from workflow.demo.loading import load_demo
from workflow.documents.storage import DiskStore
from workflow.engine.history import chain_digest
from workflow.engine.machine import Terms
from workflow.engine.records import Fault
from workflow.engine.tables import History, HistoryNote
from workflow.engine.verification import verify
from workflow.machines import MACHINES
from workflow.offers.import_files import FileRow
from workflow.offers.importing import ImportTerms, import_offers
from workflow.settings import Settings


@pytest.fixture
async def past(database: str, house: House, now: datetime) -> Past:
    return await a_past(database, house, now)


async def test_a_past_with_everything_in_it_holds(past: Past, house: House, now: datetime) -> None:
    await past.move("accept", after=timedelta(minutes=10))
    await past.move("reopen", after=timedelta(hours=1), note="A mistake of ours")
    unit = await house.unit("LAB2")
    boss = await house.recruiter(unit, name="Rita")
    await house.offer(boss, unit, "REF-2")
    candidate = await house.candidate()
    await house.application(candidate, "REF-2")
    other = replace(past, application_id=(regretted := await house.application(candidate)))
    await other.move("consider")
    await other.move("accept")
    await withdraw_application(
        candidate, regretted, "Found another", terms=house.terms, now=now + timedelta(minutes=3)
    )
    await cancel_offer(boss, "REF-2", terms=house.terms, now=now)
    await past.checkpoint(after=timedelta(hours=2))
    parts = [part async for part in verify(MACHINES, house.terms.history_key, page=2)]
    assert [fault for part in parts for fault in part.faults] == []
    assert sum(part.subjects for part in parts) == 5
    assert sum(part.steps for part in parts) == await History.count()
    events = {row["event"] for row in await History.select(History.event)}
    assert events == {
        "create",
        "publish",
        "cancel",
        "submit",
        "consider",
        "accept",
        "reject",
        "undo",
        "reopen",
        "withdraw",
    }


async def test_the_demo_and_an_import_hold(
    database: str, house: House, terms: Terms, now: datetime, tmp_path: Path
) -> None:
    settings = Settings.from_environment(
        {"VIVIER_VAR": str(tmp_path), "VIVIER_HISTORY_KEY": terms.history_key.decode()}
    )
    await checkpoint(terms.history_key, now)
    assert await load_demo(settings, store=DiskStore(tmp_path / "documents"), meaning=meaning, now=now)
    report = await import_offers(
        [FileRow("line 2", NEW), FileRow("line 3", OVER)], terms=ImportTerms(terms, "x@example.org"), now=now
    )
    assert len(report.new) == 2
    before = await faults(terms.history_key)
    extension = await checkpoint(terms.history_key, now)
    assert (before, extension.faults, await faults(terms.history_key)) == ([], (), [])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("event", "'accept'"),
        ("from_state", "'submitted'"),
        ("to_state", "'successful'"),
        ("actor_id", "'recruiter:99'"),
        ("role", "'administrator'"),
        ("at", "'2026-03-02 09:31:00+00:00'"),
        ("announce_at", "'2026-03-02 09:31:00+00:00'"),
        ("announce_at", "NULL"),
        ("undoes", "2"),
        ("note_digest", "''"),
        ("digest", "'00'"),
    ],
)
async def test_a_changed_column_is_found(past: Past, column: str, value: str) -> None:
    row_id = await past.row_id(3)
    await past.tamper(f"UPDATE history SET {column} = {value} WHERE id = {row_id}")
    assert await past.named() == [("application", past.application_id, 3, row_id)]


@pytest.mark.parametrize(
    ("column", "value", "left_over"),
    [
        ("version", "7", []),
        ("subject_type", "'offer'", [("offer", "{id}")]),
        ("subject_type", "'invoice'", [("invoice", "{id}")]),
        ("subject_id", f"'{UUID(int=7)}'", [("application", str(UUID(int=7)))]),
    ],
)
async def test_a_step_given_to_another_is_missed_and_found(
    past: Past, column: str, value: str, left_over: list[tuple[str, str]]
) -> None:
    await past.tamper(f"UPDATE history SET {column} = {value} WHERE id = {await past.row_id(3)}")
    first, *others = await past.faults()
    assert (first.subject_type, first.subject_id, first.version) == ("application", past.application_id, 3)
    assert [(f.subject_type, str(f.subject_id)) for f in others] == [
        (subject, name.replace("{id}", str(past.application_id))) for subject, name in left_over
    ]


async def test_a_note_parted_from_its_step_is_found(past: Past) -> None:
    await past.tamper(f"UPDATE history SET id = 777 WHERE id = {(row_id := await past.row_id(3))}")
    assert await past.named() == [("history", None, None, row_id)]


@pytest.mark.parametrize("version", [1, 2, 3, 4])
async def test_a_removed_row_is_found(past: Past, version: int) -> None:
    await past.tamper(f"DELETE FROM history WHERE id = {await past.row_id(version)}")
    found = await past.faults()
    assert [(f.subject_type, f.subject_id, f.version, f.row_id) for f in found if f.subject_id] == [
        ("application", past.application_id, version, None)
    ]
    assert found[0].said.startswith("its history row is missing")


async def test_a_swapped_pair_is_found(past: Past) -> None:
    second, third = await past.row_id(2), await past.row_id(3)
    await past.tamper(
        f"UPDATE history SET version = 99 WHERE id = {second}",
        f"UPDATE history SET version = 2 WHERE id = {third}",
        f"UPDATE history SET version = 3 WHERE id = {second}",
    )
    assert await past.named() == [("application", past.application_id, 2, third)]


async def test_a_row_forged_without_the_key_is_found(past: Past) -> None:
    last = (await past.steps())[-1]
    forged = replace(last, version=5, event="accept", from_state=last.to_state, to_state="successful")
    digest = chain_digest(forged, last.digest, b"a guess")
    await past.tamper(
        f"""INSERT INTO history (subject_type, subject_id, version, event, from_state, to_state, actor_id, role,
        at, announce_at, note_digest, digest) SELECT subject_type, subject_id, 5, 'accept', to_state, 'successful',
        actor_id, role, at, at, '', '{digest}' FROM history WHERE subject_id = '{{id}}' AND version = 4""",
        "UPDATE application SET status = 'successful', version = 5 WHERE id = '{id}'",
    )
    assert await past.named() == [("application", past.application_id, 5, await past.row_id(5))]


@pytest.mark.parametrize(
    ("change", "version", "has_row"),
    [
        ("status = 'successful'", 4, True),
        ("version = 3", 4, True),
        ("version = 6", 5, False),
        ("status = 'successful', version = 5", 5, False),
    ],
)
async def test_a_status_without_its_row_is_found(
    past: Past, change: str, version: int, has_row: bool
) -> None:
    await past.tamper(f"UPDATE application SET {change} WHERE id = '{{id}}'")
    row_id = await past.row_id(version) if has_row else None
    assert await past.named() == [("application", past.application_id, version, row_id)]


async def test_a_row_without_any_history_is_found(past: Past) -> None:
    await past.tamper(
        "DELETE FROM history_note",
        "DELETE FROM history WHERE subject_id = '{id}'",
    )
    assert await past.named() == [("application", past.application_id, 1, None)]


async def test_a_history_without_its_row_is_found(past: Past) -> None:
    await past.tamper("DELETE FROM application")
    assert await past.named() == [("application", past.application_id, 4, await past.row_id(1))]


GONE = (
    "DELETE FROM history_note",
    "DELETE FROM history WHERE subject_id = '{id}'",
    "DELETE FROM application WHERE id = '{id}'",
    "DELETE FROM timer WHERE subject_id = '{id}'",
)
FORGOTTEN = (*GONE, "DELETE FROM outbox WHERE subject_id = '{id}'")


async def test_a_chain_removed_whole_is_remembered_by_its_mails(past: Past) -> None:
    await past.tamper(*GONE)
    assert await past.named() == [("application", past.application_id, 1, None)]


async def test_a_chain_removed_with_its_mails_is_remembered_by_the_checkpoint(past: Past) -> None:
    await past.checkpoint()
    await past.tamper(*FORGOTTEN)
    assert await past.named() == [("application", past.application_id, 4, None)]


async def test_a_chain_removed_before_any_checkpoint_leaves_no_trace(past: Past) -> None:
    """What docs/howto/verify-the-history.md says cannot be found."""
    await past.tamper(*FORGOTTEN)
    assert await past.named() == []


ROLLED_BACK = (
    "DELETE FROM history_note",
    "DELETE FROM history WHERE subject_id = '{id}' AND version > 2",
    "UPDATE application SET version = 2 WHERE id = '{id}'",
    "DELETE FROM outbox WHERE subject_id = '{id}' AND subject_version > 2",
    "DELETE FROM timer WHERE subject_id = '{id}'",
)


async def test_a_history_rolled_back_is_remembered_by_the_checkpoint(past: Past) -> None:
    await past.checkpoint()
    await past.tamper(*ROLLED_BACK)
    assert await past.named() == [("application", past.application_id, 4, None)]


async def test_changed_words_are_found(past: Past) -> None:
    await past.tamper("UPDATE history_note SET words = 'No reason'")
    assert await past.named() == [("application", past.application_id, 3, await past.row_id(3))]


async def test_words_put_to_a_step_without_any_are_found(past: Past) -> None:
    row_id = await past.row_id(2)
    await past.tamper(f"INSERT INTO history_note (history, salt, words) VALUES ({row_id}, 's', 'Hm')")
    assert await past.named() == [("application", past.application_id, 2, row_id)]


async def test_erasing_what_people_said_breaks_nothing(past: Past) -> None:
    await past.checkpoint()
    async with write_transaction():
        await HistoryNote.delete(force=True)
    assert (await HistoryNote.count(), await past.faults()) == (0, [])


KEYHOLDERS = [
    ({"event": "reopen"}, "“reopen” does not lead from “submitted” to “under_consideration”"),
    ({"event": "promote"}, "there is no event “promote”"),
    ({"role": "candidate"}, "“consider” is not for the role “candidate”"),
    ({"undoes": 1}, "only an undo takes a version back"),
    ({"announce_at": None}, "it is told before it happened, or never"),
    ({"announce_at": timedelta(minutes=1)}, "it is told later, though nothing holds it back"),
    ({"at": -timedelta(hours=1), "announce_at": timedelta()}, "it lies before the step that it follows"),
    ({"from_state": "rejected"}, "it leaves “rejected”, but the step before led to “submitted”"),
]


@pytest.mark.parametrize(("changes", "said"), KEYHOLDERS)
async def test_even_with_the_key_no_illegal_step_passes(
    past: Past, now: datetime, changes: dict[str, object], said: str
) -> None:
    first, second, *_ = await past.steps()
    values = {name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    role = values.pop("role", second.actor.role)
    forged = replace(second, actor=replace(second.actor, role=str(role)), **values)  # type: ignore[arg-type]
    forged = replace(forged, digest=chain_digest(forged, first.digest, past.house.terms.history_key))
    columns = {"role": role, "digest": forged.digest} | values
    written = ", ".join(
        f"{name} = {'NULL' if value is None else repr(str(value))}" for name, value in columns.items()
    )
    row_id = await past.row_id(2)
    await past.tamper(
        f"UPDATE history SET {written} WHERE id = {row_id}",
        "DELETE FROM history_note",
        "DELETE FROM history WHERE subject_id = '{id}' AND version > 2",
        "UPDATE application SET version = 2 WHERE id = '{id}'",
    )
    fault, *_ = await past.faults()
    assert (fault.version, fault.row_id, fault.said) == (2, row_id, said)


async def test_each_subject_is_named_once_and_the_others_are_still_looked_at(past: Past) -> None:
    await past.tamper(
        "DELETE FROM history WHERE subject_id = '{id}' AND version IN (2, 4)",
        "UPDATE offer SET status = 'draft'",
    )
    named = await past.named()
    assert sorted((subject, version) for subject, id_, version, _ in named if id_) == [
        ("application", 2),
        ("offer", 2),
    ]


async def test_the_wrong_key_fits_nothing(past: Past) -> None:
    past.house = replace(past.house, terms=replace(past.house.terms, history_key=b"another"))
    assert {fault.subject_type for fault in await past.faults()} == {"offer", "application", "checkpoint"}


async def test_moves_meanwhile_are_no_faults(past: Past, house: House, now: datetime) -> None:
    """Between the parts of a verification, subjects move, come into being, and are checkpointed."""
    found: list[Fault] = []
    event = iter(["accept", "undo"] * 20)
    async for part in verify(MACHINES, house.terms.history_key, page=1):
        found += part.faults
        await past.move(next(event), after=timedelta(minutes=5))
        await house.application(await house.candidate())
        await past.checkpoint()
    assert found == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("at", "soon", "a value of its history cannot be read"),
        ("version", "two", "a value of its history cannot be read"),
        ("digest", "é", "its digest does not fit: it was changed, or written without the key"),
    ],
)
async def test_what_is_no_value_at_all_is_found_on_sqlite(
    sqlite_url: str, house: House, now: datetime, column: str, value: str, said: str
) -> None:
    use_database(database_from_url(sqlite_url))
    async with opened_database():
        past = await a_past(sqlite_url, house, now)
        await past.tamper(
            f"UPDATE history SET {column} = '{value}' WHERE subject_id = '{{id}}' AND version = 4"
        )
        assert [(f.subject_id, f.said) for f in await past.faults()] == [(past.application_id, said)]


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE application SET id = 'mine'", "application"),
        ("UPDATE history SET subject_id = 'mine' WHERE subject_id = '{id}' AND version = 4", "application"),
        ("UPDATE outbox SET subject_id = 'mine' WHERE subject_id = '{id}'", "outbox"),
        ("UPDATE history_checkpoint SET taken_at = 'soon'", "checkpoint"),
        ("UPDATE history_head SET subject_id = 'mine'", "history_head"),
    ],
)
async def test_places_that_cannot_be_read_are_named_on_sqlite(
    sqlite_url: str, house: House, now: datetime, statement: str, place: str
) -> None:
    use_database(database_from_url(sqlite_url))
    async with opened_database():
        past = await a_past(sqlite_url, house, now)
        await past.move("accept", after=timedelta(minutes=6))
        await past.checkpoint()
        await past.tamper(
            "DELETE FROM history_head WHERE subject_type = 'offer'"
            if place == "history_head"
            else "SELECT 1",
            statement,
        )
        assert place in {fault.subject_type for fault in await past.faults()}


async def test_anything_flipped_at_random_is_found(past: Past) -> None:
    """One character of one text anywhere in a history or a checkpoint, thirty times."""
    await past.checkpoint()
    chance = random.Random(20260302)
    for _ in range(30):
        table, column = chance.choice(
            [("history", name) for name in ("event", "from_state", "to_state", "actor_id", "role", "digest")]
            + [("history_checkpoint", name) for name in ("heads", "mac")]
            + [("history_head", "digest"), ("history_note", "words"), ("history_note", "salt")]
        )
        key = "number" if table == "history_checkpoint" else "id"
        rows = await History.raw(f"SELECT {key} AS id, {column} AS text FROM {table} WHERE {column} <> ''")
        row = chance.choice(rows)
        place = chance.randrange(len(row["text"]))
        flipped = row["text"][:place] + chr(ord(row["text"][place]) ^ 1) + row["text"][place + 1 :]
        change = f"UPDATE {table} SET {column} = '{{}}' WHERE {key} = {row['id']}"
        await past.tamper(change.format(flipped))
        assert await past.faults(), (table, column, row, flipped)
        await past.tamper(change.format(row["text"]))
    assert await past.faults() == []
