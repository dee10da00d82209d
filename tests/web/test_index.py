"""A site whose index is missing, damaged, or changes: what visitors and operators see."""

import shutil
from dataclasses import replace
from pathlib import Path

import anyio
import pytest

from search.queries import OfferIndex, OfferQuery
from search.whoosh_index import WhooshReader, WhooshWriter
from tests.search.offers import NOW, offer
from tests.web.site import ON_SQLITE, Site, text_of
from web.index_figures import index_figures
from web.kit.index import index_reader, watched
from workflow.settings import Settings


def figures(index: OfferIndex) -> dict[str, float]:
    lines = index_figures(index).decode().splitlines()
    return {
        name: float(value) for name, _, value in (line.partition(" ") for line in lines if line[0] != "#")
    }


def test_figures_tell_of_the_state_that_answers(tmp_path: Path) -> None:
    writer, reader = WhooshWriter(tmp_path / "index"), WhooshReader(tmp_path / "index")
    assert figures(reader) == {"vivier_search_up": 0}
    writer.rebuild([offer(1, "Laser"), offer(2, "Optique")])
    writer.rebuild([offer(1, "Laser"), offer(2, "Optique")], damaged=True)
    writer.apply([], [offer(2).id])
    told = figures(reader)
    changed, age = (told.pop(f"vivier_search_{name}_seconds") for name in ("changed_timestamp", "age"))
    assert told == {
        "vivier_search_up": 1,
        "vivier_search_generation": 3,
        "vivier_search_offers": 1,
        "vivier_search_rebuilds_total": 2,
        "vivier_search_damaged_total": 1,
    }
    assert (changed, age >= 0) == (reader.state().changed_at.timestamp(), True)


@ON_SQLITE
async def test_operators_read_the_figures_among_the_others(site: Site) -> None:
    visitor = await site.visitor()
    token = replace(site.settings, metrics_token="t" * 20)
    site.app.state.portal = replace(site.app.state.portal, settings=token)
    page = await visitor.get("/metrics", headers={"Authorization": f"Bearer {'t' * 20}"})
    assert "vivier_search_up 1.0" in page.text.splitlines()
    assert "process_start_time_seconds" in page.text


@ON_SQLITE
@pytest.mark.parametrize("damage", ["gone", "flipped"])
async def test_without_a_state_the_search_says_that_it_is_being_rebuilt(site: Site, damage: str) -> None:
    folder = site.settings.var / "index"
    if damage == "gone":
        shutil.rmtree(folder)
    else:
        segment = next(folder.rglob("*.toc"))
        segment.write_bytes(segment.read_bytes()[::-1])
    site.app.state.portal = replace(site.app.state.portal, index=WhooshReader(folder))
    visitor = await site.visitor()
    page, answer = await visitor.get("/offers"), await visitor.get("/api/v1/offers")
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert "The search is being rebuilt. Try again in a moment." in text_of(page)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"].endswith("search-unavailable")
    assert (await visitor.get("/")).status_code == 200
    await site.index()
    assert (await visitor.get("/offers")).status_code == 200


async def test_a_watched_index_takes_up_what_changes(tmp_path: Path) -> None:
    settings = Settings.from_environment({"VIVIER_VAR": str(tmp_path)})
    index = index_reader(settings)
    async with watched(index):  # there is nothing yet, and this process can serve all the rest
        for number in (1, 2):
            WhooshWriter(tmp_path / "index").rebuild([offer(each, "Laser") for each in range(number)])
            with anyio.fail_after(30):
                while figures(index).get("vivier_search_offers") != number:  # noqa: ASYNC110  # nothing rings
                    await anyio.sleep(0.05)
    assert index.search(OfferQuery("laser"), NOW).total == 2


def test_the_index_in_the_database_needs_postgres(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="VIVIER_SEARCH: postgres needs a VIVIER_DATABASE_URL"):
        Settings.from_environment({"VIVIER_VAR": str(tmp_path), "VIVIER_SEARCH": "postgres"})
