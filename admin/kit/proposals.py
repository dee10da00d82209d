"""What many moves at once would do, as a page shows it before anything happens: who, the mails, the words (C3, C6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from litestar import Request

from admin.kit.batch_form import BatchForm, packed
from web.kit.portal import portal_of
from workflow.applications.machine import ApplicationMachine
from workflow.applications.previews import PreviewedMail, mail_of_move
from workflow.batches.queries import ON_THE_WAY, Chosen, Plan, plan_of
from workflow.batches.reasons import in_words
from workflow.engine.machine import Rule
from workflow.language import N_
from workflow.recruiters.queries import StaffMember
from workflow.reviews.paragraphs import ParagraphView, paragraphs_of

SHOWN = 200
"""Names that a list on a page has at most; how many there are is always said."""

NOBODY_MOVES = N_("None of these applications can be moved like this.")


@dataclass(frozen=True, slots=True)
class ExampleMail:
    """What one of those who read a language will get. `number`: how many read it; `before`: of the step before."""

    language: str
    number: int
    example: Chosen
    mail: PreviewedMail
    before: PreviewedMail | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan with all that a page says of it. `total`: how many were chosen; `saved`: paragraphs that fit.

    `form`: what was typed, with a saved paragraph where its button was pressed; `batch_id`: names it, however
    often it is sent.
    """

    plan: Plan
    total: int
    form: BatchForm
    batch_id: UUID
    mails: tuple[ExampleMail, ...]
    saved: tuple[ParagraphView, ...]

    @property
    def moves_somebody(self) -> bool:
        return bool(self.plan.movable or self.plan.via)

    @property
    def items(self) -> str:
        """All that was chosen, as the page sends it again."""
        return packed(self.plan)

    @property
    def way(self) -> str:
        """The event that some need first."""
        return ON_THE_WAY.get(self.plan.event, "")

    @property
    def rule(self) -> Rule:
        return ApplicationMachine.rules[self.plan.event]

    def why(self, reason: str) -> str:
        """The id of the sentence that tells why some cannot move."""
        return in_words(reason)


async def proposal_of(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    form: BatchForm,
    event: str,
    chosen: Sequence[Chosen],
    now: datetime,
) -> Proposal:
    """What an event would do to those that were chosen."""
    saved = await _saved_paragraphs(staff, event, chosen)
    form = form.with_inserted(saved)
    plan = plan_of(chosen, event, staff, now=now)
    return Proposal(
        plan=plan,
        total=len(chosen),
        form=form,
        batch_id=form.batch_id or uuid4(),
        mails=await _mails(request, plan, form.paragraphs, now),
        saved=saved,
    )


async def _saved_paragraphs(
    staff: StaffMember, event: str, chosen: Sequence[Chosen]
) -> tuple[ParagraphView, ...]:
    """Those that fit all mails: of every unit, or of the one that all these applications belong to."""
    units = {each.unit_id for each in chosen}
    return tuple(
        each
        for each in await paragraphs_of(staff)
        if each.event == event and (each.unit_id is None or {each.unit_id} == units)
    )


async def _mails(
    request: Request[Any, Any, Any], plan: Plan, paragraphs: Mapping[str, str], now: datetime
) -> tuple[ExampleMail, ...]:
    portal = portal_of(request)

    async def mail(chosen: Chosen, event: str, words: Mapping[str, str]) -> PreviewedMail | None:
        return await mail_of_move(chosen.id, event, words, terms=portal.terms, house=portal.house, now=now)

    found = []
    for language, example in plan.examples.items():
        main = await mail(example, plan.event, paragraphs)
        if main is None:
            continue
        first = next((each for each in plan.via if each.language == language), None)
        before = await mail(first, ON_THE_WAY[plan.event], {}) if first else None
        number = sum(each.language == language for each in (*plan.movable, *plan.via))
        found.append(ExampleMail(language, number, example, main, before))
    return tuple(found)
