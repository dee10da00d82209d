"""An import takes what is right, says what is not, changes nothing twice, and leaves nothing half done."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.support.house import House
from tests.support.locks import ON_POSTGRES, somebody_else
from tests.workflow.offers.test_import_rows import ROW
from workflow.database.connection import write_transaction
from workflow.engine.machine import Terms
from workflow.engine.tables import History, Outbox
from workflow.errors import FieldError, NotFound
from workflow.offers.commands import edit_offer, schedule_offer
from workflow.offers.import_files import FileRow, read_offers_file
from workflow.offers.importing import ImportReport, ImportTerms, import_offers, planned_import
from workflow.offers.queries import offer_by_reference
from workflow.offers.tables import Offer
from workflow.recruiters.tables import Unit

NEW = ROW | {"reference": "A", "date_published": "2026-02-20", "date_deadline": "2026-03-02"}
OVER = ROW | {"reference": "B", "date_published": "2026-01-05", "date_deadline": "2026-03-01"}


@pytest.fixture
def import_terms(terms: Terms) -> ImportTerms:
    return ImportTerms(terms, "careers@example.org")


def rows(*cells: dict[str, str]) -> list[FileRow]:
    return [FileRow(f"line {line}", each) for line, each in enumerate(cells, start=2)]


def report(**changes: Any) -> ImportReport:
    nothing = ImportReport(
        new=(), changed=(), unchanged=(), refused=(), open=0, shift=timedelta(), is_written=True
    )
    return ImportReport(**{name: changes.get(name, getattr(nothing, name)) for name in nothing.__slots__})


async def states() -> list[tuple[str, str, int]]:
    found = await Offer.select(Offer.reference, Offer.status, Offer.version).order_by(Offer.reference)
    return [(row["reference"], row["status"], row["version"]) for row in found]


async def test_import_publishes_what_is_open_and_closes_what_is_over(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    told = await import_offers(rows(NEW, OVER), terms=import_terms, now=now)
    assert told == report(new=("A", "B"), open=1)
    assert await states() == [("A", "published", 2), ("B", "closed", 3)]
    steps = await History.select(History.event, History.actor_id, History.at).order_by(History.id)
    assert [(step["event"], step["actor_id"], step["at"]) for step in steps] == [
        (event, "system", now) for event in ("create", "take_over", "create", "take_over", "close")
    ]
    assert await Outbox.select(Outbox.kind, Outbox.state) == [{"kind": "index_offer", "state": "pending"}]


async def test_imported_offer_says_what_its_row_says(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    await import_offers(rows(NEW), terms=import_terms, now=now)
    offer = await offer_by_reference("A")
    assert offer is not None
    assert (offer.title_fr, offer.level, offer.job, offer.industry, offer.salary, offer.positions) == (
        "Ingénieur·e chimiste",
        "ING",
        "B2A41",
        "B",
        "2000 €",
        1,
    )
    assert offer.published_at == datetime.fromisoformat("2026-02-20T08:00:00Z")
    assert (offer.unit_code, offer.unit_name, offer.contact) == ("UMR1", "Chimie", "careers@example.org")


async def test_import_twice_changes_nothing(database: str, now: datetime, import_terms: ImportTerms) -> None:
    await import_offers(rows(NEW, OVER), terms=import_terms, now=now)
    before = await Offer.select().order_by(Offer.reference), await Outbox.select(), await Unit.select()
    again = await import_offers(rows(NEW, OVER), terms=import_terms, now=now + timedelta(hours=1))
    assert again == report(unchanged=("A", "B"), open=1)
    assert (
        await Offer.select().order_by(Offer.reference),
        await Outbox.select(),
        await Unit.select(),
    ) == before


async def test_import_changes_what_differs_and_keeps_what_the_row_leaves_empty(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    described = NEW | {"description": "Une mission.", "contact_email": "lab@example.org"}
    await import_offers(rows(described, OVER), terms=import_terms, now=now)
    changed = NEW | {
        "date_deadline": "2026-04-01",
        "salary_text": "",
        "derived_emploi_type_id": "A1A41",
        "derived_bap": "",
    }
    told = await import_offers(rows(changed, OVER), terms=import_terms, now=now + timedelta(hours=1))
    assert told == report(changed=("A",), unchanged=("B",), open=1)
    offer = await offer_by_reference("A")
    assert offer is not None
    assert (
        offer.closes_on,
        offer.salary,
        offer.job,
        offer.industry,
        offer.description_fr,
        offer.contact_email,
    ) == (
        date(2026, 4, 1),
        "2000 €",
        "A1A41",
        "A",
        "Une mission.",
        "lab@example.org",
    )
    assert await states() == [("A", "published", 2), ("B", "closed", 3)]
    assert await Outbox.count() == 2


async def test_import_leaves_a_known_unit_as_it_is_and_moves_an_offer_to_another(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    async with write_transaction():
        await Unit.insert(
            Unit(code="UMR1", name="Ours", city="Brest", region="53", contact_email="us@example.org")
        )
    await import_offers(rows(NEW), terms=import_terms, now=now)
    told = await import_offers(
        rows(NEW | {"unit_code": "UMR2", "unit_name": ""}), terms=import_terms, now=now
    )
    assert told == report(changed=("A",), open=1)
    units = await Unit.select(Unit.code, Unit.name, Unit.region, Unit.contact_email).order_by(Unit.code)
    assert [tuple(unit.values()) for unit in units] == [
        ("UMR1", "Ours", "53", "us@example.org"),
        ("UMR2", "UMR2", "84", "careers@example.org"),
    ]
    offer = await offer_by_reference("A")
    assert offer is not None
    assert offer.unit_code == "UMR2"


BAD = [
    NEW
    | {
        "reference": "C",
        "education_level": "Magister",
        "duration_months": "many",
        "country": "FR",
        "region_code": "99",
    },
    NEW | {"reference": "D", "date_published": "2026-03-03", "date_deadline": "2026-03-03"},
    NEW | {"title": "Twice"},
    NEW | {"reference": "E", "contract_code": "CHRCDD", "scientific_kind": "guru"},
]
REFUSED = [
    ("line 3", "C", "region_code", "“99” is not in the list. Choose one of it."),
    ("line 3", "C", "education_level", "“Magister” is not in the list. Choose one of it."),
    ("line 3", "C", "duration_months", "Write a whole number from 1 to 600."),
    ("line 4", "D", "date_published", "This offer is to be published on 2026-03-03: import it then."),
    ("line 5", "A", "reference", "Line 2 has the same reference."),
    ("line 6", "E", "scientific_kind", "“guru” is not in the list. Choose one of it."),
    ("line 9", "F", "", "This line has 2 cells, the header 7 columns."),
]


def refusals(told: ImportReport) -> list[tuple[str, str, str, str]]:
    return [(each.place, each.reference, each.field, each.message) for each in told.refused]


async def test_import_refuses_by_line_and_takes_the_rest(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    ragged = FieldError("", "This line has 2 cells, the header 7 columns.")
    broken = FileRow("line 9", {"reference": "F"}, ragged)
    told = await import_offers([*rows(NEW, *BAD), broken], terms=import_terms, now=now)
    assert told == report(new=("A",), refused=told.refused, open=1)
    assert refusals(told) == REFUSED
    assert await states() == [("A", "published", 2)]


async def test_a_column_that_is_missing_or_has_other_spaces_changes_nothing(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    await import_offers(rows(NEW, NEW | {"reference": "B"}), terms=import_terms, now=now)
    pay = "2\u202f650–3\u202f600\N{NO-BREAK SPACE}€"
    await Offer.update({Offer.salary: pay}, force=True)
    same = NEW | {"reference": "B", "salary_text": "2 650–3 600 €"}
    without = {name: text for name, text in NEW.items() if name != "salary_text"}
    told = await import_offers(rows(without, same), terms=import_terms, now=now)
    assert told == report(unchanged=("A", "B"), open=2)
    renamed = rows(without | {"title": "Chimiste"})
    (item,) = (await planned_import(renamed, terms=import_terms, now=now)).planned
    assert item.changes == {"title_fr": "Chimiste"}
    await import_offers(renamed, terms=import_terms, now=now)
    assert await Offer.select(Offer.title_fr, Offer.salary).where(Offer.reference == "A") == [
        {"title_fr": "Chimiste", "salary": pay}
    ]


async def test_all_that_is_wrong_with_a_line_is_told_at_once(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    wrong = NEW | {
        "reference": "B",
        "contract_type": "rien",
        "contract_code": "fixed_term",
        "region_code": "99",
        "date_deadline": "2026-01-01",
        "duration_months": "many",
    }
    told = await import_offers(rows(NEW, wrong, wrong | {"reference": "A"}), terms=import_terms, now=now)
    sentences = [
        (
            "contract_type",
            "“rien” is no type of contract that we know. Write technical_admin or scientific.",
        ),
        ("date_deadline", "The last day to apply is before the day of publication."),
        ("region_code", "“99” is not in the list. Choose one of it."),
        ("duration_months", "Write a whole number from 1 to 600."),
    ]
    assert refusals(told) == [
        *(("line 3", "B", column, sentence) for column, sentence in sentences),
        *(("line 4", "A", column, sentence) for column, sentence in sentences[:2]),
        ("line 4", "A", "reference", "Line 2 has the same reference."),
        *(("line 4", "A", column, sentence) for column, sentence in sentences[2:]),
    ]


async def test_strict_import_writes_nothing_when_a_line_is_refused(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    told = await import_offers(rows(NEW, BAD[1]), terms=import_terms, now=now, strict=True)
    assert told == report(new=("A",), refused=told.refused, open=1, is_written=False)
    assert refusals(told) == [("line 3", *REFUSED[3][1:])]
    assert (await states(), await Unit.count(), await History.count()) == ([], 0, 0)


async def test_import_that_fails_midway_leaves_nothing(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    class PowerCut(Exception):
        pass

    def cut(done: int) -> None:
        if done == 2:
            raise PowerCut

    with pytest.raises(PowerCut):
        await import_offers(rows(NEW, OVER), terms=import_terms, now=now, tell_progress=cut)
    assert (await states(), await Unit.count(), await History.count(), await Outbox.count()) == ([], 0, 0, 0)


async def test_shift_puts_the_newest_publication_on_today_and_stays_so(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    old = NEW | {"date_published": "2021-04-05", "date_deadline": "2021-04-05", "date_start": "2021-05-01"}
    older = OVER | {"date_published": "2021-04-01", "date_deadline": "2021-04-04"}
    shift = date(2026, 3, 2) - date(2021, 4, 5)
    told = await import_offers(rows(old, older), terms=import_terms, now=now, shift_dates=True)
    assert told == report(new=("A", "B"), open=1, shift=shift)
    offer = await offer_by_reference("A")
    assert offer is not None
    assert (offer.closes_on, offer.starts_on) == (date(2026, 3, 2), date(2021, 5, 1) + shift)
    assert await states() == [("A", "published", 2), ("B", "closed", 3)]
    next_week = now + timedelta(days=7)
    again = await import_offers(rows(old, older), terms=import_terms, now=next_week, shift_dates=True)
    assert again == report(unchanged=("A", "B"), open=0, shift=shift)


async def test_offers_in_a_file_of_hundreds_are_all_known_again(
    database: str, now: datetime, import_terms: ImportTerms
) -> None:
    many = rows(*({**OVER, "reference": f"R{number}"} for number in range(1, 602)))
    first = await import_offers(many[:1] + many[-1:], terms=import_terms, now=now)
    assert first == report(new=("R1", "R601"))
    halted = [*many, FileRow("line 700", {}, FieldError("", "Nothing of this file is to be written."))]
    told = await import_offers(halted, terms=import_terms, now=now, strict=True)
    assert (len(told.new), told.unchanged) == (599, ("R1", "R601"))


async def test_json_and_csv_say_the_same(database: str, now: datetime, import_terms: ImportTerms) -> None:
    names = ",".join(NEW)
    in_csv = f"{names}\n" + ",".join(f'"{value}"' for value in NEW.values())
    in_json = "[{" + ",".join(f'"{name}": "{value}"' for name, value in NEW.items()) + "}]"
    await import_offers(read_offers_file(in_csv.encode()).rows, terms=import_terms, now=now)
    told = await import_offers(read_offers_file(in_json.encode()).rows, terms=import_terms, now=now)
    assert told == report(unchanged=("A",), open=1)


@ON_POSTGRES
async def test_an_import_waits_for_who_changes_an_offer(
    database: str, house: House, import_terms: ImportTerms
) -> None:
    """Each has what it needs before it begins: neither ends the other."""
    await import_offers(rows(NEW), terms=import_terms, now=house.now)
    ada = await house.recruiter(name="Ada", is_administrator=True)
    async with somebody_else(database) as other:
        await other.hold("offer", "reference = 'A'")
        data = house.offer_data(title_fr="Autre", city="Quimper")
        editing = asyncio.create_task(edit_offer(ada, "A", data, terms=house.terms, now=house.now))
        await other.see_waiting(1)
        importing = asyncio.create_task(import_offers(rows(NEW), terms=import_terms, now=house.now))
        await other.see_waiting(2)
    assert (await asyncio.gather(editing, importing))[1] == report(changed=("A",), open=1)
    assert await Offer.select(Offer.title_fr) == [{"title_fr": "Ingénieur·e chimiste"}]


@ON_POSTGRES
async def test_an_offer_that_an_import_takes_away_is_not_scheduled(
    database: str, house: House, import_terms: ImportTerms
) -> None:
    """Whose it is, is asked once nobody else can change it."""
    rose = await house.recruiter(await house.unit("LAB1"))
    await house.offer(rose, min(rose.unit_ids or ()), "A", publish=False)
    await house.unit("LAB2")
    async with somebody_else(database) as other:
        await other.hold("offer", "reference = 'A'")
        elsewhere = rows(NEW | {"unit": "LAB2"})
        importing = asyncio.create_task(import_offers(elsewhere, terms=import_terms, now=house.now))
        await other.see_waiting(1)
        at = house.now + timedelta(hours=1)
        scheduling = asyncio.create_task(schedule_offer(rose, "A", at, terms=house.terms, now=house.now))
        await other.see_waiting(2)
    assert (await importing).changed == ("A",)
    with pytest.raises(NotFound):
        await scheduling
