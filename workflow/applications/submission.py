"""What a candidate sends with an application, and its checks (P2); they run before the transaction."""

from dataclasses import dataclass

from workflow.checks import clean_text, is_web_address
from workflow.documents.commands import COVERING_LETTER, CV, Accepted, Upload, accept_upload
from workflow.documents.storage import DocumentStore
from workflow.errors import DocumentRefused, FieldError, InvalidInput, TooLarge
from workflow.language import N_

LETTER_LENGTH = 10_000
_URL_LENGTH = 500


@dataclass(frozen=True, slots=True)
class ApplicationForm:
    """What a candidate sends (P2): a covering letter as file or text, another CV than the profile's, an address."""

    covering_letter: Upload | None = None
    covering_letter_text: str = ""
    cv: Upload | None = None
    cv_url: str = ""


@dataclass(frozen=True, slots=True)
class Documents:
    """Where uploads go, and how large each may be, in bytes."""

    store: DocumentStore
    limit: int


@dataclass(frozen=True, slots=True)
class AcceptedForm:
    """A checked form: its files are stored and have no rows yet."""

    letter_text: str
    cv_url: str
    files: tuple[Accepted, ...]


async def accept_form(form: ApplicationForm, documents: Documents) -> AcceptedForm:
    """Check a form and store its files. Raises InvalidInput with every mistake, each beside its field."""
    letter_text, cv_url = clean_text(form.covering_letter_text), form.cv_url.strip()
    errors = [*_letter_errors(form, letter_text), *_url_errors(cv_url)]
    files: list[Accepted] = []
    for kind, upload in ((COVERING_LETTER, form.covering_letter), (CV, form.cv)):
        if upload is None:
            continue
        try:
            files.append(await accept_upload(upload, kind, store=documents.store, limit=documents.limit))
        except (DocumentRefused, TooLarge) as refused:
            errors.append(FieldError(kind, refused.template(), refused.facts))
    if errors:
        raise InvalidInput(errors)
    return AcceptedForm(letter_text, cv_url, tuple(files))


def _letter_errors(form: ApplicationForm, text: str) -> list[FieldError]:
    if not form.covering_letter and not text:
        return [FieldError("covering_letter", N_("Attach a covering letter, or write one."))]
    if len(text) > LETTER_LENGTH:
        too_long = N_("Use {maximum} characters at most; there are {length}.")
        return [FieldError("covering_letter_text", too_long, {"maximum": LETTER_LENGTH, "length": len(text)})]
    return []


def _url_errors(url: str) -> list[FieldError]:
    if not url or (len(url) <= _URL_LENGTH and is_web_address(url)):
        return []
    return [FieldError("cv_url", N_("Write a full web address that begins with https:// or http://."))]
