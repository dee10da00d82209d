"""Offers as search engines read them: schema.org's JobPosting in JSON-LD (S6)."""

import json
import re
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import httpx

from tests.web.public.posting_rules import RULES, complaints
from tests.web.site import ON_SQLITE, Site
from workflow.applications.commands import cancel_offer
from workflow.database.connection import write_transaction
from workflow.offers.commands import move_offer
from workflow.offers.tables import Offer
from workflow.reference.queries import contracts, countries, experiences, levels, regions, work_times

pytestmark = ON_SQLITE

_SCRIPT = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def postings(page: httpx.Response) -> list[dict[str, Any]]:
    return [json.loads(found) for found in _SCRIPT.findall(page.text)]


async def posting(
    site: Site, language: str = "en", reference: str = "REF-1", **changes: Any
) -> dict[str, Any]:
    unit = await site.house.unit(f"LAB-{reference}")
    await site.house.offer(await site.house.recruiter(unit, name=reference), unit, reference, **changes)
    (found,) = postings(await (await site.visitor(language)).get(f"/offers/{reference}"))
    return found


async def test_an_offer_says_all_that_is_known_of_it(site: Site) -> None:
    found = await posting(
        site,
        "fr",
        description_fr="Une mission.\n\nEt <une> autre\nligne.",
        job_type="technical_admin",
        industry="B",
        contract="fixed_term",
        work_time="part_time",
        level="BAC5",
        experience="5_to_10",
        salary="Entre 2 510 et 2 694,50 € bruts mensuels selon expérience",
        starts_on=date(2026, 9, 1),
        positions=2,
    )
    assert found == {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": "Chimiste (H/F)",
        "description": "<p>Une mission.</p>\n<p>Et &lt;une&gt; autre<br>\nligne.</p>",
        "identifier": {"@type": "PropertyValue", "name": "Vivier Research", "value": "REF-1"},
        "url": "http://localhost:8000/offers/REF-1",
        "datePosted": "2026-03-02T10:30:00+01:00",
        "validThrough": "2026-04-01T23:59:59+02:00",
        "employmentType": ["PART_TIME", "TEMPORARY"],
        "hiringOrganization": {
            "@type": "Organization",
            "name": "Vivier Research",
            "sameAs": "http://localhost:8000/",
            "department": {"@type": "Organization", "name": "Laboratory LAB-REF-1"},
        },
        "jobLocation": {
            "@type": "Place",
            "address": {
                "@type": "PostalAddress",
                "addressLocality": "Brest",
                "addressRegion": "Bretagne",
                "addressCountry": "FR",
            },
        },
        "baseSalary": {
            "@type": "MonetaryAmount",
            "currency": "EUR",
            "value": {
                "@type": "QuantitativeValue",
                "unitText": "MONTH",
                "minValue": 2510,
                "maxValue": 2694.5,
            },
        },
        "directApply": True,
        "totalJobOpenings": 2,
        "jobStartDate": "2026-09-01",
        "industry": "Sciences chimiques et sciences des matériaux",
        "educationRequirements": {
            "@type": "EducationalOccupationalCredential",
            "credentialCategory": "postgraduate degree",
        },
        "experienceRequirements": {"@type": "OccupationalExperienceRequirements", "monthsOfExperience": 60},
    }
    assert complaints(found) == []


async def test_what_is_not_known_is_left_out(site: Site) -> None:
    found = await posting(site, region="abroad", country="JP", city="")
    assert complaints(found) == []
    assert found["jobLocation"]["address"] == {"@type": "PostalAddress", "addressCountry": "JP"}
    assert set(found) == {name for name, (required, _) in RULES["JobPosting"].items() if required} | {"@type"}


_EVERY_CHOICE = [
    {field: choice.code}
    for field, choices in [
        ("contract", contracts()),
        ("work_time", work_times()),
        ("level", levels()),
        ("experience", experiences()),
        ("region", [region for region in regions() if region.code != "abroad"]),
    ]
    for choice in choices
]


async def test_every_choice_of_an_offer_makes_a_valid_posting(site: Site) -> None:
    abroad = [
        {"region": "abroad", "country": country.code} for country in countries()[:20] if country.code != "FR"
    ]
    salaries = [{"salary": text} for text in ("2500 € bruts", "à partir de 30 000 € bruts par an", "inconnu")]
    for number, changes in enumerate([*_EVERY_CHOICE, *abroad, *salaries]):
        assert complaints(await posting(site, reference=f"R{number}", **changes)) == [], changes


async def test_the_check_finds_what_is_wrong(site: Site) -> None:
    good = await posting(site, salary="2500 € bruts")

    def broken(path: str, value: Any) -> list[str]:
        node = changed = deepcopy(good)
        *way, name = path.split(".")
        for step in way:
            node = node[step]
        if value is None:
            del node[name]
        else:
            node[name] = value
        return complaints(changed)

    for path, value in [
        ("title", None),
        ("description", "no paragraph"),
        ("description", "<p><script></p>"),
        ("validThrough", "2026-04-01"),
        ("datePosted", "2026-03-02T10:30:00"),
        ("jobLocation.address.addressCountry", None),
        ("hiringOrganization.name", ""),
        ("baseSalary.value.value", "2500"),
        ("employmentType", ["FULLTIME"]),
        ("directApply", "true"),
        ("surprise", "?"),
    ]:
        assert len(broken(path, value)) == 1, path


async def test_an_offer_taken_over_keeps_the_day_of_its_publication(site: Site) -> None:
    await posting(site)
    mine = Offer.reference == "REF-1"
    async with write_transaction():
        await Offer.update({Offer.published_at: site.now - timedelta(days=3)}).where(mine)
    (found,) = postings(await (await site.visitor("en")).get("/offers/REF-1"))
    assert found["datePosted"] == "2026-02-27T10:30:00+01:00"


async def test_only_open_offers_are_postings(site: Site) -> None:
    unit = await site.house.unit()
    staff = await site.house.recruiter(unit)
    visitor = await site.visitor()
    for reference in ("CLOSED", "CANCELLED", "OPEN"):
        await site.house.offer(staff, unit, reference)
    await move_offer(staff, "CLOSED", "close", terms=site.house.terms, now=site.now)
    await cancel_offer(staff, "CANCELLED", terms=site.house.terms, now=site.now)
    assert [
        len(postings(await visitor.get(f"/offers/{reference}")))
        for reference in ("CLOSED", "CANCELLED", "OPEN")
    ] == [0, 0, 1]
    site.pass_time(days=31)
    assert postings(await visitor.get("/offers/OPEN")) == []
