"""What was asked for is remembered, within its room, longest what is asked for often."""

from search.remembered import Remembered


class Asked:
    """Gives each number with many bits on top, and notes who asked."""

    def __init__(self, bits: int) -> None:
        self.numbers: list[int] = []
        self.top = 1 << bits

    def __call__(self, number: int) -> int:
        self.numbers.append(number)
        return self.top + number if number else 0


def test_the_same_is_asked_for_once_also_where_there_is_nothing() -> None:
    asked = Asked(bits=10)
    remembered = Remembered(asked, room=10_000)
    assert [remembered(number) for number in (0, 1, 0, 1, 2)] == [0, 1025, 0, 1025, 1026]
    assert asked.numbers == [0, 1, 2]


def test_what_is_asked_for_again_and_again_outlives_what_is_not() -> None:
    asked = Asked(bits=10)
    remembered = Remembered(asked, room=4_000)
    for number in range(1, 200):
        remembered(0)
        remembered(number)
    remembered(1)
    assert (asked.numbers.count(0), asked.numbers.count(1), len(asked.numbers)) == (1, 2, 201)


def test_one_that_is_larger_than_the_room_is_given_all_the_same() -> None:
    remembered = Remembered(Asked(bits=100_000), room=1_000)
    assert [remembered(number) - (1 << 100_000) for number in (1, 2, 1)] == [1, 2, 1]
