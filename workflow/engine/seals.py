"""What a checkpoint is, and how it is sealed with the key: pure."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A seal over the heads of all histories with rows up to `through_id`.

    `heads` is the sum of their keyed digests, itself masked by the key, so that it says nothing to
    those who read the table; `mac` seals all of it and the checkpoint before.
    """

    number: int
    taken_at: datetime
    through_id: int
    subjects: int
    heads: str
    mac: str


class Heads:
    """The sum of what each history's last step adds to a checkpoint, and how many histories there are."""

    def __init__(self, key: bytes, total: int = 0, subjects: int = 0) -> None:
        self._key = key
        self.total = total
        self.subjects = subjects

    @classmethod
    def of(cls, checkpoint: Checkpoint, key: bytes) -> "Heads":
        """What a checkpoint has sealed."""
        return cls(
            key, (int(checkpoint.heads, 16) - _mask(checkpoint.number, key)) % _MODULUS, checkpoint.subjects
        )

    def masked(self, number: int) -> str:
        """The sum as the checkpoint of this number keeps it.

        Masked anew each time: from bare sums one could work out what each history adds, and look for
        others that add up to the same (Clarke and others, 2003, on incremental multiset hashes).
        """
        return f"{(self.total + _mask(number, self._key)) % _MODULUS:064x}"

    def add(self, subject_type: str, subject_id: UUID, version: int, digest: str) -> None:
        """Count a history in."""
        self.total = (self.total + self._part(subject_type, subject_id, version, digest)) % _MODULUS
        self.subjects += 1

    def take_out(self, subject_type: str, subject_id: UUID, version: int, digest: str) -> None:
        """Count a history out, which is to be counted in at a later step."""
        self.total = (self.total - self._part(subject_type, subject_id, version, digest)) % _MODULUS
        self.subjects -= 1

    def _part(self, subject_type: str, subject_id: UUID, version: int, digest: str) -> int:
        return int(_mac(self._key, "head", subject_type, str(subject_id), version, digest), 16)


def _mask(number: int, key: bytes) -> int:
    return int(_mac(key, "mask", number), 16)


def _mac(key: bytes, *facts: str | int) -> str:
    """Never that of a step, whose facts begin with a digest, not with a word."""
    return hmac.new(key, json.dumps(facts).encode(), hashlib.sha256).hexdigest()


def seal(checkpoint: Checkpoint, mac_before: str, key: bytes) -> str:
    """The `mac` that a checkpoint must have after the one before it ("" for the first)."""
    taken_at = checkpoint.taken_at.astimezone(UTC).isoformat(timespec="microseconds")
    facts = (checkpoint.number, taken_at, checkpoint.through_id, checkpoint.subjects, checkpoint.heads)
    return _mac(key, "checkpoint", mac_before, *facts)
