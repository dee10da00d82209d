"""The list: the same applications as on the board, in a dense table that sorts, and from which many are chosen (C3)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from admin.kit.filtering import choice_of_filters, events_for_many
from admin.kit.paging import PAGE_SIZE, first_of, pages_of
from admin.kit.wording import Wording
from web.kit.language import language_of
from web.kit.pages import render
from workflow.applications.board import filters_from
from workflow.applications.cards import ORDERS, part_of_list
from workflow.applications.machine import LIVE, ApplicationMachine
from workflow.errors import NotFound
from workflow.recruiters.queries import StaffMember

_FIRST_SORT = "submitted"
_MOST_PAGES = 100_000
_DOWNWARDS = frozenset({"rating"})
"""What is sorted the other way round first: who looks at stars looks for many."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """What a list is sorted by, and whether the other way round; in addresses with a `-` before it."""

    name: str
    descending: bool

    @property
    def code(self) -> str:
        """As addresses have it; empty for the usual one."""
        return "" if self == Sorting(_FIRST_SORT, False) else f"{'-' if self.descending else ''}{self.name}"

    def next_of(self, name: str) -> "Sorting":
        """What a click on a column's head sorts by: that column, and once more the other way round."""
        return Sorting(name, not self.descending if name == self.name else name in _DOWNWARDS)


def _sorting(text: str) -> Sorting:
    name = text.removeprefix("-")
    return Sorting(name, text.startswith("-")) if name in ORDERS else Sorting(_FIRST_SORT, False)


@get("/list")
async def applications_list(
    request: Request[Any, Any, Any],
    staff: NamedDependency[StaffMember],
    now: NamedDependency[datetime],
    page: FromQuery[int] = 1,
    sort: FromQuery[str] = "",
) -> Response[Any]:
    """A page of what one may see, or of what the filters leave of it."""
    if not 1 <= page <= _MOST_PAGES:
        raise NotFound
    filters, sorting, words = filters_from(request.query_params), _sorting(sort), Wording(request, now)
    part = await part_of_list(
        staff,
        filters,
        now=now,
        limit=PAGE_SIZE,
        offset=first_of(page),
        sort=sorting.name,
        descending=sorting.descending,
    )
    return render(
        request,
        "console/list.html",
        form=filters.fields,
        staff=staff,
        words=words,
        filters=filters,
        live=LIVE,
        sorting=sorting,
        heads={name: _address(filters.fields, sorting.next_of(name)) for name in ORDERS},
        cards=part.cards,
        total=part.total,
        pages=pages_of(part.total, page, _page_prefix(filters.fields, sorting)),
        states=[(state, words.application_state(state)) for state in ApplicationMachine.state_ids()],
        events=events_for_many(),
        trail=urlencode(filters.fields | {"from": "list"}),
        trails={},
        here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        **await choice_of_filters(staff, filters, language_of(request)),
    )


def _address(fields: dict[str, str], sorting: Sorting) -> str:
    query = urlencode(fields | ({"sort": sorting.code} if sorting.code else {}))
    return f"/console/list?{query}" if query else "/console/list"


def _page_prefix(fields: dict[str, str], sorting: Sorting) -> str:
    address = _address(fields, sorting)
    return f"{address}{'&' if '?' in address else '?'}page="


LIST_HANDLERS = (applications_list,)
