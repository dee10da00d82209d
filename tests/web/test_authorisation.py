"""Who may go where: every route of the application, tried by everybody, against a written table.

A new route without a line fails, and says which line to add; so does a line whose route is gone.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.web.site import ON_SQLITE, Site
from web.kit.security import CSRF_COOKIE
from web.kit.visitors import SESSION_COOKIE
from workflow.alerts.commands import add_alert
from workflow.batches.commands import Item, start_batch
from workflow.candidates.sessions import begin_session, sessions_of
from workflow.database.connection import write_transaction
from workflow.engine.tables import Outbox
from workflow.logins import Arrival
from workflow.privacy.tables import Archive
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import SESSION_COOKIE as STAFF_COOKIE
from workflow.recruiters.tables import RecruiterSession
from workflow.webhooks.tables import Webhook, WebhookAttempt

TABLE = Path(__file__).with_name("authorisation.txt")
PEOPLE = ("stranger", "other", "owner", "foreign", "recruiter", "administrator")
"""The columns: nobody, another candidate, the candidate whom all belongs to, a recruiter of another unit, one of
the offer's own, an administrator."""

LETTER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
ALERT = {"frequency": "daily", "job_type": "all", "region": "all"}


@dataclass(frozen=True)
class World:
    """Somebody's things, and everybody who may want to see them."""

    site: Site
    unit: int
    recruiter: StaffMember
    foreign: StaffMember
    administrator: StaffMember
    other: UUID

    async def things(self) -> "Things":
        """A new candidate with an application, a session and an archive: no route disturbs another."""
        house, reference = self.site.house, f"R-{uuid4().hex[:8]}"
        await house.offer(self.recruiter, self.unit, reference)
        owner = await house.candidate()
        application = await house.application(owner, reference)
        async with write_transaction():
            session = await begin_session(owner, arrival=Arrival(), now=self.site.now)
            archive = uuid4()
            await Archive.insert(Archive(id=archive, candidate=owner, asked_at=self.site.now))
        alert = await add_alert(owner, ALERT, meaning=str.lower, now=self.site.now)
        batch = uuid4()
        await start_batch(self.recruiter, batch, [Item(application, 1)], "consider", now=self.site.now)
        (known,) = await sessions_of(owner, session.token, now=self.site.now)
        (mail,) = await Outbox.select(Outbox.id).where(
            Outbox.subject_id == application, Outbox.kind == "application_submitted"
        )
        webhook, attempt = await _webhook(self.administrator, self.site.now)
        colleague = await house.recruiter(self.unit, name=f"Colleague{uuid4().hex[:8]}")
        return Things(
            self,
            owner,
            session.token,
            reference,
            application,
            archive,
            alert,
            batch,
            known.id,
            colleague.id,
            mail["id"],
            webhook,
            attempt,
        )


async def _webhook(staff: StaffMember, now: datetime) -> tuple[UUID, int]:
    """A subscription to nothing, and a try of its log."""
    webhook_id = uuid4()
    async with write_transaction():
        await Webhook.insert(
            Webhook(
                id=webhook_id,
                url="https://example.org/hook",
                description="",
                events="[]",
                secret=b"sealed",
                created_at=now,
                created_by=staff.id,
            )
        )
        rows = await WebhookAttempt.insert(
            WebhookAttempt(
                webhook=webhook_id,
                message=f"msg_{webhook_id.hex}",
                event="webhook.ping",
                body="{}",
                at=now,
                status=500,
                said="",
                milliseconds=7,
            )
        )
    return webhook_id, rows[0]["id"]


@dataclass(frozen=True)
class Things:
    """What the path of a route names."""

    world: World
    owner: UUID
    owner_token: str
    reference: str
    application: UUID
    archive: UUID
    alert: UUID
    batch: UUID
    session: int
    colleague: int
    mail: int
    webhook: UUID
    attempt: int

    def path(self, pattern: str) -> str:
        """The path of a route with its parameters filled; what nobody has is made up."""
        values = {
            "reference": self.reference,
            "unit_id": str(self.world.unit),
            "application_id": str(self.application),
            "archive_id": str(self.archive),
            "alert_id": str(self.alert),
            "batch_id": str(self.batch),
            "session_id": "0" if pattern.startswith("/console/") else str(self.session),
            "recruiter_id": str(self.colleague),
            "event": "consider",
            "document_id": str(uuid4()),
            "note_id": str(uuid4()),
            "page": "1",
            "paragraph_id": "1",
            "delivery_id": str(self.mail),
            "webhook_id": str(self.webhook),
            "attempt_id": str(self.attempt),
            "file_path": "css/base.css",
        }
        return re.sub(r"\{(\w+):?\w*\}", lambda found: values.get(found[1], "made-up"), pattern)

    async def token(self, who: str) -> tuple[str, str]:
        """The cookie's name and the token of a new session of somebody; the owner has theirs already."""
        if who == "owner":
            return SESSION_COOKIE, self.owner_token
        if who == "other":
            async with write_transaction():
                return SESSION_COOKIE, (
                    await begin_session(self.world.other, arrival=Arrival(), now=self.world.site.now)
                ).token
        staff: StaffMember = getattr(self.world, who)
        return STAFF_COOKIE, (await RecruiterSession.create_session(staff.id)).token


@asynccontextmanager
async def browser(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(cast(Any, app), client=("203.0.113.9", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://site.example") as client:
        yield client


async def tried(things: Things, who: str, method: str, pattern: str) -> str:
    """What becomes of an empty request: a status, or where it leads."""
    path = things.path(pattern)
    async with browser(things.world.site.app) as client:
        headers = {}
        if path.startswith("/api/"):
            if who != "stranger":
                headers["Authorization"] = f"Bearer {(await things.token(who))[1]}"
            answer = await client.request(method, path, headers=headers, json=None if method == "GET" else {})
        else:
            await client.get("/contact")
            if who != "stranger":
                client.cookies.set(*await things.token(who))
            data = {"_csrf_token": client.cookies[CSRF_COOKIE]} if method == "POST" else None
            answer = await client.request(method, path, data=data)
    return _outcome(answer)


def _outcome(answer: httpx.Response) -> str:
    if answer.status_code not in {302, 303, 307, 308}:
        return str(answer.status_code)
    target = answer.headers["location"].partition("?")[0].partition("#")[0]
    return "login" if target.endswith("/login") else "moved"


def routes(app: Litestar) -> Iterator[tuple[str, str]]:
    """Method and pattern of every route, but for what Litestar adds by itself."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for method in sorted(route.methods - {"OPTIONS", "HEAD"}):
                yield method, route.path_format


def written() -> Mapping[str, tuple[str, ...]]:
    """The table: route → what becomes of each of PEOPLE."""
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    return {" ".join(line.split()[:2]): tuple(line.split()[2:]) for line in lines}


@ON_SQLITE
async def test_everybody_reaches_what_is_written_and_nothing_else(site: Site) -> None:
    house = site.house
    unit, other_unit = await house.unit(), await house.unit("LAB2")
    world = World(
        site,
        unit,
        recruiter=await house.recruiter(unit, name="Rose"),
        foreign=await house.recruiter(other_unit, name="Otto"),
        administrator=await house.recruiter(name="Ada", is_administrator=True),
        other=await house.candidate("Zoé"),
    )
    seen = {}
    for method, pattern in routes(site.app):
        things = await world.things()
        outcomes = [await tried(things, who, method, pattern) for who in PEOPLE]
        seen[f"{method} {pattern}"] = tuple(outcomes)
    different = {
        route: f"{route:75} {' '.join(f'{each:6}' for each in outcomes)}"
        for route, outcomes in seen.items()
        if written().get(route) != outcomes
    }
    told = "\n".join(different.values())
    assert not different, f"{TABLE.name} says otherwise, or nothing; is this meant?\n{told}"
    assert set(written()) == set(seen)
