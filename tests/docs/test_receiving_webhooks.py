"""The guide for those who receive webhooks says what is so: its sample is run, its examples are what is sent."""

import http.client
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import pytest

from jobs.webhook_posting import PATIENCE
from tests.support.house import House
from workflow.applications.commands import move_application
from workflow.database.connection import write_transaction
from workflow.engine.tables import Outbox
from workflow.webhooks.commands import OLD_SECRET
from workflow.webhooks.events import EVENTS, PING
from workflow.webhooks.forgetting import KEPT
from workflow.webhooks.signing import new_secret, signed_headers
from workflow.webhooks.tables import Webhook
from workflow.webhooks.telling import DELAYS, LONGEST_WAIT
from workflow.webhooks.telling import PATIENCE as STOPPED_AFTER

TEXT = (Path(__file__).parents[2] / "docs" / "howto" / "receive-webhooks.md").read_text(encoding="utf-8")


@pytest.fixture
def sample() -> Iterator[tuple[dict[str, Any], int]]:
    """The sample's names, and the port where it listens."""
    (code,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    names: dict[str, Any] = {"__name__": "sample"}
    exec(compile(code, "receive-webhooks.md", "exec"), names)  # noqa: S102  # our own page
    names["SECRET"] = new_secret()
    names["Hook"].log_message = lambda *_: None
    server = HTTPServer(("127.0.0.1", 0), names["Hook"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield names, server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_sample_believes_what_is_signed_and_nothing_else(
    sample: tuple[dict[str, Any], int], capsys: pytest.CaptureFixture[str]
) -> None:
    names, port = sample
    body = '{"type":"offer.closed","timestamp":"x","data":{"offer":{"title":{"fr":"Été"}}}}'.encode()
    now, old = datetime.now(UTC), datetime.now(UTC) - timedelta(minutes=6)

    def answer(headers: dict[str, str], sent: bytes = body) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("POST", "/", sent, headers)
        status = connection.getresponse().status
        connection.close()
        return status

    good = signed_headers([names["SECRET"]], "msg_1", body, now=now)
    answers = {
        "signed": answer(good),
        "again": answer(good),
        "two secrets": answer(signed_headers([new_secret(), names["SECRET"]], "msg_2", body, now=now)),
        "another secret": answer(signed_headers([new_secret()], "msg_3", body, now=now)),
        "another body": answer(good, body.replace(b"closed", b"opened")),
        "another id": answer(good | {"webhook-id": "msg_4"}),
        "old": answer(signed_headers([names["SECRET"]], "msg_5", body, now=old)),
        "no headers": answer({}),
        "odd headers": answer({"webhook-timestamp": "soon", "webhook-signature": "é", "webhook-id": "."}),
    }
    assert answers == dict.fromkeys(answers, 401) | dict.fromkeys(("signed", "again", "two secrets"), 204)
    assert capsys.readouterr().out == "offer.closed {'offer': {'title': {'fr': 'Été'}}}\n" * 2


def test_every_event_and_every_number_is_on_the_page() -> None:
    rows = re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", TEXT, re.MULTILINE)
    assert rows == [*EVENTS, PING]
    hours = [each / timedelta(hours=1) for each in DELAYS[3:]]
    assert (DELAYS[:3], hours) == (
        (timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
        [2, 5, 10, 14, 20, 24],
    )
    assert "5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours" in TEXT
    assert (PATIENCE, LONGEST_WAIT, OLD_SECRET, KEPT.days, STOPPED_AFTER.days) == (
        10,
        timedelta(hours=24),
        timedelta(hours=24),
        30,
        5,
    )


async def test_examples_have_the_form_of_what_is_sent(sqlite_url: str, house: House) -> None:
    from workflow.database.connection import database_from_url, opened_database, use_database

    use_database(database_from_url(sqlite_url))
    async with opened_database():
        unit = await house.unit()
        staff = await house.recruiter(unit)
        async with write_transaction():
            await Webhook.insert(
                Webhook(
                    url="https://example.org/",
                    events=json.dumps([*EVENTS]),
                    secret=b"sealed",
                    created_at=house.now,
                    created_by=staff.id,
                    description="",
                )
            )
        await house.offer(staff, unit)
        application_id = await house.application(await house.candidate())
        await move_application(staff, application_id, "consider", terms=house.terms, now=house.now)
        rows = (
            await Outbox.select(Outbox.kind, Outbox.params)
            .where(Outbox.kind.is_in([*EVENTS]))
            .output(load_json=True)
        )
    sent = {row["kind"]: row["params"] for row in rows}
    examples = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
    assert len(examples) == 2
    for example in examples:
        assert _form(example) == _form(sent[example["type"]])


def _form(value: Any) -> Any:
    """The names and types of a body, in their order."""
    if isinstance(value, dict):
        return [(name, _form(each)) for name, each in value.items()]
    return type(value)
