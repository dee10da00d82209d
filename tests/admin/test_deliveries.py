"""Mails in the console: of one's own units, with what became of them; dead ones are sent again."""

from datetime import timedelta

from tests.admin.conftest import Laboratories, Visiting
from workflow.audit.tables import AuditEntry
from workflow.engine.outbox import DEAD, HELD, PENDING, SENT
from workflow.engine.tables import Outbox

REASON = "550 5.1.1 no such user"


async def bury(laboratories: Laboratories, number: int) -> int:
    """Give up the confirmation of an application; its row."""
    mine = (Outbox.subject_id == laboratories.applications[number]) & (Outbox.kind == "application_submitted")
    now = laboratories.house.now
    await Outbox.update(
        {Outbox.state: DEAD, Outbox.receipt: REASON, Outbox.settled_at: now, Outbox.attempts: 3}
    ).where(mine)
    row = await Outbox.select(Outbox.id).where(mine).first()
    assert row
    return int(row["id"])


async def test_each_sees_the_mails_of_their_units(laboratories: Laboratories, visiting: Visiting) -> None:
    rows = [await bury(laboratories, number) for number in range(3)]
    seen = {}
    for name in ("rose", "ivan", "nina", "ada"):
        async with visiting(name) as visitor:
            page = (await visitor.get("/console/deliveries?status=dead")).text
            details = [(await visitor.get(f"/console/deliveries/{row}")).status_code for row in rows]
            retried = [
                (
                    await visitor.submit(f"/console/deliveries/{row}/retry", at="/console/deliveries")
                ).status_code
                for row in rows
                if name == "nina"
            ]
        seen[name] = ([f"/console/deliveries/{row}" in page for row in rows], details, retried)
    assert seen == {
        "rose": ([True, True, False], [200, 200, 404], []),
        "ivan": ([False, False, True], [404, 404, 200], []),
        "nina": ([False] * 3, [404] * 3, [404] * 3),
        "ada": ([True] * 3, [200] * 3, []),
    }


async def test_a_dead_mail_says_why_and_is_sent_again_once(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    row = await bury(laboratories, 0)
    address = f"/console/deliveries/{row}"
    async with visiting("rose") as visitor:
        page = (await visitor.get(address)).text
        answers = [
            (await visitor.submit(f"{address}/retry", at="/console/deliveries")).status_code for _ in range(2)
        ]
    assert (REASON in page, "Bonjour Chlo" in page, "Send it again" in page) == (True, True, True)
    assert answers == [303, 409]
    state = await Outbox.select(Outbox.state, Outbox.attempts).where(Outbox.id == row)
    assert state == [{"state": PENDING, "attempts": 3}]
    entries = await AuditEntry.select(AuditEntry.action, AuditEntry.unit, AuditEntry.after).where(
        AuditEntry.subject_type == "mail"
    )
    after = '{"kind": "application_submitted", "attempts": 3}'
    assert entries == [{"action": "mail.retried", "unit": laboratories.units[0], "after": after}]


async def test_what_has_expired_is_not_sent_again(laboratories: Laboratories, visiting: Visiting) -> None:
    row = await bury(laboratories, 0)
    await Outbox.update({Outbox.expires_at: laboratories.house.now - timedelta(hours=1)}).where(
        Outbox.id == row
    )
    async with visiting("rose") as visitor:
        page = (await visitor.get(f"/console/deliveries/{row}")).text
        answer = await visitor.submit(f"/console/deliveries/{row}/retry", at="/console/deliveries")
    assert ("Send it again" in page, answer.status_code) == (False, 409)


async def test_filters_find_mails_and_odd_ones_do_no_harm(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    async with visiting("ada") as visitor:
        answers = [
            (await visitor.get(f"/console/deliveries?{query}")).status_code
            for query in (
                "kind=application_submitted",
                "recipient=%25%00_",
                "status=none",
                "kind=index_offer",
                "before=1",
                "before=99999999999999999999999",
            )
        ]
        nothing = (await visitor.get("/console/deliveries?recipient=nobody@nowhere")).text
        far = (await visitor.get("/console/deliveries/99999999999999999999")).status_code
    assert answers == [200, 200, 404, 404, 200, 404]
    assert "No mail fits" in nothing
    assert far == 404


async def hold(laboratories: Laboratories, number: int) -> int:
    """Let nobody know what became of the confirmation of an application; its row."""
    row = await bury(laboratories, number)
    mail = b"Subject: Hello\r\nMessage-ID: <n4me@example.org>\r\n\r\n"
    await Outbox.update(
        {
            Outbox.state: HELD,
            Outbox.settled_at: None,
            Outbox.receipt: "no answer to the mail",
            Outbox.rendered: mail,
        }
    ).where(Outbox.id == row)
    return row


async def test_a_mail_in_doubt_is_noted_as_sent_or_sent_again(
    laboratories: Laboratories, visiting: Visiting
) -> None:
    first, second = await hold(laboratories, 0), await hold(laboratories, 1)
    async with visiting("rose") as visitor:
        found = (await visitor.get("/console/deliveries?status=held")).text
        page = (await visitor.get(f"/console/deliveries/{first}")).text
        answers = [
            (await visitor.submit(f"/console/deliveries/{row}/{what}", at="/console/deliveries")).status_code
            for row, what in ((first, "sent"), (first, "sent"), (first, "retry"), (second, "retry"))
        ]
    async with visiting("nina") as visitor:
        strange = await visitor.submit(f"/console/deliveries/{second}/sent", at="/console/deliveries")
    assert [f"/console/deliveries/{row}" in found for row in (first, second)] == [True, True]
    assert all(words in page for words in ("n4me@example.org", "no answer to the mail", "Nobody knows"))
    assert (answers, strange.status_code) == ([303, 409, 409, 303], 404)
    rows = (
        await Outbox.select(Outbox.state, Outbox.receipt, Outbox.settled_at)
        .where(Outbox.id.is_in([first, second]))
        .order_by(Outbox.id)
    )
    assert rows == [
        {
            "state": SENT,
            "receipt": "noted as sent; before: no answer to the mail",
            "settled_at": laboratories.house.now,
        },
        {"state": PENDING, "receipt": "no answer to the mail", "settled_at": None},
    ]
    entries = await AuditEntry.select(AuditEntry.action).where(AuditEntry.subject_type == "mail")
    assert [entry["action"] for entry in entries] == ["mail.noted_as_sent", "mail.retried"]
