"""Writing offers: the form in two languages, for new ones, changed ones and copies (C2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import FromPath

from admin.kit.addresses import offer_address
from admin.kit.wording import Wording
from admin.offers.form import choices, form_from
from admin.offers.page import shown_errors
from web.kit.errors import status_of
from web.kit.forms import texts
from web.kit.pages import SAVED, redirect, render
from web.kit.portal import Portal
from workflow.checks import Checks
from workflow.errors import FieldError, InvalidInput, NotFound
from workflow.language import N_
from workflow.offers.commands import OfferChanged, create_offer, edit_offer, offer_of_staff
from workflow.offers.duplicates import copied, duplicate_offer, free_reference
from workflow.offers.fields import OFFER_FIELDS, checked_offer, fingerprint
from workflow.offers.queries import OfferView
from workflow.offers.readiness import advisable, missing
from workflow.recruiters.queries import StaffMember, units

_EMPTY = {"positions": "1", "country": "FR", "tells_contact": "yes"}


@get("/offers/new")
async def new_offer_page(
    request: Request[Any, Any, Any], staff: NamedDependency[StaffMember], now: NamedDependency[datetime]
) -> Response[Any]:
    """An empty form."""
    return await _form_page(request, staff, now, _EMPTY)


@post("/offers/new")
async def new_offer(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Make a draft."""
    form = await texts(request, "reference", "unit", "then", *OFFER_FIELDS)
    reference, unit = form["reference"].strip(), form["unit"]
    problems = await _problems_of_new(staff, form)
    if problems:
        return await _form_page(request, staff, now, form, problems)
    try:
        await create_offer(staff, reference, int(unit), form, terms=portal.terms, now=now)
    except InvalidInput as error:
        return await _form_page(request, staff, now, form, error.errors)
    return _onward(
        request, reference, form, ("success", N_("A draft is made. Publish it when it is complete."))
    )


async def _problems_of_new(staff: StaffMember, form: Mapping[str, str]) -> list[FieldError]:
    """All that is wrong at once; the reference is compared with others when the draft is made."""
    checks = await _checked_place(staff, form)
    try:
        checked_offer(form)
    except InvalidInput as error:
        checks.errors += error.errors
    return checks.errors


async def _checked_place(staff: StaffMember, form: Mapping[str, str]) -> Checks:
    """Where a new offer goes: to a unit of one's own, under a reference."""
    checks = Checks(form)
    if form["unit"] not in {str(unit.id) for unit in await units(staff.unit_ids)}:
        checks.fail("unit", N_("Choose one of the list."))
    checks.line("reference", maximum=60, required=True)
    return checks


def _onward(
    request: Request[Any, Any, Any], reference: str, form: Mapping[str, str], done: tuple[str, str]
) -> Response[Any]:
    """After saving: to the preview where that was asked for, else to the offer."""
    if form["then"] == "preview":
        return redirect(request, f"{offer_address(reference)}/preview")
    return redirect(request, offer_address(reference), done)


@get("/offers/{reference:str}/edit")
async def edit_offer_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """The form as it was saved."""
    offer = await offer_of_staff(staff, reference)
    return await _form_page(request, staff, now, form_from(offer), offer=offer)


@post("/offers/{reference:str}/edit")
async def save_offer(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """Save what an offer says; a published one changes for candidates at once.

    Whoever saves after somebody else reads first what is saved now; saving once more then holds.
    """
    form = await texts(request, "seen", "then", *OFFER_FIELDS)
    offer = await offer_of_staff(staff, reference)
    try:
        await edit_offer(staff, reference, form, terms=portal.terms, now=now, seen=form["seen"])
    except InvalidInput as error:
        return await _form_page(request, staff, now, form, error.errors, offer=offer, seen=form["seen"])
    except OfferChanged as changed:
        offer = await offer_of_staff(staff, reference)
        return await _form_page(request, staff, now, form, offer=offer, changed=changed)
    response = _onward(request, reference, form, SAVED)
    response.background = BackgroundTask(portal.nudge)
    return response


async def _form_page(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    now: datetime,
    form: Mapping[str, Any],
    errors: Sequence[FieldError] = (),
    *,
    offer: OfferView | None = None,
    seen: str = "",
    changed: OfferChanged | None = None,
) -> Response[Any]:
    """The form with what was typed and what is wrong with it.

    `seen`: what the writer saw before, if that still counts; `changed`: that somebody else has saved since.
    """
    words = Wording(request, now)
    today = now.astimezone(words.zone).date()
    saved = form_from(offer) if offer else {}
    return render(
        request,
        "console/offer_form.html",
        status_code=status_of(changed) if changed else 422 if errors else 200,
        form=form,
        errors=errors,
        staff=staff,
        words=words,
        offer=offer,
        address=offer_address(offer.reference) if offer else "",
        seen=seen or (fingerprint(_values(offer)) if offer else ""),
        others=[(name, saved[name]) for name in OFFER_FIELDS if _differs(name, form, saved)]
        if changed
        else [],
        is_changed=changed is not None,
        missing=shown_errors(missing(offer, today), words) if offer and offer.status == "draft" else [],
        advice=shown_errors(advisable(offer, today), words) if offer else [],
        units=await _unit_choices(staff),
        choices=choices(form, words.language),
    )


def _values(offer: OfferView) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in OFFER_FIELDS}


def _differs(name: str, form: Mapping[str, Any], saved: Mapping[str, str]) -> bool:
    """Browsers send line breaks as they like."""
    typed, kept = ((each.get(name) or "").replace("\r\n", "\n").strip() for each in (form, saved))
    return bool(typed != kept)


async def _unit_choices(staff: StaffMember) -> list[tuple[str, str]]:
    return [(str(unit.id), f"{unit.code} – {unit.name}") for unit in await units(staff.unit_ids)]


@get("/offers/{reference:str}/duplicate")
async def duplicate_page(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """What a copy needs of its own: a reference is proposed, and the last day where it is still to come."""
    offer = await offer_of_staff(staff, reference)
    words = Wording(request, now)
    closes_on = copied(offer, now.astimezone(words.zone).date())["closes_on"]
    form = {
        "reference": await free_reference(reference),
        "unit": str(offer.unit_id),
        "closes_on": closes_on.isoformat() if closes_on else "",
    }
    return await _duplicate_form(request, staff, words, offer, form)


@post("/offers/{reference:str}/duplicate")
async def duplicate(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    reference: FromPath[str],
) -> Response[Any]:
    """Make the copy, and go on to its form."""
    form = await texts(request, "reference", "unit", "closes_on")
    offer = await offer_of_staff(staff, reference)
    words = Wording(request, now)
    checks = await _checked_place(staff, form)
    checks.day("closes_on", required=True)
    if checks.errors:
        return await _duplicate_form(request, staff, words, offer, form, checks.errors)
    new = form["reference"].strip()
    try:
        await duplicate_offer(
            staff, reference, new, int(form["unit"]), form["closes_on"], terms=portal.terms, now=now
        )
    except NotFound:
        raise
    except InvalidInput as error:
        return await _duplicate_form(request, staff, words, offer, form, error.errors)
    done = ("success", N_("The copy is a draft. Look through it, then publish it."))
    return redirect(request, f"{offer_address(new)}/edit", done)


async def _duplicate_form(
    request: Request[Any, Any, Any],
    staff: StaffMember,
    words: Wording,
    offer: OfferView,
    form: Mapping[str, str],
    errors: Sequence[FieldError] = (),
) -> Response[Any]:
    return render(
        request,
        "console/offer_duplicate.html",
        status_code=422 if errors else 200,
        form=form,
        errors=errors,
        staff=staff,
        words=words,
        offer=offer,
        address=offer_address(offer.reference),
        units=await _unit_choices(staff),
    )


OFFER_EDITING_HANDLERS = (
    new_offer_page,
    new_offer,
    edit_offer_page,
    save_offer,
    duplicate_page,
    duplicate,
)
