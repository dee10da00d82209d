"""What a drawing shows, in plain sentences: for those who cannot see it, and wherever there are only words."""

from collections.abc import Iterator

from workflow.engine.drawing.journey import Journey, Words, ways
from workflow.engine.history import Step
from workflow.engine.machine import Machine


def in_words(machine: type[Machine], words: Words, journey: Journey | None = None) -> tuple[str, ...]:
    """The machine state by state; or of a subject where it stands, the way that it came, and what may follow."""
    if journey is None:
        return tuple(_of_machine(machine, words))
    return tuple(_of_subject(machine, words, journey))


def _of_machine(machine: type[Machine], words: Words) -> Iterator[str]:
    begins = words.gettext("It begins at “{state}” (“{event}”).")
    leads = words.gettext("From “{state}”, “{event}” leads to “{target}”.")
    yield begins.format(state=words.state(machine.initial_state_id()), event=words.event(machine.opening))
    for state in machine.state_ids():
        targets = _leaving(machine, state)
        if not targets:
            yield words.gettext("“{state}” is an end.").format(state=words.state(state))
        for event, target in targets:
            yield leads.format(state=words.state(state), event=words.event(event), target=words.state(target))


def _of_subject(machine: type[Machine], words: Words, journey: Journey) -> Iterator[str]:
    yield words.gettext("It stands at “{state}”.").format(state=words.state(journey.standing))
    for step in journey.steps:
        yield " ".join(_of_step(step, words, journey))
    yours = words.gettext("You may do “{event}” now: it leads to “{state}”.")
    others = words.gettext("“{event}”, to “{state}”, is not open to you now.")
    targets = _leaving(machine, journey.standing)
    for event, target in targets:
        sentence = yours if journey.may_follow(journey.standing, event) else others
        yield sentence.format(event=words.event(event), state=words.state(target))
    if not targets:
        yield words.gettext("Nothing can follow.")


def _leaving(machine: type[Machine], state: str) -> list[tuple[str, str]]:
    """The events of a state, and where they lead."""
    leading = ((events, target) for (source, target), events in ways(machine).items() if source == state)
    return [(event, target) for events, target in leading for event in events]


def _of_step(step: Step, words: Words, journey: Journey) -> Iterator[str]:
    came = words.gettext("{at}: “{event}”, to “{state}”.")
    yield came.format(
        at=words.instant(step.at), event=words.event(step.event), state=words.state(step.to_state)
    )
    if step.undoes is None and journey.is_undone(step):
        yield words.gettext("It was taken back.")
    elif step.announce_at is not None and step.is_held(journey.now):
        yield words.gettext("It is told at {at}.").format(at=words.instant(step.announce_at))
