"""What schema.org and Google ask of a JobPosting: which properties a node may have, of which form, and which it must.

The properties and their types are those of schema.org; those marked required and the values are Google's for jobs.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any], bool]

_HTML = re.compile(r"(?:<p>|</p>|<br>|[^<>])*")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _html(value: Any) -> bool:
    return _text(value) and value.startswith("<p>") and bool(_HTML.fullmatch(value))


def _address(value: Any) -> bool:
    return _text(value) and urlsplit(value).scheme in {"http", "https"} and bool(urlsplit(value).netloc)


def _instant(value: Any) -> bool:
    return (
        _text(value) and bool(_INSTANT.fullmatch(value)) and datetime.fromisoformat(value).tzinfo is not None
    )


def _day(value: Any) -> bool:
    return _text(value) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))


def _country(value: Any) -> bool:
    return _text(value) and bool(re.fullmatch("[A-Z]{2}", value))


def _amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _whole(value: Any) -> bool:
    return type(value) is int and value > 0


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _one_of(*values: str) -> Check:
    return lambda value: value in values


def _several_of(*values: str) -> Check:
    return lambda value: (
        isinstance(value, list) and 0 < len(value) == len(set(value)) and set(value) <= set(values)
    )


def _node(kind: str) -> Check:
    return lambda value: complaints(value, kind) == []


# property → whether it is required, and how it is checked
RULES: Mapping[str, Mapping[str, tuple[bool, Check]]] = {
    "JobPosting": {
        "@context": (True, _one_of("https://schema.org")),
        "title": (True, _text),
        "description": (True, _html),
        "datePosted": (True, _instant),
        "hiringOrganization": (True, _node("Organization")),
        "jobLocation": (True, _node("Place")),
        "validThrough": (True, _instant),  # recommended; ours all end
        "identifier": (True, _node("PropertyValue")),  # recommended
        "directApply": (True, _flag),
        "url": (True, _address),
        "totalJobOpenings": (True, _whole),
        "employmentType": (
            False,
            _several_of(
                *(
                    "FULL_TIME",
                    "PART_TIME",
                    "CONTRACTOR",
                    "TEMPORARY",
                    "INTERN",
                    "VOLUNTEER",
                    "PER_DIEM",
                    "OTHER",
                )
            ),
        ),
        "baseSalary": (False, _node("MonetaryAmount")),
        "jobStartDate": (False, _day),
        "industry": (False, _text),
        "educationRequirements": (False, _node("EducationalOccupationalCredential")),
        "experienceRequirements": (False, _node("OccupationalExperienceRequirements")),
    },
    "Organization": {
        "name": (True, _text),
        "sameAs": (False, _address),
        "department": (False, _node("Organization")),
    },
    "Place": {"address": (True, _node("PostalAddress"))},
    "PostalAddress": {
        "addressCountry": (True, _country),
        "addressRegion": (False, _text),
        "addressLocality": (False, _text),
    },
    "PropertyValue": {"name": (True, _text), "value": (True, _text)},
    "MonetaryAmount": {"currency": (True, _one_of("EUR")), "value": (True, _node("QuantitativeValue"))},
    "QuantitativeValue": {
        "unitText": (True, _one_of("HOUR", "DAY", "WEEK", "MONTH", "YEAR")),
        "value": (False, _amount),
        "minValue": (False, _amount),
        "maxValue": (False, _amount),
    },
    "EducationalOccupationalCredential": {
        "credentialCategory": (
            True,
            _one_of(
                *("high school", "associate degree", "bachelor degree"),
                *("professional certificate", "postgraduate degree"),
            ),
        )
    },
    "OccupationalExperienceRequirements": {"monthsOfExperience": (True, _whole)},
}


def complaints(node: Any, kind: str = "JobPosting") -> list[str]:
    """What a validator would say; nothing when the node is as it should be."""
    if not isinstance(node, dict) or node.get("@type") != kind:
        return [f"no {kind}: {node!r}"]
    rules = RULES[kind]
    missing = [
        f"{kind} has no {name}" for name, (required, _) in rules.items() if required and name not in node
    ]
    unknown = [f"{kind} knows no {name}" for name in node if name not in rules and name != "@type"]
    wrong = [
        f"{kind}.{name} cannot be {node[name]!r}"
        for name, (_, check) in rules.items()
        if name in node and not check(node[name])
    ]
    if kind == "QuantitativeValue" and not {"value", "minValue", "maxValue"} & set(node):
        wrong.append("QuantitativeValue has no amount")
    return missing + unknown + wrong
