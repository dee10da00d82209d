"""What is measured of the board: its first view with 5,000 applications on one offer, against 50."""

import logging
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide

from admin.app import ROUTE_HANDLERS, STATIC, TEMPLATES
from benchmarks.figures import Figure, compared
from benchmarks.moves import Arena
from benchmarks.ours import NOW, TERMS
from search.whoosh_index import WhooshReader
from tests.support.house import House
from web.kit.errors import EXCEPTION_HANDLERS
from web.kit.pages import templates
from web.kit.portal import Portal, provide_now, provide_portal
from web.kit.security import csrf_config, protect
from workflow.applications.commands import candidate_actor
from workflow.applications.machine import ApplicationMachine
from workflow.applications.tables import Application
from workflow.candidates.names import name_key
from workflow.candidates.tables import Candidate
from workflow.database.connection import database_from_url, opened_database, use_database, write_transaction
from workflow.database.migrating import migrate
from workflow.documents.storage import DiskStore
from workflow.engine.moves import fire, start
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import SESSION_COOKIE, RecruiterSession
from workflow.settings import Settings

FEW, MANY = 50, 5_000
AIM = 0.67
"""The first view with many may take one and a half times as long as with few."""

_AT_ONCE = 250
_ENDS = ("", "consider", "reject", "", "consider", "accept", "", "consider", "reject", "")
"""Of ten applications: the last event of each; none where it was only submitted."""


async def measured_board(arena: Arena, rounds: int) -> list[Figure]:
    """The figures of one kind of database. Raises what kept anything from being measured."""
    use_database(database_from_url(arena.ours))
    with tempfile.TemporaryDirectory(prefix="vivier-bench-board-") as folder:
        async with opened_database():
            await migrate()
            staff = await _furnished(House(NOW, TERMS, Path(folder)))
            await Application.raw("ANALYZE")  # as a database that runs does by itself, a minute later
            async with _browser(Path(folder), staff) as browser:
                few, many, across = await _in_turns(
                    browser, rounds, "/console/?offer=FEW", "/console/?offer=MANY", "/console/"
                )
    return [
        _figure(f"{arena.name}, first view of the board, {MANY:,} applications", many, few),
        _figure(f"{arena.name}, first view of the board, all offers", across, few),
    ]


def _figure(name: str, ours: Sequence[float], few: Sequence[float]) -> Figure:
    against = f"one offer with {FEW} applications"
    return compared(name, ours, few, against=against, unit="ms", aim=AIM, better="lower")


async def _furnished(house: House) -> StaffMember:
    """Who looks at the board: a recruiter with an offer that few, and one that many have applied to."""
    unit = await house.unit("BOARD")
    staff = await house.recruiter(unit, name="Bea")
    for reference, number in (("FEW", FEW), ("MANY", MANY)):
        offer = await house.offer(staff, unit, reference)
        for first in range(0, number, _AT_ONCE):
            await _fill(staff, offer, range(first, min(first + _AT_ONCE, number)))
    return staff


async def _fill(staff: StaffMember, offer: UUID, numbers: range) -> None:
    """One candidate an application, a second after the one before."""
    made = [(number, uuid4(), uuid4()) for number in numbers]
    async with write_transaction():
        await Candidate.insert(*(_candidate(number, candidate) for number, candidate, _ in made))
        for _, candidate, application in made:
            await start(ApplicationMachine, application, candidate_actor(candidate), terms=TERMS, now=NOW)
        await Application.insert(*(_application(*each, offer) for each in made))
        for number, _, application in made:
            for event in _way_to(_ENDS[number % len(_ENDS)]):
                await fire(
                    ApplicationMachine, application, event, staff.actor, terms=TERMS, now=NOW, note="So."
                )


def _way_to(end: str) -> tuple[str, ...]:
    if not end:
        return ()
    return ("consider",) if end == "consider" else ("consider", end)


def _candidate(number: int, candidate_id: UUID) -> Candidate:
    email = f"{candidate_id.hex}@example.org"
    return Candidate(
        id=candidate_id,
        email=email,
        email_key=email,
        password_hash="",
        title="ms",
        first_name=f"Nr{number}",
        last_name="Crowd",
        name_key=name_key(f"Nr{number}", "Crowd"),
        secret_question="first_school",
        secret_answer_hash="",
        language="fr",
        notice_version="1",
        notice_accepted_at=NOW,
        created_at=NOW,
        confirmed_at=NOW,
        last_active_at=NOW,
    )


def _application(number: int, candidate: UUID, application_id: UUID, offer: UUID) -> Application:
    return Application(
        id=application_id,
        candidate=candidate,
        offer=offer,
        status="submitted",
        version=1,
        covering_letter_text="I would like to join you.",
        cv_url="",
        submitted_at=NOW + timedelta(seconds=number),
    )


@asynccontextmanager
async def _browser(folder: Path, staff: StaffMember) -> AsyncIterator[AsyncClient]:
    """Asks the console of this very process: what is measured is all that a page costs but the network."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = Settings.from_environment(
        {"VIVIER_VAR": str(folder), "VIVIER_HISTORY_KEY": TERMS.history_key.decode()}
    )
    portal = Portal(
        settings=settings,
        clock=lambda: NOW + timedelta(hours=2),
        index=WhooshReader(folder / "index"),
        store=DiskStore(folder / "documents"),
        templates=templates(settings, more_templates=[TEMPLATES], more_assets=[STATIC]),
        nudge=_nudge,
    )
    app = Litestar(
        route_handlers=list(ROUTE_HANDLERS),
        state=State({"portal": portal}),
        dependencies={"portal": Provide(provide_portal), "now": Provide(provide_now)},
        exception_handlers=EXCEPTION_HANDLERS,
        csrf_config=csrf_config(settings),
        before_send=[protect],
        openapi_config=None,
    )
    session = await RecruiterSession.create_session(staff.id)
    transport = ASGITransport(app)  # type: ignore[arg-type]  # Litestar's own types of the same protocol
    async with AsyncClient(
        transport=transport, base_url="http://bench.local", cookies={SESSION_COOKIE: session.token}
    ) as client:
        yield client


async def _nudge() -> None:
    """Nobody works in the background here."""


async def _in_turns(browser: AsyncClient, rounds: int, *paths: str) -> list[list[float]]:
    """Milliseconds of each path, round by round; the first round warms up."""
    taken: list[list[float]] = [[] for _ in paths]
    for number in range(rounds + 1):
        for path, series in zip(paths, taken, strict=True):
            begun = time.perf_counter()
            answer = await browser.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")
            if number:
                series.append((time.perf_counter() - begun) * 1000)
    return taken
