"""Fills a portal with the demonstration: units, offers, accounts and applications with a past."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from workflow.alerts.criteria import Meaning
from workflow.applications.announcements import ApplicationAnnouncer, Facts
from workflow.applications.commands import candidate_actor
from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application, Draft
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.demo.accounts import (
    ADMINISTRATOR_EMAIL,
    CANDIDATE_EMAIL,
    RECRUITER_EMAIL,
    accepted_cvs,
    answer_hash,
    demo_accounts_exist,
    password_hash,
    write_candidate,
    write_recruiter,
)
from workflow.demo.alerts import write_alerts
from workflow.demo.candidates import covering_letter, demo_candidates
from workflow.demo.offers import DemoOffer, demo_offers, demo_units
from workflow.demo.reviews import write_paragraphs, write_review
from workflow.demo.stories import RECRUITER_UNITS, Story, begun_offer, demo_stories
from workflow.documents.commands import Accepted
from workflow.documents.storage import DocumentStore
from workflow.engine.calendar import replan
from workflow.engine.history import Step
from workflow.engine.machine import Actor, Terms
from workflow.engine.moves import Announcer, fire, start, tell_nobody
from workflow.engine.outbox import Announcement
from workflow.engine.tables import Outbox
from workflow.errors import Forbidden, NotFound
from workflow.offers.commands import announce_offer
from workflow.offers.machine import OfferMachine, closing_instant
from workflow.offers.queries import offer_by_reference
from workflow.offers.tables import Offer
from workflow.recruiters.queries import recruiter_id_of
from workflow.recruiters.tables import Recruiter, Unit
from workflow.roles import CLOCK
from workflow.settings import Settings
from workflow.terms import terms_of

_OFFICE_OPENS = time(9)
_DRAFTED_BEFORE = timedelta(days=3)
_MEGABYTE = 2**20
_BEGUN_BEFORE, _BEGUN_LETTER = timedelta(days=2), 3


class DemoForbidden(Forbidden):
    """Demo accounts have no place in production."""

    code = "demo-forbidden"


@dataclass(frozen=True, slots=True)
class DemoLoaded:
    """How much was written."""

    units: int
    offers: int
    candidates: int
    applications: int


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the parts of the demonstration share."""

    terms: Terms
    now: datetime
    new_id: Callable[[], UUID]


async def database_is_empty() -> bool:
    """Whether there is neither an offer nor an account."""
    return not (await Offer.exists() or await Candidate.exists() or await Recruiter.exists())


async def load_demo(
    settings: Settings,
    *,
    store: DocumentStore,
    meaning: Meaning,
    now: datetime,
    new_id: Callable[[], UUID] = uuid4,
) -> DemoLoaded | None:
    """Write the whole demonstration, or nothing; None where its accounts exist already.

    All that happened to an application goes through the machine, dated in the past. Only the index is
    told of the offers, and only the visitor's own candidate gets mails. Raises
    DemoForbidden in production. `meaning`: of keywords, in the search.
    """
    if settings.is_production:
        raise DemoForbidden
    if await demo_accounts_exist():
        return None
    stage = _Stage(terms_of(settings), now, new_id)
    today = now.astimezone(settings.timezone).date()
    offers = demo_offers(today)
    stories = demo_stories(offers, today, settings.timezone)
    cvs = await accepted_cvs(demo_candidates(), store, settings.cv_megabytes * _MEGABYTE)
    password, answer = await password_hash(), await answer_hash()
    async with write_transaction():
        if await demo_accounts_exist():
            return None
        units = await _write_units()
        for offer in offers:
            await _write_offer(offer, units[offer.unit_code], stage)
        recruiter, administrator = await _write_staff(units, password, now)
        candidates = await _write_candidates(cvs, password, answer, stage)
        for story in stories:
            actor = recruiter if story.offer.unit_code in RECRUITER_UNITS else administrator
            await _play(story, candidates[story.candidate.email], actor, stage)
        await write_paragraphs()
        visitor = candidates[CANDIDATE_EMAIL]
        await _begin(begun_offer(offers, today), visitor, stage)
        await write_alerts(visitor, meaning=meaning, now=now, new_id=new_id)
        await _count_waits_from(now)
    return DemoLoaded(len(units), len(offers), len(candidates), len(stories))


async def _count_waits_from(now: datetime) -> None:
    """Mails keep their dates of the past; that nobody sent them before there was a portal is no lateness."""
    is_demo = (Outbox.recipient == CANDIDATE_EMAIL) & (Outbox.due_at < now)
    await Outbox.update({Outbox.first_due_at: now}).where(is_demo)


async def _write_units() -> dict[str, int]:
    """The ids by code; a unit that exists already stays as it is."""
    known = {row["code"] for row in await Unit.select(Unit.code)}
    for unit in demo_units():
        if unit.code not in known:
            await Unit.insert(
                Unit(
                    code=unit.code,
                    name=unit.name,
                    city=unit.city,
                    region=unit.region,
                    contact_email=unit.contact_email,
                )
            )
    codes = [unit.code for unit in demo_units()]
    rows = await Unit.select(Unit.id, Unit.code).where(Unit.code.is_in(codes))
    return {row["code"]: int(row["id"]) for row in rows}


async def _write_staff(units: Mapping[str, int], password: str, now: datetime) -> tuple[Actor, Actor]:
    recruiter = await write_recruiter(
        RECRUITER_EMAIL,
        "Claire",
        "Morvan",
        password=password,
        unit_ids=[units[code] for code in RECRUITER_UNITS],
        now=now,
    )
    administrator = await write_recruiter(
        ADMINISTRATOR_EMAIL, "Samuel", "Okafor", password=password, unit_ids=None, now=now
    )
    return recruiter, administrator


async def _write_offer(offer: DemoOffer, unit_id: int, stage: _Stage) -> None:
    offer_id = stage.new_id()
    published_at = _opening(offer.published_on, stage)
    drafted_at = (published_at or stage.now) - _DRAFTED_BEFORE
    step = await start(OfferMachine, offer_id, CLOCK, terms=stage.terms, now=drafted_at)
    await Offer.insert(
        Offer(
            id=offer_id,
            unit=unit_id,
            status=step.to_state,
            version=step.version,
            created_at=drafted_at,
            published_at=published_at,
            publish_at=_opening(offer.publishes_on, stage),
            **_columns(offer),
        )
    )
    await replan(OfferMachine, offer_id, terms=stage.terms)
    is_closed = offer.state == "closed"
    if published_at:
        announce = tell_nobody if is_closed else announce_offer
        await fire(
            OfferMachine, offer_id, "publish", CLOCK, terms=stage.terms, now=published_at, announce=announce
        )
    if is_closed:
        at = closing_instant(offer.closes_on, stage.terms.zone)
        await fire(OfferMachine, offer_id, "close", CLOCK, terms=stage.terms, now=at)


def _opening(day: date | None, stage: _Stage) -> datetime | None:
    """When the office opens on that day."""
    return datetime.combine(day, _OFFICE_OPENS, tzinfo=stage.terms.zone).astimezone(UTC) if day else None


def _columns(offer: DemoOffer) -> dict[str, Any]:
    names = (
        *(
            "reference",
            "title_fr",
            "description_fr",
            "job_type",
            "industry",
            "job",
            "level",
            "region",
            "city",
        ),
        *("country", "contract", "duration_months", "work_time", "salary", "experience", "starts_on"),
        *("closes_on", "positions"),
    )
    values = {name: getattr(offer, name) for name in names}
    return values | {"title_en": offer.title_en or "", "description_en": offer.description_en or ""}


async def _write_candidates(
    cvs: Mapping[str, Accepted], password: str, answer: str, stage: _Stage
) -> dict[str, UUID]:
    ids: dict[str, UUID] = {}
    for candidate in demo_candidates():
        ids[candidate.email] = stage.new_id()
        await write_candidate(
            candidate,
            cvs[candidate.email],
            candidate_id=ids[candidate.email],
            cv_id=stage.new_id(),
            password=password,
            answer=answer,
            now=stage.now,
        )
    return ids


async def _begin(begun: DemoOffer, candidate_id: UUID, stage: _Stage) -> None:
    """The first words of a letter, kept as a draft."""
    candidate = await Candidate.select().where(Candidate.id == candidate_id).first()
    offer = await offer_by_reference(begun.reference)
    if candidate is None or offer is None:
        raise NotFound
    language = candidate["language"]
    letter = covering_letter(
        _BEGUN_LETTER, language, title=offer.title(language), reference=offer.reference, name=""
    )
    await Draft.insert(
        Draft(
            id=stage.new_id(),
            candidate=candidate_id,
            offer=offer.id,
            covering_letter_text="\n\n".join(letter.split("\n\n")[:2]),
            changed_at=stage.now - _BEGUN_BEFORE,
        )
    )


async def _play(story: Story, candidate_id: UUID, staff: Actor, stage: _Stage) -> None:
    """Submit the application and let happen what happened to it."""
    application_id = stage.new_id()
    candidate = await Candidate.select().where(Candidate.id == candidate_id).first()
    offer = await offer_by_reference(story.offer.reference)
    if candidate is None or offer is None:
        raise NotFound
    announce = _announcer(story, Facts.of(application_id, candidate, offer))
    own = candidate_actor(candidate_id)
    step = await start(
        ApplicationMachine, application_id, own, terms=stage.terms, now=story.submitted_at, announce=announce
    )
    language = story.candidate.language
    await Application.insert(
        Application(
            id=application_id,
            candidate=candidate_id,
            offer=offer.id,
            status=step.to_state,
            version=step.version,
            covering_letter_text=covering_letter(
                story.number,
                language,
                title=offer.title(language),
                reference=offer.reference,
                name=story.candidate.name,
            ),
            cv=candidate["profile_cv"],
            submitted_at=story.submitted_at,
        )
    )
    for happening in story.happenings:
        await fire(
            ApplicationMachine,
            application_id,
            happening.event,
            own if happening.event == "withdraw" else staff,
            terms=stage.terms,
            now=happening.at,
            announce=announce,
            note=happening.note,
        )
    if story.happenings and (reader := recruiter_id_of(staff)):
        looked_at = story.happenings[0].at
        note_id = stage.new_id()
        await write_review(story.number, application_id, reader, note_id=note_id, looked_at=looked_at)


def _announcer(story: Story, facts: Facts) -> Announcer:
    """The visitor's own mails are there to be read; nobody else's fill the mailbox."""
    if story.candidate.email != CANDIDATE_EMAIL:
        return tell_nobody
    tell_all = ApplicationAnnouncer(facts=facts)

    async def tell_candidate(step: Step, tells: Mapping[str, str]) -> Sequence[Announcement]:
        return [item for item in await tell_all(step, tells) if item.recipient == CANDIDATE_EMAIL]

    return tell_candidate
