"""A search as one SQL statement: conditions become a tsquery over keys that we have analysed ourselves."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from search.clauses import AllOf, AnyOf, Beginning, Clause, Condition, Key, Not, Pair, all_of
from search.postgres_counts import Counts
from search.queries import FACETS, OfferQuery, Order
from search.snapshot import microseconds
from search.words import Terms

EVERY_OFFER, NO_OFFER = "every offer", "no offer"
"""What a tsquery cannot say."""

_KEY, _PAIR, _SPELLING = "k", "p", "s"

_CURRENT = "build = (SELECT build FROM search_index)"
_NEWEST = "ORDER BY published DESC, offer DESC"
_NEWEST_OF_FEW = "ORDER BY published + 0 DESC, offer DESC"
"""An order that no index has, so that the words are looked up and what they find is sorted."""


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
        return f"{_CURRENT} AND closing > {closing}"

    def chosen(self, query: OfferQuery) -> str:
        """The filters of a query, over a row of `search_offer`."""
        chosen = [(facet, query.chosen(facet)) for facet in FACETS if query.chosen(facet)]
        if not chosen:
            return "TRUE"
        values = [f"{facet} = ANY({self.add(_storable(each), 'text[]')})" for facet, each in chosen]
        filters = " AND ".join(values)
        return f"cell = ANY(ARRAY(SELECT cell FROM search_cell WHERE {_CURRENT} AND {filters}))"  # noqa: S608


def _storable(values: Iterable[str]) -> list[str]:
    """Without those that no text of PostgreSQL can be, and that so no offer has; the empty one is none."""
    return [
        value
        for value in values
        if value and "\0" not in value and value.encode(errors="ignore").decode() == value
    ]


def counts_statement(clause: Clause, now: datetime) -> tuple[str, list[Any]]:
    """One row: the state of the index, and the offers that the keywords find, by combination of facets.

    These are `found` and an array for each facet; `until` is the instant at which the next offer closes, and
    the numbers change.
    """
    statement = Statement()
    arrays = ", ".join(f"coalesce(array_agg({facet}), '{{}}') AS {facet}" for facet in FACETS)
    text = f"""
        SELECT build, generation, analysis_version, offers, counted.*,
            (SELECT min(closing) FROM search_offer WHERE {statement.open_offers(now)}) AS until
        FROM search_index, (
            SELECT {arrays}, coalesce(array_agg(found), '{{}}') AS found FROM (
                SELECT cell, count(*) AS found FROM search_offer
                WHERE {statement.open_offers(now)} AND {statement.holds(clause.condition)} GROUP BY cell
            ) cells JOIN search_cell USING (cell)) counted"""  # noqa: S608  # every value is an argument
    return text, statement.arguments


def page_statement(query: OfferQuery, clause: Clause, now: datetime, counts: Counts) -> tuple[str, list[Any]]:
    """One row: the state of the index, and the `ids` of a page: best tier first, in each the newest first.

    A tier is looked for only where those before it do not fill the page, and so are known as a whole: what
    they hold is left out by name. Excluding them by their conditions would mislead the planner.
    """
    statement = Statement()
    skip, take = query.window
    skip = min(skip, 2**62)
    limits = f"OFFSET {statement.add(skip, 'bigint')} LIMIT {statement.add(take, 'bigint')}"
    rows = f"FROM search_offer WHERE {statement.open_offers(now)} AND {statement.chosen(query)} AND"
    *tiers, all_found = _tiers(clause, query.order)
    newest = _NEWEST if _are_many(query, counts, skip + take) else _NEWEST_OF_FEW
    if tiers:
        last = statement.add(skip + take, "bigint")
        orders = [*(_NEWEST_OF_FEW if isinstance(tier, AllOf) else _NEWEST for tier in tiers), newest]
        tables = [
            f"tier_{place} AS MATERIALIZED (SELECT {place} AS tier, published, offer {rows}"
            f" {_unfilled(place, last)} AND {statement.holds(tier)} {order} LIMIT {last})"
            for place, (tier, order) in enumerate(zip([*tiers, all_found], orders, strict=True))
        ]
        best = " UNION ALL ".join(f"SELECT * FROM tier_{place}" for place in range(len(tables)))  # noqa: S608
        order = "tier, published DESC, offer DESC"
        page = f"WITH {', '.join(tables)} SELECT offer FROM ({best}) tiered ORDER BY {order} {limits}"  # noqa: S608
    else:
        page = f"SELECT offer {rows} {statement.holds(all_found)} {newest} {limits}"
    text = f"SELECT build, generation, analysis_version, ARRAY({page}) AS ids FROM search_index"  # noqa: S608
    return text, statement.arguments


def _unfilled(place: int, last: str) -> str:
    """That the tiers before this one do not fill the page; what they hold is not looked for again."""
    better = [f"SELECT offer FROM tier_{before}" for before in range(place)]  # noqa: S608
    held = " + ".join(f"(SELECT count(*) FROM ({each}) held)" for each in better) or "0"  # noqa: S608
    return " AND ".join([f"{held} < {last}", *(f"offer NOT IN ({each})" for each in better)])


def _are_many(query: OfferQuery, counts: Counts, last: int) -> bool:
    """Whether going through the newest until a page is full passes fewer rows than looking up all that is found.

    The planner takes words for independent of each other; we have counted.
    """
    total, _ = counts.of(query)
    return total * counts.worded > last * counts.offers


def _tiers(clause: Clause, order: Order) -> list[Condition]:
    """What is looked for, one after the other; a tier that no offer or every offer fulfils decides nothing.

    Whoever fulfils a tier has all the words that the keywords ask for: of the condition, exclusions are left.
    """
    if order is Order.date:
        return [clause.condition]
    parts = clause.condition.parts if isinstance(clause.condition, AllOf) else ()
    excluded = [part for part in parts if isinstance(part, Not)]
    decisive = [tier for tier in clause.tiers if tsquery_of(tier) not in {EVERY_OFFER, NO_OFFER}]
    return [*(all_of((tier, *excluded)) for tier in decisive), clause.condition]


def counting_statement(conditions: Sequence[Condition], now: datetime) -> tuple[str, list[Any]]:
    """One row of the numbers of open offers that fulfil each condition. Give it one condition or more."""
    statement = Statement()
    open_offers = statement.open_offers(now)
    any_of_them = statement.holds(AnyOf(tuple(conditions)))
    counts = ", ".join(f"count(*) FILTER (WHERE {statement.holds(each)})" for each in conditions)
    text = f"SELECT {counts} FROM search_offer WHERE {open_offers} AND {any_of_them}"  # noqa: S608
    return text, statement.arguments
