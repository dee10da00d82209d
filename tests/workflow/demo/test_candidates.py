"""The demonstration's candidates are varied people, and their letters speak of the offer."""

import pytest

from workflow.demo.candidates import covering_letter, demo_candidates
from workflow.reference.queries import Kind, is_known

CANDIDATES = demo_candidates()


def test_candidates_begin_with_the_account_of_the_demonstration() -> None:
    assert CANDIDATES[0].email == "candidate@example.org"
    assert CANDIDATES[0].name == "Camille Roussel-Védrine"


def test_candidates_addresses_are_unique_and_lead_nowhere() -> None:
    addresses = [candidate.email for candidate in CANDIDATES]
    assert len(set(addresses)) == len(addresses) == 12
    assert [address for address in addresses if not address.endswith("@example.org")] == []


@pytest.mark.parametrize("kind", ["title", "level", "situation", "country"])
def test_candidates_codes_are_known(kind: Kind) -> None:
    assert [each.email for each in CANDIDATES if not is_known(kind, getattr(each, kind))] == []


def test_candidates_nationalities_and_languages_are_known() -> None:
    assert [each.email for each in CANDIDATES if not is_known("country", each.nationality)] == []
    spoken = {code for each in CANDIDATES for code in each.spoken}
    assert [code for code in spoken if not is_known("language", code)] == []


def test_candidates_names_are_of_many_kinds() -> None:
    names = " ".join(each.name for each in CANDIDATES)
    samples = ["É", "-", "’", "Å", "ß", "ễ", "льг", "高", "ي"]
    assert [sign for sign in samples if sign not in names] == []
    assert {each.title for each in CANDIDATES} == {"ms", "mr", "mx"}
    assert {each.language for each in CANDIDATES} == {"fr", "en"}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_covering_letters_are_five_and_come_round_again(language: str) -> None:
    letters = [
        covering_letter(number, language, title="Cook", reference="VIV-2026-0007", name="A. Name")
        for number in range(6)
    ]
    assert len(set(letters)) == 5
    assert letters[5] == letters[0]
    assert [letter for letter in letters if not letter.endswith("A. Name") or "{" in letter] == []
    assert [letter for letter in letters if "Cook" not in letter and "VIV-2026-0007" not in letter] == []
