"""How the console words what it shows, in the reader's language: states, events, hours, who did what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_skeleton, format_time, format_timedelta, get_timezone_location
from babel.numbers import format_decimal
from litestar import Request

from web.kit.language import language_of
from web.kit.portal import portal_of
from workflow.applications.machine import ApplicationMachine
from workflow.engine.drawing.journey import Words
from workflow.engine.history import Step
from workflow.engine.machine import Machine
from workflow.errors import DomainError
from workflow.language import N_, say
from workflow.offers.machine import OfferMachine
from workflow.recruiters.queries import names_of_recruiters, recruiter_id_of
from workflow.reference.queries import Kind, label
from workflow.roles import CANDIDATE, SYSTEM

AUDIENCE = "recruiter"

# As in the pages' own dates: Europeans count the hours to 24.
_LOCALES = {"en": "en_GB"}

_ANOTHER = N_("Somebody")
_ITSELF = N_("The portal")
_JUST_NOW = N_("just now")
_FOR = N_("for {time}")


@dataclass(frozen=True, slots=True)
class Wording:
    """Words for one reader at one instant."""

    request: Request[Any, Any, Any]
    now: datetime

    @property
    def language(self) -> str:
        """The reader's."""
        return language_of(self.request)

    @property
    def _locale(self) -> str:
        return _LOCALES.get(self.language, self.language)

    @property
    def zone(self) -> ZoneInfo:
        """The portal's: days and hours are told in it."""
        return portal_of(self.request).zone

    @property
    def place(self) -> str:
        """Where the clocks show the portal's hours: “Paris”."""
        return get_timezone_location(self.zone, locale=self._locale, return_city=True)

    def application_state(self, state: str) -> str:
        """The name of a state of applications."""
        return say(self.language, ApplicationMachine.state_message(state, AUDIENCE))

    def application_event(self, event: str) -> str:
        """The text on the button of an event."""
        return say(self.language, ApplicationMachine.event_message(event))

    def offer_state(self, state: str) -> str:
        """The name of a state of offers."""
        return say(self.language, OfferMachine.state_message(state, AUDIENCE))

    def offer_event(self, event: str) -> str:
        """The text on the button of an event."""
        return say(self.language, OfferMachine.event_message(event))

    def name(self, kind: Kind, code: str | None) -> str:
        """The name of a code of a reference list; a text that is no code is its own name."""
        return label(kind, code, self.language) if code else ""

    def waiting(self, since: datetime) -> str:
        """How long ago that was: “3 days”; nobody counts seconds."""
        if self._is_now(since):
            return say(self.language, _JUST_NOW)
        return format_timedelta(self.now - since, granularity="minute", threshold=1.2, locale=self._locale)

    def waited(self, since: datetime) -> str:
        """The same as said of what goes on: “for 3 days”."""
        time = self.waiting(since)
        return time if self._is_now(since) else say(self.language, _FOR, time=time)

    def _is_now(self, at: datetime) -> bool:
        return self.now - at < timedelta(minutes=1)

    def day(self, at: datetime) -> str:
        """The day in words, this year's without the year: “12 November”."""
        local, today = at.astimezone(self.zone), self.now.astimezone(self.zone)
        skeleton = "MMMMd" if local.year == today.year else "yMMMMd"
        return format_skeleton(skeleton, local, locale=self._locale)

    def left(self, until: datetime) -> str:
        """How long it is until then: “12 minutes”."""
        return format_timedelta(until - self.now, threshold=1.2, locale=self._locale)

    def span(self, time: timedelta) -> str:
        """How long something took: “12 seconds”."""
        return format_timedelta(time, threshold=1.2, locale=self._locale)

    def mean(self, value: float) -> str:
        """A mean, with one decimal where it needs one: “4.5”."""
        return format_decimal(value, format="#,##0.#", locale=self._locale)

    def hour(self, at: datetime) -> str:
        """The hour; with the day when it is not today's."""
        zone = portal_of(self.request).zone
        if at.astimezone(zone).date() == self.now.astimezone(zone).date():
            return format_time(at, "short", tzinfo=zone, locale=self._locale)
        return format_datetime(at, "short", tzinfo=zone, locale=self._locale)

    def clock(self, at: datetime) -> str:
        """The hour alone: “09:00”."""
        return format_time(at, "short", tzinfo=self.zone, locale=self._locale)

    def moment(self, at: datetime) -> str:
        """The day and the hour, as short as can be: today's without the day, this year's without the year."""
        zone = portal_of(self.request).zone
        local, today = at.astimezone(zone), self.now.astimezone(zone)
        hour = format_time(at, "short", tzinfo=zone, locale=self._locale)
        if local.date() == today.date():
            return hour
        day = format_skeleton("MMMd" if local.year == today.year else "yMMMd", local, locale=self._locale)
        return f"{day}, {hour}"

    def drawing(self, machine: type[Machine]) -> Words:
        """The words of a machine's drawing."""
        return Words(
            state=lambda state: say(self.language, machine.state_message(state, AUDIENCE)),
            event=lambda event: say(self.language, machine.event_message(event)),
            instant=self.moment,
            gettext=partial(say, self.language),
        )

    def error(self, error: DomainError, machine: type[Machine]) -> str:
        """What went wrong, with states and events by their names."""
        facts = dict(error.facts)
        for name in ("state", "from_state", "to_state"):
            if facts.get(name) in machine.state_ids():
                facts[name] = say(self.language, machine.state_message(facts[name], AUDIENCE))
        if facts.get("event") in machine.rules:
            facts["event"] = say(self.language, machine.event_message(facts["event"]))
        if isinstance(facts.get("at"), datetime):
            facts["at"] = self.hour(facts["at"])
        return say(self.language, error.template(), **facts)


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step as the console tells it. `told`: `told`, `held`, `undone` or `never`."""

    status: str
    label: str
    event: str
    who: str
    at: datetime
    note: str
    told: str
    announce_at: datetime | None


async def shown_steps(
    steps: Sequence[Step], machine: type[Machine], words: Wording, *, candidate: str = ""
) -> tuple[ShownStep, ...]:
    """The history, newest first; `candidate` is the name of the one whose application it is."""
    names = await names_of_recruiters({number for step in steps if (number := recruiter_id_of(step.actor))})
    undone = {step.undoes for step in steps}
    return tuple(
        ShownStep(
            status=step.to_state,
            label=say(words.language, machine.state_message(step.to_state, AUDIENCE)),
            event=say(words.language, machine.event_message(step.event)),
            who=_who(step, names, candidate, words.language),
            at=step.at,
            note=step.note,
            told="undone" if step.version in undone else _told(step, words.now),
            announce_at=step.announce_at,
        )
        for step in reversed(steps)
    )


def _told(step: Step, now: datetime) -> str:
    if step.is_held(now):
        return "held"
    return "told" if step.is_told(now) else "never"


def _who(step: Step, names: dict[int, str], candidate: str, language: str) -> str:
    if step.actor.role == CANDIDATE:
        return candidate or say(language, _ANOTHER)
    if step.actor.role == SYSTEM:
        return say(language, _ITSELF)
    return names.get(recruiter_id_of(step.actor) or 0) or say(language, _ANOTHER)
