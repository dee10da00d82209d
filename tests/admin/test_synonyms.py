"""The house's own synonyms: kept by administrators, checked line by line, known to searches."""

from collections.abc import Iterator

import pytest

from search.synonyms import synonyms, use_own
from search.words import analysed
from tests.admin.conftest import Laboratories, Visiting
from web.kit.synonyms import followed_synonyms
from workflow.audit.tables import AuditEntry
from workflow.offers.synonyms import own_synonyms

LINES = "cryostat, basses températures\n\n  glaciologue   => climatologue\n"
KEPT = ("cryostat, basses températures", "glaciologue => climatologue")


def run(words: str) -> tuple[str, ...]:
    return tuple(word.key for word in analysed(words))


@pytest.fixture
def forgotten() -> Iterator[None]:
    yield
    use_own([])


async def test_what_is_saved_is_known_to_searches(
    laboratories: Laboratories, visiting: Visiting, forgotten: None
) -> None:
    async with visiting("ada") as visitor:
        answer = await visitor.submit("/console/synonyms", lines=LINES)
        page = (await visitor.get("/console/synonyms")).text
    assert (answer.status_code, await own_synonyms()) == (303, KEPT)
    assert "glaciologue =&gt; climatologue" in page
    before = [
        run("climatologue") in synonyms(run("glaciologue")),
        run("cryostat") in synonyms(run("basses températures")),
    ]
    async with followed_synonyms():
        after = [
            run("climatologue") in synonyms(run("glaciologue")),
            run("glaciologue") in synonyms(run("climatologue")),
            run("cryostat") in synonyms(run("basses températures")),
            run("researcher") in synonyms(run("chercheur")),
        ]
    assert (before, after) == ([False, False], [True, False, True, True])
    entries = await AuditEntry.select(AuditEntry.action).where(AuditEntry.subject_type == "synonyms")
    assert entries == [{"action": "synonyms.saved"}]


@pytest.mark.parametrize(
    "line", ["alone", "one two three four five, six", "chat, chats", "=> nothing", "…, !"]
)
async def test_a_line_that_says_nothing_is_named_and_nothing_saved(
    laboratories: Laboratories, visiting: Visiting, line: str
) -> None:
    async with visiting("ada") as visitor:
        answer = await visitor.submit("/console/synonyms", lines=f"cryostat, froid\n{line}")
    assert (answer.status_code, await own_synonyms()) == (422, ())
    assert ("Line 2 says nothing" in answer.text, "cryostat, froid" in answer.text) == (True, True)


async def test_recruiters_do_not_find_them(laboratories: Laboratories, visiting: Visiting) -> None:
    async with visiting("rose") as visitor:
        answers = [
            (await visitor.get("/console/synonyms")).status_code,
            (await visitor.submit("/console/synonyms", lines=LINES)).status_code,
        ]
    assert (answers, await own_synonyms()) == ([404, 404], ())
