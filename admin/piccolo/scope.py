"""Whose rows Piccolo Admin may touch during a request: set by the mount, read by every query of its tables."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflow.engine.machine import Terms
from workflow.recruiters.queries import StaffMember, for_sql


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, when, and under which terms; `nudge` wakes the worker after something was recorded for it."""

    staff: StaffMember
    now: datetime
    terms: Terms
    nudge: Callable[[], Awaitable[None]]


_acting: ContextVar[Acting | None] = ContextVar("acting", default=None)


@contextmanager
def acting_as(acting: Acting | None) -> Iterator[None]:
    """Let somebody act for as long as the block runs; None: nobody, who sees nothing."""
    token = _acting.set(acting)
    try:
        yield
    finally:
        _acting.reset(token)


def acting() -> Acting | None:
    """Who acts in this request; None where nobody is logged in."""
    return _acting.get()


# Piccolo refuses an empty list; no unit has this id.


class ScopedRows:
    """A mixin before a table: all its queries are narrowed to the units of who acts (C1).

    `of_units` says which rows belong to some units. Without anybody acting there are no rows.
    """

    @classmethod
    def of_units(cls, unit_ids: list[int]) -> Any:
        """The condition that a row belongs to one of the units; the list is never empty."""
        raise NotImplementedError

    @classmethod
    def narrowed(cls, query: Any) -> Any:
        """The query, for the rows of who acts alone; administrators see all."""
        who = acting()
        if who is not None and who.staff.unit_ids is None:
            return query
        return query.where(cls.of_units(for_sql(who.staff.unit_ids or ()) if who else for_sql(())))

    @classmethod
    def select(cls, *columns: Any, **options: Any) -> Any:
        """Piccolo's, narrowed."""
        return cls.narrowed(super().select(*columns, **options))  # type: ignore[misc]  # the table after the mixin

    @classmethod
    def objects(cls, *prefetch: Any) -> Any:
        """Piccolo's, narrowed."""
        return cls.narrowed(super().objects(*prefetch))  # type: ignore[misc]

    @classmethod
    def count(cls, *arguments: Any, **options: Any) -> Any:
        """Piccolo's, narrowed."""
        return cls.narrowed(super().count(*arguments, **options))  # type: ignore[misc]

    @classmethod
    def exists(cls) -> Any:
        """Piccolo's, narrowed."""
        return cls.narrowed(super().exists())  # type: ignore[misc]

    @classmethod
    def update(cls, *arguments: Any, **options: Any) -> Any:
        """Piccolo's, narrowed."""
        return cls.narrowed(super().update(*arguments, **options))  # type: ignore[misc]

    @classmethod
    def delete(cls, *arguments: Any, **options: Any) -> Any:
        """Piccolo's, narrowed."""
        return cls.narrowed(super().delete(*arguments, **options))  # type: ignore[misc]


class AllRows(ScopedRows):
    """A mixin for the tables of administrators: nobody else sees a row."""

    @classmethod
    def narrowed(cls, query: Any) -> Any:
        """Everything for an administrator, nothing for others."""
        who = acting()
        if who is not None and who.staff.is_administrator:
            return query
        return query.where(cls._meta.primary_key.is_null())  # type: ignore[attr-defined]  # the table's
