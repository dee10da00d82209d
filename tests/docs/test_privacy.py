"""docs/privacy.md speaks of every table there is, and says of each column that remains of whom has left."""

import re
from pathlib import Path

from tests.support.everywhere import tables
from workflow.privacy.spans import ARCHIVE, MAILS, UNCONFIRMED, WARNING
from workflow.settings import Settings

TEXT = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
KEPT, REMAINS = TEXT.split("### What remains")


def named(cell: str) -> set[str]:
    """What stands in code in a cell of a table."""
    return set(re.findall(r"`(\w+)`", cell))


def remaining() -> dict[str, set[str]]:
    """Table → columns in which anything is left, as the page says it."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", REMAINS, re.MULTILINE)
    return {table: named(columns) for table, columns in rows}


async def test_every_table_is_spoken_of(database: str) -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", KEPT, re.MULTILINE))
    others = named(KEPT.partition("These hold nothing of candidates:")[2].partition("The search index")[0])
    assert rows & others == set()
    index = named(KEPT.partition("The search index")[2].partition("holds titles")[0])
    assert rows | others == set(await tables()) - index
    assert database.startswith("sqlite") or index < set(await tables())


def test_spans_are_those_of_the_code() -> None:
    settings = Settings.from_environment({})
    assert (settings.retention_days, settings.deletion_days) == (2 * 365, 7)
    assert (WARNING.days, UNCONFIRMED.days, ARCHIVE.days, MAILS.days) == (30, 7, 7, 7)
    for sentence in (
        "Two years after their last activity",
        "never less than 30 days after it was written",
        "goes after 7 days",
        "For a week (`VIVIER_DELETION_DAYS`)",
        "after 7 days in any case",
    ):
        assert sentence in TEXT
