"""Runs of alerts: begun once for their hour, nobody left out, each digest once, nothing told that is over."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.house import House
from tests.workflow.alerts.random_days import HOURS, LEASE, Killed, Worker
from workflow.alerts import digests
from workflow.alerts.bounces import catch_up, clear_bounce, note_bounce
from workflow.alerts.commands import add_alert, edit_alert, set_frequency_of_all, stop_alerts
from workflow.alerts.criteria import Criteria
from workflow.alerts.digests import KIND, search_path
from workflow.alerts.forgetting import forget_told
from workflow.alerts.runs import begin_run, give_back, take_run
from workflow.alerts.tables import Alert, AlertRun, AlertTold, OfferNews
from workflow.alerts.unsubscribing import (
    Subscription,
    subscribed_alerts,
    subscription_of,
    unsubscribe,
    unsubscribing_path,
)
from workflow.applications.commands import cancel_offer
from workflow.candidates.tables import Candidate
from workflow.database.connection import dialect, write_transaction
from workflow.engine.errors import IllegalEvent
from workflow.engine.tables import Outbox
from workflow.messages.rendering import House as Sender
from workflow.messages.rendering import render
from workflow.offers.commands import move_offer
from workflow.offers.tables import Offer
from workflow.privacy.commands import keep_account
from workflow.recruiters.queries import StaffMember

DAY = timedelta(days=1)
KEY = "a key for the tests"
MONDAY = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""8 o'clock in Paris, the hour of mails."""


async def work(now: datetime) -> None:
    await Worker(lambda: now).work()


async def mails() -> list[dict[str, Any]]:
    found = await Outbox.select().where(Outbox.kind == KIND).order_by(Outbox.id)
    return [{**row, "params": json.loads(row["params"])} for row in found]


async def told() -> list[tuple[str, list[str]]]:
    """Whom each digest told, by first name, of which references."""
    return [
        (mail["params"]["first_name"], [offer[4].rpartition("/")[2] for offer in mail["params"]["offers"]])
        for mail in await mails()
    ]


async def alert(
    candidate: UUID, now: datetime, words: str = "", frequency: str = "daily", **more: str
) -> UUID:
    data = {"frequency": frequency, "job_type": "all", "region": "all", "keywords": words, **more}
    return await add_alert(candidate, data, meaning=str, now=now)


def link(what: Any, of: UUID) -> str:
    return unsubscribing_path(what, of, secret_key=KEY)


@pytest.fixture
async def unit(database: str, house: House) -> int:
    return await house.unit()


@pytest.fixture
async def staff(house: House, unit: int) -> StaffMember:
    return await house.recruiter(unit)


@pytest.fixture
def house(house: House) -> House:
    """On a Monday, an hour after the mails of the day and of the week are due."""
    return replace(house, now=MONDAY + timedelta(hours=1))


async def test_a_digest_says_what_is_new_and_why(house: House, staff: StaffMember, unit: int) -> None:
    now = house.now
    chloe = await house.candidate("Chloé")
    other = await house.candidate("Omar", language="en")
    await replace(house, now=MONDAY).offer(staff, unit, "OLD", title_fr="Chimiste")
    await work(now)
    chemist = await alert(chloe, now, "chimiste", region="53")
    every = await alert(chloe, now)
    await alert(other, now, "juriste")
    later = replace(house, now=now + timedelta(hours=1))
    await later.offer(staff, unit, "A 1", title_fr="Chimiste (H/F)", title_en="Chemist")
    later = replace(house, now=now + timedelta(hours=2))
    await later.offer(staff, unit, "B2", title_fr="", title_en="Physicist", city="Lyon", region="84")
    await work(now + DAY)
    (mail,) = await mails()
    stop, every_stop, all_stop = (
        "https://x.org" + link(what, of)
        for what, of in (("alert", chemist), ("alert", every), ("all", chloe))
    )
    offers = mail["params"].pop("offers")
    alerts = {words: (search, stops) for words, search, stops in mail["params"].pop("alerts")}
    names, lab = list(alerts), "Laboratory LAB1"
    assert mail["params"] == {
        "title": "ms",
        "first_name": "Chloé",
        "last_name": "Martin",
        "frequency": "daily",
        "number": 2,
        "more": 0,
        "unsubscribe_url": all_stop,
    }
    assert sorted(alerts.values()) == sorted(
        [
            ("https://x.org/offers?keywords=chimiste&region=53&order=date", stop),
            ("https://x.org/offers?order=date", every_stop),
        ]
    )
    assert [[*offer[:5], {alerts[names[place]][1] for place in offer[5]}] for offer in offers] == [
        ["Physicist", "Lyon", lab, "1er avril 2026", "https://x.org/offers/B2", {every_stop}],
        ["Chimiste (H/F)", "Brest", lab, "1er avril 2026", "https://x.org/offers/A%201", {stop, every_stop}],
    ]
    candidate = await Candidate.select().where(Candidate.id == chloe).first()
    assert candidate
    assert {
        name: mail[name] for name in ("recipient", "language", "subject_type", "subject_id", "dedup_key")
    } == {
        "recipient": candidate["email"],
        "language": "fr",
        "subject_type": "candidate",
        "subject_id": chloe,
        "dedup_key": f"alert_digest/3/{chloe}",
    }
    assert mail["expires_at"] == now + DAY + timedelta(days=10)
    rows = await AlertRun.select().order_by(AlertRun.id)
    assert [
        (row["frequency"], row["period"], row["through"], row["alerts"], row["digests"], row["offers"])
        for row in rows
    ] == [
        ("daily", "2026-03-02", 1, 0, 0, 0),
        ("weekly", "2026-W10", 1, 0, 0, 0),
        ("daily", "2026-03-03", 3, 3, 1, 2),
    ]
    assert {(row["started_at"], row["finished_at"]) for row in rows[2:]} == {(now + DAY, now + DAY)}


async def test_long_words_of_an_alert_are_cut_in_its_digest(
    house: House, staff: StaffMember, unit: int
) -> None:
    await work(house.now)
    await alert(await house.candidate(), house.now, "x" * 200, region="53")
    await house.offer(staff, unit, "ONE", title_fr="x" * 200)
    await work(house.now + DAY)
    (mail,) = await mails()
    ((words, search, _),) = mail["params"]["alerts"]
    assert words == f"«\u00a0{'x' * 79}…\u00a0» · Bretagne"
    assert "x" * 200 in search


async def test_many_new_offers_are_told_and_the_last_of_them_counted(
    house: House, staff: StaffMember, unit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = (await Candidate.select().where(Candidate.id == await house.candidate("Chloé")))[0]
    monkeypatch.setattr(digests, "LISTED", 5)
    await work(house.now)
    await alert(candidate["id"], house.now)
    later = replace(house, now=house.now + timedelta(minutes=1))
    for number in range(8):
        await later.offer(staff, unit, f"N-{number}")
    await work(house.now + DAY)
    (mail,) = await mails()
    assert (mail["params"]["number"], len(mail["params"]["offers"]), mail["params"]["more"]) == (8, 5, 3)
    assert await AlertTold.count() == 8
    said = render(KIND, "fr", mail["params"], house=Sender("https://x.org", "V", "c@x.org"))
    assert said.subject == "8 nouvelles offres pour vous"
    assert said.text.count("https://x.org/offers/N-") == 5
    assert "Et 3 autres offres." in said.text


async def test_a_run_begins_once_for_its_hour_and_catches_up_what_was_missed(
    house: House, staff: StaffMember, unit: int
) -> None:
    chloe = await house.candidate("Chloé")
    await work(MONDAY - timedelta(seconds=1))
    await alert(chloe, MONDAY)
    await alert(chloe, MONDAY, "chimiste", frequency="weekly")
    for day in range(4):
        await replace(house, now=MONDAY + day * DAY + timedelta(hours=1)).offer(staff, unit, f"D{day}")
    four = MONDAY + 4 * DAY + timedelta(hours=2)
    for _ in range(2):
        await asyncio.gather(*(work(four) for _ in range(3)))
    assert await told() == [("Chloé", ["D3", "D2", "D1", "D0"])]
    assert [(row["frequency"], row["period"]) for row in await AlertRun.select().order_by(AlertRun.id)] == [
        ("daily", "2026-03-01"),
        ("weekly", "2026-W09"),
        ("daily", "2026-03-06"),
        ("weekly", "2026-W10"),
    ]
    await work(MONDAY + 7 * DAY)
    assert len(await told()) == 1


async def test_one_at_a_time_and_the_next_one_goes_on_when_it_dies(
    house: House, staff: StaffMember, unit: int
) -> None:
    people = [await house.candidate(str(number)) for number in range(3)]
    await work(house.now)
    for each in people:
        await alert(each, house.now)
    await house.offer(staff, unit, "FRESH")
    then = house.now + DAY
    assert await begin_run("daily", hours=HOURS, now=then)
    assert not await begin_run("daily", hours=HOURS, now=then + DAY)  # the one before ends first
    run = await take_run(now=then)
    assert run
    assert await take_run(now=then + LEASE - timedelta(seconds=1)) is None
    again = await take_run(now=then + LEASE)
    assert again
    assert (again.id, again.token == run.token) == (run.id, False)
    await give_back(run)  # who lost it gives nothing back
    assert await take_run(now=then + LEASE) is None
    await give_back(again)
    dying = Worker(lambda: then, dies_after=5)
    with pytest.raises(Killed):
        await dying.work()
    assert len(await told()) == 1
    await work(then)
    assert len(await told()) == 1
    await work(then + LEASE)
    assert sorted(await told()) == [("0", ["FRESH"]), ("1", ["FRESH"]), ("2", ["FRESH"])]


async def test_an_offer_whose_transaction_ends_late_is_told_by_the_next_run(
    house: House, staff: StaffMember, unit: int
) -> None:
    if dialect() == "sqlite":
        pytest.skip("SQLite lets nobody read beside a transaction that is not at its end, and write as well")
    chloe = await house.candidate("Chloé")
    await work(house.now)
    await alert(chloe, house.now)
    await house.offer(staff, unit, "LATE", publish=False)
    written, end = asyncio.Event(), asyncio.Event()

    async def publish_slowly() -> None:
        async with write_transaction():
            await Offer.raw("SET LOCAL session_replication_role = replica")  # no machine moves it here
            await Offer.update({Offer.status: "published", Offer.published_at: house.now}).where(
                Offer.reference == "LATE"
            )
            written.set()
            await end.wait()

    publishing = asyncio.create_task(publish_slowly())
    await written.wait()
    await house.offer(staff, unit, "EARLY")
    await work(house.now + DAY)
    end.set()
    await publishing
    await work(house.now + 2 * DAY)
    assert await told() == [("Chloé", ["EARLY"]), ("Chloé", ["LATE"])]


async def test_what_is_over_is_not_told_and_what_was_taken_over_is(
    house: House, staff: StaffMember, unit: int
) -> None:
    chloe = await house.candidate("Chloé")
    await work(house.now)
    await alert(chloe, house.now)
    for reference, days in (("TODAY", 0), ("CLOSED", 9), ("CANCELLED", 9), ("OPEN", 1)):
        await house.offer(staff, unit, reference, closes_on=(house.now + timedelta(days=days)).date())
    await move_offer(staff, "CLOSED", "close", terms=house.terms, now=house.now)
    await house.offer(staff, unit, "TAKEN")
    async with write_transaction():
        # as an import says that it was published elsewhere
        long_ago: dict[Any, Any] = {Offer.published_at: house.now - 30 * DAY}
        await Offer.update(long_ago).where(Offer.reference == "TAKEN")
    then = house.now + DAY
    assert await begin_run("daily", hours=HOURS, now=then)
    await cancel_offer(staff, "CANCELLED", terms=house.terms, now=then)
    await work(then)
    assert [(name, set(references)) for name, references in await told()] == [("Chloé", {"OPEN", "TAKEN"})]
    news = await OfferNews.select(OfferNews.number, OfferNews.published_at).order_by(OfferNews.number)
    assert [row["number"] for row in news] == [1, 2, 3, 4]
    assert {row["published_at"] for row in news} == {house.now}


async def test_an_edited_alert_looks_at_nothing_that_it_has_looked_at(
    house: House, staff: StaffMember, unit: int
) -> None:
    """Also where the run holds older offers, because somebody else has come from another frequency."""
    chloe, omar = await house.candidate("Chloé"), await house.candidate("Omar")
    await work(house.now)
    hers = await alert(chloe, house.now, "physicien")
    await alert(omar, house.now, "chimiste", frequency="weekly")
    await house.offer(staff, unit, "OLD", title_fr="Chimiste")
    await work(house.now + DAY)
    data = {"frequency": "daily", "job_type": "all", "region": "all", "keywords": "chimiste"}
    await edit_alert(chloe, hers, data, meaning=str, now=house.now + DAY)
    await set_frequency_of_all(omar, {"frequency": "daily"}, now=house.now + DAY)
    await work(house.now + 2 * DAY)
    assert await told() == [("Omar", ["OLD"])]


async def test_what_changes_while_a_run_is_under_way(house: House, staff: StaffMember, unit: int) -> None:
    """Whom it has visited it has told; alerts of another frequency wait for that one's next run, or for its own."""
    names = {await house.candidate(name): name for name in ("Ann", "Bea", "Cleo", "Dora")}
    ann, bea, cleo, dora = sorted(names)
    await work(house.now)
    hers = await alert(ann, house.now, "physicien")
    for each, frequency in ((bea, "daily"), (cleo, "daily"), (dora, "weekly")):
        await alert(each, house.now, frequency=frequency)
    await house.offer(staff, unit, "ONE")
    await house.offer(staff, unit, "TWO")
    then = house.now + DAY
    with pytest.raises(Killed):
        await Worker(lambda: then, dies_after=2).work()  # it has looked at Ann's, and been there
    data = {"frequency": "weekly", "job_type": "all", "region": "all", "keywords": "chimiste"}
    await edit_alert(ann, hers, data, meaning=str, now=then)
    await set_frequency_of_all(bea, {"frequency": "weekly"}, now=then)
    await set_frequency_of_all(dora, {"frequency": "daily"}, now=then)
    await cancel_offer(staff, "TWO", terms=house.terms, now=then)
    await work(then + LEASE)
    assert await told() == [(names[cleo], ["ONE"])]
    await work(then + DAY)
    assert await told() == [(names[cleo], ["ONE"]), (names[dora], ["ONE"])]
    await work(MONDAY + 7 * DAY)
    assert (await told())[2:] == [(names[bea], ["ONE"])]


async def test_what_ends_between_two_pieces_is_told_to_nobody_else(
    house: House, staff: StaffMember, unit: int
) -> None:
    for name in ("One", "Other"):
        await alert(await house.candidate(name), house.now - DAY)
    await house.offer(staff, unit, "BRIEF")

    class Ending(Worker):
        async def after_piece(self) -> None:
            await move_offer(staff, "BRIEF", "close", terms=house.terms, now=house.now)

    with pytest.raises(IllegalEvent):  # after the second piece it is closed already
        await Ending(lambda: house.now + DAY).work()
    assert [references for _, references in await told()] == [["BRIEF"]]


async def test_digests_rest_while_mails_to_an_address_come_back(
    house: House, staff: StaffMember, unit: int
) -> None:
    chloe = await house.candidate("Chloé", email="chloe@example.org")
    gone = await house.candidate("Gone", email="gone@example.org")
    await work(house.now)
    await alert(chloe, house.now)
    await alert(gone, house.now)
    assert await note_bounce("Chloe@Example.org", "550 5.1.1 nobody here", now=house.now)
    assert not await note_bounce("nobody@example.org", "550 5.1.1 nobody here", now=house.now)
    assert await note_bounce("chloe@example.org", "551 moved", now=house.now + DAY)
    async with write_transaction():
        await Candidate.update({Candidate.erased_at: house.now}).where(Candidate.id == gone)
    assert not await note_bounce("gone@example.org", "550", now=house.now)
    await house.offer(staff, unit, "ONE")
    await work(house.now + DAY)
    row = (
        await Candidate.select(Candidate.bounced_at, Candidate.bounce_said)
        .where(Candidate.id == chloe)
        .first()
    )
    assert row == {"bounced_at": house.now, "bounce_said": "550 5.1.1 nobody here"}
    assert await told() == []
    await clear_bounce(chloe, now=house.now + DAY)
    await replace(house, now=house.now + DAY).offer(staff, unit, "TWO")
    await work(house.now + 2 * DAY)
    assert await told() == [("Chloé", ["TWO", "ONE"])]


async def test_alerts_go_on_where_they_stood_when_mails_began_to_come_back(
    house: House, staff: StaffMember, unit: int
) -> None:
    chloe = await house.candidate("Chloé", email="chloe@example.org")
    await work(house.now)
    first = await alert(chloe, house.now)
    await house.offer(staff, unit, "TOLD")
    await work(house.now + DAY)
    await note_bounce("chloe@example.org", "550 5.1.1 nobody here", now=house.now + DAY)
    for day in (1, 2, 3):
        await replace(house, now=house.now + day * DAY).offer(staff, unit, f"DAY-{day}")
        await work(house.now + (day + 1) * DAY)
    later = house.now + 4 * DAY
    await set_frequency_of_all(chloe, {"frequency": "weekly"}, now=later)
    await set_frequency_of_all(chloe, {"frequency": "daily"}, now=later)
    await alert(chloe, later, "chimiste")  # looks for nothing that came before
    await clear_bounce(chloe, now=later)
    await clear_bounce(chloe, now=later)
    await work(later)
    assert len(await told()) == 1, "that run had passed by"
    await work(later + DAY)
    assert await told() == [("Chloé", ["TOLD"]), ("Chloé", ["DAY-3", "DAY-2", "DAY-1"])]
    assert [row["id"] for row in await Alert.select(Alert.id).where(Alert.keywords == "")] == [first]


async def test_alerts_look_at_nothing_twice_because_mails_came_back(
    house: House, staff: StaffMember, unit: int
) -> None:
    chloe = await house.candidate("Chloé", email="chloe@example.org")
    await work(house.now)
    changed = await alert(chloe, house.now, "juriste")
    await house.offer(staff, unit, "SEEN")
    await work(house.now + DAY)
    everything = {"frequency": "daily", "job_type": "all", "region": "all", "keywords": ""}
    await edit_alert(chloe, changed, everything, meaning=str, now=house.now + DAY)
    await note_bounce("chloe@example.org", "550 5.1.1 nobody here", now=house.now + DAY)
    await clear_bounce(chloe, now=house.now + DAY)
    await replace(house, now=house.now + DAY).offer(staff, unit, "LATER")
    await work(house.now + 2 * DAY)
    assert await told() == [("Chloé", ["LATER"])]


async def _die(now: datetime) -> None:
    async with write_transaction():
        await Outbox.update(
            {Outbox.state: "dead", Outbox.settled_at: now, Outbox.rendered: b"To: old"}
        ).where(Outbox.kind == KIND, Outbox.state == "pending")


async def test_digests_that_came_back_go_out_again(house: House, staff: StaffMember, unit: int) -> None:
    chloe = await house.candidate("Chloé", email="chloe@example.org")
    zoe = await house.candidate("Zoé", email="zoe@example.org")
    await work(house.now)
    for person in (chloe, zoe):
        await alert(person, house.now)
    for day, reference in enumerate(("BEFORE", "EXPIRED", "SINCE")):
        await replace(house, now=house.now + day * DAY).offer(staff, unit, reference)
        await work(house.now + (day + 1) * DAY)
        await _die(house.now + (day + 1) * DAY)
    since = house.now + 2 * DAY
    async with write_transaction():
        await Candidate.update({Candidate.bounced_at: since}).where(Candidate.id.is_in([chloe, zoe]))
    late = since + timedelta(days=10)
    await clear_bounce(chloe, now=late)
    row = await Candidate.select().where(Candidate.id == zoe).first()
    assert row
    async with write_transaction():
        await catch_up(row, "zoe@example.net", now=late)
    found = {
        (mail["params"]["first_name"], mail["params"]["offers"][0][4].rpartition("/")[2]): mail
        for mail in await mails()
    }
    assert len(found) == 6
    again = {
        key: (mail["recipient"], mail["rendered"])
        for key, mail in found.items()
        if mail["state"] == "pending"
    }
    assert again == {
        ("Chloé", "SINCE"): ("chloe@example.org", b"To: old"),
        ("Zoé", "SINCE"): ("zoe@example.net", None),
    }
    await _die(late)
    async with write_transaction():
        await Candidate.update({Candidate.bounced_at: since}).where(Candidate.id == chloe)
    await stop_alerts(chloe, now=late)
    await clear_bounce(chloe, now=late)
    assert {mail["state"] for mail in await mails()} == {"dead"}, "who has stopped all alerts wants no mail"


async def test_whoever_is_about_to_leave_hears_of_nothing(
    house: House, staff: StaffMember, unit: int
) -> None:
    chloe = await house.candidate("Chloé")
    await work(house.now)
    await alert(chloe, house.now)
    async with write_transaction():
        await Candidate.update({Candidate.deletes_at: house.now + 7 * DAY}).where(Candidate.id == chloe)
    await house.offer(staff, unit, "ONE")
    await work(house.now + DAY)
    assert await told() == []
    await keep_account(chloe, now=house.now + DAY)
    await replace(house, now=house.now + DAY).offer(staff, unit, "TWO")
    await work(house.now + 2 * DAY)
    assert await told() == [("Chloé", ["TWO"])]


async def test_who_was_told_is_forgotten_a_month_after_the_last_day(
    house: House, staff: StaffMember, unit: int
) -> None:
    await alert(await house.candidate(), house.now - DAY)
    for reference in ("ENDED", "OPEN"):
        await house.offer(staff, unit, reference, closes_on=(house.now + DAY).date())
    await work(house.now)
    await move_offer(staff, "ENDED", "close", terms=house.terms, now=house.now)
    assert await forget_told(now=house.now + 31 * DAY) == 0
    assert [await forget_told(now=house.now + 32 * DAY) for _ in range(2)] == [1, 0]
    (left,) = await AlertTold.select(AlertTold.offer.reference)
    assert left == {"offer.reference": "OPEN"}


async def test_links_stop_one_alert_or_all_and_nothing_else(house: House, unit: int) -> None:
    chloe = await house.candidate("Chloé")
    one, other = await alert(chloe, house.now), await alert(chloe, house.now, "chimiste")
    tokens = [link(what, of).rpartition("/")[2] for what, of in (("alert", one), ("all", chloe))]
    single, every = (subscription_of(token, secret_key=KEY) for token in tokens)
    assert (single, every) == (Subscription("alert", one), Subscription("all", chloe))
    forged: Sequence[str] = [
        *(token[:-1] + ("A" if token[-1] != "A" else "B") for token in tokens),
        *(token[:-2] for token in tokens),
        *("", "x", "é", "=", "A" * 44, "A" * 5000, "\0"),
        *(tokens[0] + more for more in ("=", "==", "*", " ", "\n", "\0", "%20")),
        *(tokens[0][:9] + more + tokens[0][9:] for more in ("=", "*", " ", "\n", "\0")),
    ]
    assert [subscription_of(token, secret_key=KEY) for token in forged] == [None] * len(forged)
    assert subscription_of(tokens[0], secret_key="another key") is None
    assert single
    assert every
    assert [view.id for view in await subscribed_alerts(single)] == [one]
    assert await unsubscribe(single, now=house.now) == (one,)
    assert await unsubscribe(single, now=house.now) == ()
    assert await unsubscribe(every, now=house.now) == (other,)
    assert [view.is_active for view in await subscribed_alerts(every)] == [False, False]
    async with write_transaction():
        await Alert.delete().where(Alert.id == one)
    assert (await subscribed_alerts(single), await unsubscribe(single, now=house.now)) == ((), ())
    assert await stop_alerts(chloe, now=house.now) == ()


def test_a_search_finds_what_an_alert_looks_for() -> None:
    criteria = Criteria(job_type="scientific", job="phd", keywords="R&D é")
    assert search_path(criteria) == "/offers?keywords=R%26D+%C3%A9&job_type=scientific&job=phd&order=date"


@pytest.mark.parametrize(
    ("now", "period"),
    [
        ("2026-03-29T05:59", "2026-03-28"),  # 8 o'clock is an hour sooner from this Sunday on
        ("2026-03-29T06:00", "2026-03-29"),
        ("2026-10-25T06:59", "2026-10-24"),
        ("2026-10-25T07:00", "2026-10-25"),
        ("2027-01-01T06:30", "2026-12-31"),
    ],
)
def test_days_are_the_portals(now: str, period: str) -> None:
    found = HOURS.last("daily", datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found.name == period
    assert found.ends_at - found.due_at in (timedelta(hours=23), DAY, timedelta(hours=25))
