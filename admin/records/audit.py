"""The audit: who did what in the console, when, what was before and after; searchable (C9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from admin.kit.addresses import offer_address
from admin.kit.wording import Wording
from web.kit.addresses import row_id
from web.kit.pages import render
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import applicants
from workflow.applications.trail import MOVES, Deed, Place, Wanted, is_uuid, trail
from workflow.audit.actions import ACTIONS, SUBJECTS
from workflow.checks import Checks, clean_line
from workflow.engine.machine import Actor
from workflow.errors import FieldError, NotFound
from workflow.language import say
from workflow.machines import MACHINES
from workflow.offers.machine import OfferMachine
from workflow.offers.queries import offers_by_ids
from workflow.recruiters.queries import StaffMember, colleagues, names_of_recruiters, recruiter_id_of, units
from workflow.roles import CLOCK
from workflow.webhooks.queries import webhook_names

AUDIT = "/console/audit"
_PAGES = {"mail": "/console/deliveries/", "batch": "/console/batches/", "paragraph": "/console/paragraphs/"}
"""Type → where one of it stands, by its id."""

_FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class ShownDeed:
    """One entry in the reader's words. `changes`: field, before, after; `address`: where its subject is, or empty."""

    at: datetime
    who: str
    what: str
    subject: str
    address: str
    changes: tuple[tuple[str, str, str], ...]


@get("/audit")
async def audit_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    words: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    who: FromQuery[str] = "",
    first: FromQuery[str] = "",
    last: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[Any]:
    """What was done, newest first; an odd day is said beside its field. Raises NotFound for an odd kind."""
    if kind and kind not in SUBJECTS and kind != MOVES:
        raise NotFound
    own = Wording(request, now)
    form = {"words": clean_line(words)[:200], "kind": kind, "who": who, "first": first, "last": last}
    days = Checks(form)
    wanted = Wanted(
        words=form["words"],
        called=_called(form["words"], own.language),
        kind=kind,
        actor_id=clean_line(who)[:64],
        first=_start_of(days.day("first"), own),
        last=_start_of(days.day("last"), own, after=timedelta(days=1)),
    )
    found = await trail(staff, wanted, _place(before))
    names = await _names([deed.actor_id for deed in found.deeds], own)
    older = {**form, "before": _in_words(found.older)} if found.older else {}
    errors: Sequence[FieldError] = days.errors
    return render(
        request,
        "console/audit.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        staff=staff,
        words=own,
        deeds=await _shown(found.deeds, names, own),
        people=await colleagues(staff),
        subjects=[(code, say(own.language, text)) for code, text in SUBJECTS.items()],
        older=f"{AUDIT}?{urlencode(older)}" if older else "",
        is_filtered=any(form.values()),
    )


def _called(words: str, language: str) -> frozenset[str]:
    """The actions and events whose names hold these words."""
    names = {action: say(language, text) for action, text in ACTIONS.items()} | {
        f"{machine.subject}.{event}": say(language, machine.event_message(event))
        for machine in MACHINES
        for event in machine.rules
    }
    sought = words.casefold()
    return frozenset(code for code, name in names.items() if sought and sought in name.casefold())


def _in_words(place: Place) -> str:
    return f"{place.at.isoformat()}~{int(place.is_step)}~{place.id}"


def _place(text: str) -> Place | None:
    """The place that an address names; the newest for one that names none."""
    at, _, rest = text.partition("~")
    is_step, _, number = rest.partition("~")
    try:
        place = Place(datetime.fromisoformat(at).astimezone(UTC), is_step == "1", row_id(int(number)))
    except (ValueError, OverflowError, NotFound):
        return None
    return place if place.at.year >= _FIRST_YEAR else None


def _start_of(day: Any, words: Wording, *, after: timedelta = timedelta()) -> datetime | None:
    return datetime.combine(day + after, time(), words.zone).astimezone(UTC) if day else None


async def _names(actor_ids: Sequence[str], words: Wording) -> dict[str, str]:
    """Who the actors are; an id that is neither a recruiter's nor the portal's is its own name."""
    ids = {actor: recruiter_id_of(Actor(actor, "")) for actor in actor_ids}
    names = await names_of_recruiters({number for number in ids.values() if number})
    itself = {CLOCK.id: say(words.language, "The portal")}
    return {actor: names.get(number or 0) or itself.get(actor, actor) for actor, number in ids.items()}


async def _shown(deeds: Sequence[Deed], names: Mapping[str, str], words: Wording) -> list[ShownDeed]:
    subjects = await _subjects(deeds, words)
    return [
        ShownDeed(
            at=deed.at,
            who=names[deed.actor_id],
            what=_what(deed, words),
            subject=subject,
            address=address,
            changes=tuple(_changes(deed, words)),
        )
        for deed in deeds
        for subject, address in [subjects.get((deed.subject_type, deed.subject_id), ("", ""))]
    ]


async def _subjects(deeds: Sequence[Deed], words: Wording) -> dict[tuple[str, str], tuple[str, str]]:
    """The name and the address of everything that the entries are about, as far as it has them."""
    wanted = {(deed.subject_type, deed.subject_id) for deed in deeds}
    by_type: dict[str, list[str]] = {}
    for kind, subject_id in wanted:
        by_type.setdefault(kind, []).append(subject_id)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for offer in await offers_by_ids(_uuids(by_type.get(OfferMachine.subject, ()))):
        name = f"{offer.title(words.language)} ({offer.reference})"
        found[OfferMachine.subject, str(offer.id)] = (name, offer_address(offer.reference))
    for application_id, name in (
        await applicants(_uuids(by_type.get(ApplicationMachine.subject, ())))
    ).items():
        text = name or say(words.language, "Deleted account")
        found[ApplicationMachine.subject, str(application_id)] = (
            text,
            f"/console/applications/{application_id}",
        )
    for number, name in (await names_of_recruiters(_numbers(by_type.get("recruiter", ())))).items():
        found["recruiter", str(number)] = (name, "")
    for unit in await units(_numbers(by_type.get("unit", ()))):
        found["unit", str(unit.id)] = (f"{unit.code} – {unit.name}", "")
    for webhook_id, name in (await webhook_names(_uuids(by_type.get("webhook", ())))).items():
        found["webhook", str(webhook_id)] = (name, f"/console/webhooks/{webhook_id}")
    for kind, page in _PAGES.items():
        for subject_id in by_type.get(kind, ()):
            found[kind, subject_id] = (
                f"{say(words.language, SUBJECTS[kind])} {subject_id[:8]}",
                page + subject_id,
            )
    return found


def _numbers(texts: Sequence[str]) -> set[int]:
    return {int(text) for text in texts if text.isdecimal()}


def _uuids(texts: Sequence[str]) -> list[UUID]:
    return [UUID(text) for text in texts if is_uuid(text)]


def _what(deed: Deed, words: Wording) -> str:
    machine = {ApplicationMachine.subject: ApplicationMachine, OfferMachine.subject: OfferMachine}.get(
        deed.subject_type
    )
    event = deed.action.partition(".")[2]
    if machine is not None and event in machine.rules:
        return say(words.language, machine.event_message(event))
    return say(words.language, ACTIONS[deed.action]) if deed.action in ACTIONS else deed.action


def _changes(deed: Deed, words: Wording) -> list[tuple[str, str, str]]:
    return [
        (
            name,
            _value(deed.before.get(name), name, deed, words),
            _value(deed.after.get(name), name, deed, words),
        )
        for name in dict.fromkeys((*deed.before, *deed.after))
    ]


def _value(value: Any, name: str, deed: Deed, words: Wording) -> str:
    if value is None or value == "":
        return ""
    if name == "status" and value in ApplicationMachine.state_ids() and deed.subject_type == "application":
        return words.application_state(value)
    if name == "status" and value in OfferMachine.state_ids():
        return words.offer_state(value)
    if isinstance(value, bool):
        return say(words.language, "Yes") if value else say(words.language, "No")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


AUDIT_HANDLERS = (audit_page,)
