"""What every test of a surface may ask for: a site, and an open offer on it."""

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.house import House
from tests.web.site import Site
from web.app import create_app
from workflow.settings import Settings


async def _site(house: House, now: datetime, folder: Path) -> AsyncIterator[Site]:
    settings = Settings.from_environment(
        {"VIVIER_VAR": str(folder), "VIVIER_HISTORY_KEY": house.terms.history_key.decode()}
    )
    site: Site

    def clock() -> datetime:
        return site.now

    site = Site(create_app(settings, clock=clock), settings, house, now)
    await site.index()
    async with site.stack:
        yield site


@pytest.fixture
async def site(database: str, house: House, now: datetime, tmp_path: Path) -> AsyncIterator[Site]:
    """A site without offers, once on each kind of database."""
    async for site in _site(house, now, tmp_path):
        yield site


@pytest.fixture
async def offer(site: Site) -> str:
    """The reference of a published offer that is open for 30 days."""
    unit = await site.house.unit()
    await site.house.offer(await site.house.recruiter(unit), unit)
    await site.index()
    return "REF-1"
