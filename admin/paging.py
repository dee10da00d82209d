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
    count = max(1, -(-len(rows) // PAGE_SIZE))
    if not 1 <= number <= count:
        raise NotFound
    return rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], Pages(number, count, prefix)
