"""What an offer still lacks before it can be published, and what would make it better (C2)."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.offers.machine import OfferMachine, check_publishable
from workflow.offers.queries import OfferView

SHORT_DESCRIPTION = 300
"""Characters; below, candidates hardly learn what the work is."""
FEW_DAYS = timedelta(days=7)


def missing(offer: OfferView, on: date) -> tuple[FieldError, ...]:
    """What keeps an offer from being published on a day, by field."""
    try:
        check_publishable({name: getattr(offer, name) for name in OfferMachine.reads}, on)
    except InvalidInput as error:
        return error.errors
    return ()


def advisable(offer: OfferView, on: date) -> tuple[FieldError, ...]:
    """What candidates would miss, or be glad of; none of it keeps an offer from being published."""
    return tuple(_advice(offer, on))


def _advice(offer: OfferView, on: date) -> Iterator[FieldError]:
    yield from _languages(offer)
    yield from _descriptions(offer)
    if not offer.salary:
        yield FieldError("salary", N_("The pay is not said. Offers that name it get more applications."))
    if on <= offer.closes_on < on + FEW_DAYS:
        yield FieldError("closes_on", N_("It closes within a week. Few people will have seen it by then."))
    if not offer.contact:
        yield FieldError("contact_email", N_("There is no contact: nobody hears of applications by mail."))
    elif not offer.tells_contact:
        yield FieldError("tells_contact", N_("The contact is not written to when somebody applies."))


_ONE_LANGUAGE: Mapping[str, str] = {
    "title_fr": N_("There is no title in French. Who reads French sees the English one."),
    "title_en": N_("There is no title in English. Who reads English sees the French one."),
    "description_fr": N_("There is no description in French. Who reads French sees the English one."),
    "description_en": N_("There is no description in English. Who reads English sees the French one."),
}


def _languages(offer: OfferView) -> Iterator[FieldError]:
    """One text without the other; no text at all is said elsewhere."""
    for kind in ("title", "description"):
        texts: dict[str, Any] = {f"{kind}_{code}": getattr(offer, f"{kind}_{code}") for code in ("fr", "en")}
        if any(texts.values()):
            yield from (FieldError(name, _ONE_LANGUAGE[name]) for name, text in texts.items() if not text)


def _descriptions(offer: OfferView) -> Iterator[FieldError]:
    text = N_("The description is short: {length} characters. Candidates want to know what the work is.")
    for name in ("description_fr", "description_en"):
        length = len(getattr(offer, name))
        if 0 < length < SHORT_DESCRIPTION:
            yield FieldError(name, text, {"length": length})
