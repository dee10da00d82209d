"""What a salary is in figures, where its free text leaves no doubt."""

import re
from dataclasses import dataclass
from decimal import Decimal

_AMOUNT = re.compile(
    r"""(?<![\w.,]) (?:
        \d{1,3} (?:[\ .,\u00a0\u202f]\d{3})+ (?:[.,]\d{1,2})?  # 2 648,79 or 2.648,79
        | \d+ (?:[.,]\d{1,2})?
    ) (?!\d)""",
    re.VERBOSE,
)
_OTHER_NUMBER = re.compile(
    r"(?<!\d)\d+(?: ?(?:à|et|to|-|–) ?\d+)?[ \u00a0]*(?:ans?|années?|years?|mois|months?|%|h)\b",
    re.IGNORECASE,
)
_EUROS = re.compile(r"€|\beuros?\b|\bEUR\b", re.IGNORECASE)
_GROSS = re.compile(r"\bbrute?s?\b|\bgross\b", re.IGNORECASE)
_DOUBT = re.compile(
    r"\bnete?s?\b|\bnette?s?\b|\benviron\b|\babout\b|\baround\b|\bprimes?\b|\bheures?\b|\bhour(ly)?\b|\bjour\b|[$£<>]",
    re.IGNORECASE,
)
_MONTHLY = re.compile(r"\bmensuel|\bmois\b|\bmonth", re.IGNORECASE)
_YEARLY = re.compile(r"\bannuel|\bpar an\b|/ ?an\b|\bannual|\byear", re.IGNORECASE)
_FROM = re.compile(r"[àa] partir d|\bfrom\b|\bminimum\b", re.IGNORECASE)
_UP_TO = re.compile(r"jusqu|\bup to\b|\bmaximum\b", re.IGNORECASE)
_SOME_MONTHLY = (Decimal(1_000), Decimal(12_000))
_SOME_YEARLY = (Decimal(15_000), Decimal(250_000))


@dataclass(frozen=True, slots=True)
class Salary:
    """Gross euros a `MONTH` or a `YEAR`. One amount is least and most; either may be unknown."""

    least: Decimal | None
    most: Decimal | None
    per: str


def salary_in(text: str) -> Salary | None:
    """The figures of a sentence such as “2 648 à 3 054 € bruts mensuels”; None where there is any doubt.

    Without a word for it, the size of the amounts tells months from years: no year of work is paid like a month.
    """
    if _DOUBT.search(text) or not (_EUROS.search(text) or _GROSS.search(text)):
        return None
    amounts = [_number(found) for found in _AMOUNT.findall(_OTHER_NUMBER.sub("", text))]
    per = _period(text, amounts)
    if per is None or len(amounts) > 2 or amounts != sorted(amounts):
        return None
    least, most = amounts[0], amounts[-1]
    if len(amounts) == 1 and (_FROM.search(text) or _UP_TO.search(text)):
        return Salary(None, most, per) if _UP_TO.search(text) else Salary(least, None, per)
    return Salary(least, most, per)


def _period(text: str, amounts: list[Decimal]) -> str | None:
    for per, (least, most), said, other in (
        ("MONTH", _SOME_MONTHLY, _MONTHLY, _YEARLY),
        ("YEAR", _SOME_YEARLY, _YEARLY, _MONTHLY),
    ):
        if amounts and all(least <= each <= most for each in amounts):
            return per if said.search(text) or not other.search(text) else None
    return None


def _number(text: str) -> Decimal:
    """Two digits after a point or comma are cents; three are thousands."""
    whole, cents = (text[:-3], text[-2:]) if text[-3:-2] in {".", ","} else (text, "0")
    if text[-2:-1] in {".", ","}:
        whole, cents = text[:-2], text[-1:]
    return Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{cents}")
