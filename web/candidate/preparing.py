"""What is being prepared, as its candidate sees it: a draft, and the profile that would go with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from web.candidate.presenting import KIND_LABELS, ShownDocument
from web.kit.offers import ShownOffer, application_form_address, shown_offer
from workflow.applications.draft_queries import DRAFTS_KEPT, DraftView
from workflow.candidates.queries import CandidateView
from workflow.documents.queries import DocumentView
from workflow.language import LANGUAGES, N_, say
from workflow.reference.queries import Kind, label

PROFILE_LABELS = {
    "profile_cv": N_("CV"),
    "nationality": N_("Nationality"),
    "address": N_("Address"),
    "postal_code": N_("Postal code"),
    "city": N_("City"),
    "country": N_("Country"),
    "phone": N_("Phone"),
    "level": N_("Level of qualification"),
    "situation": N_("Current situation"),
    "languages": N_("Languages"),
}
"""What a profile asks for besides the name, in the order of its page."""

_CODED: dict[str, Kind] = {
    "nationality": "country",
    "country": "country",
    "level": "level",
    "situation": "situation",
}


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """What templates read of a draft. `sent_cv`: the one that would go, maybe the profile's; `until`: its last day."""

    offer: ShownOffer
    href: str
    letter: ShownDocument | None
    letter_text: str
    cv: ShownDocument | None
    sent_cv: ShownDocument | None
    cv_url: str
    changed_at: datetime
    until: date

    @property
    def documents(self) -> tuple[ShownDocument, ...]:
        """The files that were attached to it."""
        return tuple(file for file in (self.letter, self.cv) if file)


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """What laboratories will see of the candidate: pairs of label and words; `missing`: labels of what is empty."""

    name: str
    facts: tuple[tuple[str, str], ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingField:
    """An empty field of the profile: where it is on its page, and what it is called."""

    field: str
    label: str


def shown_draft(draft: DraftView, language: str, *, now: datetime, zone: ZoneInfo) -> ShownDraft:
    """The draft for its candidate."""
    address = application_form_address(draft.offer.reference)

    def shown(file: DocumentView | None) -> ShownDocument | None:
        if file is None:
            return None
        is_own = file in draft.documents
        href = f"{address}/documents/{file.id}" if is_own else "/candidate/profile/cv"
        return ShownDocument(href, file.filename, say(language, KIND_LABELS[file.kind]), file.size)

    return ShownDraft(
        offer=shown_offer(draft.offer, language, now=now, zone=zone),
        href=address,
        letter=shown(draft.covering_letter),
        letter_text=draft.covering_letter_text,
        cv=shown(draft.cv),
        sent_cv=shown(draft.sent_cv),
        cv_url=draft.cv_url,
        changed_at=draft.changed_at,
        until=(draft.changed_at + DRAFTS_KEPT).astimezone(zone).date(),
    )


def shown_profile(candidate: CandidateView, language: str) -> ShownProfile:
    """The profile in the reader's words; the CV stands elsewhere."""
    titled = [label("title", candidate.title, language), candidate.first_name, candidate.last_name]
    facts = [(say(language, N_("E-mail address")), candidate.email)]
    for field, name in PROFILE_LABELS.items():
        value = "" if field == "profile_cv" else getattr(candidate, field)
        if value:
            words = label(_CODED[field], value, language) if field in _CODED else value
            facts.append((say(language, name), words))
    facts.append((say(language, N_("Language of e-mails")), LANGUAGES[candidate.language]))
    missing = tuple(each.label for each in missing_fields(candidate, language) if each.field != "cv")
    return ShownProfile(" ".join(filter(None, titled)), tuple(facts), missing)


def missing_fields(candidate: CandidateView, language: str) -> Sequence[MissingField]:
    """What the profile page may kindly ask for (A3), each with the id of its field."""
    return [
        MissingField("cv" if field == "profile_cv" else field, say(language, name))
        for field, name in PROFILE_LABELS.items()
        if field in candidate.missing
    ]
