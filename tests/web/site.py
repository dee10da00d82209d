"""A site in this very process: the whole web application on a fresh database, with a clock that tests move."""

import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from jobs.indexing import document_of
from search.whoosh_index import WhooshWriter
from tests.support.house import PASSWORD, ZONE, House
from web.kit.security import CSRF_COOKIE
from workflow.candidates.tables import Candidate
from workflow.engine.tables import Outbox
from workflow.offers.queries import findable_offers
from workflow.sealing import unseal
from workflow.settings import Settings

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of what no database has a say in."""

Files = Mapping[str, tuple[str, bytes]]


@dataclass
class Visitor:
    """A browser without scripts: keeps cookies, sends tokens with forms, follows nothing unless told to."""

    client: httpx.AsyncClient

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.get(path, **options)

    async def post(
        self, path: str, data: Mapping[str, str] | None = None, files: Files | None = None
    ) -> httpx.Response:
        if CSRF_COOKIE not in self.client.cookies:
            await self.get("/health")  # any answer brings a token, this one at once
        token = self.client.cookies[CSRF_COOKIE]
        return await self.client.post(path, data={"_csrf_token": token} | dict(data or {}), files=files)

    async def apply(
        self, reference: str, data: Mapping[str, str] | None = None, files: Files | None = None
    ) -> httpx.Response:
        """Fill in the form, look it over, submit; the answer to the last, or the form with its mistakes."""
        saved = await self.post(f"/offers/{reference}/apply", {"then": "review"} | dict(data or {}), files)
        if saved.headers.get("location") != f"/offers/{reference}/apply/review":
            return saved
        return await self.submit(reference, await self.follow(saved))

    async def submit(self, reference: str, review: httpx.Response) -> httpx.Response:
        """Press the button of a review."""
        return await self.post(f"/offers/{reference}/apply/review", {"mark": hidden(review, "mark")})

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        """The page that a form leads to."""
        assert answer.status_code == 303, answer.text
        return await self.get(answer.headers["location"])

    async def log_in(self, email: str, **wanted: str) -> httpx.Response:
        return await self.post("/candidate/login", {"email": email, "password": PASSWORD} | wanted)


@dataclass
class Site:
    """The application, what it stands on, and its visitors."""

    app: Litestar
    settings: Settings
    house: House
    now: datetime
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def visitor(self, language: str = "en", *, origin: str = "203.0.113.7") -> Visitor:
        """A browser of its own; `origin`: the address that it comes from."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(cast(Any, self.app), client=(origin, 4711)),
            base_url="http://site.example",
            headers={"Accept-Language": language},
        )
        return Visitor(await self.stack.enter_async_context(client))

    async def candidate(self, name: str = "Chloé", language: str = "en") -> Visitor:
        """A candidate with an account, logged in."""
        email = f"{name.lower()}@example.org".encode("ascii", "ignore").decode()
        await self.house.candidate(name, email=email)
        visitor = await self.visitor(language)
        assert (await visitor.log_in(email)).status_code == 303
        return visitor

    async def candidate_id(self, name: str = "Chloé") -> Any:
        row = await Candidate.select(Candidate.id).where(Candidate.first_name == name).first()
        assert row is not None
        return row["id"]

    def pass_time(self, **time: float) -> None:
        self.now += timedelta(**time)

    async def index(self) -> None:
        """What the worker would do: the index as the rows are now."""
        offers = [document_of(offer, ZONE) for offer in await findable_offers()]
        WhooshWriter(self.settings.var / "index").rebuild(offers)

    async def mails(self) -> list[tuple[str, str]]:
        """Kind and recipient of every mail recorded, oldest first."""
        rows = await Outbox.select().where(Outbox.recipient.is_not_null()).order_by(Outbox.id)
        return [(row["kind"], row["recipient"]) for row in rows]

    async def link(self, kind: str = "account_confirmation") -> str:
        """The path in the newest confirmation mail, or mail of another kind."""
        return await self.secret(kind)

    async def secret(self, kind: str) -> str:
        """What the newest mail of a kind carries alone: a link's path, a password."""
        rows = await Outbox.select().where(Outbox.kind == kind).order_by(Outbox.id)
        (secret,) = unseal(rows[-1]["secret"], self.settings.secret_key).values()
        return str(secret)


def hidden(page: httpx.Response, name: str) -> str:
    """What a hidden field of a page holds."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    assert found, page.text
    return unescape(found[1])


def text_of(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    main = page.text.partition("<body")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def summary(page: httpx.Response) -> list[str]:
    """What the summary of errors says, line by line."""
    block = page.text.partition("data-summary")[2].partition("</div>")[0]
    return [unescape(re.sub(r"<[^>]*>", "", line)) for line in re.findall(r"<li>(.*?)</li>", block)]


def problems(page: httpx.Response) -> dict[str, str]:
    """Field → what is said beside it."""
    found = re.findall(r'id="([\w]+)-problem">.*?</span>\s*(.*?)</span></p>', page.text, re.DOTALL)
    return {name: unescape(said).strip() for name, said in found}
