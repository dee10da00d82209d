"""The board: a column a state, a card an application, and on each card what may happen next (C3)."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from admin.applications.following import told_changes
from admin.kit.filtering import choice_of_filters, events_for_many
from admin.kit.wording import Wording
from web.kit.language import language_of
from web.kit.pages import page_of, render
from workflow.applications.board import Filters, filters_from
from workflow.applications.cards import board_columns, next_cards
from workflow.applications.changes import changes_after, last_change
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.checks import number_in
from workflow.errors import NotFound
from workflow.recruiters.queries import StaffMember

FIRST_CARDS = 15
"""As many of a column as a high screen shows; the others come as one scrolls."""
NEXT_CARDS = 30
_MOST_CARDS = 500


@get("/")
async def board(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    longer: FromQuery[str] = "",
    cards: FromQuery[str] = "",
) -> Response[Any]:
    """All that one may see, or what the filters leave of it. `longer`: the state whose column shows so many `cards`."""
    filters = _filters(request)
    after = await last_change()
    columns = await board_columns(
        staff, filters, now=now, limit=FIRST_CARDS, longer={longer: _number_of(cards)} if longer else {}
    )
    return render(
        request,
        "console/board.html",
        form=filters.fields,
        **_common(request, staff, filters, now),
        **await choice_of_filters(staff, filters, language_of(request)),
        columns=columns,
        total=sum(column.total for column in columns),
        after=after,
        events=events_for_many(),
        next_cards=NEXT_CARDS,
    )


@get("/board/column")
async def more_of_column(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    after: FromQuery[UUID | None] = None,
    column: FromQuery[str] = "",
) -> Response[Any]:
    """The next cards of a column, after one: a part of a page, for the board's script."""
    if after is None or column not in ApplicationMachine.state_ids():
        raise NotFound
    filters = _filters(request)
    cards = await next_cards(staff, filters, column, after, now=now, limit=NEXT_CARDS)
    return _part(request, "console/board_more.html", cards=cards, **_common(request, staff, filters, now))


@get("/board/changes")
async def board_changes(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    after: FromQuery[int] = 0,
    card: FromQuery[list[UUID] | None] = None,
    own: FromQuery[str] = "",
) -> Response[Any]:
    """What happened since a step of the history: a part of a page, for the board's script (C3).

    `card`: applications to tell of in any case. `own`: after a move of one's own, whose message is shown here.
    """
    filters = _filters(request)
    changes = await changes_after(staff, filters, max(0, after), now=now, also=(card or [])[:NEXT_CARDS])
    words = Wording(request, now)
    return _part(
        request,
        "console/board_changes.html",
        shows_flash=bool(own),
        changes=changes,
        told=await told_changes(changes.steps, staff, words),
        **_common(request, staff, filters, now),
    )


def _filters(request: Request[Any, Any, Any]) -> Filters:
    """Those of the address; the board shows every state."""
    return replace(filters_from(request.query_params), status="")


def _common(
    request: Request[Any, Any, Any], staff: StaffMember, filters: Filters, now: datetime
) -> dict[str, Any]:
    """What every card needs. `here`: the board's address with its filters, where moves lead back to; `trails`:
    state → what leads from an application of it to the next.
    """
    query = filters.query()
    return {
        "staff": staff,
        "words": Wording(request, now),
        "filters": filters,
        "live": LIVE,
        "here": f"/console/?{query}" if query else "/console/",
        "trails": {state: replace(filters, status=state).query() for state in ApplicationMachine.state_ids()},
    }


def _part(
    request: Request[Any, Any, Any], template: str, *, shows_flash: bool = False, **context: Any
) -> Response[str]:
    """A part of a page. A message that waits for the next page is left to it, unless it is shown here."""
    whole = render(request, template, shows_flash=shows_flash, **context)
    return whole if shows_flash else page_of(request, str(whole.content))


def _number_of(text: str) -> int:
    return min(max(number_in(text), FIRST_CARDS), _MOST_CARDS)


BOARD_HANDLERS = (board, more_of_column, board_changes)
