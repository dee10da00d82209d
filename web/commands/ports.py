"""Finds out who has a port, so that its owner can be named."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"  # TCP_LISTEN of include/net/tcp_states.h


def holder_of(port: int) -> str:
    """The program that listens on a port, as far as we may know; only Linux tells."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for process in _PROC.glob("[0-9]*"):
        if sockets and _has_open(process, sockets):
            return f"process {process.name} ({_command_of(process)})"
    return "another program"


def _listening_inodes(port: int) -> Iterator[str]:
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]


def _has_open(process: Path, sockets: set[str]) -> bool:
    with suppress(OSError):
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                if str(descriptor.readlink()) in sockets:
                    return True
    return False


def _command_of(process: Path) -> str:
    with suppress(OSError):
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        return " ".join(words).strip()[:80]
    return "of unknown name"
