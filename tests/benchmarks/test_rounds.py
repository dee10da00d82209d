"""Contenders take turns in an order that rotates; the first round of each does not count."""

from dataclasses import dataclass

from benchmarks.rounds import Effort, Round, taken_in_turns


@dataclass
class Notary:
    """A contender that writes down when it was its turn."""

    name: str
    book: list[tuple[str, int]]
    prepared: int = 0

    async def prepare(self, count: int) -> None:
        self.prepared += count

    async def run(self, at_once: int) -> Round:
        moves, self.prepared = self.prepared, 0
        self.book.append((self.name, at_once))
        return Round(float(len(self.book)), (0.1,) * moves, 0.0)


async def test_contenders_take_turns_and_the_first_round_warms_up() -> None:
    book: list[tuple[str, int]] = []
    rounds = await taken_in_turns([Notary("a", book), Notary("b", book)], Effort(rounds=2, moves=3), 8)
    assert book == [(name, 8) for name in ("a", "b", "b", "a", "a", "b")]
    assert rounds == {
        "a": [Round(4.0, (0.1,) * 3, 0.0), Round(5.0, (0.1,) * 3, 0.0)],
        "b": [Round(3.0, (0.1,) * 3, 0.0), Round(6.0, (0.1,) * 3, 0.0)],
    }


def test_round_tells_its_rate_its_latencies_and_its_computing() -> None:
    done = Round(2.0, tuple(number / 1000 for number in range(1, 101)), computing=0.3)
    assert (done.rate, done.median, done.percentile_95, done.computing_a_move) == (50.0, 50.5, 95.0, 3.0)
    assert Round(1.0, (0.007,), 0.0).percentile_95 == 7.0
