"""Hostile files are opened in a process of its own, so that a bomb or a crash costs no more than that."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workflow.errors import DocumentRefused, DocumentSuspicious

MOST_MEMORY = 768 * 2**20
MOST_CPU_SECONDS = 10
MOST_SECONDS = 30

_AT_ONCE = threading.BoundedSemaphore(2)
"""So that a burst of uploads cannot take all the memory of a machine."""

_ROOT = Path(__file__).parents[2]
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # and no secret


def confined_media_type(content: bytes) -> str:
    """`checked_media_type`, with DocumentSuspicious for a file that takes too much memory or time."""
    try:
        with _AT_ONCE:
            done = subprocess.run(
                [sys.executable, "-m", "workflow.documents.confinement"],
                input=content,
                capture_output=True,
                timeout=MOST_SECONDS,
                cwd=_ROOT,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                check=False,
            )
    except subprocess.TimeoutExpired as error:
        raise DocumentSuspicious from error
    if done.returncode != 0:
        raise DocumentSuspicious
    verdict = json.loads(done.stdout)
    if "code" in verdict:
        raise _refusals()[verdict["code"]](**verdict["facts"])
    return str(verdict["media_type"])


def _refusals() -> dict[str, type[DocumentRefused]]:
    return {kind.code: kind for kind in _descendants(DocumentRefused)}


def _descendants(kind: type[DocumentRefused]) -> Iterator[type[DocumentRefused]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _descendants(child)


def _confine() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_SECONDS),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS refuses a limit on addresses
            resource.setrlimit(what, (most, most))


def _main() -> None:
    _confine()
    # Here, so that the process that waits never loads the parsers.
    from workflow.documents.kinds import checked_media_type  # noqa: PLC0415
    from workflow.documents.pdf import limit_qpdf  # noqa: PLC0415

    limit_qpdf()
    verdict: dict[str, Any]
    try:
        verdict = {"media_type": checked_media_type(sys.stdin.buffer.read())}
    except DocumentRefused as refusal:
        verdict = {"code": refusal.code, "facts": refusal.facts}
    except MemoryError:
        verdict = {"code": DocumentSuspicious.code, "facts": {}}
    sys.stdout.write(json.dumps(verdict))


if __name__ == "__main__":
    _main()
