"""The forms of many moves at once: who was chosen, on the board, by filters or on a page before; what was typed."""

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request

from web.kit.forms import readable_form
from workflow.applications.board import Filters, filters_from, matching_applications
from workflow.batches.commands import MOST, Item
from workflow.batches.queries import Plan
from workflow.language import LANGUAGES
from workflow.recruiters.queries import StaffMember
from workflow.reviews.paragraphs import ParagraphView

_PACKED = struct.Struct(">16sBI")
_MOVES, _MOVES_VIA, _STAYS = range(3)


@dataclass(frozen=True, slots=True)
class Previewed(Item):
    """An application as a page has shown it; `stays`: it could not move."""

    stays: bool = False


@dataclass(frozen=True, slots=True)
class BatchForm:
    """What was sent. `ids`: chosen one by one; `previewed`: by a page of ours; or, `everything`, by filters.

    `only_live`: of these, those that are still to be decided.
    """

    ids: tuple[UUID, ...]
    previewed: tuple[Previewed, ...]
    everything: bool
    only_live: bool
    filters: Filters
    event: str
    batch_id: UUID | None
    texts: Mapping[str, str]

    @property
    def paragraphs(self) -> dict[str, str]:
        """Language → the words for those who read it."""
        return {language: self.texts[f"paragraph_{language}"] for language in LANGUAGES}

    def with_inserted(self, saved: Iterable[ParagraphView]) -> "BatchForm":
        """The form with a saved paragraph put below the words of its language, where its button was pressed."""
        language = self.texts["insert"]
        chosen = [each.words for each in saved if str(each.id) == self.texts.get(f"saved_{language}")]
        if not chosen:
            return self
        name = f"paragraph_{language}"
        inserted = "\n\n".join(filter(None, [self.texts[name].strip(), *chosen]))
        return replace(self, texts={**self.texts, name: inserted})

    @property
    def items(self) -> list[Item]:
        """Those that shall move; with those that take two steps, where that was asked for."""
        with_via = self.texts["via"] == "yes"
        return [each for each in self.previewed if not each.stays and (with_via or not each.is_via)]

    async def chosen(self, staff: StaffMember, *, now: datetime) -> tuple[UUID, ...]:
        """The applications that are meant; one more than MOST, where they are too many."""
        if self.previewed:
            return tuple(each.application_id for each in self.previewed)
        if self.everything:
            return await matching_applications(staff, self.filters, now=now, limit=MOST + 1)
        return self.ids


async def posted_form(request: Request[Any, Any, Any], prefix: str = "") -> BatchForm:
    """The form of a page; whatever cannot be read was not chosen. `prefix`: of its fields within another form."""
    form = await readable_form(request)
    return form_from(form, form.getall("application", []), prefix)


def addressed_form(request: Request[Any, Any, Any]) -> BatchForm:
    """The same from an address, so that a link may propose a batch."""
    query = request.query_params
    return form_from(query, query.getall("application", []))


def form_from(fields: Mapping[str, Any], applications: Iterable[Any] = (), prefix: str = "") -> BatchForm:
    """What these fields say; those that are missing say nothing."""
    of_languages = [f"{name}_{language}" for name in ("paragraph", "saved") for language in LANGUAGES]
    names = ("note", "via", "event", "batch", "items", "insert", "next", *of_languages)
    texts = {name: value if isinstance(value := fields.get(prefix + name), str) else "" for name in names}
    return BatchForm(
        ids=tuple(each for text in applications if (each := _uuid(text))),
        previewed=_unpacked(texts.pop("items")),
        everything=fields.get("everything") == "yes",
        only_live=fields.get("live") == "yes",
        filters=filters_from(fields),
        event=texts.pop("event"),
        batch_id=_uuid(texts.pop("batch")),
        texts=texts,
    )


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


def packed(plan: Plan) -> str:
    """All that was chosen, as a page shows it, in as few characters as can be: there may be thousands."""
    refused = [each for own in plan.refused.values() for each in own]
    parts = [
        _PACKED.pack(each.id.bytes, kind, each.version)
        for kind, own in ((_MOVES, plan.movable), (_MOVES_VIA, plan.via), (_STAYS, refused))
        for each in own
    ]
    return urlsafe_b64encode(b"".join(parts)).decode()


def _unpacked(text: str) -> tuple[Previewed, ...]:
    try:
        content = urlsafe_b64decode(text)
        return tuple(
            Previewed(UUID(bytes=number), version, is_via=kind == _MOVES_VIA, stays=kind == _STAYS)
            for number, kind, version in _PACKED.iter_unpack(content)
        )
    except (binascii.Error, ValueError, struct.error):
        return ()
