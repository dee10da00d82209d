"""Requests that nobody thought of, which Schemathesis makes from the API's own description.

None of them may be a failure of ours, and no answer may be other than described.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode, openapi
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as described

from tests.support.house import PASSWORD
from tests.web.api.program import program
from tests.web.site import ON_SQLITE, Site
from workflow.candidates.sessions import begin_session
from workflow.database.connection import write_transaction
from workflow.limits import forget_attempts
from workflow.logins import Arrival
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.tables import RecruiterSession

Operation = APIOperation[Any, Any, Any, Any]
Request = Case[Operation]

BUDGET = settings(
    max_examples=5,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""Random requests that fit an operation, and as many that do not, beside the odd ones that Schemathesis lists."""
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    described.status_code_conformance,
    described.content_type_conformance,
    described.response_headers_conformance,
    described.response_schema_conformance,
    described.missing_required_header,
    described.negative_data_rejection,
    described.unsupported_method,
]
EMAIL = "chloe@example.org"
KNOWN_WORDS = {
    "email": EMAIL,
    "password": PASSWORD,
    "current_password": PASSWORD,
    "title": "ms",
    "language": "fr",
    "offer": "REF-1",
    "event": "consider",
}
"""With made-up words alone few requests would get beyond the first check."""


@dataclass(frozen=True)
class World:
    """Somebody with an application, and the recruiter who reads it."""

    site: Site
    candidate: UUID
    recruiter: StaffMember
    known_parts: dict[str, str]

    async def token(self, who: str) -> str:
        """A new session each time, for some requests end it."""
        async with write_transaction():
            if who == "recruiter":
                return (await RecruiterSession.create_session(self.recruiter.id)).token
            return (await begin_session(self.candidate, arrival=Arrival(), now=self.site.now)).token


@pytest.fixture
async def world(site: Site) -> World:
    house = site.house
    unit = await house.unit()
    staff = await house.recruiter(unit)
    await house.offer(staff, unit)
    candidate = await house.candidate(email=EMAIL)
    application = await house.application(candidate)
    await site.index()
    return World(site, candidate, staff, {"reference": "REF-1", "application_id": str(application)})


def belongs_to(operation: Operation) -> str:
    """Who can do more with an operation than be sent away."""
    if not operation.definition.raw.get("security"):
        return "stranger"
    return "recruiter" if "/console/" in operation.path else "candidate"


def listed(schema: BaseSchema, operation: Operation) -> Iterator[Request]:
    """Each value at its limits and of every wrong type, each field left out, other methods."""
    config = schema.config.generation_for(operation=operation, phase="coverage")
    modes = list(GenerationMode)
    yield from schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=config)


def drawn(operation: Operation) -> Iterator[Request]:
    """Random requests, but the same ones every time."""
    found: list[Request] = []

    def draw(case: Request) -> None:
        found.append(case)

    for mode in GenerationMode:
        try:
            BUDGET(given(operation.as_strategy(generation_mode=mode))(draw))()
        except Unsatisfiable:  # whatever one sends to an operation without fields fits it
            continue
    yield from found


def make_known(case: Request, world: World) -> None:
    """Let a request name what there is."""
    for name in case.path_parameters.keys() & world.known_parts.keys():
        case.path_parameters[name] = world.known_parts[name]
    if isinstance(case.body, dict):
        for name in case.body.keys() & KNOWN_WORDS.keys():
            case.body[name] = KNOWN_WORDS[name] if isinstance(case.body[name], str) else case.body[name]


async def answer_to(case: Request, who: str, world: World, client: httpx.AsyncClient) -> httpx.Response:
    """A token that could be one is somebody's, for nobody guesses a real one."""
    request: Any = requests.Request(**case.as_transport_kwargs(base_url="http://site.example")).prepare()
    headers = dict(request.headers)
    if who != "stranger" and headers.get("Authorization", "").startswith("Bearer "):
        headers["Authorization"] = f"Bearer {await world.token(who)}"
    content = request.body.encode() if isinstance(request.body, str) else request.body
    return await client.request(request.method, request.url, headers=headers, content=content)


def unfit(case: Request, answer: httpx.Response) -> str:
    """What is wrong with an answer, and how to get it again."""
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failures:  # no Exception: it would end the loop that the tests share
        return str(failures)
    return ""


@ON_SQLITE
@pytest.mark.parametrize("who", ["stranger", "candidate", "recruiter"])
async def test_no_request_makes_us_fail_or_say_what_is_not_described(world: World, who: str) -> None:
    asking = await program(world.site)
    schema = openapi.from_dict(asking.document)
    seen = set()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        cases = [*listed(schema, operation), *(drawn(operation) if belongs_to(operation) == who else ())]
        for number, case in enumerate(cases):
            if number % 2:
                make_known(case, world)
            if number % 20 == 0:  # how often one may try is no matter here
                await forget_attempts(now=world.site.now + timedelta(days=1))
            answer = await answer_to(case, who, world, asking.client)
            assert unfit(case, answer) == ""
            seen.add(answer.status_code)
    assert seen >= {200, 201, 202, 401, 404, 405, 409, 422}, "hardly anything was tried"
