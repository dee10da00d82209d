"""A program that uses the API; every answer that it gets is held against the API's own description."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.house import PASSWORD
from tests.web.api.contract import Document, operation_for, unfit
from tests.web.site import Site

API = "/api/v1"


@dataclass
class Program:
    """A client without cookies. Paths are those under /api/v1."""

    client: httpx.AsyncClient
    document: Document

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = await self.client.request(method, f"{API}{path}", **options)
        assert "set-cookie" not in answer.headers
        self._hold(answer)
        return answer

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.ask("POST", path, **({} if body is None else {"json": body}), **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        return await self.ask("PUT", path, **({} if body is None else {"json": body}), **options)

    async def delete(self, path: str) -> httpx.Response:
        return await self.ask("DELETE", path)

    async def apply(self, reference: str = "REF-1", **form: str) -> httpx.Response:
        parts = {name: (None, value) for name, value in ({"covering_letter_text": "Hello."} | form).items()}
        return await self.post(f"/offers/{reference}/applications", files=parts)

    def use_token(self, token: str) -> None:
        self.client.headers["Authorization"] = f"Bearer {token}"

    async def log_in(self, email: str, path: str = "/session") -> None:
        answer = await self.post(path, {"email": email, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        self.use_token(answer.json()["token"])

    def _hold(self, answer: httpx.Response) -> None:
        """The status is documented, and so is the body."""
        operation = operation_for(answer.request.method.lower(), answer.request.url.path, self.document)
        if operation is None:
            assert answer.status_code in {404, 405}, answer.text
            return
        described = operation["responses"].get(str(answer.status_code))
        assert described, f"{operation['operationId']} does not document {answer.status_code}: {answer.text}"
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        if media_type.endswith("json"):
            schema = described["content"][media_type]["schema"]
            assert unfit(answer.json(), schema, self.document) == []


async def program(site: Site, language: str = "en") -> Program:
    """A program that nobody knows yet."""
    visitor = await site.visitor(language)
    document = (await visitor.get(f"{API}/openapi.json")).json()
    return Program(visitor.client, document)


async def candidate(site: Site, name: str = "Chloé", language: str = "en") -> Program:
    """A candidate's program, logged in."""
    email = f"{name.lower()}@example.org".encode("ascii", "ignore").decode()
    await site.house.candidate(name, email=email)
    made = await program(site, language)
    await made.log_in(email)
    return made


async def recruiter(site: Site, name: str = "Rose", language: str = "en") -> Program:
    """The program of a recruiter who exists already, logged in."""
    made = await program(site, language)
    await made.log_in(f"{name.lower()}@example.org", "/console/session")
    return made


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and kind of a refusal."""
    return answer.status_code, answer.json()["type"].removeprefix("urn:vivier:problem:")


def fields(answer: httpx.Response) -> dict[str, str]:
    """Field → what is said of it."""
    return {each["field"]: each["message"] for each in answer.json()["errors"]}
