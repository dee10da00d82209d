"""What Piccolo Admin may not do: everything that is not named here is refused before Piccolo sees it (C10)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from piccolo.table import Table

from admin.piccolo.tables import BY_NAME, tables_of
from workflow.offers.fields import OFFER_FIELDS
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.units import UNIT_FIELDS

LARGEST_PAGE = 1000
_LARGEST_NUMBER = 1_000_000


class Refusal(Exception):
    """A request that goes no further; `status` and `message` are what Piccolo Admin's page shows."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)


def _gone() -> Refusal:
    return Refusal(404, "There is nothing at this address.")


@dataclass(frozen=True, slots=True)
class Writes:
    """What may be written to a table, and by recruiters too or by administrators alone.

    `columns`: those that a PATCH may change. `refusals`: method → why not, and what to do instead.
    """

    columns: frozenset[str] = frozenset()
    by_recruiters: bool = False
    makes: bool = False
    removes: bool = False
    refusals: Mapping[str, str] | None = None

    def allows(self, method: str) -> bool:
        """Whether this method is open for the table at all."""
        return {"PATCH": bool(self.columns), "POST": self.makes, "DELETE": self.removes}.get(method, False)


_AT_TEAM = "People are invited, changed and let go at /console/team."

WRITES: Mapping[str, Writes] = {
    "offer": Writes(
        columns=frozenset(OFFER_FIELDS),
        by_recruiters=True,
        refusals={
            "POST": "Write a new offer at /console/offers/new.",
            "DELETE": "Offers are never deleted. Archive or cancel them at /console/offers.",
        },
    ),
    "application": Writes(
        refusals={
            "POST": "Applications are made by candidates, on the page of an offer.",
            "PATCH": "An application changes only through its moves: use the buttons at /console/.",
            "DELETE": "Applications are never deleted.",
        },
    ),
    "candidate": Writes(refusals={"PATCH": "Candidates change their data themselves."}),
    "unit": Writes(
        columns=frozenset(UNIT_FIELDS),
        refusals={
            "POST": "Make a new unit at /console/units/new.",
            "DELETE": "Units are never deleted: offers and histories name them.",
        },
    ),
    "recruiter": Writes(refusals=dict.fromkeys(("POST", "PATCH", "DELETE"), _AT_TEAM)),
    "recruiter_unit": Writes(refusals=dict.fromkeys(("POST", "PATCH", "DELETE"), _AT_TEAM)),
    "paragraph": Writes(
        refusals=dict.fromkeys(("POST", "PATCH", "DELETE"), "Change saved paragraphs at /console/paragraphs.")
    ),
    "synonym": Writes(
        refusals=dict.fromkeys(("POST", "PATCH", "DELETE"), "Change synonyms at /console/synonyms.")
    ),
    "audit": Writes(),
    "history": Writes(),
    "outbox": Writes(),
    "alert_run": Writes(),
}

_REPLACES = "Rows are not replaced here. Change single fields instead."
_READ_ONLY = "This table can only be read."
_ADMINISTRATORS_ONLY = "Only administrators may change this table."
_NOT_AT_ONCE = "Many rows at once cannot be changed here."


def check_request(staff: StaffMember | None, method: str, path: str, query: str) -> None:
    """Whether Piccolo Admin may get this request; `path` follows `/admin`. Raises Refusal.

    Closed: its pages of documentation (public, and from elsewhere), its uploads, and every table
    that is out of reach of who asks.
    """
    match path.strip("/").split("/"):
        case [""] | ["assets", _] if method in {"GET", "HEAD"}:
            return
        case ["public", "logout"] if method == "POST":
            return
        case ["public", "meta" | "translations"] | ["public", "translations", _] if method == "GET":
            return
        case ["api", *rest]:
            if staff is None:
                raise Refusal(401, "Log in first.")
            _check_api(staff, method, rest, query)
        case _:
            raise _gone()


def _check_api(staff: StaffMember, method: str, path: Sequence[str], query: str) -> None:
    match path:
        case ["tables", name, *rest]:
            if name == "grouped" and not rest:
                return
            if name not in tables_of(is_administrator=staff.is_administrator):
                raise _gone()
            _check_row_id(BY_NAME[name], rest)
            if method == "GET":
                check_query(BY_NAME[name], query)
            else:
                _check_write(staff, method, name, rest)
        case ["tables"] | ["links"] | ["user"] | ["forms"] | ["forms", "grouped"] if method == "GET":
            return
        case _:
            raise _gone()


def _check_row_id(table: type[Table], rest: Sequence[str]) -> None:
    """A number that no row can have would be an error of the database."""
    if rest and table._meta.primary_key.value_type is int and rest[0].isdecimal() and len(rest[0]) > 18:
        raise _gone()


def _check_write(staff: StaffMember, method: str, name: str, rest: Sequence[str]) -> None:
    writes = WRITES[name]
    if method == "PUT":
        raise Refusal(405, _REPLACES)
    if not writes.allows(method):
        raise Refusal(405, (writes.refusals or {}).get(method, _READ_ONLY))
    if not staff.is_administrator and not writes.by_recruiters:
        raise Refusal(405, _ADMINISTRATORS_ONLY)
    if bool(rest) == (method == "POST"):
        raise Refusal(405, _NOT_AT_ONCE)


def check_query(table: type[Table], query: str) -> None:
    """Whether Piccolo can answer these parameters of a list. Raises Refusal (400): left alone, some
    of them lift the limit of a page and others end in an error of the server.
    """
    for name, value in parse_qsl(query, keep_blank_values=True):
        match name:
            case "__page_size":
                _check_number(name, value, most=LARGEST_PAGE)
            case "__page" | "limit":
                _check_number(name, value, most=_LARGEST_NUMBER)
            case "offset":
                _check_number(name, value, most=_LARGEST_NUMBER, least=0)
            case "__order":
                _check_columns(table, name, value.replace("-", ""))
            case "__visible_fields":
                _check_columns(table, name, value)
            case "search" | "__readable" | "__range_header":
                pass
            case _:
                _check_filter(table, name, value)


def _check_filter(table: type[Table], name: str, value: str) -> None:
    column = name.removesuffix("[]").split("__")[0]
    _check_columns(table, name, column)
    if table._meta.get_column_by_name(column).value_type is int and len(value) > 9 and "__" not in name:
        raise Refusal(400, f"{name}: the number is too large.")


def _check_number(name: str, value: str, *, most: int, least: int = 1) -> None:
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and least <= int(value) <= most):
        raise Refusal(400, f"{name} must be a whole number from {least} to {most}.")


def _check_columns(table: type[Table], name: str, value: str) -> None:
    """Secret columns are no columns here: their order would tell what they hold."""
    known = {column._meta.name for column in table._meta.columns if not column._meta.secret}
    unknown = [each for each in value.split(",") if each not in known]
    if unknown:
        raise Refusal(400, f"{name}: there is no column {', '.join(unknown)[:100]} here.")
