"""A search as one SQL statement: conditions become a tsquery over keys that we have analysed ourselves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from search.clauses import AllOf, AnyOf, Beginning, Clause, Condition, Key, Not, Pair
from search.queries import FACETS, OfferQuery, Order
from search.snapshot import microseconds
from search.words import Terms

EVERY_OFFER, NO_OFFER = "every offer", "no offer"
"""What a tsquery cannot say."""

_KEY, _PAIR, _SPELLING = "k", "p", "s"


def tsvector_of(found: Terms) -> str:
    """What is indexed of an offer's titles, as a literal."""
    lexemes = [_KEY + key for key in found.keys]
    lexemes += [f"{_PAIR}{first} {second}" for first, second in found.pairs]
    lexemes += [_SPELLING + spelling for spelling, _ in found.spellings]
    return " ".join(map(_quoted, dict.fromkeys(lexemes)))


def tsquery_of(condition: Condition) -> str:
    """The condition as a tsquery literal, or EVERY_OFFER, or NO_OFFER."""
    match condition:
        case Key(key):
            return _quoted(_KEY + key)
        case Pair(first, second):
            return _quoted(f"{_PAIR}{first} {second}")
        case Beginning(prefix):
            return f"{_quoted(_SPELLING + prefix)}:*"
        case AllOf(parts):
            return _joined(" & ", map(tsquery_of, parts), neutral=EVERY_OFFER, decisive=NO_OFFER)
        case AnyOf(parts):
            return _joined(" | ", map(tsquery_of, parts), neutral=NO_OFFER, decisive=EVERY_OFFER)
        case Not(part):
            return _negated(tsquery_of(part))


def _joined(sign: str, parts: Iterable[str], *, neutral: str, decisive: str) -> str:
    distinct = [part for part in dict.fromkeys(parts) if part != neutral]
    if decisive in distinct:
        return decisive
    if len(distinct) < 2:
        return distinct[0] if distinct else neutral
    return f"({sign.join(distinct)})"


def _negated(part: str) -> str:
    return {EVERY_OFFER: NO_OFFER, NO_OFFER: EVERY_OFFER}.get(part, f"!{part}")


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


class Statement:
    """Text and arguments that are put together piece by piece."""

    def __init__(self) -> None:
        self.arguments: list[Any] = []

    def add(self, argument: Any, kind: str) -> str:
        """The placeholder of an argument."""
        self.arguments.append(argument)
        return f"${len(self.arguments)}::{kind}"

    def holds(self, condition: Condition) -> str:
        """The condition as SQL over a row of `search_offer`."""
        query = tsquery_of(condition)
        if query in {EVERY_OFFER, NO_OFFER}:
            return "TRUE" if query == EVERY_OFFER else "FALSE"
        return f"words @@ {self.add(query, 'text')}::tsquery"

    def open_offers(self, now: datetime) -> str:
        """Rows of the current build that have not closed (S7)."""
        closing = self.add(microseconds(now), "bigint")
        return f"build = (SELECT build FROM search_index) AND closing > {closing}"  # noqa: S608  # an argument

    def chosen(self, query: OfferQuery, but: str = "") -> str:
        """The filters of a query, on a row that has the facets."""
        chosen = [(facet, query.chosen(facet)) for facet in FACETS if facet != but and query.chosen(facet)]
        filters = [f"{facet} = ANY({self.add(_storable(values), 'text[]')})" for facet, values in chosen]
        return " AND ".join(filters) or "TRUE"


def _storable(values: Iterable[str]) -> list[str]:
    """Without those that no text of PostgreSQL can be, and that so no offer has."""
    return [
        value for value in values if "\0" not in value and value.encode(errors="ignore").decode() == value
    ]


def search_statement(query: OfferQuery, clause: Clause, now: datetime) -> tuple[str, list[Any]]:
    """One row: the state of the index, `worded` (offers by keywords alone), `total`, `ids`, and for each facet
    a JSON object of counts.

    `cells` counts the offers for each combination of facets; all counts are sums over some of them.
    """
    statement = Statement()
    found = f"{statement.open_offers(now)} AND {statement.holds(clause.condition)}"
    counts = ", ".join(_facet(statement, query, facet) for facet in FACETS)
    skip, take = query.window
    tiers = clause.tiers if query.order is Order.relevance else ()
    text = f"""
        WITH cells AS MATERIALIZED (
            SELECT {", ".join(FACETS)}, count(*) AS offers FROM search_offer
            WHERE {found} GROUP BY {", ".join(FACETS)})
        SELECT
            (SELECT coalesce(sum(offers), 0) FROM cells)::bigint AS worded,
            (SELECT coalesce(sum(offers), 0) FROM cells WHERE {statement.chosen(query)})::bigint AS total,
            ARRAY(
                SELECT offer FROM search_offer WHERE {found} AND {statement.chosen(query)}
                ORDER BY {_order(statement, tiers)} published DESC, offer DESC
                OFFSET {statement.add(min(skip, 2**62), "bigint")} LIMIT {statement.add(take, "bigint")}
            ) AS ids,
            {counts},
            build, generation, analysis_version
        FROM search_index"""  # noqa: S608  # every value is an argument
    return text, statement.arguments


def _facet(statement: Statement, query: OfferQuery, facet: str) -> str:
    return f"""(
        SELECT coalesce(json_object_agg(value, offers), '{{}}') FROM (
            SELECT {facet} AS value, sum(offers) AS offers FROM cells
            WHERE {facet} IS NOT NULL AND {statement.chosen(query, but=facet)} GROUP BY {facet}
        ) counted) AS {facet}"""  # noqa: S608  # every value is an argument


def _order(statement: Statement, tiers: Sequence[Condition]) -> str:
    """Best tier first. A tier that every offer or none fulfils decides nothing."""
    whens = [f"WHEN {statement.holds(tier)} THEN {place}" for place, tier in enumerate(tiers)]
    return f"CASE {' '.join(whens)} ELSE {len(whens)} END," if whens else ""


def counting_statement(conditions: Sequence[Condition], now: datetime) -> tuple[str, list[Any]]:
    """One row of the numbers of open offers that fulfil each condition. Give it one condition or more."""
    statement = Statement()
    open_offers = statement.open_offers(now)
    any_of_them = statement.holds(AnyOf(tuple(conditions)))
    counts = ", ".join(f"count(*) FILTER (WHERE {statement.holds(each)})" for each in conditions)
    text = f"SELECT {counts} FROM search_offer WHERE {open_offers} AND {any_of_them}"  # noqa: S608
    return text, statement.arguments
