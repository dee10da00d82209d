"""Sorting in pieces against sorting at once."""

from random import Random

from search.gentle import gently_sorted


def test_pieces_are_put_in_the_order_of_the_whole() -> None:
    random = Random(3)
    for size in (0, 1, 4095, 4096, 4097, 20_000):
        items = [(random.randint(0, 50), random.random()) for _ in range(size)]
        assert gently_sorted(iter(items)) == sorted(items)
