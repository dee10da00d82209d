"""Days as they come: offers appear and go, people change their alerts, workers race, die, and are away for weeks."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.support.house import ZONE
from tests.workflow.alerts.reference import Alert, Offer, Portal
from tests.workflow.engine.stage import Stage
from workflow.alerts.bounces import clear_bounce, note_bounce
from workflow.alerts.commands import (
    add_alert,
    delete_alert,
    edit_alert,
    resume_alerts,
    set_frequency_of_all,
    stop_alerts,
)
from workflow.alerts.criteria import Criteria
from workflow.alerts.digests import KIND, Desk
from workflow.alerts.news import Matching
from workflow.alerts.runs import begin_run, take_run
from workflow.alerts.tables import Alert as AlertTable
from workflow.alerts.tables import AlertRun, AlertTold, OfferNews
from workflow.alerts.visiting import RunLost, carry_out
from workflow.applications.commands import cancel_offer
from workflow.candidates.tables import Candidate
from workflow.database.connection import write_transaction
from workflow.engine.tables import Outbox
from workflow.errors import AlertExists, TooManyAlerts
from workflow.mail_hours import FREQUENCIES, MailHours
from workflow.offers.commands import move_offer
from workflow.offers.queries import OfferView

HOURS = MailHours(day=0, hour=8, zone=ZONE)
DESK = Desk("https://x.org", "a key for the tests", ZONE)
LEASE = timedelta(minutes=1)

WORDS = ("chimiste", "physicien")
REGIONS = ("53", "84")

MINUTES = (1, 30, 7 * 60, *(5 * (24 * 60,)), 25 * 60, 49 * 60, 8 * 24 * 60, 16 * 24 * 60)
AT_EIGHT = (-1, 0, 1)
"""Seconds before or after the hour."""

DAYS_OPEN = (30, 30, 5, 1, 0)
MINUTES_LATE = (0, 0, 1, 70)

which = st.integers(0, 40)
person = st.integers(0, 2)
words = st.sampled_from(("", "", *WORDS))
regions = st.sampled_from(("", REGIONS[0]))
frequencies = st.sampled_from(FREQUENCIES)
kinds = st.sampled_from(WORDS), st.sampled_from(REGIONS)
acts = st.one_of(
    *(
        3
        * (
            st.tuples(
                st.just("publish"), *kinds, st.sampled_from((30, 5, 1, 0)), st.sampled_from((0, 0, 1, 70))
            ),
        )
    ),
    st.tuples(st.just("end"), which, st.sampled_from(("close", "cancel"))),
    st.tuples(st.just("add"), person, frequencies, words, regions),
    st.tuples(st.just("edit"), which, frequencies, words, regions),
    st.tuples(st.just("set_all"), person, frequencies),
    st.tuples(st.just("rest"), which, st.sampled_from(("stop", "resume", "resume", "delete"))),
    st.tuples(st.just("bounce"), person, st.booleans()),
)
waits = st.one_of(
    st.tuples(st.just("pass_minutes"), st.sampled_from(MINUTES)),
    st.tuples(st.just("come_to_eight"), st.sampled_from(AT_EIGHT)),
)
deaths = st.integers(0, 9)
"""After how many looks at an alert, or ends of a piece, a worker dies; 0: never."""


class Killed(Exception):
    """As by kill -9: nothing is tidied up."""


@dataclass
class Worker:
    """What a worker does, with everybody in a piece of their own; `dies_after` so many looks."""

    clock: Callable[[], datetime]
    lease: timedelta = LEASE
    dies_after: int = 0
    looks: int = 0

    def live(self) -> None:
        self.looks += 1
        if self.looks == self.dies_after:
            raise Killed

    async def work(self) -> None:
        while True:
            for frequency in FREQUENCIES:
                await begin_run(frequency, hours=HOURS, now=self.clock())
            run = await take_run(now=self.clock(), lease=self.lease)
            if run is None:
                return
            await carry_out(
                run,
                matcher=self.matcher,
                desk=DESK,
                clock=self.clock,
                is_enough=lambda: False,
                piece=1,
                lease=self.lease,
                after_piece=self.after_piece,
            )

    async def after_piece(self) -> None:
        self.live()
        await asyncio.sleep(0)

    def matcher(self, offers: Sequence[OfferView]) -> Matching:
        def matching(criteria: Criteria) -> int:
            self.live()
            return sum(
                1 << place
                for place, offer in enumerate(offers)
                if criteria.keywords in offer.title_fr.lower() and criteria.region in ("", offer.region)
            )

        return matching


class RandomDays(RuleBasedStateMachine):
    """The portal and its model, side by side."""

    def __init__(self, stage: Stage, begins: Callable[[], datetime], tally: Counter[str]) -> None:
        super().__init__()
        self.stage, self.tally = stage, tally
        self.now = begins()
        self.portal = Portal()
        self.people: list[UUID] = []
        self.mark = stage.run(stage.last_outbox_id())
        stage.run(_empty())

    @initialize(
        after=st.integers(0, 300),
        made=st.lists(st.tuples(person, frequencies, words, regions), min_size=3, max_size=5),
    )
    def open_house(self, after: int, made: Any) -> None:
        self.now += timedelta(days=after)
        house = replace(self.stage.house, now=self.now)
        self.people = sorted(self.stage.run(house.candidate()) for _ in range(3))
        for each in made:
            self.add(*each)

    @rule(
        doing=st.lists(acts, min_size=2, max_size=5),
        wait=waits,
        dying=st.lists(deaths, min_size=1, max_size=3),
        is_hasty=st.sampled_from((False, False, True)),
    )
    def day(self, doing: list[Any], wait: Any, dying: list[int], is_hasty: bool) -> None:
        """`is_hasty`: each worker takes the others for dead at once."""
        for name, *what in (*doing, wait):
            getattr(self, name)(*what)
        self.race(dying, timedelta(0) if is_hasty else LEASE)

    # what time does

    def pass_minutes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def come_to_eight(self, seconds: int) -> None:
        """Right before, at or after the next hour of mails."""
        day = self.now.astimezone(ZONE)
        on = (day + timedelta(days=day.hour >= 8)).replace(hour=8, minute=0, second=0, microsecond=0)
        self.now = max(self.now, on.astimezone(UTC) + timedelta(seconds=seconds))

    @rule()
    def catch_up(self) -> None:
        """A worker alone, with time."""
        self.now += LEASE
        self.race([0], LEASE)
        finished = {(run["frequency"], run["period"]) for run in self._runs() if run["finished_at"]}
        due = {(frequency, HOURS.last(frequency, self.now).name) for frequency in FREQUENCIES}
        assert due <= finished
        self.tally["caught up"] += 1

    def race(self, dying: list[int], lease: timedelta) -> None:
        workers = [Worker(lambda: self.now, lease, dies_after) for dies_after in dying]

        async def race() -> list[Any]:
            return await asyncio.gather(*(worker.work() for worker in workers), return_exceptions=True)

        for ended in self.stage.run(race()):
            if isinstance(ended, BaseException) and not isinstance(ended, Killed | RunLost):
                raise ended
            self.tally[type(ended).__name__ if ended else "worked"] += 1
        self._follow()

    def _follow(self) -> None:
        """The model goes as far as the workers came."""
        for number, row in enumerate(self._runs()):
            if number == len(self.portal.runs):
                assert row["period"] == HOURS.last(row["frequency"], self.now).name
                self.portal.begin_run(row["frequency"], row["period"])
                self.tally[row["frequency"]] += 1
            run = self.portal.runs[number]
            assert (run.frequency, run.period) == (row["frequency"], row["period"])
            for candidate in self.people:
                is_reached = row["finished_at"] or (row["done_through"] and candidate <= row["done_through"])
                if is_reached and candidate not in run.visited:
                    self.portal.visit(run, candidate, self.now)
        self.everything_agrees()

    def _runs(self) -> list[dict[str, Any]]:
        async def read() -> list[dict[str, Any]]:
            return await AlertRun.select().order_by(AlertRun.id)

        return self.stage.run(read())

    def everything_agrees(self) -> None:
        told, listed = self.stage.run(_told(self.mark))
        assert told == Counter(dict.fromkeys(self.portal.told, 1))
        assert listed == told

    # what recruiters do

    def publish(self, word: str, region: str, days: int, late: int) -> None:
        """`late`: minutes that its transaction took to be seen by others."""
        at = self.now - timedelta(minutes=late)
        last = at.astimezone(ZONE).date() + timedelta(days=days)
        reference = f"{self.now:%y%m%d}-{len(self.portal.offers)}"
        house = replace(self.stage.house, now=at)
        staff, unit = self.stage.staff[0], self.stage.units[0]
        offer_id = self.stage.run(
            house.offer(staff, unit, reference, title_fr=f"{word} (H/F)", region=region, closes_on=last)
        )
        closes = datetime.combine(last + timedelta(days=1), datetime.min.time(), ZONE).astimezone(UTC)
        self.portal.offers[offer_id] = Offer(offer_id, reference, word, region, at, closes)

    def end(self, number: int, how: str) -> None:
        offers = [offer for offer in self.portal.offers.values() if not offer.ended]
        if not offers:
            return
        offer = offers[number % len(offers)]
        terms, staff = self.stage.house.terms, self.stage.staff[0]
        if how == "cancel":
            self.stage.run(cancel_offer(staff, offer.reference, terms=terms, now=self.now))
        else:
            self.stage.run(move_offer(staff, offer.reference, "close", terms=terms, now=self.now))
        offer.ended = True

    # what candidates do

    def add(self, who: int, frequency: str, word: str, region: str) -> None:
        candidate = self.people[who]
        data = _form(frequency, word, region)
        try:
            made = self.stage.run(add_alert(candidate, data, meaning=str, now=self.now))
        except (AlertExists, TooManyAlerts):
            return
        runs = len(self.portal.runs)
        self.portal.alerts[made] = Alert(made, candidate, frequency, word, region, self.now, runs)

    def edit(self, number: int, frequency: str, word: str, region: str) -> None:
        if alert := self._alert(number):
            data = _form(frequency, word, region)
            try:
                self.stage.run(edit_alert(alert.candidate, alert.id, data, meaning=str, now=self.now))
            except AlertExists:
                return
            alert.word, alert.region = word, region
            self._take_frequency(alert, frequency)

    def set_all(self, who: int, frequency: str) -> None:
        self.stage.run(set_frequency_of_all(self.people[who], {"frequency": frequency}, now=self.now))
        for alert in self.portal.alerts.values():
            if alert.candidate == self.people[who]:
                self._take_frequency(alert, frequency)

    def _take_frequency(self, alert: Alert, frequency: str) -> None:
        if alert.frequency != frequency:
            alert.frequency, alert.wakes_after = frequency, len(self.portal.runs)
            self.tally["frequency changed"] += 1

    def rest(self, number: int, how: str) -> None:
        alert = self._alert(number)
        if not alert:
            return
        if how == "stop":
            self.stage.run(stop_alerts(alert.candidate, [alert.id], now=self.now))
            alert.stopped = True
        elif how == "resume":
            self.stage.run(resume_alerts(alert.candidate, [alert.id], now=self.now))
            if alert.stopped:
                alert.begin(self.now, len(self.portal.runs))
        else:
            self.stage.run(delete_alert(alert.candidate, alert.id, now=self.now))
            del self.portal.alerts[alert.id]

    def bounce(self, who: int, is_refused: bool) -> None:
        candidate = self.people[who]
        if is_refused:
            self.stage.run(_bounce(candidate, self.now))
            self.portal.bounced.add(candidate)
        else:
            self.stage.run(clear_bounce(candidate, now=self.now))
            if candidate in self.portal.bounced:
                self.tally["arrived again"] += 1
            self.portal.arrive_again(candidate)

    def _alert(self, number: int) -> Alert | None:
        alerts = list(self.portal.alerts.values())
        return alerts[number % len(alerts)] if alerts else None

    def teardown(self) -> None:
        if self.people:
            self.catch_up()
            self.tally["told"] += len(self.portal.told)


def live_at_random(days: RandomDays, dice: Random, number: int) -> None:
    """So many days, with more in them than Hypothesis, which begins with little, finds in a short time."""
    pick = dice.choice
    days.open_house(dice.randrange(300), [_an_alert(dice) for _ in range(6)])
    for _ in range(number):
        doing = [_an_act(dice) for _ in range(dice.randint(1, 5))]
        minutes, at_eight = ("pass_minutes", pick(MINUTES)), ("come_to_eight", pick(AT_EIGHT))
        dying = [pick((0, dice.randint(1, 4), dice.randint(1, 9))) for _ in range(dice.randint(1, 3))]
        days.day(doing, pick((minutes, at_eight)), dying, dice.random() < 0.3)
        if dice.random() < 0.1:
            days.catch_up()
    days.teardown()


def _an_alert(dice: Random) -> tuple[Any, ...]:
    region = dice.choice(("", "", REGIONS[0]))
    return dice.randrange(3), dice.choice(FREQUENCIES), dice.choice(("", *WORDS)), region


def _an_act(dice: Random) -> tuple[Any, ...]:
    pick, number = dice.choice, dice.randrange(40)
    publish = ("publish", pick(WORDS), pick(REGIONS), pick(DAYS_OPEN), pick(MINUTES_LATE))
    return dice.choices(
        [
            publish,
            ("end", number, pick(("close", "cancel"))),
            ("add", *_an_alert(dice)),
            ("edit", number, *_an_alert(dice)[1:]),
            ("set_all", dice.randrange(3), pick(FREQUENCIES)),
            ("rest", number, pick(("stop", "resume", "resume", "delete"))),
            ("bounce", dice.randrange(3), dice.random() < 0.4),
        ],
        [6, 1, 2, 2, 2, 2, 1],
    )[0]


def _form(frequency: str, word: str, region: str) -> dict[str, str]:
    return {"frequency": frequency, "job_type": "all", "region": region or "all", "keywords": word}


async def _bounce(candidate: UUID, now: datetime) -> None:
    row = await Candidate.select(Candidate.email).where(Candidate.id == candidate).first()
    assert row
    await note_bounce(row["email"], "550 5.1.1 no such user", now=now)


async def _told(mark: int) -> tuple[Counter[Any], Counter[Any]]:
    """Who was told of what by the table, and by the mails since a mark."""
    rows = await AlertTold.select(AlertTold.candidate, AlertTold.offer, AlertTold.offer.reference)
    by_reference = {row["offer.reference"]: row["offer"] for row in rows}
    mails = await Outbox.select(Outbox.params, Outbox.subject_id).where(
        (Outbox.id > mark) & (Outbox.kind == KIND)
    )
    listed = Counter(
        (mail["subject_id"], by_reference.get(unquote(offer[4].rpartition("/")[2])))
        for mail in mails
        for offer in json.loads(mail["params"])["offers"]
    )
    return Counter((row["candidate"], row["offer"]) for row in rows), listed


async def _empty() -> None:
    async with write_transaction():
        for table in (AlertTold, AlertTable, OfferNews, AlertRun):
            await table.delete(force=True)
