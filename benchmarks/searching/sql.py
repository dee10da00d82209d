"""What the two peers that speak SQL share: filters, and counts beside every choice from one grouping."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from benchmarks.searching.serving import FACETS, PAGE, Answer, Question

_COLUMNS = ", ".join(FACETS)


def answer_from(
    offers: str,
    given: Sequence[Any],
    question: Question,
    *,
    filters: tuple[str, list[Any]],
    newest: str,
    ask: Callable[[str, list[Any]], Any],
) -> Answer:
    """The page, the number and the counts of `offers`: what stands between FROM and the filters, with its values."""
    chosen, values = filters
    narrowed = [*given, *values]
    page = f"SELECT id FROM {offers} AND {chosen} ORDER BY {newest} DESC LIMIT {PAGE}"
    ids = [offer for (offer,) in ask(page, narrowed)]
    if question.get("bare"):
        return ids, ask(f"SELECT count(*) FROM {offers} AND {chosen}", narrowed).fetchone()[0], {}
    cells = ask(f"SELECT {_COLUMNS}, count(*) FROM {offers} GROUP BY {_COLUMNS}", list(given))
    total, counts = counts_of(cells, question)
    return ids, total, counts


def filters_of(
    question: Question, is_one_of: str, given: Callable[[list[str]], Any]
) -> tuple[str, list[Any]]:
    """The filters as a condition, and the values of its places."""
    filters = question["filters"]
    condition = " AND ".join(f"{facet} {is_one_of}" for facet in filters) or "TRUE"
    return condition, [given(values) for values in filters.values()]


def counts_of(cells: Iterable[Sequence[Any]], question: Question) -> tuple[int, dict[str, dict[str, int]]]:
    """Total and counts from the numbers of offers in each combination of facets: one pass instead of six."""
    wanted = [(at, set(question["filters"][f])) for at, f in enumerate(FACETS) if f in question["filters"]]
    total = 0
    counts: dict[str, dict[str, int]] = {facet: {} for facet in FACETS}
    for cell in cells:
        failed = [at for at, values in wanted if cell[at] not in values]
        if not failed:
            total += cell[-1]
        if len(failed) < 2:
            for at in failed or range(len(FACETS)):
                if cell[at]:
                    counted = counts[FACETS[at]]
                    counted[cell[at]] = counted.get(cell[at], 0) + cell[-1]
    return total, counts
