"""Bitsets against plain lists."""

from random import Random

from search.bitsets import OpenOffers, bits_of, ranks_from_top


def test_ranks_from_top_pages_like_a_sorted_list() -> None:
    random = Random(1)
    for size in (1, 9, 4096, 5000, 30_000):
        for share in (0, 0.001, 0.3, 1):
            ranks = [rank for rank in range(size) if random.random() < share]
            expected = sorted(ranks, reverse=True)
            for skip, take in ((0, 5), (3, 20), (len(ranks) // 2, 700), (len(ranks), 5), (0, 0), (0, size)):
                page = list(ranks_from_top(bits_of(ranks, size), skip, take))
                assert page == expected[skip : skip + take]


def test_open_offers_are_those_that_close_later_in_any_order_of_asking() -> None:
    closing = [5, 3, 9, 3]
    open_offers = OpenOffers(closing)
    for now in (0, 3, 4, 9, 2, 10, 5, 5):
        assert open_offers.at(now) == bits_of([n for n, at in enumerate(closing) if at > now], 4)
