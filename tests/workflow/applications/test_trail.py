"""The audit as it is read: moves and other changes together, of one's own units alone, page by page."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from tests.support.house import House
from workflow.applications.commands import move_application
from workflow.applications.trail import MOVES, PAGE_SIZE, Place, Wanted, trail
from workflow.audit.recording import note_change
from workflow.audit.tables import AuditEntry
from workflow.database.connection import write_transaction
from workflow.engine.tables import History
from workflow.recruiters.queries import StaffMember
from workflow.recruiters.units import edit_unit, set_waiting_days
from workflow.roles import STAFF

ANY = Wanted()


class TwoUnits:
    """Rose of LAB1, Ivan of LAB2, Ada who administers; an application to each unit's offer."""

    def __init__(self, units: list[int], people: dict[str, StaffMember], applications: list[UUID]) -> None:
        self.units = units
        self.people = people
        self.applications = applications


@pytest.fixture
async def two(database: str, house: House) -> TwoUnits:
    units = [await house.unit("LAB1"), await house.unit("LAB2")]
    people = {
        "rose": await house.recruiter(units[0], name="Rose"),
        "ivan": await house.recruiter(units[1], name="Ivan"),
        "ada": await house.recruiter(name="Ada", is_administrator=True),
    }
    await house.offer(people["rose"], units[0], "REF-1")
    await house.offer(people["ivan"], units[1], "REF-2", title_fr="Physicien", title_en="Physicist")
    applications = [
        await house.application(await house.candidate("Chloé"), "REF-1"),
        await house.application(await house.candidate("Omar"), "REF-2"),
    ]
    for name, application in zip(("rose", "ivan"), applications, strict=True):
        await move_application(people[name], application, "consider", terms=house.terms, now=house.now)
    return TwoUnits(units, people, applications)


async def actions(staff: StaffMember, wanted: Wanted) -> list[str]:
    return [deed.action for deed in (await trail(staff, wanted)).deeds]


async def test_each_sees_what_was_done_in_their_units(two: TwoUnits, house: House) -> None:
    for unit, days in zip(two.units, (7, 9), strict=True):
        await set_waiting_days(two.people["ada"], unit, {"waiting_days": days}, now=house.now)
    considered = Wanted(kind=MOVES, words="")
    seen = {
        name: [
            (deed.action, deed.subject_id)
            for deed in (await trail(staff, considered)).deeds
            if deed.subject_type == "application"
        ]
        for name, staff in two.people.items()
    }
    first, second = (("application.consider", str(each)) for each in two.applications)
    assert seen == {"rose": [first], "ivan": [second], "ada": [second, first]}
    changed = {
        name: [(deed.subject_id, deed.before, deed.after) for deed in found.deeds]
        for name, staff in two.people.items()
        for found in [await trail(staff, Wanted(kind="unit"))]
    }
    mine, theirs = (
        (str(unit), {"waiting_days": 14}, {"waiting_days": days})
        for unit, days in zip(two.units, (7, 9), strict=True)
    )
    assert changed == {"rose": [mine], "ivan": [theirs], "ada": [theirs, mine]}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(kind="application", words="chloe"), ["application.consider"]),
        (Wanted(kind="application", words="REF-2"), ["application.consider"]),
        (Wanted(kind="application", words="physic"), ["application.consider"]),
        (Wanted(kind="application", words="nobody"), []),
        (Wanted(kind="application", words="%"), ["application.consider"] * 2),
        (Wanted(kind="paragraph"), []),
    ],
)
async def test_words_find_offers_and_people(two: TwoUnits, wanted: Wanted, found: list[str]) -> None:
    assert await actions(two.people["ada"], wanted) == found


async def test_words_find_what_was_changed(two: TwoUnits, house: House) -> None:
    unit = {"name": "Laboratoire de verre", "city": "Nice", "region": "93", "waiting_days": 14}
    unit["contact_email"] = "verre@example.org"
    await edit_unit(two.people["ada"], two.units[0], unit, now=house.now)
    (deed,) = (await trail(two.people["ada"], Wanted(words="verre"))).deeds
    assert (deed.action, deed.after["name"]) == ("unit.edited", "Laboratoire de verre")


async def test_days_and_people_narrow_it(two: TwoUnits, house: House, now: datetime) -> None:
    ada, rose = two.people["ada"], two.people["rose"]
    await set_waiting_days(rose, two.units[0], {"waiting_days": 7}, now=now + timedelta(days=2))
    late = Wanted(first=now + timedelta(days=1), last=now + timedelta(days=3))
    assert await actions(ada, late) == ["unit.edited"]
    assert await actions(ada, Wanted(last=now + timedelta(days=1), kind="unit")) == []
    own = (await trail(ada, Wanted(actor_id=two.people["ivan"].actor.id))).deeds
    assert {deed.actor_id for deed in own} == {two.people["ivan"].actor.id}
    assert {deed.action for deed in own} >= {"offer.publish", "application.consider"}


async def test_pages_lose_nothing_and_repeat_nothing(two: TwoUnits, now: datetime) -> None:
    ada = two.people["ada"]
    async with write_transaction():
        for number in range(PAGE_SIZE * 2):  # clocks differ: the instants go to and fro
            at = now + timedelta(seconds=number if number % 3 else number - 5)
            await note_change(ada.actor, "unit.edited", ("unit", number), now=at, after={"number": number})
    place: Place | None = None
    seen: list[tuple[str, str, datetime]] = []
    for _ in range(5):
        page = await trail(ada, ANY, place)
        seen += [(deed.action, deed.subject_id, deed.at) for deed in page.deeds]
        if page.older is None:
            break
        place = page.older
    steps = await History.count().where(History.role.is_in(sorted(STAFF)))
    assert page.older is None
    assert [at for _, _, at in seen] == sorted((at for _, _, at in seen), reverse=True)
    assert (len(seen), len(set(seen))) == (await AuditEntry.count() + steps,) * 2


async def test_an_entry_stays_as_it_is(two: TwoUnits, now: datetime) -> None:
    await set_waiting_days(two.people["ada"], two.units[0], {"waiting_days": 7}, now=now)
    for attempt in (AuditEntry.update({AuditEntry.actor_id: "x"}), AuditEntry.delete()):
        with pytest.raises(Exception, match="entries stay as they are"):
            await attempt.where(AuditEntry.id > 0)
    assert await AuditEntry.count().where(AuditEntry.action == "unit.edited") == 1


async def test_nothing_is_recorded_where_nothing_changes(two: TwoUnits, now: datetime) -> None:
    before = await AuditEntry.count()
    await set_waiting_days(two.people["ada"], two.units[0], {"waiting_days": 14}, now=now)
    assert await AuditEntry.count() == before
