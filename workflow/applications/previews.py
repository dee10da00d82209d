"""The mail that a move will send, as its recipient will read it, before the move is made (C6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from workflow.applications.announcements import ApplicationAnnouncer, Facts, facts_of
from workflow.applications.machine import ApplicationMachine
from workflow.engine.machine import Terms
from workflow.messages.rendering import House, Rendered, render


@dataclass(frozen=True, slots=True)
class PreviewedMail:
    """A mail as it would go out now. `told_at`: when it will; the grace period of a decision counts from the move."""

    recipient: str
    language: str
    told_at: datetime
    mail: Rendered


async def mail_of_move(
    application_id: UUID,
    event: str,
    paragraphs: Mapping[str, str],
    *,
    terms: Terms,
    house: House,
    now: datetime,
) -> PreviewedMail | None:
    """What the candidate of an application would be told by an event; None where the event tells them nothing,
    or nobody is there to be told. The caller has made sure that the viewer may see the application.
    """
    rule = ApplicationMachine.rules[event]
    facts = await facts_of(application_id)
    if "candidate" not in rule.tells or facts is None or not facts.email:
        return None
    return _previewed(facts, event, paragraphs, terms=terms, house=house, now=now)


def _previewed(
    facts: Facts, event: str, paragraphs: Mapping[str, str], *, terms: Terms, house: House, now: datetime
) -> PreviewedMail:
    rule = ApplicationMachine.rules[event]
    kind = rule.tells["candidate"]
    params = ApplicationAnnouncer(paragraphs=paragraphs).params(facts, "candidate", kind)
    return PreviewedMail(
        recipient=facts.email,
        language=facts.language,
        told_at=now + terms.grace if rule.held else now,
        mail=render(kind, facts.language, params, house=house),
    )
