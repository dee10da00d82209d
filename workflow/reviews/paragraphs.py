"""Paragraphs that recruiters keep, to insert into the mails of moves (C6): a unit's own, or everybody's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from piccolo.engine.postgres import PostgresEngine

from workflow.applications.commands import PARAGRAPH_LENGTH
from workflow.applications.machine import ApplicationMachine
from workflow.audit.recording import note_change
from workflow.checks import ROW_IDS, Checks, clean_line, number_in
from workflow.database.connection import write_transaction
from workflow.errors import NotFound
from workflow.language import LANGUAGES, N_
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import Unit
from workflow.reviews.tables import Paragraph
from workflow.roles import STAFF

NAME_LENGTH = 100
_SUBJECT = "paragraph"


def _told_by_recruiters(event: str) -> bool:
    rule = ApplicationMachine.rules[event]
    return "candidate" in rule.tells and bool(rule.by & STAFF)


EVENTS = (*filter(_told_by_recruiters, ApplicationMachine.rules), "cancel")
"""The moves whose mails take a paragraph, and the cancelling of an offer."""


@dataclass(frozen=True, slots=True)
class ParagraphView:
    """One paragraph. `unit_id`: None for everybody's, which administrators alone change. `may_change`: this reader."""

    id: int
    unit_id: int | None
    unit_code: str
    event: str
    language: str
    name: str
    words: str
    may_change: bool


async def paragraphs_of(staff: StaffMember) -> tuple[ParagraphView, ...]:
    """Those that this recruiter may insert: of their units, and everybody's, by event, language and name."""
    rows = await Paragraph.select(*Paragraph.all_columns(), Paragraph.unit.code.as_alias("unit_code"))
    seen = [row for row in rows if row["unit"] is None or staff.sees_unit(row["unit"])]
    order = {event: number for number, event in enumerate(EVENTS)}
    seen.sort(
        key=lambda row: (
            order.get(row["event"], len(order)),
            row["language"],
            row["name"].casefold(),
            row["id"],
        )
    )
    return tuple(_view(staff, row) for row in seen)


async def paragraphs_for(
    staff: StaffMember, event: str, language: str, unit_id: int
) -> tuple[ParagraphView, ...]:
    """Those that fit a mail of an event, in the language of its reader, for a unit's candidates."""
    return tuple(
        each
        for each in await paragraphs_of(staff)
        if each.event == event and each.language == language and each.unit_id in (None, unit_id)
    )


async def paragraph_of(staff: StaffMember, paragraph_id: int) -> ParagraphView:
    """One that this recruiter may change. Raises NotFound for any other."""
    for each in await paragraphs_of(staff):
        if each.id == paragraph_id and each.may_change:
            return each
    raise NotFound


async def save_paragraph(
    staff: StaffMember, data: Mapping[str, Any], *, now: datetime, paragraph_id: int | None = None
) -> int:
    """Keep a new paragraph, or change one; its id. `unit`: a unit's id, or nothing for everybody's.

    Raises InvalidInput, and NotFound for one that is not theirs to change.
    """
    values = await _checked(staff, data)
    async with write_transaction():
        before = await _held(staff, paragraph_id) if paragraph_id is not None else {}
        if paragraph_id is None:
            inserted = await Paragraph.insert(Paragraph(**values))
            paragraph_id = int(inserted[0]["id"])
        else:
            changes: dict[Any, Any] = dict(values)
            await Paragraph.update(changes).where(Paragraph.id == paragraph_id)
        action = "paragraph.edited" if before else "paragraph.made"
        # One that goes from a unit to another is told to both.
        for unit_id in {before.get("unit", values["unit"]): None, values["unit"]: None}:
            await note_change(
                staff.actor,
                action,
                (_SUBJECT, paragraph_id),
                now=now,
                unit_id=unit_id,
                before=before,
                after=values,
            )
    return paragraph_id


async def delete_paragraph(staff: StaffMember, paragraph_id: int, *, now: datetime) -> None:
    """Throw a paragraph away; mails that were sent with it keep it. Raises NotFound for one that is not theirs."""
    async with write_transaction():
        before = await _held(staff, paragraph_id)
        await Paragraph.delete().where(Paragraph.id == paragraph_id)
        await note_change(
            staff.actor,
            "paragraph.deleted",
            (_SUBJECT, paragraph_id),
            now=now,
            unit_id=before["unit"],
            before=before,
        )


async def _held(staff: StaffMember, paragraph_id: int) -> dict[str, Any]:
    """The row as it is once nobody else can change it, if it is theirs to change. Raises NotFound."""
    if paragraph_id not in ROW_IDS:
        raise NotFound
    query = Paragraph.select().where(Paragraph.id == paragraph_id).first()
    if isinstance(Paragraph._meta.db, PostgresEngine):
        query = query.lock_rows("UPDATE", of=(Paragraph,))
    row: dict[str, Any] | None = await query
    if row is None or not _may_change(staff, row["unit"]):
        raise NotFound
    return {name: row[name] for name in ("unit", "event", "language", "name", "words")}


async def _checked(staff: StaffMember, data: Mapping[str, Any]) -> dict[str, Any]:
    checks = Checks(data)
    values: dict[str, Any] = {
        "name": checks.line("name", maximum=NAME_LENGTH, required=True),
        "words": checks.text("words", maximum=PARAGRAPH_LENGTH, required=True),
    }
    for field, known in (("event", EVENTS), ("language", tuple(LANGUAGES))):
        values[field] = clean_line(data.get(field))
        if values[field] not in known:
            checks.fail(field, N_("Choose one of the list."))
    values["unit"] = await _checked_unit(staff, checks, clean_line(data.get("unit")))
    checks.finish()
    return values


async def _checked_unit(staff: StaffMember, checks: Checks, given: str) -> int | None:
    """Everybody's are the administrators'; all others are of a unit that one works for."""
    if not given and staff.is_administrator:
        return None
    number = number_in(given)
    if not staff.sees_unit(number) or not await Unit.exists().where(Unit.id == number):
        checks.fail("unit", N_("Choose one of the list."))
    return number


def _may_change(staff: StaffMember, unit_id: int | None) -> bool:
    return staff.is_administrator if unit_id is None else staff.sees_unit(unit_id)


def _view(staff: StaffMember, row: dict[str, Any]) -> ParagraphView:
    return ParagraphView(
        id=row["id"],
        unit_id=row["unit"],
        unit_code=row["unit_code"] or "",
        event=row["event"],
        language=row["language"],
        name=row["name"],
        words=row["words"],
        may_change=_may_change(staff, row["unit"]),
    )
