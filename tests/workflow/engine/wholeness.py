"""Whether every move was made whole or not at all: what each kept step must have left behind, and nothing else."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tests.workflow.engine import laws
from tests.workflow.engine.hands import note_of
from workflow.applications.tables import Application
from workflow.engine.history import Step, steps_of
from workflow.engine.tables import History, HistoryNote, IdempotencyKey, Outbox, Timer
from workflow.offers.tables import Offer

ON_SUBMITTING = ("application_submitted", "application_received")

Histories = Mapping[UUID, Sequence[Step]]


@dataclass(frozen=True)
class Kept:
    """All that the database holds of the applications and offers."""

    rows: dict[UUID, dict[str, Any]]
    histories: dict[UUID, tuple[Step, ...]]

    @property
    def steps(self) -> list[Step]:
        return [step for steps in self.histories.values() for step in steps]


async def all_that_was_kept() -> Kept:
    applications, offers = await Application.select(), await Offer.select()
    histories: dict[UUID, tuple[Step, ...]] = {}
    for kind, rows in (("application", applications), ("offer", offers)):
        histories |= await steps_of(kind, [row["id"] for row in rows])
    return Kept({row["id"]: row for row in (*applications, *offers)}, histories)


async def half_moves(kept: Kept) -> list[str]:
    """Everything that one transaction wrote and another did not; empty when all is whole."""
    return [
        *_rows_apart_from_histories(kept),
        *_difference("outbox", _mails_due(kept), await _mails_there_are()),
        *_difference("notes", *await _notes(kept)),
        *_difference("timers", _timers_due(kept), await _timers_there_are()),
        *await _half_cancelled_offers(kept),
    ]


async def broken_promises(kept: Kept, journal: str, keyed_actor: str) -> list[str]:
    """Answers that were given and did not come true, and keys that stand for no move, or more than one."""
    lines = [line.split() for line in journal.splitlines()]
    by_version = {(str(step.subject_id), step.version): step for step in kept.steps}
    promised = [(line[2], int(line[3]), line[4]) for line in lines if line[0] == "kept"]
    asked = {line[1]: (line[2], line[3]) for line in lines if line[0] == "try"}
    lost = [
        f"lost: {promise}"
        for promise in promised
        if (step := by_version.get(promise[:2])) is None or step.event != promise[2]
    ]
    keyed = Counter(
        (str(step.subject_id), step.event, step.version)
        for step in kept.steps
        if step.subject_type == "application" and step.actor.id == keyed_actor
    )
    answers = Counter(
        (*asked[row["key"]], row["answer"]["version"])
        for row in await IdempotencyKey.select().output(load_json=True)
    )
    return lost + _difference("keys", keyed, answers)


def _difference(what: str, expected: Counter[Any], found: Counter[Any]) -> list[str]:
    return [
        *(f"{what}: missing {item}" for item in (expected - found).elements()),
        *(f"{what}: too many {item}" for item in (found - expected).elements()),
    ]


def _rows_apart_from_histories(kept: Kept) -> list[str]:
    return [
        f"{subject_id}: the row says {row['status']} {row['version']}, its history {steps}"
        for subject_id, row in kept.rows.items()
        if not (steps := kept.histories[subject_id])
        or (row["status"], row["version"]) != (steps[-1].to_state, len(steps))
        or [step.version for step in steps] != list(range(1, len(steps) + 1))
    ]


def _mails_due(kept: Kept) -> Counter[tuple[str, str]]:
    """Key and state of each outbox row that the kept steps ask for."""
    undone = {(step.subject_id, step.undoes) for step in kept.steps if step.undoes}
    return Counter(
        (
            f"{kind}/{step.subject_id}/{step.version}",
            "cancelled" if (step.subject_id, step.version) in undone else "pending",
        )
        for step in kept.steps
        for kind in _kinds_of(step)
    )


def _kinds_of(step: Step) -> tuple[str, ...]:
    if step.subject_type == "offer":
        return ("index_offer",) if step.event in ("publish", "close", "cancel") else ()
    if step.event == "submit":
        return ON_SUBMITTING
    return (laws.MAILS[step.event],) if step.event in laws.MAILS else ()


async def _mails_there_are() -> Counter[tuple[str, str]]:
    return Counter((row["dedup_key"], row["state"]) for row in await Outbox.select())


async def _notes(kept: Kept) -> tuple[Counter[Any], Counter[Any]]:
    rows = await History.select(History.id, History.subject_id, History.version, History.event)
    due = Counter(row["id"] for row in rows if note_of(row["event"]))
    words = {row["history"]: row["words"] for row in await HistoryNote.select()}
    there = Counter(row["id"] for row in rows if words.get(row["id"]) == note_of(row["event"]) != "")
    strays = Counter(history for history in words if history not in there)
    return due, there + strays


def _timers_due(kept: Kept) -> Counter[Any]:
    timers: Counter[Any] = Counter()
    for offer_id, row in kept.rows.items():
        if "closes_on" not in row:
            continue
        last = kept.histories[offer_id][-1]
        due: dict[str, tuple[str, datetime]] = {
            "published": ("close", _midnight_after(row["closes_on"])),
            "closed": ("remind", last.at + laws.PATIENCE),
        }
        if last.to_state in due:
            timers[(offer_id, last.version, *due[last.to_state])] += 1
    return timers


def _midnight_after(day: Any) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), laws.PARIS).astimezone(UTC)


async def _timers_there_are() -> Counter[Any]:
    rows = await Timer.select()
    return Counter((row["subject_id"], row["version"], row["name"], row["due_at"]) for row in rows)


async def _half_cancelled_offers(kept: Kept) -> list[str]:
    """Cancelling an offer rejects, in the same transaction, every application whose candidate knows of no end."""
    order = {
        (row["subject_id"], row["version"]): row["id"]
        for row in await History.select(History.id, History.subject_id, History.version)
    }
    cancelled = {
        step.subject_id: step
        for step in kept.steps
        if step.subject_type == "offer" and step.event == "cancel"
    }
    return [
        f"{subject_id}: its offer was cancelled without it"
        for subject_id, row in kept.rows.items()
        if "offer" in row
        and (cancel := cancelled.get(row["offer"]))
        and _was_passed_over(kept.histories[subject_id], order, cancel)
    ]


def _was_passed_over(steps: Sequence[Step], order: Mapping[tuple[UUID, int], int], cancel: Step) -> bool:
    cancelled = order[cancel.subject_id, cancel.version]
    before = [step for step in steps if order[step.subject_id, step.version] < cancelled]
    after = [step.event for step in steps[len(before) :]]
    if before[-1].is_held(cancel.at):
        return after[:2] != ["undo", "cancel"]
    return before[-1].to_state in laws.LIVE and after[:1] != ["cancel"]
