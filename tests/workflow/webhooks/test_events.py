"""Moves tell programs what happened, when it is told, and nothing of a person (I3)."""

from datetime import timedelta
from uuid import UUID

from tests.support.house import House
from tests.workflow.webhooks.places import KEY, event_rows, reach
from workflow.applications.commands import cancel_offer, move_application, withdraw_application
from workflow.engine.history import steps_of
from workflow.engine.machine import UNDO
from workflow.offers.commands import move_offer
from workflow.privacy.erasure import erase_candidate
from workflow.recruiters.queries import StaffMember
from workflow.webhooks.commands import add_webhook, stop_webhook

OFFER = {"reference": "REF-1", "title": {"fr": "Chimiste (H/F)", "en": "Chemist"}}


async def test_nothing_is_recorded_where_nobody_wants_to_know(
    database: str, house: House, staff: StaffMember, administrator: StaffMember
) -> None:
    made = [
        await add_webhook(
            administrator,
            {"url": "https://example.org/", "events": [event]},
            reach=reach(),
            secret_key=KEY,
            now=house.now,
        )
        for event in ("offer.closed", "application.status_changed")
    ]
    await stop_webhook(administrator, made[1].id, now=house.now)

    await house.application(await house.candidate())
    await house.offer(staff, next(iter(staff.unit_ids or ())), "REF-2")
    await move_offer(staff, "REF-2", "close", terms=house.terms, now=house.now)

    assert await event_rows("kind") == [{"kind": "offer.closed"}]


async def test_every_told_step_of_an_application_is_an_event(
    webhook_id: UUID, house: House, staff: StaffMember
) -> None:
    candidate_id = await house.candidate("Chloé", email="chloe@example.org")
    application_id = await house.application(candidate_id)
    await move_application(staff, application_id, "consider", terms=house.terms, now=house.now)
    await move_application(
        staff, application_id, "reject", terms=house.terms, now=house.now, note="Secret reason"
    )

    rows = [row for row in await event_rows("kind", "params", "due_at", "recipient") if "app" in row["kind"]]
    told = house.now + house.terms.grace

    def body(status: str, before: str | None, version: int, at: str) -> dict[str, object]:
        application = {
            "id": str(application_id),
            "status": status,
            "previous_status": before,
            "version": version,
        }
        return {
            "type": "application.status_changed",
            "timestamp": at,
            "data": {"application": application, "offer": OFFER},
        }

    assert rows == [
        {
            "kind": "application.status_changed",
            "params": body("submitted", None, 1, "2026-03-02T09:30:00.000Z"),
            "due_at": house.now,
            "recipient": None,
        },
        {
            "kind": "application.status_changed",
            "params": body("under_consideration", "submitted", 2, "2026-03-02T09:30:00.000Z"),
            "due_at": house.now,
            "recipient": None,
        },
        {
            "kind": "application.status_changed",
            "params": body("rejected", "under_consideration", 3, "2026-03-02T09:45:00.000Z"),
            "due_at": told,
            "recipient": None,
        },
    ]
    assert not [row for row in rows if "Secret" in str(row) or "chloe" in str(row).lower()]


async def test_undoing_a_decision_takes_its_event_back(
    webhook_id: UUID, house: House, staff: StaffMember
) -> None:
    application_id = await house.application(await house.candidate())
    await move_application(staff, application_id, "consider", terms=house.terms, now=house.now)
    await move_application(staff, application_id, "accept", terms=house.terms, now=house.now)
    later = house.now + timedelta(minutes=1)
    await move_application(staff, application_id, UNDO, terms=house.terms, now=later)

    rows = [row["params"] | row for row in await event_rows("params", "state") if "application" in str(row)]
    states = [(row["data"].get("application", {}).get("status"), row["state"]) for row in rows]
    assert states[-3:] == [
        ("submitted", "pending"),
        ("under_consideration", "pending"),
        ("successful", "cancelled"),
    ]


async def test_offers_tell_what_becomes_of_them_once_they_are_public(
    webhook_id: UUID, house: House, staff: StaffMember
) -> None:
    unit = next(iter(staff.unit_ids or ()))
    application_id = await house.application(await house.candidate())
    await house.offer(staff, unit, "REF-2")
    await house.offer(staff, unit, "REF-3", publish=False)
    await move_offer(staff, "REF-2", "close", terms=house.terms, now=house.now)
    await move_offer(staff, "REF-2", "archive", terms=house.terms, now=house.now)
    for reference in ("REF-1", "REF-3"):
        await cancel_offer(staff, reference, terms=house.terms, now=house.now)

    rows = await event_rows("kind", "params")
    told = [
        (
            row["kind"],
            row["params"]["data"]["offer"]["reference"],
            row["params"]["data"]["offer"].get("status"),
            row["params"]["data"]["offer"].get("version"),
            row["params"]["data"].get("application", {}).get("status"),
        )
        for row in rows
    ]
    # of REF-3, which never was more than a draft, nobody hears
    assert told == [
        ("offer.published", "REF-1", "published", 2, None),
        ("application.status_changed", "REF-1", None, None, "submitted"),
        ("offer.published", "REF-2", "published", 2, None),
        ("offer.closed", "REF-2", "closed", 3, None),
        ("offer.cancelled", "REF-1", "cancelled", 3, None),
        ("application.status_changed", "REF-1", None, None, "rejected"),
    ]
    assert (rows[0]["params"]["data"]["offer"]) == {
        "id": rows[0]["params"]["data"]["offer"]["id"],
        "status": "published",
        "version": 2,
        "closes_on": "2026-04-01",
        **OFFER,
    }
    assert application_id


async def test_withdrawing_and_leaving_are_told(webhook_id: UUID, house: House, staff: StaffMember) -> None:
    leaver, other = await house.candidate("Léa"), await house.candidate("Ida")
    left, withdrawn = await house.application(leaver), await house.application(other)
    await withdraw_application(other, withdrawn, None, terms=house.terms, now=house.now)
    await erase_candidate(leaver, is_due=lambda _row: True, reason="wish", terms=house.terms, now=house.now)

    rows = [row["params"]["data"] for row in await event_rows("params")]
    told = [each["application"] for each in rows if "application" in each]
    assert [(each["id"], each["status"], each["version"]) for each in told] == [
        (str(left), "submitted", 1),
        (str(withdrawn), "submitted", 1),
        (str(withdrawn), "withdrawn", 2),
        (str(left), "withdrawn", 2),
    ]
    assert len((await steps_of("application", [left]))[left]) == 2
