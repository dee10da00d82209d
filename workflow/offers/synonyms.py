"""The words of the house that mean the same in titles of offers, besides those that the search brings along (S4)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from workflow.audit.recording import note_change
from workflow.checks import clean_line, clean_text
from workflow.database.connection import hold_name, write_transaction
from workflow.errors import FieldError, InvalidInput
from workflow.language import N_
from workflow.offers.tables import Synonym
from workflow.recruiters.queries import StaffMember

MOST_LINES = 500
LONGEST_LINE = 500


async def own_synonyms() -> tuple[str, ...]:
    """The lines, in their order."""
    rows = await Synonym.select(Synonym.line).order_by(Synonym.id)
    return tuple(row["line"] for row in rows)


async def save_synonyms(
    staff: StaffMember, text: str, *, check: Callable[[Sequence[str]], None], now: datetime
) -> None:
    """Replace all lines, for administrators. `check` raises InvalidInput where the search cannot use them.

    Raises InvalidInput, and NotFound for everybody else.
    """
    staff.require_administrator()
    lines = [line for each in clean_text(text).splitlines() if (line := clean_line(each))]
    _check_size(lines)
    check(lines)
    async with write_transaction():
        await hold_name("synonyms")
        before = await own_synonyms()
        await Synonym.delete(force=True)
        if lines:
            await Synonym.insert(*(Synonym(line=line) for line in lines))
        await note_change(
            staff.actor,
            "synonyms.saved",
            ("synonyms", "own"),
            now=now,
            before={"lines": list(before)},
            after={"lines": lines},
        )


def _check_size(lines: Sequence[str]) -> None:
    if len(lines) > MOST_LINES:
        raise InvalidInput([FieldError("lines", N_("Write {most} lines at most."), {"most": MOST_LINES})])
    if any(len(line) > LONGEST_LINE for line in lines):
        text = N_("Write {most} characters in a line at most.")
        raise InvalidInput([FieldError("lines", text, {"most": LONGEST_LINE})])
