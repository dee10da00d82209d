"""The board: a column a state, a card an application, and on each card what may happen next (C3)."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from admin.wording import Wording
from web.kit.pages import render
from workflow.applications.machine import ApplicationMachine
from workflow.applications.queries import Card, cards_for_staff
from workflow.recruiters.queries import StaffMember

CARDS_A_COLUMN = 60


@dataclass(frozen=True, slots=True)
class Column:
    """The applications in one state; `total` counts those as well that are not shown."""

    state: str
    cards: tuple[Card, ...]
    total: int


@get("/")
async def board(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    offer: FromQuery[str] = "",
    name: FromQuery[str] = "",
) -> Response[Any]:
    """All that one may see, or what one offer and a name leave of it."""
    every = await cards_for_staff(staff, now=now)
    cards = [card for card in every if offer in ("", card.offer_reference) and is_called(card, name)]
    return render(
        request,
        "console/board.html",
        form={"offer": offer, "name": name},
        staff=staff,
        words=Wording(request, now),
        columns=_columns(cards),
        offers=_offers_of(every, "fr" if Wording(request, now).language == "fr" else "en"),
        total=len(cards),
        is_filtered=bool(offer or name),
        needs_note=needing_a_note(),
    )


def is_called(card: Card, name: str) -> bool:
    """Whether every word of the name begins a word of the candidate's, whatever its accents and case."""
    own = _folded(f"{card.first_name} {card.last_name}").split()
    return all(any(part.startswith(word) for part in own) for word in _folded(name).split())


def needing_a_note() -> frozenset[str]:
    """The events that ask for a reason, and so for a page of their own."""
    return frozenset(event for event, rule in ApplicationMachine.rules.items() if rule.needs_note)


def _folded(text: str) -> str:
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return bare.casefold().replace("-", " ").replace("’", " ").replace("'", " ")


def _columns(cards: Sequence[Card]) -> tuple[Column, ...]:
    return tuple(
        Column(state, tuple(own[:CARDS_A_COLUMN]), len(own))
        for state in ApplicationMachine.state_ids()
        for own in [[card for card in cards if card.status == state]]
    )


def _offers_of(cards: Sequence[Card], language: str) -> list[tuple[str, str]]:
    """The offers that have applications, for the filter: reference and title."""
    titles = {card.offer_reference: title_of(card, language) for card in cards}
    return sorted(((code, f"{title} ({code})") for code, title in titles.items()), key=lambda each: each[1])


def title_of(card: Card, language: str) -> str:
    """The offer's title in a language, or in the other where there is none."""
    first, second = card.offer_title_en, card.offer_title_fr
    if language == "fr":
        first, second = second, first
    return first or second


BOARD_HANDLERS = (board,)
