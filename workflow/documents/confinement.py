"""Hostile files are opened in a process of its own, so that a bomb or a crash costs no more than that."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from workflow.errors import DocumentRefused, DocumentSuspicious

MOST_MEMORY = 768 * 2**20
MOST_CPU_SECONDS = {"judge": 10, "pages": 5}
MOST_SECONDS = {"judge": 30.0, "pages": 10.0}
"""More than of the processor: that others keep the machine busy is no fault of a file's."""

AT_ONCE = 2
_turns = {job: threading.BoundedSemaphore(AT_ONCE) for job in ("judge", "pages")}
"""So that a burst of uploads cannot take all the memory of a machine; readers do not make them wait."""

_ROOT = Path(__file__).parents[2]
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # and no secret


def confined_media_type(content: bytes) -> str:
    """`checked_media_type`, with DocumentSuspicious for a file that takes too much memory or time."""
    verdict = confined("judge", content)
    if "code" in verdict:
        raise _refusals()[verdict["code"]](**verdict["facts"])
    return str(verdict["media_type"])


def confined(job: str, content: bytes, *arguments: str) -> dict[str, Any]:
    """What a job makes of a file in a process of its own: `judge` it, or show its `pages`. Waits for it.

    The answer is what a program said that a hostile file may have taken over: believe its shape, no more.
    Raises DocumentSuspicious for a file that takes too much memory or time.
    """
    try:
        with _turns[job]:
            done = subprocess.run(  # noqa: S603  # our own program
                [sys.executable, "-m", "workflow.documents.confinement", job, *arguments],
                input=content,
                capture_output=True,
                timeout=MOST_SECONDS[job],
                cwd=_ROOT,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise DocumentSuspicious from error
    if done.returncode != 0:
        raise DocumentSuspicious
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _refusals() -> dict[str, type[DocumentRefused]]:
    return {kind.code: kind for kind in _descendants(DocumentRefused)}


def _descendants(kind: type[DocumentRefused]) -> Iterator[type[DocumentRefused]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _descendants(child)


def _confine(job: str) -> None:
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_SECONDS[job]),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses a limit on addresses
            resource.setrlimit(what, (most, most))


def _judged(content: bytes, _arguments: Sequence[str]) -> dict[str, Any]:
    # Here, so that the process that waits never loads the parsers.
    from workflow.documents.kinds import checked_media_type  # noqa: PLC0415
    from workflow.documents.pdf import limit_qpdf  # noqa: PLC0415

    limit_qpdf()
    try:
        return {"media_type": checked_media_type(content)}
    except DocumentRefused as refusal:
        return {"code": refusal.code, "facts": refusal.facts}
    except MemoryError:
        return {"code": DocumentSuspicious.code, "facts": {}}


def _shown(content: bytes, arguments: Sequence[str]) -> dict[str, Any]:
    from workflow.documents.showing import shown  # noqa: PLC0415

    return shown(content, *arguments)


_JOBS: dict[str, Callable[[bytes, Sequence[str]], dict[str, Any]]] = {"judge": _judged, "pages": _shown}


def _main() -> None:
    job, *arguments = sys.argv[1:]
    _confine(job)
    sys.stdout.write(json.dumps(_JOBS[job](sys.stdin.buffer.read(), arguments)))


if __name__ == "__main__":
    _main()
