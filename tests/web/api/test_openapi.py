"""The description of the API: whole, of OpenAPI 3.1, and of the API alone."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.web.api.contract import resolved, unfit
from tests.web.api.program import API, program
from tests.web.site import Site

OPERATIONS = {
    "GET /offers",
    "GET /offers/suggestions",
    "GET /offers/{reference}",
    "POST /offers/{reference}/applications",
    "POST /candidates",
    "POST /candidates/confirmation",
    "POST /candidates/confirmation-link",
    "POST /candidates/secret-question",
    "POST /candidates/new-password",
    "POST /candidates/new-address",
    "POST /session",
    "DELETE /session",
    "GET /me/profile",
    "PUT /me/profile",
    "GET /me/profile/cv",
    "PUT /me/profile/cv",
    "DELETE /me/profile/cv",
    "GET /me/account",
    "PUT /me/account",
    "GET /me/sessions",
    "DELETE /me/sessions",
    "DELETE /me/sessions/{session_id}",
    "GET /me/alerts",
    "POST /me/alerts",
    "POST /me/alerts/preview",
    "GET /me/alerts/{alert_id}",
    "PUT /me/alerts/{alert_id}",
    "DELETE /me/alerts/{alert_id}",
    "GET /me/archives",
    "POST /me/archives",
    "GET /me/archives/{archive_id}",
    "GET /me/archives/{archive_id}/content",
    "GET /me/deletion",
    "POST /me/deletion",
    "DELETE /me/deletion",
    "POST /candidates/deletion",
    "GET /me/applications",
    "GET /me/applications/{application_id}",
    "GET /me/applications/{application_id}/documents/{document_id}",
    "POST /me/applications/{application_id}/withdrawal",
    "POST /console/session",
    "DELETE /console/session",
    "GET /console/applications",
    "GET /console/applications/{application_id}",
    "GET /console/applications/{application_id}/documents/{document_id}",
    "POST /console/applications/{application_id}/moves",
    "GET /reference/regions",
    "GET /reference/job-types",
    "GET /reference/industries",
    "GET /reference/jobs",
    "GET /reference/levels",
    "GET /reference/titles",
    "GET /reference/secret-questions",
    "GET /reference/countries",
    "GET /reference/situations",
    "GET /reference/languages",
}


def _everything(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _everything(each)


async def test_the_description_is_whole(site: Site) -> None:
    document = (await program(site)).document
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert {*document} == {"openapi", "info", "servers", "paths", "components", "tags"}
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    tags = {tag["name"] for tag in document["tags"]}
    found, names = set(), []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found.add(f"{method.upper()} {path.removeprefix(API)}")
            names.append(operation["operationId"])
            _check_operation(path, operation, document)
            assert set(operation["tags"]) <= tags
    assert found == OPERATIONS
    assert len(set(names)) == len(names)
    for node in _everything(document):
        assert "$ref" not in node or resolved(node, document)


def _check_operation(path: str, operation: dict[str, Any], document: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    parameters = operation.get("parameters", [])
    in_path = {each["name"] for each in parameters if each["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", path))
    protected = re.match(rf"{API}/(me|console/app)|.*/applications", path) is not None
    assert (operation.get("security") == [{"bearer": []}]) or not protected
    for status, response in operation["responses"].items():
        assert response["description"]
        if int(status) >= 400:
            content = response["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
            assert all(each["value"]["status"] == int(status) for each in content["examples"].values())
    assert any(200 <= int(status) < 300 for status in operation["responses"])


async def test_the_way_that_is_shown_can_be_gone(site: Site) -> None:
    """Paths and bodies of the commands in the description are those of the operations."""
    document = (await program(site)).document
    shown = document["info"]["description"].replace("\\\n", " ")
    posted = re.findall(r"curl \$API(/\S+) -H \S+ \S+ -d '({.*?})'", shown, re.DOTALL)
    assert [path for path, _ in posted] == ["/candidates", "/candidates/confirmation"]
    for path, body in posted:
        schema = document["paths"][f"{API}{path}"]["post"]["requestBody"]["content"]["application/json"][
            "schema"
        ]
        assert unfit(json.loads(body), schema, document) == [], path
    apply = document["paths"][f"{API}/offers/{{reference}}/applications"]["post"]["requestBody"]
    fields = resolved(apply["content"]["multipart/form-data"]["schema"], document)["properties"]
    assert set(re.findall(r"-F (\w+)=", shown)) <= set(fields)


async def test_only_the_description_itself_is_served(site: Site) -> None:
    """Litestar's own pages about it load from a CDN."""
    visitor = await site.visitor()
    answer = await visitor.get(f"{API}/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    pages = ("/schema", f"{API}/redoc", f"{API}/swagger", f"{API}/openapi.json/redoc")
    assert [(await visitor.get(page)).status_code for page in pages] == [404] * 4
