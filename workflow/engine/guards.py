"""The triggers that hold a machine's table to its history, so that nothing goes around the machine, not even SQL."""

from collections.abc import Sequence
from typing import Literal

Dialect = Literal["sqlite", "postgres"]


def state_guards(
    table: str, initial: str, *, dialect: Dialect, fixed: Sequence[str] = (), subject: str = ""
) -> tuple[str, ...]:
    """The statements that guard the table of a machine; run them once, in order, after the table is made.

    From then on a row begins in the `initial` state, at version 1, together with the first step of its
    history; status and version change only with the next step; the id and the `fixed` columns never
    change, and rows are never deleted. `subject`: the machine's subject, where the table has another name.

    Takes names, not a machine, because a migration must go on saying what it said on its first day.
    """
    refusals = _refusals(table, initial, fixed, subject or table)
    if dialect == "sqlite":
        return tuple(statement for sqlite, _ in refusals for statement in sqlite)
    return *(statement for _, postgres in refusals for statement in postgres), _not_truncated(table)


def refusal(name: str, *, table: str, on: str, message: str, when: str = "") -> tuple[list[str], list[str]]:
    """A trigger that refuses: statements for SQLite and for PostgreSQL.

    `on`: INSERT, UPDATE or DELETE; `when`: a condition over NEW and OLD that both dialects understand.
    """
    condition = f" WHEN ({when})" if when else ""
    sqlite = (
        f"CREATE TRIGGER {name} BEFORE {on} ON {table} FOR EACH ROW{condition} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )
    test = f"IF {when} THEN RAISE EXCEPTION '{message}'; END IF;" if when else f"RAISE EXCEPTION '{message}';"
    result = "OLD" if on == "DELETE" else "NEW"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {test} RETURN {result}; END $$"
    )
    trigger = f"CREATE TRIGGER {name} BEFORE {on} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    return [sqlite], [function, trigger]


def _refusals(
    table: str, initial: str, fixed: Sequence[str], subject: str
) -> list[tuple[list[str], list[str]]]:
    began = f"NEW.status = '{initial}' AND NEW.version = 1 AND {_step_exists(subject)} AND h.from_state = '')"
    moved = f"NEW.version = OLD.version + 1 AND {_step_exists(subject)} AND h.from_state = OLD.status)"
    changed = "NEW.status <> OLD.status OR NEW.version <> OLD.version"
    is_there = f"EXISTS (SELECT 1 FROM {table} s WHERE s.id = NEW.id)"  # noqa: S608  # or REPLACE would take its place
    return [
        refusal(
            f"{table}_begins",
            table=table,
            on="INSERT",
            when=f"NOT ({began}) OR {is_there}",
            message=f"{table}: a row begins in the state {initial}, together with its history",
        ),
        refusal(
            f"{table}_moves",
            table=table,
            on="UPDATE",
            when=f"({changed}) AND NOT ({moved})",
            message=f"{table}: the status changes only through its state machine",
        ),
        refusal(
            f"{table}_identity",
            table=table,
            on="UPDATE",
            when=" OR ".join(f"NEW.{column} <> OLD.{column}" for column in ("id", *fixed)),
            message=f"{table}: whose it is never changes",
        ),
        refusal(f"{table}_stays", table=table, on="DELETE", message=f"{table}: rows are never deleted"),
    ]


def _step_exists(subject: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM history h WHERE h.subject_type = '{subject}' AND h.subject_id = NEW.id "  # noqa: S608  # a name
        "AND h.version = NEW.version AND h.to_state = NEW.status"
    )


def _not_truncated(table: str) -> str:
    """PostgreSQL's way of deleting everything without a trigger for rows."""
    return (
        f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stays()"
    )
