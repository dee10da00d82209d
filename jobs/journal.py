"""What the mail server has taken, kept beside the connection until the database knows it as well.

Between the server's answer and the commit a worker can be killed. One `write()` stands right behind the answer; who
comes next on this machine settles by it what the dead worker could not. It survives the process, not the power.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

_LONGEST_RECEIPT = 500
_FORMS = ([str], [str, int, str, str])
"""A lease; a lease, and a row, name and receipt of a mail."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the server took: its row, the lease that it went under, its name, and what the server said.

    The name is that of `jobs.composing.name_of`: a row of another database has another one.
    """

    row: int
    token: UUID
    name: str
    receipt: str


@dataclass(frozen=True, slots=True)
class Left:
    """What a dead worker left: the leases that it held, and the mails that the server took."""

    tokens: tuple[UUID, ...]
    taken: tuple[Taken, ...]


class Journal:
    """The file of one worker, locked for as long as the process lives, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where nothing can be written."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / f"{uuid4().hex}.log"
        draft = self._path.with_suffix(".new")
        self._file = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        draft.rename(self._path)  # only now others see it, and it is locked
        self._is_empty = True

    def begin(self, token: UUID) -> None:
        """Note a lease: whoever finds this file free knows that nobody works under it any more."""
        self._write([token.hex])

    def note(self, taken: Taken) -> None:
        """One write, after which a kill loses nothing. Raises OSError, for example when the disk is full."""
        self._write([taken.token.hex, taken.row, taken.name, taken.receipt[:_LONGEST_RECEIPT]])

    def _write(self, facts: list[str | int]) -> None:
        self._is_empty = False
        os.write(
            self._file, f"\n{json.dumps(facts)}\n".encode()
        )  # a line of its own, though the last were torn

    def clear(self) -> None:
        """Forget all of it: the database knows."""
        if not self._is_empty:
            os.ftruncate(self._file, 0)
            self._is_empty = True

    def close(self) -> None:
        """Leave nothing behind but what is still to be settled."""
        if self._is_empty:
            self._path.unlink(missing_ok=True)
        os.close(self._file)


@contextmanager
def abandoned(folder: Path) -> Iterator[list[Left] | None]:
    """What all dead workers of this machine left, which is gone afterwards; it stays when the block raises.

    None while somebody else is at it: until they are done, nobody can know what is settled.
    """
    if not folder.is_dir():
        yield []
        return
    with ExitStack() as held:
        turn = held.enter_context((folder / "turn").open("ab"))
        if not _is_free(turn.fileno()):
            yield None
            return
        files = [held.enter_context(path.open("rb")) for path in sorted(folder.glob("*.log"))]
        free = [file for file in files if _is_free(file.fileno())]
        yield [_read(file.read()) for file in free]
        for file in free:
            Path(file.name).unlink()


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(content: bytes) -> Left:
    lines = [line for each in content.splitlines() if (line := _line(each))]
    return Left(
        tokens=tuple(dict.fromkeys(UUID(token) for token, *_ in lines)),
        taken=tuple(Taken(row, UUID(token), name, receipt) for token, row, name, receipt in _mails(lines)),
    )


def _mails(lines: list[list[Any]]) -> list[list[Any]]:
    return [line for line in lines if len(line) > 1]


def _line(line: bytes) -> list[Any] | None:
    """The facts of a line; None for one that is torn."""
    with suppress(ValueError, TypeError):
        facts = json.loads(line)
        if isinstance(facts, list) and [type(fact) for fact in facts] in _FORMS:
            UUID(facts[0])
            return facts
    return None
