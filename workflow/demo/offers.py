"""Offers and units of the demonstration: the same every time, dated around the day that is given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zlib import crc32

from workflow.demo.descriptions import amount, described, working_conditions
from workflow.demo.texts import read
from workflow.reference.queries import ABROAD, TECHNICAL_ADMIN, Job, jobs

# Days from today between which the offers of a state close, and those in which open ones were published.
_CLOSING = {"published": (1, 75), "draft": (30, 75), "closed": (-21, -3)}
_PUBLISHED = (-40, -1)
_CLOSED_RAN_FOR = timedelta(days=19)

# Gross monthly pay in euros, by corps, scientific job or contract.
_PAY = {
    "apprenticeship": (1200, 1200),
    "ATRF": (1850, 2000),
    "TECH": (1950, 2250),
    "AI": (2100, 2500),
    "IE": (2350, 2900),
    "IR": (2650, 3600),
    "phd_student": (2300, 2300),
    "postdoctoral_researcher": (3000, 3600),
    "researcher": (3400, 4700),
}

_Record = Mapping[str, Any]


@dataclass(frozen=True)
class DemoUnit:
    """A research unit of an invented employer. Its presentation ends up in the descriptions of its offers."""

    code: str
    name: str
    city: str
    region: str
    country: str
    contact_email: str
    presentation_fr: str
    presentation_en: str


@dataclass(frozen=True)
class DemoOffer:
    """An offer as `vivier demo` creates it. Descriptions are plain paragraphs, a blank line apart.

    One published in French only has neither an English title nor an English description. Codes are those
    of `workflow.reference`; `salary` is gross, in euros a month; only a draft has no `published_on`, and
    `publishes_on` if it will publish itself.
    """

    reference: str
    unit_code: str
    title_fr: str
    title_en: str | None
    description_fr: str
    description_en: str | None
    job_type: str
    industry: str | None
    job: str | None
    level: str
    region: str
    city: str
    country: str
    contract: str
    duration_months: int | None
    work_time: str
    salary: str
    experience: str
    starts_on: date
    closes_on: date
    published_on: date | None
    publishes_on: date | None
    positions: int
    state: str


def demo_units() -> tuple[DemoUnit, ...]:
    """Units in the order of their codes; the last one lies outside France."""
    return tuple(DemoUnit(**record) for record in read("units")["unit"])


def demo_offers(today: date) -> tuple[DemoOffer, ...]:
    """Offers in the order of their references: the oldest publication first, drafts last.

    Open ones were published in the last 40 days and close between tomorrow and the 75th day from today.
    """
    dated = sorted(_dated(today), key=lambda each: (each[1] or date.max, each[2]))
    units = {unit.code: unit for unit in demo_units()}
    job_by_code = {job.code: job for job in jobs()}
    return tuple(
        _offer(
            f"VIV-{today.year}-{number:04d}",
            record,
            units[record["unit"]],
            job_by_code.get(record.get("job", "")),
            published_on=published_on,
            publishes_on=today + timedelta(days=record["publishes"]) if "publishes" in record else None,
            closes_on=closes_on,
        )
        for number, (record, published_on, closes_on) in enumerate(dated, start=1)
    )


def _dated(today: date) -> Iterator[tuple[_Record, date | None, date]]:
    records = [*read("technical_offers")["offer"], *read("scientific_offers")["offer"]]
    for state, closing in _CLOSING.items():
        group = [record for record in records if _state(record) == state]
        published = _spread(group, "published", *_PUBLISHED)
        closes = _spread(group, "closes", *closing)
        for record in group:
            closes_on = today + closes[record["title_fr"]]
            yield record, _published_on(state, today + published[record["title_fr"]], closes_on), closes_on


def _state(record: _Record) -> str:
    return str(record.get("state", "published"))


def _published_on(state: str, drawn: date, closes_on: date) -> date | None:
    match state:
        case "draft":
            return None
        case "closed":
            return closes_on - _CLOSED_RAN_FOR
        case _:
            return drawn


def _spread(records: Sequence[_Record], salt: str, first: int, last: int) -> dict[str, timedelta]:
    """A day for each title, evenly from `first` to `last` but in no visible order."""
    titles = sorted(
        (record["title_fr"] for record in records), key=lambda title: crc32(f"{salt} {title}".encode())
    )
    return {
        title: timedelta(days=first + index * (last - first) // (len(titles) - 1))
        for index, title in enumerate(titles)
    }


def _offer(
    reference: str,
    record: _Record,
    unit: DemoUnit,
    job: Job | None,
    *,
    published_on: date | None,
    publishes_on: date | None,
    closes_on: date,
) -> DemoOffer:
    region = record.get("region", unit.region)
    industry = job.industry if job else record["industry"]
    pay = _pay(record, job)
    conditions = working_conditions(industry, is_abroad=region == ABROAD)
    return DemoOffer(
        reference=reference,
        unit_code=unit.code,
        title_fr=record["title_fr"],
        title_en=record.get("title_en"),
        description_fr=described(record, unit.presentation_fr, pay, conditions, "fr"),
        description_en=described(record, unit.presentation_en, pay, conditions, "en")
        if "title_en" in record
        else None,
        job_type=job.job_type if job else TECHNICAL_ADMIN,
        industry=industry,
        job=job.code if job else None,
        level=record["level"],
        region=region,
        city=record.get("city", unit.city),
        country=record.get("country", unit.country),
        contract=record["contract"],
        duration_months=record.get("months"),
        work_time=record.get("work_time", "full_time"),
        salary=_salary(pay),
        experience=record["experience"],
        starts_on=_starts_on(closes_on),
        closes_on=closes_on,
        published_on=published_on,
        publishes_on=publishes_on,
        positions=record.get("positions", 1),
        state=_state(record),
    )


def _pay(record: _Record, job: Job | None) -> tuple[int, int]:
    if job is None:
        return _PAY[record["contract"]]
    return _PAY[job.corps or job.code]


def _salary(pay: tuple[int, int]) -> str:
    amounts = "\N{EN DASH}".join(dict.fromkeys(amount(euros, "fr") for euros in pay))
    return f"{amounts}\N{NO-BREAK SPACE}€"


def _starts_on(closes_on: date) -> date:
    """The first of a month, four weeks or more after closing."""
    month_of_hiring = (closes_on + timedelta(days=28)).replace(day=1)
    return (month_of_hiring + timedelta(days=31)).replace(day=1)
