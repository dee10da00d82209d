"""Where the tests keep their files: in memory where there is room, for a disk takes most of their time."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108  # Linux's folder in memory; every test has a folder of its own below it
_ROOM = 2 * 2**30


def use_memory() -> None:
    """Let everything temporary of this process and its children be in memory, unless TMPDIR says where it shall be.

    Not where programs may not be started, as those of tests/bin are.
    """
    if "TMPDIR" in os.environ or not _has_room():
        return
    os.environ["TMPDIR"] = str(_MEMORY)
    tempfile.tempdir = None  # it is asked for anew


def _has_room() -> bool:
    return (
        _MEMORY.is_dir()
        and os.access(_MEMORY, os.W_OK)
        and not os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(_MEMORY).free >= _ROOM
    )
