"""Requests that nobody thought of, made by Schemathesis from the API's own description: no failure of ours, and no
answer that the description does not foresee.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode, checks, openapi
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.house import PASSWORD
from tests.web.api.program import API, Program, program
from tests.web.site import ON_SQLITE, Site
from workflow.candidates.sessions import Arrival, begin_session
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.limits import forget_attempts
from workflow.recruiters.tables import RecruiterSession

PEOPLE = ("stranger", "candidate", "recruiter")
EXAMPLES = 8
"""Random ones of each kind for each operation, beside the odd values that Schemathesis lists."""
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


async def test_no_request_makes_us_fail_or_say_what_is_not_described() -> None:
    pass
