"""How the board tells what colleagues and candidates have done meanwhile: “Anna moved Marc Petit to …”."""

from collections.abc import Sequence
from dataclasses import dataclass

from admin.kit.wording import Wording
from workflow.applications.changes import Change
from workflow.applications.machine import ApplicationMachine
from workflow.language import N_, say
from workflow.recruiters.queries import StaffMember, names_of_recruiters, recruiter_id_of
from workflow.roles import CANDIDATE

_APPLIED = N_("{name} has applied.")
_LEFT = N_("{name} has withdrawn.")
_MOVED = N_("{who} moved {name} to “{state}”.")
_BY_ITSELF = N_("The portal moved {name} to “{state}”.")
_NOBODY = N_("Deleted account")
_SOMEBODY = N_("Somebody")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence on a step of the history; `step` is its number, for a step may be told twice."""

    step: int
    text: str


async def told_changes(steps: Sequence[Change], staff: StaffMember, words: Wording) -> tuple[Told, ...]:
    """What others did; what one did oneself one knows."""
    others = [step for step in steps if step.actor.id != staff.actor.id]
    names = await names_of_recruiters({number for step in others if (number := recruiter_id_of(step.actor))})
    return tuple(Told(step.id, _sentence(step, names, words)) for step in others)


def _sentence(step: Change, names: dict[int, str], words: Wording) -> str:
    name = step.name or say(words.language, _NOBODY)
    if step.actor.role == CANDIDATE:
        return say(words.language, _APPLIED if step.event == ApplicationMachine.opening else _LEFT, name=name)
    state = words.application_state(step.to_state)
    number = recruiter_id_of(step.actor)
    if number is None:
        return say(words.language, _BY_ITSELF, name=name, state=state)
    who = names.get(number) or say(words.language, _SOMEBODY)
    return say(words.language, _MOVED, who=who, name=name, state=state)
