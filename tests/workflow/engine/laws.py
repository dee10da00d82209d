"""The nouns and the laws of the model: offers, applications, what they are told, which moves there are.

States and rules are written out once more, from the requirements; no machine is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
GRACE, PATIENCE = timedelta(minutes=15), timedelta(days=14)
LEASE, PAUSE = timedelta(minutes=5), timedelta(minutes=10)
"""How long a worker has a mail in hand, and when it is tried again after the server refused it for now."""

_STAFF, _SYSTEM = {"recruiter", "administrator"}, {"system"}
LIVE = ("submitted", "under_consideration")
_DECIDED = ("rejected", "successful")

MOVES: dict[str, dict[str, tuple[Sequence[str], str, set[str]]]] = {
    "application": {
        "consider": (("submitted",), "under_consideration", _STAFF),
        "reject": (("under_consideration",), "rejected", _STAFF),
        "accept": (("under_consideration",), "successful", _STAFF),
        "withdraw": (LIVE, "withdrawn", {"candidate"}),
        "reopen": (_DECIDED, "under_consideration", _STAFF),
        "undo": (_DECIDED, "under_consideration", _STAFF | _SYSTEM),
        "cancel": (LIVE, "rejected", _SYSTEM),
    },
    "offer": {
        "publish": (("draft",), "published", _STAFF | _SYSTEM),
        "take_over": (("draft",), "published", _SYSTEM),
        "close": (("published",), "closed", _STAFF | _SYSTEM),
        "archive": (("closed",), "archived", _STAFF),
        "cancel": (("draft", "published", "closed"), "cancelled", _STAFF),
    },
}
"""Subject → event → from where, to where, by whom."""

NEEDS_NOTE = ("reject", "reopen")
HELD = ("accept", "reject")
MAILS = {
    "consider": "application_considered",
    "accept": "application_successful",
    "reject": "application_rejected",
    "reopen": "application_reopened",
    "withdraw": "application_withdrawn",
    "cancel": "application_offer_cancelled",
}
"""What the candidate is told of a move."""

INDEXED = ("publish", "close", "cancel")


@dataclass(frozen=True)
class Who:
    """An actor. `unit`: whose offers a recruiter sees; None for all."""

    id: str
    role: str
    unit: int | None = None


CLOCK = Who("system", "system")


@dataclass(frozen=True)
class Step:
    version: int
    event: str
    from_state: str
    to_state: str
    actor: str
    role: str
    at: datetime
    announce_at: datetime | None
    undoes: int | None
    note: str


@dataclass
class Timer:
    name: str
    version: int
    due_at: datetime
    fired_at: datetime | None = None
    failed: bool = False

    @property
    def is_done(self) -> bool:
        return self.fired_at is not None and not self.failed


@dataclass
class Mail:
    recipient: str | None
    due_at: datetime
    state: str = "pending"
    lease_until: datetime | None = None
    may_have_gone: bool = False


@dataclass(kw_only=True)
class Subject:
    kind: str
    id: UUID
    steps: list[Step] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.steps[-1].to_state

    def told(self, now: datetime) -> list[Step]:
        undone = {step.undoes for step in self.steps}
        return [
            step
            for step in self.steps
            if step.announce_at and step.announce_at <= now and step.version not in undone
        ]

    def is_held(self, now: datetime) -> bool:
        announce_at = self.steps[-1].announce_at
        return announce_at is not None and announce_at > now


@dataclass(kw_only=True)
class Offer(Subject):
    unit: int
    contact: str
    closes_on: date
    described: bool = True
    tells_contact: bool = True
    publish_at: datetime | None = None
    published_at: datetime | None = None
    timers: list[Timer] = field(default_factory=list)

    @property
    def closes_at(self) -> datetime:
        return datetime.combine(self.closes_on + timedelta(days=1), time(), PARIS).astimezone(UTC)

    def planned(self) -> list[Timer]:
        """What happens by itself to an offer that stands where it stands."""
        due = {
            "draft": ("publish", self.publish_at),
            "published": ("close", self.closes_at),
            "closed": ("remind", self.steps[-1].at + PATIENCE),
        }
        name, due_at = due.get(self.status, ("", None))
        return [Timer(name, len(self.steps), due_at)] if due_at else []

    def plan_anew(self) -> bool:
        """Keeps what is done and what still waits for the same instant; tries again what was refused."""
        kept = [each for each in self.timers if each.is_done or each in self.planned()]
        names = {each.name for each in kept}
        planned = kept + [each for each in self.planned() if each.name not in names]
        changed, self.timers = planned != self.timers, planned
        return changed


@dataclass(kw_only=True)
class Application(Subject):
    candidate: UUID
    address: str
    offer: Offer
