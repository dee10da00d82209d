"""What pages of moves share: the version that a button was made for, and what is said of a move that was refused.

It says who moved it meanwhile, or why not; what was typed is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from admin.kit.wording import ShownStep, Wording
from workflow.checks import number_in
from workflow.engine.history import Step
from workflow.engine.machine import Machine
from workflow.errors import DomainError, StaleVersion
from workflow.recruiters.queries import StaffMember


def version_of(form: Mapping[str, str]) -> int:
    """The version that a button was made for; one that is none fits nothing, so that nothing moves blindly."""
    return number_in(form["version"])


@dataclass(frozen=True, slots=True)
class Refused:
    """A move that was not carried out.

    `meanwhile`: the step that came first, if one did; `is_own`: it is the reader's; `is_same`: it is the very
    event that was asked for. `why`: in words, where no step came first. `note`: what was typed.
    """

    why: str
    meanwhile: ShownStep | None
    is_own: bool
    is_same: bool
    note: str


def refused_move(
    error: DomainError,
    machine: type[Machine],
    words: Wording,
    *,
    staff: StaffMember,
    history: Sequence[Step],
    shown: Sequence[ShownStep],
    event: str = "",
    note: str = "",
) -> Refused:
    """What to say to this recruiter; `shown`: the history as the console tells it, newest first."""
    last = history[-1]
    is_stale = isinstance(error, StaleVersion)
    return Refused(
        why=words.error(error, machine),
        meanwhile=shown[0] if is_stale else None,
        is_own=last.actor.id == staff.actor.id,
        is_same=last.event == event,
        note=note.strip(),
    )
