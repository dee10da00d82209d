"""An open offer as search engines read it: schema.org's JobPosting (S6)."""

from datetime import timedelta
from typing import Any

from web.kit.filters import paragraphs
from web.kit.offers import ShownOffer
from web.kit.portal import Portal
from web.public.salaries import Salary, salary_in
from workflow.offers.machine import closing_instant
from workflow.offers.queries import OfferView
from workflow.reference.queries import ABROAD

_WORK_TIMES = {"full_time": "FULL_TIME", "part_time": "PART_TIME"}
_CONTRACTS = {
    "fixed_term": "TEMPORARY",
    "project": "TEMPORARY",
    "doctoral": "TEMPORARY",
    "apprenticeship": "OTHER",
    "internship": "INTERN",
}
_CREDENTIALS = {
    "BEP_CAP": "professional certificate",
    "BAC": "high school",
    "BAC2": "associate degree",
    "BAC3": "bachelor degree",
    "BAC4": "bachelor degree",
    "BAC5": "postgraduate degree",
    "ING": "postgraduate degree",
    "BAC5P": "postgraduate degree",
    "DOC": "postgraduate degree",
}
_LEAST_MONTHS = {"1_to_4": 12, "5_to_10": 60, "over_10": 120}

Node = dict[str, Any]


def job_posting(offer: OfferView, shown: ShownOffer, portal: Portal) -> Node:
    """The posting in the reader's language; what is not known is left out. Only for offers that are open."""
    base_url, employer = portal.settings.base_url, portal.settings.employer
    last_second = closing_instant(offer.closes_on, portal.zone) - timedelta(seconds=1)
    return _known(
        {
            "@context": "https://schema.org",
            "@type": "JobPosting",
            "title": shown.title,
            "description": _description(shown),
            "identifier": {"@type": "PropertyValue", "name": employer, "value": offer.reference},
            "url": base_url + shown.href,
            "datePosted": (offer.published_at or offer.appeared_at)
            .astimezone(portal.zone)
            .isoformat(timespec="seconds"),
            "validThrough": last_second.astimezone(portal.zone).isoformat(timespec="seconds"),
            "employmentType": _employment_types(offer),
            "hiringOrganization": _known(
                {
                    "@type": "Organization",
                    "name": employer,
                    "sameAs": f"{base_url}/",
                    "department": _named("Organization", offer.unit_name),
                }
            ),
            "jobLocation": {"@type": "Place", "address": _address(offer, shown)},
            "baseSalary": _salary(salary_in(offer.salary)),
            "directApply": True,
            "totalJobOpenings": offer.positions,
            "jobStartDate": offer.starts_on.isoformat() if offer.starts_on else None,
            "industry": shown.industry_label,
            "educationRequirements": _education(offer),
            "experienceRequirements": _experience(offer),
        }
    )


def _description(shown: ShownOffer) -> str:
    """HTML; an offer without a description is described by its facts, for a posting needs one."""
    if shown.description:
        return str(paragraphs(shown.description))
    facts = (shown.title, shown.unit_name, shown.city, shown.region_label, shown.contract, shown.level_label)
    return str(paragraphs("\n".join(fact for fact in facts if fact)))


def _employment_types(offer: OfferView) -> list[str]:
    types = (_WORK_TIMES.get(offer.work_time), _CONTRACTS.get(offer.contract))
    return [each for each in types if each]


def _address(offer: OfferView, shown: ShownOffer) -> Node:
    return _known(
        {
            "@type": "PostalAddress",
            "addressLocality": offer.city,
            "addressRegion": shown.region_label if offer.region != ABROAD else None,
            "addressCountry": offer.country,
        }
    )


def _salary(salary: Salary | None) -> Node | None:
    if salary is None:
        return None
    amounts = {"minValue": salary.least, "maxValue": salary.most}
    if salary.least == salary.most:
        amounts = {"value": salary.least}
    figures = {name: float(amount) for name, amount in amounts.items() if amount is not None}
    value = {"@type": "QuantitativeValue", "unitText": salary.per, **figures}
    return {"@type": "MonetaryAmount", "currency": "EUR", "value": value}


def _education(offer: OfferView) -> Node | None:
    category = _CREDENTIALS.get(offer.level or "")
    return (
        {"@type": "EducationalOccupationalCredential", "credentialCategory": category} if category else None
    )


def _experience(offer: OfferView) -> Node | None:
    months = _LEAST_MONTHS.get(offer.experience)
    return {"@type": "OccupationalExperienceRequirements", "monthsOfExperience": months} if months else None


def _named(kind: str, name: str) -> Node | None:
    return {"@type": kind, "name": name} if name else None


def _known(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in (None, "", [])}
