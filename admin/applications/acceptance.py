"""Naming one successful: what shall follow is seen on the same page, and confirmed together with it (C8)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request

from admin.kit.batch_form import BatchForm
from admin.kit.moves import version_of
from admin.kit.proposals import NOBODY_MOVES, Proposal, proposal_of
from web.kit.portal import Portal
from workflow.applications.beside import live_rivals, successful_rivals
from workflow.applications.queries import StaffApplication
from workflow.batches.acceptance import CLOSE, REJECT, Accepted, Rejecting, accept_application
from workflow.batches.commands import MOST
from workflow.batches.queries import chosen_applications
from workflow.errors import FieldError, InvalidInput
from workflow.offers.machine import OfferMachine
from workflow.recruiters.queries import StaffMember

PREFIX = "others_"
"""Of the fields that tell how the others are rejected, within the form that accepts one."""

_OF_THE_OTHERS = frozenset({"note", "paragraph_fr", "paragraph_en"})


@dataclass(frozen=True, slots=True)
class Following:
    """What may follow. `others`: rejecting those that are still to be decided; `closes`: the offer, which is filled."""

    others: Proposal | None = None
    closes: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """What was typed about the others, by the names of the fields."""
        typed = self.others.form.texts if self.others else {}
        return {PREFIX + name: text for name, text in typed.items()}


async def following_of(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    application: StaffApplication,
    others: BatchForm,
    now: datetime,
) -> Following:
    """What accepting an application may bring along. `others`: as they were shown before."""
    offer = application.offer
    ids = [each.application_id for each in others.previewed] or await live_rivals(application, limit=MOST)
    chosen = [
        each
        for each in await chosen_applications(staff, ids)
        if each.offer_reference == offer.reference and each.id != application.id
    ]
    proposal = await proposal_of(request, staff, others, REJECT, chosen, now)
    fills = await successful_rivals(application) + 1 >= offer.positions
    return Following(
        others=proposal if proposal.moves_somebody else None,
        closes=fills and CLOSE in OfferMachine.moves_from(offer.status, staff.actor.role),
    )


async def accept(
    portal: Portal,
    staff: StaffMember,
    application_id: UUID,
    form: Mapping[str, str],
    others: BatchForm,
    now: datetime,
) -> Accepted:
    """Accept, with what was chosen to follow: all of it or nothing. Raises what the command does, by our fields."""
    rejecting = _rejecting(others) if form["others"] else None
    try:
        return await accept_application(
            staff,
            application_id,
            terms=portal.terms,
            now=now,
            expected_version=version_of(form),
            note=form["note"],
            paragraph=form["paragraph"],
            rejecting=rejecting,
            closes=bool(form["close"]),
        )
    except InvalidInput as error:
        raise InvalidInput([_of_our_form(each) for each in error.errors]) from error


def _rejecting(others: BatchForm) -> Rejecting:
    if others.batch_id is None or not others.items:
        raise InvalidInput([FieldError("", NOBODY_MOVES)])
    return Rejecting(others.batch_id, others.items, others.texts["note"], others.paragraphs)


def _of_our_form(error: FieldError) -> FieldError:
    return replace(error, field=PREFIX + error.field) if error.field in _OF_THE_OTHERS else error


def words_about_others(form: Mapping[str, str], others: BatchForm) -> dict[str, str]:
    """What was typed about them beside one's own words, for a page that has no fields for it: to be copied."""
    if not form["others"]:
        return {}
    paragraphs = filter(None, (form["paragraph"], *others.paragraphs.values()))
    return {"note": others.texts["note"], "paragraph": "\n\n".join(paragraphs)}
