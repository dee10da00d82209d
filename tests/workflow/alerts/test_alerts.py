"""What an alert may look for, and what candidates do with theirs: L1–L3."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from search.analysis import meaning
from tests.support.house import House
from workflow.alerts.commands import (
    add_alert,
    delete_alert,
    edit_alert,
    resume_alerts,
    set_frequency_of_all,
    stop_alerts,
)
from workflow.alerts.criteria import Criteria, checked_alert, criteria_in_words, digest_of, jobs_after
from workflow.alerts.preview import recent_offers
from workflow.alerts.queries import MOST_ALERTS, alert_of, alerts_of, number_of_alerts
from workflow.alerts.tables import Alert, AlertRun
from workflow.applications.commands import cancel_offer
from workflow.candidates.tables import Candidate
from workflow.errors import AlertExists, AuthenticationRequired, InvalidInput, NotFound, TooManyAlerts
from workflow.offers.commands import move_offer
from workflow.offers.tables import Offer
from workflow.recruiters.queries import StaffMember

DAILY = {"frequency": "daily"}
EVERYTHING = DAILY | {"job_type": "all", "region": "all"}
TECHNICAL = DAILY | {"job_type": "technical_admin", "industry": "A", "job": "A1A41", "region": "53"}
SCIENTIFIC = DAILY | {"job_type": "scientific", "job": "phd_student", "region": "abroad"}
HOUR = timedelta(hours=1)


def mistakes(data: dict[str, Any]) -> set[str]:
    with pytest.raises(InvalidInput) as wrong:
        checked_alert(data)
    return {error.field for error in wrong.value.errors}


def test_what_is_mandatory_follows_from_the_job_type() -> None:
    assert mistakes({}) == {"frequency", "job_type", "region"}
    assert mistakes(DAILY | {"job_type": "technical_admin"}) == {"industry", "job", "region"}
    assert mistakes(DAILY | {"job_type": "scientific", "region": "53"}) == {"job"}
    assert checked_alert(EVERYTHING) == ("daily", Criteria())
    assert checked_alert(TECHNICAL) == ("daily", Criteria("technical_admin", "A", "A1A41", "53"))
    assert checked_alert(SCIENTIFIC) == ("daily", Criteria("scientific", "", "phd_student", "abroad"))
    all_of = dict.fromkeys(("job_type", "industry", "job", "region"), "all")
    assert checked_alert(DAILY | all_of) == ("daily", Criteria())
    assert checked_alert(DAILY | all_of | {"job_type": "technical_admin"})[1] == Criteria("technical_admin")
    assert checked_alert(TECHNICAL | {"industry": "all"})[1] == Criteria("technical_admin", "", "A1A41", "53")


def test_jobs_follow_job_type_and_industry() -> None:
    assert {job.code for job in jobs_after("scientific")} == {
        "phd_student",
        "postdoctoral_researcher",
        "researcher",
    }
    assert {job.industry for job in jobs_after("technical_admin", "B")} == {"B"}
    assert {job.industry for job in jobs_after("technical_admin", "all")} == set("ABCDEFGJ")
    assert mistakes(TECHNICAL | {"industry": "B"}) == {"job"}
    assert mistakes(TECHNICAL | {"job": "phd_student"}) == {"job"}
    assert mistakes(SCIENTIFIC | {"job": "A1A41"}) == {"job"}
    assert mistakes(SCIENTIFIC | {"industry": "A"}) == {"industry"}
    assert mistakes(EVERYTHING | {"job": "phd_student", "industry": "A"}) == {"job", "industry"}


@pytest.mark.parametrize("odd", ["x", "daily", "\0", "53\n54", "ALL", "é", "a" * 9999, "'; --", "🦆"])
def test_unknown_codes_are_refused_where_they_stand(odd: str) -> None:
    for field in ("frequency", "job_type", "industry", "job", "region"):
        if (field, odd) != ("frequency", "daily"):
            assert field in mistakes(TECHNICAL | {field: odd})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  data \t scientist\n", "data scientist"),
        ("chim\0iste\u202e", "chimiste"),
        ("\ud800", ""),
        ("\0", ""),
        ("“data scientist” -stage", "“data scientist” -stage"),
        ("x" * 500, "x" * 500),
    ],
)
def test_keywords_are_kept_as_typed_without_what_nobody_sees(typed: str, kept: str) -> None:
    assert checked_alert(EVERYTHING | {"keywords": typed})[1] == Criteria(keywords=kept)
    assert mistakes(EVERYTHING | {"keywords": "x" * 501}) == {"keywords"}


def test_the_same_meaning_has_the_same_digest_and_no_other() -> None:
    def digest(**criteria: str) -> str:
        return digest_of(Criteria(**criteria), meaning)

    same = {
        digest(keywords=words) for words in ("Données  de santé", "donnees de SANTE", "données, de santé")
    }
    assert len(same) == 1
    assert len(digest(keywords="x " * 250)) == 64
    job = {"job_type": "technical_admin", "job": "A1A41"}
    assert digest(**job) == digest(industry="A", **job)
    different = [
        digest(),
        digest(keywords="biologie"),
        digest(region="53"),
        digest(job_type="scientific"),
        digest(job_type="technical_admin"),
        digest(job_type="technical_admin", industry="A"),
        digest(**job),
        digest(region="53", keywords="biologie"),
    ]
    assert len(set(different)) == len(different)


@pytest.mark.parametrize(
    ("criteria", "language", "words"),
    [
        (Criteria(), "en", "All jobs · All regions"),
        (Criteria(keywords="chemist"), "en", "“chemist” · All regions"),
        (Criteria("scientific", "", "", "53"), "en", "Scientific fixed term · Brittany"),
        (
            Criteria("scientific", "", "researcher", "53", "chimie"),
            "fr",
            "« chimie », Chercheur·euse · Bretagne",
        ),
    ],
)
def test_an_alert_is_said_in_words(criteria: Criteria, language: str, words: str) -> None:
    assert criteria_in_words(criteria, language).replace("\u00a0", " ") == words


async def add(candidate: UUID, data: dict[str, Any], now: datetime, **changes: str) -> UUID:
    return await add_alert(candidate, data | changes, meaning=meaning, now=now)


async def row_of(alert: UUID) -> dict[str, Any]:
    (row,) = await Alert.select().where(Alert.id == alert)
    return dict(row)


async def test_an_alert_is_made_changed_and_taken_away(database: str, house: House) -> None:
    mine, now = await house.candidate(), house.now
    first = await add(mine, EVERYTHING, now, keywords="Chimiste")
    second = await add(mine, TECHNICAL, now + HOUR)
    views = await alerts_of(mine)
    assert [(each.id, each.criteria, each.is_active) for each in views] == [
        (first, Criteria(keywords="Chimiste"), True),
        (second, Criteria("technical_admin", "A", "A1A41", "53"), True),
    ]
    with pytest.raises(AlertExists) as twin:
        await add(mine, EVERYTHING, now, keywords="  chimiste ", frequency="weekly")
    assert twin.value.facts == {"alert": first}
    with pytest.raises(AlertExists):
        await edit_alert(
            mine, second, EVERYTHING | {"keywords": "CHIMISTE"}, meaning=meaning, now=now + 2 * HOUR
        )
    assert (await alerts_of(mine)) == views
    before = await row_of(first)
    changes = EVERYTHING | {"keywords": "CHIMISTE", "region": "53"}
    await edit_alert(mine, first, changes, meaning=meaning, now=now + 2 * HOUR)
    after = await row_of(first)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"keywords", "region", "criteria", "edited_at"}
    await delete_alert(mine, first, now=now + 3 * HOUR)
    assert (await alert_of(mine, first), await number_of_alerts(mine)) == (None, 1)
    await add(mine, EVERYTHING, now + 3 * HOUR, keywords="chimiste")


async def test_nobody_touches_what_is_not_theirs(database: str, house: House) -> None:
    mine, other, now = await house.candidate(), await house.candidate(), house.now
    alert = await add(mine, EVERYTHING, now)
    for attempt in (
        edit_alert(other, alert, EVERYTHING, meaning=meaning, now=now),
        delete_alert(other, alert, now=now),
        resume_alerts(other, [alert], now=now),
        delete_alert(mine, uuid4(), now=now),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await stop_alerts(other, [alert], now=now) == ()
    assert await stop_alerts(uuid4(), now=now) == ()
    assert await alert_of(other, alert) is None
    assert [each.is_active for each in await alerts_of(mine)] == [True]
    left = await house.candidate()
    await Candidate.update({Candidate.erased_at: now}).where(Candidate.id == left)
    for refused in (add(left, EVERYTHING, now), set_frequency_of_all(left, DAILY, now=now)):
        with pytest.raises(AuthenticationRequired):
            await refused
    assert await stop_alerts(left, now=now) == ()


async def test_ten_stay_ten_and_twins_one_whatever_comes_at_once(database: str, house: House) -> None:
    mine, now = await house.candidate(), house.now
    for number in range(MOST_ALERTS - 3):
        await add(mine, EVERYTHING, now, keywords=f"chimie{number}")
    tries = [add(mine, EVERYTHING, now, keywords="le même") for _ in range(3)]
    tries += [add(mine, EVERYTHING, now, keywords=f"physique{number}") for number in range(6)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    kinds = sorted(type(each).__name__ for each in outcomes)
    made = [each for each in outcomes if isinstance(each, UUID)]
    assert (len(made), await number_of_alerts(mine)) == (3, MOST_ALERTS)
    assert set(kinds) <= {"UUID", "AlertExists", "TooManyAlerts"}
    await stop_alerts(mine, now=now)
    with pytest.raises(TooManyAlerts):  # those that rest count as well
        await add(mine, EVERYTHING, now, keywords="biologie")


async def test_stopping_resuming_and_one_frequency_for_all(database: str, house: House) -> None:
    mine, now = await house.candidate(), house.now
    one, two, three = [
        await add(mine, EVERYTHING, now, keywords=words, frequency=frequency)
        for words, frequency in (("a", "daily"), ("b", "weekly"), ("c", "daily"))
    ]
    active_at = (await Candidate.select().where(Candidate.id == mine))[0]["last_active_at"]
    assert await stop_alerts(mine, [one], now=now + HOUR) == (one,)
    assert set(await stop_alerts(mine, now=now + 2 * HOUR)) == {two, three}
    assert await stop_alerts(mine, now=now + 3 * HOUR) == ()
    assert (await row_of(one))["stopped_at"] == now + HOUR
    assert (await Candidate.select().where(Candidate.id == mine))[0]["last_active_at"] == active_at
    await resume_alerts(mine, [one, two], now=now + 4 * HOUR)
    await resume_alerts(mine, [one], now=now + 9 * HOUR)
    rows = [await row_of(alert) for alert in (one, two, three)]
    assert [(row["stopped_at"], row["since"]) for row in rows] == [
        (None, now + 4 * HOUR),
        (None, now + 4 * HOUR),
        (now + 2 * HOUR, now),
    ]
    data = EVERYTHING | {"keywords": "c"}
    await edit_alert(mine, three, data, meaning=meaning, now=now + 5 * HOUR, active=True)
    await edit_alert(mine, one, data | {"keywords": "a"}, meaning=meaning, now=now + 6 * HOUR, active=False)
    assert [(await row_of(each))["stopped_at"] for each in (one, three)] == [now + 6 * HOUR, None]
    assert (await row_of(three))["since"] == now + 5 * HOUR

    with pytest.raises(InvalidInput):
        await set_frequency_of_all(mine, {"frequency": "hourly"}, now=now)
    run: dict[str, Any] = {
        "frequency": "daily",
        "period": "2026-03-03",
        "through": 7,
        "started_at": now + HOUR,
    }
    await AlertRun.insert(AlertRun(finished_at=now + HOUR, **run))
    await set_frequency_of_all(mine, {"frequency": "weekly"}, now=now + 7 * HOUR)
    rows = [await row_of(alert) for alert in (one, two, three)]
    assert [row["frequency"] for row in rows] == ["weekly"] * 3
    assert [row["from_number"] for row in rows] == [7, 0, 7]  # the first and the last had been told through 7


async def test_a_month_of_offers_is_looked_through(staff: StaffMember, house: House) -> None:
    (unit,) = staff.unit_ids or frozenset()
    now = house.now
    for reference in ("OLD", "CLOSED", "CANCELLED", "UNDATED", "NEWEST"):
        await house.offer(staff, unit, reference, title_fr=reference, title_en="")
    await house.offer(staff, unit, "DRAFT", publish=False)
    await set_offer("OLD", {Offer.published_at: now - timedelta(days=31)})
    await set_offer("CLOSED", {Offer.published_at: now - timedelta(days=29)})
    await set_offer("UNDATED", {Offer.published_at: None, Offer.created_at: now - timedelta(days=2)})
    await set_offer("NEWEST", {Offer.published_at: now + HOUR})
    await move_offer(staff, "CLOSED", "close", terms=house.terms, now=now)
    await cancel_offer(staff, "CANCELLED", terms=house.terms, now=now)
    found = await recent_offers(now + HOUR)
    assert [offer.titles[0] for offer in found] == ["CLOSED", "UNDATED", "Chimiste (H/F)", "NEWEST"]
    assert found[2].titles == ("Chimiste (H/F)", "Chemist")


async def set_offer(reference: str, values: dict[Any, Any]) -> None:
    await Offer.update(values).where(Offer.reference == reference)
