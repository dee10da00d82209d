"""Since when a subject stands where it stands, whatever was decided and taken back meanwhile."""

from datetime import datetime, timedelta
from uuid import UUID

from workflow.engine.history import Step, standing_since, step_after
from workflow.engine.machine import Actor

HOUR = timedelta(hours=1)


def since(now: datetime, *moves: tuple[str, str]) -> float:
    """The hour of the answer, for steps (event, state) that are an hour apart."""
    steps: list[Step] = []
    for number, (event, state) in enumerate(moves):
        step, _ = step_after(
            steps[-1] if steps else None,
            subject_type="claim",
            subject_id=UUID(int=1),
            event=event,
            to_state=state,
            actor=Actor("recruiter:1", "recruiter"),
            note="",
            announce_at=None,
            now=now + number * HOUR,
            key=b"key",
        )
        steps.append(step)
    return (standing_since(steps) - now) / HOUR


FILED, OPENED = ("file", "filed"), ("open", "opened")
REFUSED, UNDONE = ("refuse", "refused"), ("undo", "opened")


def test_standing_begins_with_the_last_step(now: datetime) -> None:
    assert since(now, FILED) == 0
    assert since(now, FILED, OPENED) == 1
    assert since(now, FILED, OPENED, REFUSED) == 2


def test_standing_goes_on_when_a_decision_is_taken_back(now: datetime) -> None:
    assert since(now, FILED, OPENED, REFUSED, UNDONE) == 1
    assert since(now, FILED, OPENED, REFUSED, UNDONE, REFUSED, UNDONE) == 1


def test_standing_begins_anew_with_a_decision_that_holds_or_is_reopened(now: datetime) -> None:
    assert since(now, FILED, OPENED, REFUSED, UNDONE, REFUSED) == 4
    assert since(now, FILED, OPENED, REFUSED, ("reopen", "opened")) == 3
