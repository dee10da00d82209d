"""Webhooks in the console: made, looked after and deleted by administrators; a secret is shown once."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from admin.piccolo.tables import BY_NAME
from tests.admin.conftest import Clock, Laboratories, Visiting
from workflow.database.connection import write_transaction
from workflow.engine.tables import Outbox
from workflow.sealing import unseal
from workflow.settings import DEVELOPMENT_SECRET
from workflow.webhooks import commands
from workflow.webhooks.addresses import Allowance
from workflow.webhooks.commands import Reach, add_webhook
from workflow.webhooks.events import kind_of
from workflow.webhooks.tables import Webhook, WebhookAttempt

LIST = "/console/webhooks"
FORM: dict[str, Any] = {
    "url": "https://example.org/hook",
    "description": "The intranet <b>",
    "events": ["offer.closed", "offer.published"],
}


@pytest.fixture
async def webhook_id(laboratories: Laboratories) -> UUID:
    async def anywhere(_host: str, _port: int) -> list[str]:
        return ["93.184.215.14"]

    made = await add_webhook(
        laboratories.staff["ada"],
        FORM,
        reach=Reach(Allowance(), anywhere),
        secret_key=DEVELOPMENT_SECRET,
        now=laboratories.house.now,
    )
    return made.id


async def tried(webhook_id: UUID, now: Any, **values: Any) -> int:
    facts = {"message": "msg_1", "event": "offer.closed", "body": '{"type":"offer.closed"}', "at": now}
    answer = {"status": 500, "said": "<h1>Oh", "milliseconds": 1234}
    async with write_transaction():
        rows = await WebhookAttempt.insert(
            WebhookAttempt(webhook=webhook_id, **{**facts, **answer, **values})
        )
    return int(rows[0]["id"])


async def test_a_webhook_is_added_and_its_secret_shown_once(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    form = FORM | {"url": "http://127.0.0.1:4711/hook"}
    async with visiting("ada") as visitor:
        empty = (await visitor.get(LIST)).text
        refused = await visitor.submit(f"{LIST}/new", url="http://10.0.0.7/<x>", description="Mine")
        made = await visitor.submit(f"{LIST}/new", **form)
        first = await visitor.get(made.headers["location"])
        second = await visitor.get(made.headers["location"])
        listed = (await visitor.get(LIST)).text
    assert "No webhooks yet" in empty
    assert refused.status_code == 422
    assert "10.0.0.7 is in a network that is not called" in refused.text
    assert "Choose one event at least." in refused.text
    assert ('value="http://10.0.0.7/&lt;x&gt;"' in refused.text, 'value="Mine"' in refused.text) == (
        True,
        True,
    )

    (row,) = await Webhook.select()
    secret = unseal(row["secret"], DEVELOPMENT_SECRET)["secret"]
    assert made.headers["location"] == f"{LIST}/{row['id']}/secret"
    assert re.findall(r"whsec_[^<]+", first.text) == [secret]
    assert "whsec_" not in second.text
    assert "Make a new secret?" in second.text
    assert ("The intranet &lt;b&gt;" in listed, "An offer closes" in listed, secret in listed) == (
        True,
        True,
        False,
    )


async def test_one_too_many_is_refused_beside_its_form(
    laboratories: Laboratories, visiting: Visiting, webhook_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST", 1)
    async with visiting("ada") as visitor:
        page = await visitor.submit(f"{LIST}/new", **FORM | {"url": "http://127.0.0.1:4711/hook"})
    assert (page.status_code, await Webhook.count()) == (422, 1)
    assert "There are 1 webhooks, as many as there may be." in page.text
    assert 'value="http://127.0.0.1:4711/hook"' in page.text


async def test_a_secret_is_shown_to_nobody_by_the_page_of_another(
    laboratories: Laboratories, visiting: Visiting, webhook_id: UUID
) -> None:
    before = await Webhook.select(Webhook.secret).first()
    async with visiting("ada") as visitor:
        renewed = await visitor.submit(f"{LIST}/{webhook_id}/secret")
        cookie = next(each for each in visitor.client.cookies.jar if each.name == "vivier_webhook")
        page = (await visitor.get(f"{LIST}/{webhook_id}/secret")).text
        later = (await visitor.get(f"{LIST}/{webhook_id}")).text
    row = await Webhook.select().first()
    assert row
    assert before
    secret = unseal(row["secret"], DEVELOPMENT_SECRET)["secret"]
    assert (renewed.status_code, cookie.path) == (303, f"{LIST}/{webhook_id}/secret")
    assert secret not in str(cookie.value)
    assert (secret in page, "signed with the old secret as well" in page, secret in later) == (
        True,
        True,
        False,
    )
    assert "signs along until" in later
    assert row["old_secret"] == before["secret"]


async def test_the_log_shows_what_was_sent_and_what_came_back(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, webhook_id: UUID
) -> None:
    failed = await tried(webhook_id, clock.now)
    await tried(webhook_id, clock.now, status=200, said="thanks")
    await tried(webhook_id, clock.now, status=None, said="no answer within 10 seconds")
    address = f"{LIST}/{webhook_id}"
    async with visiting("ada") as visitor:
        log = (await visitor.get(address)).text
        only = (await visitor.get(f"{address}?status=failed")).text
        older = (await visitor.get(f"{address}?before={failed}")).text
        odd = [
            (await visitor.get(f"{address}{query}")).status_code
            for query in ("?status=odd", "?before=0", "/attempts/999", "/attempts/99999999999999999999")
        ]
        page = (await visitor.get(f"{address}/attempts/{failed}")).text
    assert [each in log for each in ("thanks", "no answer within 10 seconds", "&lt;h1&gt;Oh", "1234 ms")] == [
        True
    ] * 4
    assert ("thanks" in only, "no answer within 10 seconds" in only) == (False, True)
    assert "No tries yet" in older
    assert odd == [404, 404, 404, 404]
    assert ("{&#34;type&#34;:&#34;offer.closed&#34;}" in page, "&lt;h1&gt;Oh" in page, "msg_1" in page) == (
        True,
        True,
        True,
    )


async def test_every_button_does_what_it_says(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, webhook_id: UUID
) -> None:
    address, kind = f"{LIST}/{webhook_id}", kind_of(webhook_id)
    attempt_id = await tried(webhook_id, clock.now)
    async with visiting("ada") as visitor:

        async def press(path: str, **fields: Any) -> str:
            """What the page says afterwards."""
            answer = await visitor.submit(f"{address}/{path}", **fields)
            assert answer.status_code == 303
            text = (await visitor.get(answer.headers["location"])).text
            found = re.search(r'class="notice notice-(\w+)[^>]*>.*?<p>(.*?)</p>', text, re.DOTALL)
            return f"{found[1]}: {found[2]}" if found else ""

        said = [
            await press("test"),
            await press("stop"),
            await press("resume"),
            await press("replay", hours="24"),
            await press("replay", hours="24"),
            await press(f"attempts/{attempt_id}/replay"),
            await press(
                "edit", **FORM | {"url": "http://127.0.0.1:4711/", "events": "application.status_changed"}
            ),
        ]
        stopped = await visitor.submit(f"{address}/stop")
        page = (await visitor.get(address)).text
        tried_page = (await visitor.get(f"{address}/attempts/{attempt_id}")).text
        refused = [
            await press("replay", hours="24"),
            await press(f"attempts/{attempt_id}/replay"),
        ]
        odd = await visitor.submit(f"{address}/replay", hours="23")
        asked = (await visitor.get(f"{address}/delete")).text
        gone = await visitor.submit(f"{address}/delete")
        listed = (await visitor.get(LIST)).text
        audit = (await visitor.get("/console/audit?kind=webhook")).text
    assert said == [
        "success: A test is on its way. Its answer will stand in the log.",
        "success: The webhook is stopped.",
        "success: The webhook goes on from now.",
        "success: What failed is on its way again.",
        "info: There was nothing to send again.",
        "success: The message is on its way again.",
        "success: All saved.",
    ]
    assert (stopped.status_code, odd.status_code, gone.headers["location"]) == (303, 404, LIST)
    assert ("Let it go on" in page, "application changes" in page) == (True, True)
    assert "http://127.0.0.1:4711/" in asked
    assert ("The webhook is deleted." in listed, "127.0.0.1" in listed) == (True, False)
    sentence = "error: This webhook is stopped, so nothing is sent again. Let it go on first."
    assert refused == [sentence] * 2
    assert ("/replay" in page, "/replay" in tried_page) == (False, False)
    assert len(clock.nudges) == 4
    rows = await Outbox.select(Outbox.state).where(Outbox.kind == kind)
    assert [row["state"] for row in rows] == ["cancelled", "cancelled"]
    assert audit.count("Stopped a webhook") >= 2


async def test_why_it_was_stopped_stands_on_its_page(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, webhook_id: UUID
) -> None:
    async with write_transaction():
        await Webhook.update({Webhook.stopped_at: clock.now, Webhook.stopped_why: "410 <moved>"}, force=True)
    async with visiting("ada") as visitor:
        asked = (await visitor.get(f"{LIST}/{webhook_id}")).text
        async with write_transaction():
            await Webhook.update({Webhook.stopped_why: "500 <moved>"}, force=True)
        page = (await visitor.get(f"{LIST}/{webhook_id}")).text
        await visitor.submit(f"{LIST}/{webhook_id}/resume")
        async with write_transaction():
            since, until = clock.now - timedelta(days=1), clock.now + timedelta(minutes=5)
            values: dict[Any, Any] = {Webhook.failing_since: since, Webhook.rests_until: until}
            await Webhook.update(values, force=True)
        failing = (await visitor.get(f"{LIST}/{webhook_id}")).text
    assert "because the receiver asked for it, with the answer: 410 &lt;moved&gt;" in asked
    assert "did nothing but fail. The last answer: 500 &lt;moved&gt;" in page
    assert ("Left alone" in page, "Left alone" in failing) == (False, True)
    assert "It fails since 1 March 2026" in failing


async def test_nobody_else_finds_them_and_tables_show_no_secrets(
    laboratories: Laboratories, visiting: Visiting, webhook_id: UUID
) -> None:
    for who in ("rose", "nina"):
        async with visiting(who) as visitor:
            page = (await visitor.get("/console/deliveries")).text
            found = [
                (await visitor.get(path)).status_code
                for path in (LIST, f"{LIST}/new", f"{LIST}/{webhook_id}", f"{LIST}/{webhook_id}/secret")
            ]
            done = [
                (await visitor.submit(f"{LIST}/{webhook_id}/{act}")).status_code
                for act in ("secret", "stop", "test", "delete", "edit")
            ]
        assert (found, done, LIST in page) == ([404] * 4, [404] * 5, False)
    assert not [name for name in BY_NAME if "webhook" in name.lower()]
    assert await Webhook.count() == 1
