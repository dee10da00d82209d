"""What a candidate sends with an application, and its checks (P2); they run before the transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from workflow.checks import clean_line, clean_text, is_seen, is_web_address
from workflow.documents.commands import COVERING_LETTER, CV, Accepted, Upload, accept_upload
from workflow.documents.storage import DocumentStore
from workflow.errors import DocumentRefused, FieldError, InvalidInput, NotFound, OfferNotOpen, TooLarge
from workflow.language import N_
from workflow.offers.queries import OfferView, offer_by_reference

LETTER_LENGTH = 10_000
URL_LENGTH = 500
_BULLETS = str.maketrans("", "", "-–—*+•·◦‣⁃▪■●")
"""Signs that begin the lines of a list; a letter of nothing else is none."""
LONGEST_WORDS = 5 * LETTER_LENGTH
"""A letter that is still to be shortened is kept; what is longer than this is refused unread."""


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """What a candidate sends (P2): a covering letter as file or text, another CV than the profile's, an address."""

    covering_letter: Upload | None = None
    covering_letter_text: str = ""
    cv: Upload | None = None
    cv_url: str = ""


@dataclass(frozen=True, slots=True)
class Documents:
    """Where uploads go, and how large each kind of them may be, in bytes."""

    store: DocumentStore
    limits: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class AcceptedForm:
    """A form whose words are cleaned and whose files are stored; these have no rows yet."""

    letter_text: str
    cv_url: str
    files: tuple[Accepted, ...]
    refused: tuple[FieldError, ...]


async def take_form(form: ApplicationForm, documents: Documents) -> AcceptedForm:
    """Clean the words and store the files; what is wrong with a file stands beside its field.

    Raises InvalidInput for words without end, before anything is done with them or with the files.
    """
    require_none(_endless(form))
    files: list[Accepted] = []
    refused: list[FieldError] = []
    for kind, upload in ((COVERING_LETTER, form.covering_letter), (CV, form.cv)):
        if upload is None:
            continue
        try:
            limit = documents.limits[kind]
            files.append(await accept_upload(upload, kind, store=documents.store, limit=limit))
        except (DocumentRefused, TooLarge) as error:
            refused.append(FieldError(kind, error.template(), error.facts))
    words = clean_text(form.covering_letter_text), clean_line(form.cv_url)
    return AcceptedForm(*words, tuple(files), tuple(refused))


async def accept_form(form: ApplicationForm, documents: Documents) -> AcceptedForm:
    """The same for a form that is sent as it is. Raises InvalidInput with every mistake, each beside its field."""
    accepted = await take_form(form, documents)
    has_letter = form.covering_letter is not None
    require_none([*word_errors(accepted.letter_text, accepted.cv_url, has_letter), *accepted.refused])
    return accepted


def _endless(form: ApplicationForm) -> list[FieldError]:
    words = (
        ("covering_letter_text", form.covering_letter_text, LETTER_LENGTH),
        ("cv_url", form.cv_url, URL_LENGTH),
    )
    return [_too_long(*each) for each in words if len(each[1]) > LONGEST_WORDS]


def _too_long(field: str, text: str, maximum: int) -> FieldError:
    facts = {"maximum": maximum, "length": len(text)}
    return FieldError(field, N_("Use {maximum} characters at most; there are {length}."), facts)


def word_errors(letter_text: str, cv_url: str, has_letter: bool) -> list[FieldError]:
    """What is wrong with the words of an application; `has_letter`: whether a file holds the covering letter."""
    return [*_letter_errors(letter_text, has_letter), *_url_errors(cv_url)]


def require_none(errors: list[FieldError]) -> None:
    """Raises InvalidInput if there are any."""
    if errors:
        raise InvalidInput(errors)


def _letter_errors(text: str, has_letter: bool) -> list[FieldError]:
    if not has_letter and not is_seen(text.translate(_BULLETS)):
        return [FieldError("covering_letter", N_("Attach a covering letter, or write one."))]
    if len(text) > LETTER_LENGTH:
        return [_too_long("covering_letter_text", text, LETTER_LENGTH)]
    return []


def _url_errors(url: str) -> list[FieldError]:
    if not url or (len(url) <= URL_LENGTH and is_web_address(url)):
        return []
    return [FieldError("cv_url", N_("Write a full web address that begins with https:// or http://."))]


async def open_offer(reference: str, *, now: datetime, zone: ZoneInfo) -> OfferView:
    """The offer, if one can apply to it now. Raises NotFound, OfferNotOpen."""
    offer = await offer_by_reference(reference)
    if offer is None:
        raise NotFound
    require_open(offer, now=now, zone=zone)
    return offer


def require_open(offer: OfferView | None, *, now: datetime, zone: ZoneInfo) -> None:
    """Raises OfferNotOpen."""
    if offer is None or not offer.is_open(now, zone):
        raise OfferNotOpen
