"""How long what is kept of candidates is kept; docs/privacy.md and the page /privacy say the same."""

from dataclasses import dataclass
from datetime import timedelta

from workflow.settings import Settings

WARNING = timedelta(days=30)
"""How long before its end the owner of an unused account is warned, and at least as long as it then lasts."""

UNCONFIRMED = timedelta(days=7)
"""How long a registration is kept that nobody confirms; a new link begins it anew."""

ARCHIVE = timedelta(days=7)
"""How long a copy of one's data can be fetched."""

ARCHIVE_EVERY = timedelta(hours=1)
"""The least time between two copies."""

MAILS = timedelta(days=7)
"""How long the last mails to and about somebody who left are tried: longer than the relay does."""

LINKS = timedelta(days=30)
"""How long a link that has expired can still be told from one that never was."""


@dataclass(frozen=True, slots=True)
class Spans:
    """What an installation sets: how long an unused account lasts, and how long one may rethink a deletion."""

    retention: timedelta
    reflection: timedelta


def spans_of(settings: Settings) -> Spans:
    """The spans that the settings ask for."""
    return Spans(
        retention=timedelta(days=settings.retention_days),
        reflection=timedelta(days=settings.deletion_days),
    )
