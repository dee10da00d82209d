"""What recruiters do to offers at random, and the random choices that all actors share."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.support.house import House
from tests.workflow.engine import laws
from tests.workflow.engine.side_by_side import STRANGE, SideBySide
from workflow.applications.commands import cancel_offer
from workflow.offers.commands import create_offer, edit_offer, move_offer, schedule_offer

_EVENTS = ("publish", "publish", "publish", "close", "archive", "cancel", "take_over", "create", "hire")
_MINUTES = (1, 5, 14, 15, 16)
_DAYS = (1, 3, 14, 15, 40)

_minutes = st.sampled_from(_MINUTES).map(lambda number: timedelta(minutes=number))
_days = st.sampled_from(_DAYS).map(lambda number: timedelta(days=number))

waits = st.one_of(_minutes, _minutes, _minutes, _days)
versions = st.sampled_from((None, None, None, "right", "right", "right", "stale", "none such", 0, 99))
which = st.integers(0, STRANGE)
actors = st.integers(0, 6)


class RandomOffers(SideBySide):
    """Offers are made, moved, planned and edited by whoever comes along."""

    def _create_offer(self, house: House, number: int, unit: int, closes: int, *, tells: bool) -> None:
        closes_on = self.portal.now.astimezone(laws.PARIS).date() + timedelta(days=closes)
        staff, who = self._who(number)
        offer_id, reference = uuid4(), f"R-{uuid4().hex}"
        data = house.offer_data(closes_on=closes_on, tells_contact=tells)
        self.references[offer_id] = reference
        self.stage.run(
            create_offer(
                staff, reference, unit, data, terms=self.terms, now=self.portal.now, new_id=lambda: offer_id
            )
        )
        self.portal.create(
            laws.Offer(
                kind="offer",
                id=offer_id,
                unit=unit,
                contact=f"lab{number + 1}@example.org",
                closes_on=closes_on,
                tells_contact=tells,
            ),
            who,
        )

    @rule(actor=actors, offer=which, event=st.sampled_from(_EVENTS), version=versions)
    def move_offer(self, actor: int, offer: int, event: str, version: Any) -> None:
        if event == "cancel":
            self._cancel_offer(actor, offer, version)
            return
        offer_id = self._offer(offer)
        staff, who = self._who(actor, self.portal.offers[offer_id].unit)
        expected = self._version(version, self.portal.offers[offer_id])
        self._both(
            move_offer(
                staff,
                self.references[offer_id],
                event,
                terms=self.terms,
                now=self.portal.now,
                expected_version=expected,
            ),
            lambda: self.portal.move_offer(who, offer_id, event, expected),
        )

    def _cancel_offer(self, actor: int, offer: int, version: Any) -> None:
        offer_id = self._offer(offer)
        staff, who = self._who(actor, self.portal.offers[offer_id].unit)
        expected = self._version(version, self.portal.offers[offer_id])
        self._both(
            cancel_offer(
                staff,
                self.references[offer_id],
                terms=self.terms,
                now=self.portal.now,
                expected_version=expected,
            ),
            lambda: self.portal.cancel_offer(who, offer_id, expected),
        )

    @rule(
        actor=actors, offer=which, after=st.none() | waits | st.just(timedelta(minutes=-1)), version=versions
    )
    def schedule(self, actor: int, offer: int, after: timedelta | None, version: Any) -> None:
        offer_id = self._offer(offer)
        staff, who = self._who(actor, self.portal.offers[offer_id].unit)
        expected = self._version(version, self.portal.offers[offer_id])
        at = None if after is None else self.portal.now + after
        self._both(
            schedule_offer(
                staff,
                self.references[offer_id],
                at,
                terms=self.terms,
                now=self.portal.now,
                expected_version=expected,
            ),
            lambda: self.portal.schedule(who, offer_id, at, expected),
        )

    @rule(actor=actors, offer=which, closes=st.integers(-1, 60), described=st.booleans())
    def edit(self, actor: int, offer: int, closes: int, described: bool) -> None:
        offer_id, key = self._offer(offer), uuid4()
        staff, who = self._who(actor, self.portal.offers[offer_id].unit)
        closes_on = self.portal.now.astimezone(laws.PARIS).date() + timedelta(days=closes)
        data = self.stage.house.offer_data(
            closes_on=closes_on,
            tells_contact=self.portal.offers[offer_id].tells_contact,
            **({} if described else {"description_fr": "", "description_en": ""}),
        )
        self._both(
            edit_offer(
                staff,
                self.references[offer_id],
                data,
                terms=self.terms,
                now=self.portal.now,
                new_id=lambda: key,
            ),
            lambda: self.portal.edit(who, offer_id, closes_on, described, key),
        )
