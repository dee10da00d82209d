"""The sum of heads: the order does not matter, everything else does, and it tells nothing to those without the key."""

from uuid import UUID

from workflow.engine.seals import Heads

KEY = b"a key for the tests"
ONE, TWO = ("offer", UUID(int=1), 3, "aa"), ("offer", UUID(int=2), 1, "bb")


def summed(*heads: tuple[str, UUID, int, str], key: bytes = KEY, number: int = 5) -> tuple[str, int]:
    made = Heads(key)
    for head in heads:
        made.add(*head)
    return made.masked(number), made.subjects


def test_the_order_does_not_matter() -> None:
    assert summed(ONE, TWO) == summed(TWO, ONE)


def test_a_head_taken_out_leaves_nothing_behind() -> None:
    heads = Heads(KEY)
    heads.add(*ONE)
    heads.add(*TWO)
    heads.take_out(*ONE)
    assert (heads.masked(5), heads.subjects) == summed(TWO)


def test_every_fact_the_key_and_the_number_matter() -> None:
    others = [
        ("application", *ONE[1:]),
        ("offer", UUID(int=9), 3, "aa"),
        (*ONE[:2], 4, "aa"),
        (*ONE[:3], "ab"),
    ]
    sums = [
        summed(ONE),
        summed(ONE, ONE),
        summed(ONE, key=b"another"),
        summed(ONE, number=6),
        *map(summed, others),
    ]
    assert len(set(sums)) == len(sums)
