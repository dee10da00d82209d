"""What every test of a surface may ask for: a site, and an open offer on it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from litestar import Litestar

from search.whoosh_index import WhooshReader
from tests.support.house import House
from tests.web.site import Site
from web.app import create_app
from workflow.documents.storage import DiskStore
from workflow.settings import Settings


def _settings(folder: Path) -> Settings:
    return Settings.from_environment({"VIVIER_VAR": str(folder), "VIVIER_HISTORY_KEY": "a key for the tests"})


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """One application for all tests, for making one takes half a second; `site` gives it a new portal each time."""
    return create_app(_settings(tmp_path_factory.mktemp("app")))


@pytest.fixture
async def site(
    app: Litestar, database: str, house: House, now: datetime, tmp_path: Path
) -> AsyncIterator[Site]:
    """A site without offers, once on each kind of database."""
    settings = _settings(tmp_path)
    site = Site(app, settings, house, now)
    app.state.portal = replace(
        app.state.portal,
        settings=settings,
        clock=lambda: site.now,
        index=WhooshReader(settings.var / "index"),
        store=DiskStore(settings.var / "documents"),
    )
    await site.index()
    async with site.stack:
        yield site


@pytest.fixture
async def offer(site: Site) -> str:
    """The reference of a published offer that is open for 30 days."""
    unit = await site.house.unit()
    await site.house.offer(await site.house.recruiter(unit), unit)
    await site.index()
    return "REF-1"
