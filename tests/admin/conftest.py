"""A web process with the console and Piccolo Admin alone, and two laboratories with four people who look at them."""

import html
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient, Response
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from admin.app import ROUTE_HANDLERS, STATIC, TEMPLATES
from admin.piccolo.mount import admin_mount
from admin.piccolo.tables import BY_NAME
from search.whoosh_index import WhooshReader
from tests.support.house import House
from web.kit.errors import EXCEPTION_HANDLERS
from web.kit.pages import templates
from web.kit.portal import Portal, provide_now, provide_portal
from web.kit.security import CSRF_COOKIE, csrf_config, protect
from workflow.database.connection import current_database
from workflow.engine.machine import Terms
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import SESSION_COOKIE, RecruiterSession
from workflow.settings import Settings

PEOPLE = ("rose", "ivan", "nina", "ada")
"""A recruiter of LAB1, one of LAB2, one of neither, and an administrator."""


@dataclass
class Clock:
    """An hour that tests may move; and how often the worker was woken."""

    now: datetime
    nudges: list[datetime] = field(default_factory=list)

    async def nudge(self) -> None:
        self.nudges.append(self.now)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture(scope="session")
def web_process(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """One for all tests, for making Piccolo Admin takes half a second; `app` gives it a new portal each time."""
    settings = Settings.from_environment({"VIVIER_VAR": str(tmp_path_factory.mktemp("console"))})
    return Litestar(
        route_handlers=[*ROUTE_HANDLERS, admin_mount(settings)],
        state=State({"templates": templates(settings, more_templates=[TEMPLATES], more_assets=[STATIC])}),
        dependencies={"portal": Provide(provide_portal), "now": Provide(provide_now)},
        exception_handlers=EXCEPTION_HANDLERS,
        csrf_config=csrf_config(settings),
        before_send=[protect],
        openapi_config=None,
    )


@pytest.fixture
def app(web_process: Litestar, database: str, clock: Clock, tmp_path: Path, terms: Terms) -> Litestar:
    """The web process on this test's database, with a portal of its own."""
    for table in BY_NAME.values():
        table._meta.db = current_database()
    web_process.state.portal = Portal(
        settings=Settings.from_environment(
            {"VIVIER_VAR": str(tmp_path), "VIVIER_HISTORY_KEY": terms.history_key.decode()}
        ),
        clock=lambda: clock.now,
        index=WhooshReader(tmp_path / "index"),
        store=House(clock.now, terms, tmp_path).documents.store,
        templates=web_process.state.templates,
        nudge=clock.nudge,
    )
    return web_process


@dataclass(frozen=True)
class Laboratories:
    """LAB1 with the published offer REF-1 and two applications, LAB2 with REF-2 and one."""

    house: House
    units: tuple[int, int]
    staff: dict[str, StaffMember]
    offers: tuple[UUID, UUID]
    applications: tuple[UUID, UUID, UUID]
    candidates: tuple[UUID, UUID, UUID]


@pytest.fixture
async def laboratories(database: str, now: datetime, terms: Terms, tmp_path: Path) -> Laboratories:
    house = House(now, terms, tmp_path)
    first, second = await house.unit("LAB1"), await house.unit("LAB2")
    staff = {
        "rose": await house.recruiter(first, name="Rose"),
        "ivan": await house.recruiter(second, name="Ivan"),
        "nina": await house.recruiter(name="Nina"),
        "ada": await house.recruiter(name="Ada", is_administrator=True),
    }
    offers = (
        await house.offer(staff["rose"], first, "REF-1"),
        await house.offer(staff["ivan"], second, "REF-2", title_fr="Physicien", title_en="Physicist"),
    )
    people = [await house.candidate(name) for name in ("Chloé", "Zoé", "Omar")]
    applications = (
        await house.application(people[0], "REF-1"),
        await house.application(people[1], "REF-1"),
        await house.application(people[2], "REF-2"),
    )
    return Laboratories(
        house, (first, second), staff, offers, applications, (people[0], people[1], people[2])
    )


class Visitor:
    """A browser: pages, forms with their token, and Piccolo Admin's requests with its own."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> Response:
        return await self.client.get(path)

    async def submit(self, path: str, *, at: str = "/console/login", **fields: str) -> Response:
        """Post a form, with the token that the page `at` gives."""
        if CSRF_COOKIE not in self.client.cookies:
            await self.get(at)
        token = self.client.cookies[CSRF_COOKIE]
        return await self.client.post(path, data={**fields, "_csrf_token": token})

    async def admin(self, method: str, path: str, json: object = None) -> Response:
        """What Piccolo Admin's page would send to its REST."""
        if "csrftoken" not in self.client.cookies:
            await self.client.get("/admin/public/meta/")
        headers = {"X-CSRFToken": self.client.cookies["csrftoken"]}
        return await self.client.request(method, f"/admin{path}", json=json, headers=headers)


def said(page: str) -> str:
    """What the page says first of a move that was refused, as it is read."""
    found = re.search(r'role="alert">(.*?)</div>\s*</div>', page, re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", found[1] if found else "")).split())


Visiting = Callable[..., AbstractAsyncContextManager[Visitor]]


@pytest.fixture
def visiting(app: Litestar, laboratories: Laboratories) -> Visiting:
    """A visitor, logged in as one of PEOPLE or as nobody: `async with visiting("rose") as rose:`."""

    @asynccontextmanager
    async def visit(name: str = "") -> AsyncIterator[Visitor]:
        transport = ASGITransport(app)  # type: ignore[arg-type]  # Litestar's own types of the same protocol
        async with AsyncClient(transport=transport, base_url="http://testserver.local") as client:
            if name:
                session = await RecruiterSession.create_session(laboratories.staff[name].id)
                client.cookies.set(SESSION_COOKIE, session.token)
            yield Visitor(client)

    return visit
