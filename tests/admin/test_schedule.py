"""What happens by itself, as recruiters read and set it: on offers' pages and in what is planned (C1, C2, W5)."""

import html
import re
from datetime import timedelta

import pytest

from admin.offers.schedule import instant_of
from tests.admin.conftest import Clock, Laboratories, Visiting, Visitor
from tests.support.house import ZONE
from workflow.calendar import calendar_of
from workflow.database.connection import write_transaction
from workflow.engine.machine import Terms
from workflow.engine.tables import Timer
from workflow.engine.timers import planned_timers
from workflow.errors import InvalidInput
from workflow.offers.commands import edit_offer, move_offer, schedule_offer
from workflow.offers.queries import offer_by_reference

DRAFT = "/console/offers/DRAFT"


@pytest.fixture
async def draft(laboratories: Laboratories) -> None:
    """A complete draft of LAB1; the last day to apply is 1 April 2026."""
    await laboratories.house.offer(laboratories.staff["rose"], laboratories.units[0], "DRAFT", publish=False)


async def schedule(visitor: Visitor, day: str, hour: str, **fields: str) -> tuple[int, str]:
    answer = await visitor.submit(
        f"{DRAFT}/schedule", **{"publish_day": day, "publish_hour": hour, "version": "1", **fields}
    )
    return answer.status_code, html.unescape(answer.text)


async def planned(reference: str = "DRAFT") -> list[tuple[str, str]]:
    """What is planned, in local hours."""
    offer = await offer_by_reference(reference)
    assert offer is not None
    timers = (await planned_timers("offer", [offer.id]))[offer.id]
    return [(each.name, each.due_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")) for each in timers]


async def read(visitor: Visitor, path: str) -> str:
    """The words of a page, in one line."""
    answer = await visitor.get(path)
    assert answer.status_code == 200
    main = answer.text.split("<main", 1)[1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def problems(page: str) -> list[tuple[str, str]]:
    """The fields that are wrong, and what stands beside each."""
    found = re.findall(r'id="(\w+)-problem">.*?</span> (.*?)</span>', page, re.DOTALL)
    return [(field, text.strip()) for field, text in found]


async def test_a_draft_is_scheduled_changed_and_taken_off(
    laboratories: Laboratories, draft: None, visiting: Visiting
) -> None:
    async with visiting("rose") as rose:
        assert "Nothing yet. This draft can publish itself" in await read(rose, DRAFT)
        assert (await schedule(rose, "2026-03-28", "09:00"))[0] == 303
        assert await planned() == [("publish", "2026-03-28 09:00")]
        page = await read(rose, DRAFT)
        assert "Publishes on 28 March 2026 at 09:00 in 26 days" in page
        assert "Draft publishes 28 Mar, 09:00" in await read(rose, "/console/offers?status=draft")
        form = (await rose.get(DRAFT)).text
        assert ('value="2026-03-28"' in form, 'value="09:00"' in form) == (True, True)
        # The clocks go forward that night: an hour is what they show.
        assert (await schedule(rose, "2026-03-29", "9h30"))[0] == 303
        assert await planned() == [("publish", "2026-03-29 09:30")]
        assert (await schedule(rose, "", "", action="clear"))[0] == 303
        assert (await planned(), "Nothing yet." in await read(rose, DRAFT)) == ([], True)


async def test_publishing_at_once_stays_one_button(
    laboratories: Laboratories, draft: None, visiting: Visiting
) -> None:
    async with visiting("rose") as rose:
        await schedule(rose, "2026-03-28", "09:00")
        answer = await rose.submit(f"{DRAFT}/moves", event="publish", version="1")
        assert answer.status_code == 303
        page = await read(rose, DRAFT)
    assert "Closes after 1 April 2026, 23:59 in 30 days" in page
    assert ("Publishes on" in page, "Set another hour" in page) == (False, False)


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        ("", "09:00", [("publish_day", "Choose a day.")]),
        (
            "soon",
            "noon",
            [
                ("publish_day", "Write the day as year-month-day, such as 2026-12-31."),
                ("publish_hour", "Write the hour as 09:00."),
            ],
        ),
        ("2026-03-28", "24:00", [("publish_hour", "Write the hour as 09:00.")]),
        (
            "2026-03-02",
            "10:30",
            [("publish_hour", "This hour is over. Choose a later one, or publish now.")],
        ),
        (
            "2026-02-28",
            "12:00",
            [("publish_day", "This day is over. Choose a later one, or publish now.")],
        ),
        (
            "2026-04-02",
            "00:00",
            [
                (
                    "publish_day",
                    "By then the last day to apply is over. Choose an earlier hour, or save a later last day first.",
                )
            ],
        ),
        (
            "2026-03-29",
            "02:30",
            [("publish_hour", "On this day the clocks leave this hour out. Choose another one.")],
        ),
    ],
)
async def test_mistakes_stand_beside_the_day_or_the_hour_and_what_was_typed_stays(
    laboratories: Laboratories,
    draft: None,
    visiting: Visiting,
    day: str,
    hour: str,
    expected: list[tuple[str, str]],
) -> None:
    async with visiting("rose") as rose:
        status, page = await schedule(rose, day, hour)
    assert (status, problems(page)) == (422, expected)
    assert (f'type="date" value="{day}"' in page, f'type="time" value="{hour}"' in page) == (True, True)
    assert await planned() == []


async def test_a_last_day_that_is_over_is_told_beside_the_day_of_today_too(
    laboratories: Laboratories, draft: None, visiting: Visiting, clock: Clock
) -> None:
    clock.now += timedelta(days=31)
    async with visiting("rose") as rose:
        _, page = await schedule(rose, "2026-04-02", "23:00")
    late = "By then the last day to apply is over. Choose an earlier hour, or save a later last day first."
    assert problems(page) == [("publish_day", late)]


async def test_what_an_offer_lacks_is_told_before_it_is_scheduled(
    laboratories: Laboratories, draft: None, visiting: Visiting, clock: Clock, terms: Terms
) -> None:
    bare = laboratories.house.offer_data(description_fr="", description_en="")
    await edit_offer(laboratories.staff["rose"], "DRAFT", bare, terms=terms, now=clock.now)
    missing = "Write a description; candidates want to know what the work is."
    async with visiting("rose") as rose:
        status, page = await schedule(rose, "2026-03-28", "09:00")
        assert (status, problems(page)) == (422, [])
        assert f'<a href="{DRAFT}/edit#description_fr">In French – Description: {missing}</a>' in page
        assert 'type="date" value="2026-03-28"' in page


def test_an_hour_that_comes_twice_is_the_first_and_one_that_never_comes_is_refused() -> None:
    twice = instant_of({"publish_day": "2026-10-25", "publish_hour": "02:30"}, ZONE)
    assert twice.isoformat() == "2026-10-25T00:30:00+00:00"
    with pytest.raises(InvalidInput):
        instant_of({"publish_day": "2026-03-29", "publish_hour": "02:00"}, ZONE)
    after = instant_of({"publish_day": "2026-03-29", "publish_hour": "03:00"}, ZONE)
    assert after.isoformat() == "2026-03-29T01:00:00+00:00"


async def test_who_comes_second_reads_who_was_first(
    laboratories: Laboratories, draft: None, visiting: Visiting, clock: Clock, terms: Terms
) -> None:
    await move_offer(laboratories.staff["ada"], "DRAFT", "publish", terms=terms, now=clock.now)
    async with visiting("rose") as rose:
        status, page = await schedule(rose, "2026-03-28", "09:00")
        assert (status, "Ada Recruiter was first." in page) == (409, True)
        unknown = await schedule(rose, "2026-03-28", "09:00", version="x")
        assert unknown[0] == 409
        late = await schedule(rose, "", "", version="2", action="clear")
        assert late[0] == 409
    assert await planned() == [("close", "2026-04-02 00:00")]


async def test_a_refused_one_says_why_and_what_to_do_and_goes_through(
    laboratories: Laboratories, draft: None, visiting: Visiting, clock: Clock, terms: Terms
) -> None:
    house, rose_herself = laboratories.house, laboratories.staff["rose"]
    async with visiting("rose") as rose:
        await schedule(rose, "2026-03-03", "09:00")
        bare = house.offer_data(description_fr="", description_en="")
        await edit_offer(rose_herself, "DRAFT", bare, terms=terms, now=clock.now)
        why = "Write a description; candidates want to know what the work is."
        doubtful = await read(rose, DRAFT)
        assert f"Publishes on 3 March 2026 at 09:00 {why} Mend this before then" in doubtful
        clock.now += timedelta(days=1)
        calendar = calendar_of(terms)
        await calendar.fire_due(clock.now)
        told = (
            f"Was to be published on 3 March 2026 at 09:00, and could not be {why} "
            "Mend this and save: then it happens at once."
        )
        assert told in await read(rose, DRAFT)
        assert (await read(rose, "/console/planned")).split(" Offer ")[1].startswith(told)
        assert "Draft could not be published" in await read(rose, "/console/offers")
        await edit_offer(rose_herself, "DRAFT", house.offer_data(), terms=terms, now=clock.now)
        await calendar.fire_due(clock.now)
        assert "Closes after 1 April 2026, 23:59" in await read(rose, DRAFT)


async def test_one_that_broke_and_one_that_is_late_are_told(
    laboratories: Laboratories, draft: None, visiting: Visiting, clock: Clock
) -> None:
    async with visiting("rose") as rose:
        await schedule(rose, "2026-03-28", "09:00")
        clock.now += timedelta(days=27)
        assert "It is late, because the worker of the portal does not run." in await read(rose, DRAFT)
        async with write_transaction():
            await Timer.update({Timer.attempts: 1}).where(Timer.name == "publish")
        assert "Something went wrong on our side at the last attempt." in await read(rose, DRAFT)


async def test_sentences_are_in_the_readers_language(
    laboratories: Laboratories, draft: None, visiting: Visiting, clock: Clock, terms: Terms
) -> None:
    async with visiting("rose") as rose:
        rose.client.headers["Accept-Language"] = "fr"
        await schedule(rose, "2026-04-01", "09:00")
        assert "Se publie le 1er avril 2026 à 09:00 dans 30 jours" in await read(rose, DRAFT)
        assert "Se clôture après le 1er avril 2026, 23:59" in await read(rose, "/console/offers/REF-1")
        await move_offer(laboratories.staff["rose"], "REF-1", "close", terms=terms, now=clock.now)
        assert (
            "Relance le contact le 16 mars 2026 si des candidatures attendent encore dans 14 jours"
            in await read(rose, "/console/offers/REF-1")
        )


async def test_what_is_planned_is_that_of_ones_own_units(
    laboratories: Laboratories, draft: None, visiting: Visiting
) -> None:
    seen = {}
    async with visiting("rose") as rose:
        await schedule(rose, "2026-03-28", "09:00")
    for name in ("rose", "ivan", "ada"):
        async with visiting(name) as visitor:
            page = await read(visitor, "/console/planned")
            seen[name] = re.findall(r"(?:DRAFT|REF-\d)", page)
    assert seen == {"rose": ["DRAFT", "REF-1"], "ivan": ["REF-2"], "ada": ["DRAFT", "REF-1", "REF-2"]}
    async with visiting("nina") as nina:
        assert "Nothing is planned" in await read(nina, "/console/planned")
    async with visiting() as stranger:
        answer = await stranger.get("/console/planned")
        assert answer.headers["location"] == "/console/login?next=/console/planned"


async def test_the_hour_of_others_is_neither_seen_nor_set(
    laboratories: Laboratories, draft: None, visiting: Visiting
) -> None:
    async with visiting("rose") as rose:
        await schedule(rose, "2026-03-28", "09:00")
    for name in ("ivan", "nina"):
        async with visiting(name) as other:
            answers = [
                await schedule(other, "2026-03-29", "09:00"),
                await schedule(other, "", "", action="clear"),
                await schedule(other, "", ""),
            ]
            assert [status for status, _ in answers] == [404] * 3
            assert (await other.get(DRAFT)).status_code == 404
    assert await planned() == [("publish", "2026-03-28 09:00")]
    async with visiting("ada") as ada:
        assert (await schedule(ada, "2026-03-29", "09:00"))[0] == 303


@pytest.mark.filterwarnings("ignore:If running sessions")
async def test_piccolo_admin_sets_no_hour(
    laboratories: Laboratories, draft: None, visiting: Visiting
) -> None:
    offer = await offer_by_reference("DRAFT")
    assert offer is not None
    async with visiting("ada") as ada:
        path = f"/api/tables/offer/{offer.id}/"
        answer = await ada.admin("PATCH", path, {"publish_at": "2026-03-28T09:00:00Z"})
    after = await offer_by_reference("DRAFT")
    assert (answer.status_code, after, await planned()) == (405, offer, [])


async def test_what_is_planned_comes_page_by_page(
    laboratories: Laboratories, visiting: Visiting, clock: Clock, terms: Terms
) -> None:
    house, staff = laboratories.house, laboratories.staff["rose"]
    for number in range(51):
        reference = f"MANY-{number:02}"
        await house.offer(staff, laboratories.units[0], reference, publish=False)
        at = clock.now + timedelta(hours=60 - number)
        await schedule_offer(staff, reference, at, terms=terms, now=clock.now)
    async with visiting("rose") as rose:
        first, second = await read(rose, "/console/planned"), await read(rose, "/console/planned?page=2")
        assert "What happens by itself 52" in first
        shown = [re.findall(r"(?:MANY-\d\d|REF-1)", page) for page in (first, second)]
        assert shown == [
            [f"MANY-{number:02}" for number in range(50, 0, -1)],
            ["MANY-00", "REF-1"],
        ]
        wrong = ["page=0", "page=3", "page=-1", "page=99999999999999999999", "page=x"]
        answers = [(await rose.get(f"/console/planned?{query}")).status_code for query in wrong]
        assert answers == [404, 404, 404, 404, 422]
