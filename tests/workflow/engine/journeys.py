"""Histories made by hand, for drawings of the machines that we have: each with where a subject of it came."""

from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from workflow.applications.machine import ApplicationMachine
from workflow.engine.description import arrows
from workflow.engine.drawing.journey import Journey, Words
from workflow.engine.history import Step
from workflow.engine.machine import UNDO, Actor, Machine
from workflow.language import say
from workflow.offers.machine import OfferMachine

NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)
ID = UUID(int=1)


def labelled(machine: type[Machine], language: str = "en") -> Words:
    return Words(
        state=lambda state: say(language, machine.state_message(state, "recruiter")),
        event=lambda event: say(language, machine.event_message(event)),
        instant=day_and_hour,
        gettext=partial(say, language),
    )


def day_and_hour(at: datetime) -> str:
    return f"{at:%d %b, %H:%M}"


def journey(machine: type[Machine], *events: str, may: tuple[str, ...] = (), held: bool = False) -> Journey:
    """One step a day, the last of them today; `held`: it is told in ten minutes."""
    steps: list[Step] = []
    for number, event in enumerate((machine.opening, *events)):
        at = NOW - timedelta(days=len(events) - number)
        is_held = held and number == len(events)
        announce_at = None if event == UNDO else NOW + timedelta(minutes=10) if is_held else at
        steps.append(_step(machine, event, steps[-1] if steps else None, at, announce_at))
    return Journey(tuple(steps), may, NOW)


def _step(
    machine: type[Machine], event: str, before: Step | None, at: datetime, announce_at: datetime | None
) -> Step:
    standing = before.to_state if before else ""
    return Step(
        subject_type=machine.subject,
        subject_id=ID,
        version=before.version + 1 if before else 1,
        event=event,
        from_state=standing,
        to_state=next(a.to_state for a in arrows(machine) if (a.from_state, a.event) == (standing, event)),
        actor=Actor("recruiter:1", "recruiter"),
        at=at,
        announce_at=announce_at,
        undoes=before.version if before and event == UNDO else None,
        note_digest="",
        digest="",
    )


_AGAIN = ("consider", *("reject", "reopen") * 5)
JOURNEYS: dict[str, tuple[type[Machine], Journey]] = {
    "submitted": (ApplicationMachine, journey(ApplicationMachine, may=("consider",))),
    "considered": (ApplicationMachine, journey(ApplicationMachine, "consider", may=("accept", "reject"))),
    "held": (
        ApplicationMachine,
        journey(ApplicationMachine, "consider", "reject", may=("undo",), held=True),
    ),
    "undone": (
        ApplicationMachine,
        journey(ApplicationMachine, "consider", "reject", "undo", may=("accept", "reject")),
    ),
    "reopened": (
        ApplicationMachine,
        journey(ApplicationMachine, "consider", "reject", "reopen", "accept", may=("reopen",)),
    ),
    "again and again": (ApplicationMachine, journey(ApplicationMachine, *_AGAIN, may=("accept", "reject"))),
    "withdrawn": (ApplicationMachine, journey(ApplicationMachine, "withdraw")),
    "cancelled": (ApplicationMachine, journey(ApplicationMachine, "consider", "cancel")),
    "draft": (OfferMachine, journey(OfferMachine, may=("publish", "cancel"))),
    "closed": (OfferMachine, journey(OfferMachine, "publish", "close", may=("archive", "cancel"))),
    "archived": (OfferMachine, journey(OfferMachine, "publish", "close", "archive")),
}
