"""What Piccolo Admin's forms write, carried out by the commands that the console uses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from piccolo.columns import Column
from piccolo.table import Table
from piccolo_api.crud.hooks import Hook, HookType
from starlette.exceptions import HTTPException

from admin.piccolo.refusals import WRITES
from admin.piccolo.scope import Acting, acting
from admin.piccolo.tables import OfferRow, UnitRow
from workflow.errors import InvalidInput
from workflow.language import say
from workflow.offers.commands import OfferChanged, edit_offer
from workflow.offers.fields import fingerprint
from workflow.recruiters.units import edit_unit


def hooks_of(table: type[Table]) -> list[Hook]:
    """The hooks of a table. Piccolo groups neighbours only: keep one of each type, or sort by type."""
    hooks: dict[type[Table], list[Hook]] = {
        OfferRow: [Hook(HookType.pre_patch, edit_offer_row)],
        UnitRow: [Hook(HookType.pre_patch, edit_unit_row)],
    }
    return hooks.get(table, [])


async def edit_offer_row(row_id: Any, values: Mapping[Column, Any]) -> dict[Column, Any]:
    """Change what an offer says, by the command that checks it and tells the index.

    Nothing is left for Piccolo to write but the id, unchanged. Raises HTTPException, also (405, of which the
    page shows the sentence) where somebody else saves at the same moment.
    """
    row = await _row(OfferRow, row_id)
    changed = _changed(OfferRow, row, values)
    if changed:
        who = _who()
        data = {**row, **changed}
        try:
            await edit_offer(
                who.staff, row["reference"], data, terms=who.terms, now=who.now, seen=fingerprint(row)
            )
        except InvalidInput as error:
            raise _beside_the_fields(error) from error
        except OfferChanged as error:
            raise HTTPException(405, say("en", error.message)) from error
        await who.nudge()
    return _nothing_more(OfferRow, row_id)


async def edit_unit_row(row_id: Any, values: Mapping[Column, Any]) -> dict[Column, Any]:
    """Change what is known of a unit, by the command that checks it. Raises HTTPException."""
    row = await _row(UnitRow, row_id)
    changed = _changed(UnitRow, row, values)
    if changed:
        who = _who()
        try:
            await edit_unit(who.staff, row["id"], changed, now=who.now)
        except InvalidInput as error:
            raise _beside_the_fields(error) from error
    return _nothing_more(UnitRow, row_id)


def _who() -> Acting:
    who = acting()
    if who is None:
        raise HTTPException(401, "Log in first.")
    return who


async def _row(table: type[Table], row_id: Any) -> dict[str, Any]:
    row: dict[str, Any] | None = await table.select().where(table._meta.primary_key == row_id).first()
    if row is None:
        raise HTTPException(404, "There is nothing at this address.")
    return row


def _changed(table: type[Table], row: Mapping[str, Any], values: Mapping[Column, Any]) -> dict[str, Any]:
    """What really differs: Piccolo's form sends every field back. Raises HTTPException (405) for a
    column that may not change.
    """
    name = table._meta.tablename
    changed = {
        column._meta.name: value
        for column, value in values.items()
        if not _is_same(row[column._meta.name], value)
    }
    closed = sorted(set(changed) - WRITES[name].columns)
    if closed:
        raise HTTPException(405, f"{', '.join(closed)}: cannot be changed here. {_hint(name)}".strip())
    return changed


def _hint(table: str) -> str:
    return "Publish, close, archive or cancel an offer at /console/offers." if table == "offer" else ""


def _is_same(stored: Any, sent: Any) -> bool:
    """Whether a field came back as it was; forms keep no fractions of a second and no difference of empty."""
    if isinstance(stored, datetime) and isinstance(sent, datetime) and sent.tzinfo:
        return abs((stored - sent).total_seconds()) < 1
    return (stored or None) == (sent or None) if stored in (None, "") else bool(stored == sent)


def _nothing_more(table: type[Table], row_id: Any) -> dict[Column, Any]:
    """An update without columns is a broken statement; this one changes nothing."""
    return {table._meta.primary_key: row_id}


def _beside_the_fields(error: InvalidInput) -> HTTPException:
    """In the form in which Piccolo Admin's page shows errors of fields."""
    detail = [
        {"loc": ["body", each.field], "msg": say("en", each.message, **each.facts), "type": "value_error"}
        for each in error.errors
    ]
    return HTTPException(422, detail)  # type: ignore[arg-type]  # FastAPI's own handler takes lists
