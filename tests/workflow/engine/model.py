"""What the portal must do with offers and applications, in plain Python: random histories are held against it.

Written from the requirements, with neither machine nor database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.workflow.engine.laws import (
    CLOCK,
    GRACE,
    HELD,
    INDEXED,
    LEASE,
    LIVE,
    MAILS,
    MOVES,
    NEEDS_NOTE,
    PARIS,
    PAUSE,
    Application,
    Mail,
    Offer,
    Step,
    Subject,
    Timer,
    Who,
)
from workflow.errors import (
    AlreadyApplied,
    Conflict,
    DecisionHeld,
    DomainError,
    EventForbidden,
    IdempotencyMismatch,
    IllegalEvent,
    InvalidInput,
    NoteMissing,
    NotFound,
    OfferNotOpen,
    StaleVersion,
    UndoTooLate,
    UnknownEvent,
    UnknownVersion,
)


@dataclass
class Portal:
    """All offers, applications and mails, and one method for each thing that somebody may do.

    Each gives what the real command gives, or raises the very error that it must raise.
    """

    now: datetime
    offers: dict[UUID, Offer] = field(default_factory=dict)
    applications: dict[UUID, Application] = field(default_factory=dict)
    mails: dict[str, Mail] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[Any, Step, datetime]] = field(default_factory=dict)

    def create(self, offer: Offer, who: Who) -> None:
        self.offers[offer.id] = offer
        self._append(offer, "create", "draft", who, "", announce_at=self.now)

    def submit(self, application: Application, letter: str) -> UUID:
        offer, candidate = application.offer, application.candidate
        if offer.status != "published" or self.now >= offer.closes_at:
            raise OfferNotOpen
        if not letter:
            raise InvalidInput
        if any(
            other.candidate == candidate and other.offer is offer and other.status != "withdrawn"
            for other in self.applications.values()
        ):
            raise AlreadyApplied
        self.applications[application.id] = application
        who = Who(f"candidate:{candidate}", "candidate")
        step = self._append(application, "submit", "submitted", who, "", announce_at=self.now)
        self._mail("application_submitted", application, step, application.address)
        if offer.tells_contact:
            self._mail("application_received", application, step, offer.contact)
        return application.id

    def withdraw(
        self, candidate: UUID, application_id: UUID, message: str | None, expected: int | None
    ) -> Step:
        if message is not None and not message.strip():
            raise InvalidInput
        application = self.applications.get(application_id)
        if application is None or application.candidate != candidate:
            raise NotFound
        told = application.told(self.now)
        # A gap in the numbers, or the hour of the decision, would give away what was not told at once.
        known = replace(told[-1], version=len(told), at=told[-1].announce_at or told[-1].at)
        _require_version(application, expected, len(told), known)
        if application.is_held(self.now):
            try:
                self._fire(application, "undo", CLOCK)
            except UndoTooLate:
                raise Conflict from None
        step = self._fire(application, "withdraw", Who(f"candidate:{candidate}", "candidate"))
        if message is not None:
            self._mail("withdrawal_message", application, step, application.offer.contact)
            self._mail("withdrawal_message_copy", application, step, application.address)
        return step

    def move(
        self, who: Who, application_id: UUID, event: str, expected: int | None, note: str, key: str | None
    ) -> Step:
        application = self.applications.get(application_id)
        if application is None or who.unit not in (None, application.offer.unit):
            raise NotFound
        asked = (application_id, event, expected, note.strip())
        if key:
            first, step, at = self.answers.get((who.id, key), (None, None, None))
            if step and at and at > self.now - timedelta(hours=24):
                if first != asked:
                    raise IdempotencyMismatch
                return step
        step = self._fire(application, event, who, expected, note.strip())
        if key:
            self.answers[who.id, key] = (asked, step, self.now)
        return step

    def move_many(
        self, who: Who, moves: Sequence[tuple[UUID, str, int | None, str, str | None]]
    ) -> list[Step | DomainError]:
        """Those of others are refused first; the rest goes in the order of the ids."""
        seen = {each.id for each in self.applications.values() if who.unit in (None, each.offer.unit)}
        outcomes: list[Step | DomainError] = [NotFound() for move in moves if move[0] not in seen]
        for move in sorted((move for move in moves if move[0] in seen), key=lambda move: move[0]):
            try:
                outcomes.append(self.move(who, *move))
            except DomainError as error:
                outcomes.append(error)
        return outcomes

    def move_offer(self, who: Who, offer_id: UUID, event: str, expected: int | None) -> Step:
        return self._fire(self._offer_of(who, offer_id), event, who, expected)

    def cancel_offer(self, who: Who, offer_id: UUID, expected: int | None) -> int:
        offer = self._offer_of(who, offer_id)
        self._fire(offer, "cancel", who, expected)
        return sum([self._reject_with(offer, each) for each in self.applications.values()])

    def schedule(self, who: Who, offer_id: UUID, at: datetime | None, expected: int | None) -> None:
        offer = self._offer_of(who, offer_id)
        _require_version(offer, expected, len(offer.steps), offer.steps[-1])
        if offer.status != "draft":
            raise IllegalEvent(subject="offer", event="publish", state=offer.status)
        if at is not None:
            if at <= self.now:
                raise InvalidInput
            _require_publishable(offer, at)
        offer.publish_at = at
        offer.plan_anew()

    def edit(self, who: Who, offer_id: UUID, closes_on: date, described: bool, key: UUID) -> None:
        offer = self._offer_of(who, offer_id)
        if offer.status == "published" and offer.described and not described:
            raise InvalidInput
        offer.closes_on, offer.described = closes_on, described
        offer.plan_anew()
        self.mails[f"index_offer/{offer_id}/edit/{key}"] = Mail(None, self.now)

    def tick(self) -> int:
        """The worker looks at the calendar once; how many timers it found due."""
        due = [
            (timer, offer)
            for offer in self.offers.values()
            for timer in offer.timers
            if timer.fired_at is None and timer.due_at <= self.now
        ]
        for timer, offer in due:
            try:
                if timer.name == "remind":
                    self._remind(offer, timer)
                else:
                    self._fire(offer, timer.name, CLOCK)
            except InvalidInput:
                timer.fired_at, timer.failed = self.now, True
        return len(due)

    def relay(self, ahead: timedelta, came: str) -> int:
        """A worker, its clock perhaps ahead, takes what is due; how many mails that were.

        They are sent, or put off by the server, or the worker is lost with them in hand.
        """
        clock = self.now + ahead
        due = [
            mail
            for mail in self.mails.values()
            if (mail.state == "pending" and mail.due_at <= clock)
            or (mail.state == "claimed" and mail.lease_until and mail.lease_until <= clock)
        ]
        for mail in due:
            mail.may_have_gone = True
            mail.state = {"sent": "sent", "put off": "pending", "lost": "claimed"}[came]
            mail.due_at = clock + PAUSE if came == "put off" else mail.due_at
            mail.lease_until = clock + LEASE if came == "lost" else None
        return len(due)

    def plan_anew(self) -> int:
        """A worker that starts again brings all plans in line; how many offers differed."""
        return sum([offer.plan_anew() for offer in self.offers.values()])

    def _offer_of(self, who: Who, offer_id: UUID) -> Offer:
        offer = self.offers.get(offer_id)
        if offer is None or who.unit not in (None, offer.unit):
            raise NotFound
        return offer

    def _fire(
        self, subject: Subject, event: str, who: Who, expected: int | None = None, note: str = ""
    ) -> Step:
        facts: dict[str, Any] = {"subject": subject.kind, "event": event}
        if event not in MOVES[subject.kind]:
            raise UnknownEvent(event=event)
        _require_version(subject, expected, len(subject.steps), subject.steps[-1])
        sources, target, by = MOVES[subject.kind][event]
        if subject.status not in sources:
            raise IllegalEvent(**facts, state=subject.status)
        if who.role not in by:
            raise EventForbidden(**facts)
        if event in NEEDS_NOTE and not note:
            raise NoteMissing((), **facts)
        if event == "reopen" and subject.is_held(self.now):
            raise DecisionHeld
        if event == "publish" and isinstance(subject, Offer):
            _require_publishable(subject, self.now)
        if event == "undo":
            self._take_back(subject)
        announce_at = None if event == "undo" else self.now + GRACE if event in HELD else self.now
        step = self._append(subject, event, target, who, note, announce_at=announce_at)
        if isinstance(subject, Application) and event in MAILS:
            self._mail(MAILS[event], subject, step, subject.address)
        if isinstance(subject, Offer):
            self._follow(subject, step)
        return step

    def _reject_with(self, offer: Offer, application: Application) -> bool:
        """Whoever does not know of a decision hears that the offer is cancelled, and of nothing else."""
        if application.offer is not offer:
            return False
        if application.is_held(self.now):
            try:
                self._fire(application, "undo", CLOCK)
            except UndoTooLate:
                return False
        if application.status in LIVE:
            self._fire(application, "cancel", CLOCK)
            return True
        return False

    def _take_back(self, subject: Subject) -> None:
        last = subject.steps[-1]
        ending = f"/{subject.id}/{last.version}"
        mails = [mail for key, mail in self.mails.items() if key.endswith(ending)]
        if not subject.is_held(self.now) or any(mail.may_have_gone for mail in mails):
            raise UndoTooLate
        for mail in mails:
            mail.state = "cancelled"

    def _follow(self, offer: Offer, step: Step) -> None:
        if step.event == "publish":
            offer.published_at = self.now
        if step.event in INDEXED:
            self.mails[f"index_offer/{offer.id}/{step.version}"] = Mail(None, self.now)
        offer.timers = offer.planned()

    def _remind(self, offer: Offer, timer: Timer) -> None:
        timer.fired_at = self.now
        if any(each.offer is offer and each.status in LIVE for each in self.applications.values()):
            self.mails[f"offer_waiting/{offer.id}/{timer.version}"] = Mail(offer.contact, self.now)

    def _append(
        self, subject: Subject, event: str, target: str, who: Who, note: str, *, announce_at: datetime | None
    ) -> Step:
        before = subject.steps[-1] if subject.steps else None
        step = Step(
            version=len(subject.steps) + 1,
            event=event,
            from_state=before.to_state if before else "",
            to_state=target,
            actor=who.id,
            role=who.role,
            at=self.now,
            announce_at=announce_at,
            undoes=before.version if before and event == "undo" else None,
            note=note,
        )
        subject.steps.append(step)
        return step

    def _mail(self, kind: str, subject: Subject, step: Step, recipient: str) -> None:
        due_at = step.announce_at or self.now
        self.mails[f"{kind}/{subject.id}/{step.version}"] = Mail(recipient, due_at)


def _require_version(subject: Subject, expected: int | None, present: int, last: Step) -> None:
    if expected is None or expected == present:
        return
    if not 1 <= expected < present:
        raise UnknownVersion(present=present)
    raise StaleVersion(
        subject=subject.kind,
        event=last.event,
        from_state=last.from_state,
        to_state=last.to_state,
        at=last.at,
        version=last.version,
        actor=(last.actor, last.role),
    )


def _require_publishable(offer: Offer, at: datetime) -> None:
    if not offer.described or offer.closes_on < at.astimezone(PARIS).date():
        raise InvalidInput
