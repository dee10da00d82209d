"""A long list, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from workflow.errors import NotFound

PAGE_SIZE = 50

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one stands: page `number` of `count`; `prefix` is an address that ends in `page=`."""

    number: int
    count: int
    prefix: str


def page_of(rows: Sequence[Row], number: int, prefix: str) -> tuple[Sequence[Row], Pages]:
    """The rows of a page; there is always a first one. Raises NotFound for a page that is none."""
    pages = pages_of(len(rows), number, prefix)
    return rows[first_of(number) : first_of(number + 1)], pages


def pages_of(total: int, number: int, prefix: str) -> Pages:
    """The same for rows that are read page by page."""
    count = max(1, -(-total // PAGE_SIZE))
    if not 1 <= number <= count:
        raise NotFound
    return Pages(number, count, prefix)


def first_of(number: int) -> int:
    """How many rows stand before a page's first one."""
    return (number - 1) * PAGE_SIZE
