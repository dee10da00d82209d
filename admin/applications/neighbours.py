"""Previous and next: where an application stands among those that its reader goes through (C7)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request

from workflow.applications.board import (
    Condition,
    Filters,
    condition_of,
    filters_from,
    matching_counts,
    matching_ids,
)
from workflow.applications.queries import StaffApplication
from workflow.recruiters.queries import StaffMember

_FROM_LIST = "list"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """`position` among `total`, None for one that the filters do not hold (any more).

    `previous` and `following`: addresses, empty where there is none; `here`: this application's, with the filters,
    so that a move leads back among the same ones; `back`: of the board or list that one came from.
    """

    position: int | None
    total: int
    previous: str
    following: str
    following_id: UUID | None
    here: str
    back: str
    is_from_list: bool


async def neighbours_of(
    request: Request[Any, Any, Any], staff: StaffMember, application: StaffApplication, now: datetime
) -> Neighbours:
    """Among those of the filters in the address; without any, among those that stand where it stands in its offer."""
    query = request.query_params
    given = filters_from(query)
    filters = given if given.fields else _beside(application)
    is_from_list = query.get("from") == _FROM_LIST
    carried = urlencode(filters.fields | ({"from": _FROM_LIST} if is_from_list else {}))
    condition = await condition_of(staff, filters, now=now)
    before = await _number(condition & _before(application))
    around = list(await matching_ids(condition, limit=3, offset=max(before - 1, 0)))
    previous = around.pop(0) if before else None
    is_among = application.id in around[:1]
    following = next(iter(around[1:] if is_among else around), None)

    def address(application_id: UUID | None) -> str:
        return f"/console/applications/{application_id}?{carried}" if application_id else ""

    board = "/console/list" if is_from_list else "/console/"
    return Neighbours(
        position=before + 1 if is_among else None,
        total=await _number(condition),
        previous=address(previous),
        following=address(following),
        following_id=following,
        here=address(application.id),
        back=f"{board}?{given.query()}" if given.fields else board,
        is_from_list=is_from_list,
    )


def _beside(application: StaffApplication) -> Filters:
    return Filters(offer=application.offer.reference, status=application.status)


def _before(application: StaffApplication) -> Condition:
    """Those that stand before it in the order of `matching_ids`, which no move changes."""
    at = application.submitted_at
    return Condition("(a.submitted_at < {} OR (a.submitted_at = {} AND a.id < {}))", (at, at, application.id))


async def _number(condition: Condition) -> int:
    return sum((await matching_counts(condition)).values())
