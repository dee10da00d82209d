"""What a dead worker had in hand is settled by its journal, by whoever works on the same machine next."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from jobs.composing import name_of
from jobs.journal import Journal, Left, Taken, abandoned
from jobs.relay import MAILS
from tests.jobs.conftest import record_mails, rows
from tests.jobs.test_relay import HOUR, KEY, Clock, a_relay, sweep_all
from tests.support.smtp import SmtpSink
from workflow.engine import outbox
from workflow.engine.outbox import Claim

NAME = "0" * 32


def left_in(folder: Path) -> list[Left] | None:
    with abandoned(folder) as left:
        return left


async def claimed(now: datetime) -> list[Claim]:
    return await outbox.claim(kinds=sorted(MAILS), limit=9, lease=HOUR, token=uuid4(), now=now)


def taken(claim: Claim, *, key: str = KEY) -> Taken:
    return Taken(claim.id, claim.token, name_of(claim, key=key), "2.0.0 queued")


def die(journal: Journal) -> None:
    """Leave the file behind as a killed process does: unlocked, with all that is in it."""
    journal.close()


def test_journal_is_read_once_its_worker_is_gone(tmp_path: Path) -> None:
    first, second = Taken(1, UUID(int=1), NAME, "2.0.0 «taken»"), Taken(2, UUID(int=1), NAME, "x" * 900)
    journal = Journal(tmp_path / "journal")
    assert left_in(tmp_path / "nowhere") == left_in(tmp_path / "journal") == []
    journal.begin(UUID(int=1))
    journal.note(first)
    journal.note(second)
    journal.begin(UUID(int=2))
    assert left_in(tmp_path / "journal") == []
    die(journal)
    shorter = Taken(2, UUID(int=1), NAME, "x" * 500)
    assert left_in(tmp_path / "journal") == [Left((UUID(int=1), UUID(int=2)), (first, shorter))]
    assert left_in(tmp_path / "journal") == []


def test_journal_forgets_what_is_settled(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note(Taken(1, UUID(int=1), NAME, "taken"))
    journal.clear()
    journal.close()
    assert left_in(tmp_path) == []
    assert [path.suffix for path in tmp_path.iterdir()] == [""]


def test_torn_lines_spoil_no_others(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.note(Taken(1, UUID(int=1), NAME, "taken"))
    die(journal)
    (file,) = tmp_path.glob("*.log")
    whole = file.read_bytes()
    file.write_bytes(b'["' + whole + b'\n[1, 2]\n["zz"]\nnull\n{}\n["' + whole + whole[:-9])
    assert left_in(tmp_path) == [Left((UUID(int=1),), (Taken(1, UUID(int=1), NAME, "taken"),) * 2)]


def test_only_one_worker_settles_at_a_time(tmp_path: Path) -> None:
    with abandoned(tmp_path) as mine:
        assert (mine, left_in(tmp_path)) == ([], None)


async def test_mail_that_the_server_took_is_settled_and_the_rest_goes_at_once(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_mails(now, "taken@example.org", "rest@example.org")
    first, _ = await claimed(now)
    journal = Journal(sink.journals)
    journal.begin(first.token)
    journal.note(taken(first))
    relay = a_relay(sink, Clock(now))
    assert await relay.sweep() is False  # its worker lives
    die(journal)
    await sweep_all(relay)
    assert sink.recipients == ["rest@example.org"]
    assert await rows("state", "receipt", "lease_token") == [
        {"state": "sent", "receipt": "2.0.0 queued", "lease_token": None},
        {"state": "sent", "receipt": "2.0.0 taken as 1", "lease_token": None},
    ]


async def test_mail_that_waits_or_is_held_again_is_settled_as_well(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_mails(now, "waits@example.org", "held@example.org", "dead@example.org")
    waiting, held, dead = await claimed(now)
    await outbox.postpone(waiting, until=now, receipt="another worker had it meanwhile")
    await outbox.hold(held, receipt="nobody knows")
    await outbox.settle(dead, state=outbox.DEAD, receipt="550", now=now)
    journal = Journal(sink.journals)
    for claim in (waiting, held, dead):
        journal.note(taken(claim))
    die(journal)
    await sweep_all(a_relay(sink, Clock(now)))
    assert sink.recipients == []
    assert [row["state"] for row in await rows("state")] == ["sent", "sent", "dead"]


async def test_journal_of_another_database_settles_nothing(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_mails(now, "zoe@example.org")
    (claim,) = await claimed(now)
    await outbox.postpone(claim, until=now, receipt="not begun")
    journal = Journal(sink.journals)
    journal.note(taken(claim, key="another key"))
    die(journal)
    await sweep_all(a_relay(sink, Clock(now)))
    assert sink.recipients == ["zoe@example.org"]


async def test_claim_of_a_worker_on_another_machine_waits_for_its_lease(
    database: str, now: datetime, sink: SmtpSink
) -> None:
    await record_mails(now, "zoe@example.org")
    await claimed(now)
    await sweep_all(a_relay(sink, Clock(now + HOUR - timedelta(seconds=1))))
    assert sink.recipients == []
    await sweep_all(a_relay(sink, Clock(now + HOUR)))
    assert sink.recipients == ["zoe@example.org"]


async def test_journal_holds_nothing_personal(
    database: str, now: datetime, sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record_mails(now, "zoe@example.org")
    sink.data_answers = ["250 2.0.0 zoe@example.org queued"]
    noted: list[bytes] = []
    write = Journal.note

    def watched(journal: Journal, mail: Taken) -> None:
        write(journal, mail)
        noted.extend(path.read_bytes() for path in sink.journals.glob("*.log"))

    monkeypatch.setattr(Journal, "note", watched)
    await sweep_all(a_relay(sink, Clock(now)))
    assert [b"queued" in content for content in noted] == [True]
    assert b"zoe" not in noted[0]
    assert [path.read_bytes() for path in sink.journals.glob("*.log")] == [b""]
