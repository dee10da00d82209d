"""Processes of a test: started at once with a plan each, killed when the test ends, whatever becomes of it."""

import multiprocessing
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

_context = multiprocessing.get_context("forkserver")


class ChildFailed(AssertionError):
    """A process of the test ended with an error, or was too slow."""


class Child:
    """One process that carries out a function on a plan."""

    def __init__(self, work: Callable[[Any], Any], plan: Any) -> None:
        self._answers, sender = _context.Pipe(duplex=False)
        self.process = _context.Process(target=_carry_out, args=(work, plan, sender), daemon=True)
        self.process.start()
        sender.close()

    def kill(self) -> None:
        """As `kill -9` does: it gets no chance to tidy up."""
        self.process.kill()
        self.process.join()

    def answer(self, *, within: float) -> Any:
        """What its function gave; raises ChildFailed with the traceback of its failure."""
        if not self._answers.poll(within):
            raise ChildFailed(f"no answer in {within} seconds")
        try:
            is_done, answer = self._answers.recv()
        except EOFError:
            raise ChildFailed("it died") from None
        if not is_done:
            raise ChildFailed(answer)
        return answer


@contextmanager
def children(work: Callable[[Any], Any], plans: Sequence[Any]) -> Iterator[list[Child]]:
    """A process for each plan. The server that they are forked from has the function's module loaded already."""
    _context.set_forkserver_preload(["pytest", work.__module__])
    started: list[Child] = []
    try:
        started.extend(Child(work, plan) for plan in plans)
        yield started
    finally:
        for child in started:
            child.kill()


def _carry_out(work: Callable[[Any], Any], plan: Any, sender: Connection) -> None:
    try:
        sender.send((True, work(plan)))
    except BaseException:
        sender.send((False, traceback.format_exc()))
        raise
