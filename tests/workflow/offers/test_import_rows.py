"""A row says in the source's words what an offer says in ours."""

from datetime import date, timedelta
from typing import Any

import pytest

from workflow.errors import FieldError
from workflow.offers.import_rows import ImportedOffer, read_row

ROW = {
    "reference": "UMR1-ABC-001",
    "title": "Ingénieur·e chimiste",
    "language": "fr",
    "contract_type": "CDD Technique/Administratif",
    "contract_code": "ITCDD",
    "unit_code": "UMR1",
    "unit_name": "Chimie",
    "city": "Lyon",
    "departement_code": "69",
    "region_code": "84",
    "region": "Auvergne-Rhône-Alpes",
    "country": "FR",
    "date_published": "2026-01-05",
    "date_deadline": "2026-02-01",
    "date_start": "2026-03-01",
    "duration_months": "12",
    "work_time": "Temps complet",
    "salary_text": "2000 €",
    "education_level": "Ingénieur",
    "experience": "1 à 4 années",
    "derived_bap": "B",
    "derived_emploi_type_id": "B2A41",
    "derived_score": "0.4",
    "scientific_kind": "",
}


def data_of(**cells: str) -> dict[str, Any]:
    return dict(read_row(ROW | cells)[0].data)


def test_row_is_read_whole() -> None:
    offer = ImportedOffer(
        reference="UMR1-ABC-001",
        unit_code="UMR1",
        unit_name="Chimie",
        published_on=date(2026, 1, 15),
        data={
            "title_fr": "Ingénieur·e chimiste",
            "city": "Lyon",
            "country": "FR",
            "region": "84",
            "industry": "B",
            "job": "B2A41",
            "job_type": "technical_admin",
            "contract": "fixed_term",
            "level": "ING",
            "work_time": "full_time",
            "experience": "1_to_4",
            "salary": "2000 €",
            "duration_months": "12",
            "closes_on": date(2026, 2, 11),
            "starts_on": date(2026, 3, 11),
        },
    )
    assert read_row(ROW, timedelta(days=10)) == (offer, [])


@pytest.mark.parametrize("score", ["", "0.19", "nan"])
def test_job_is_left_out_where_it_is_a_guess(score: str) -> None:
    data = data_of(derived_score=score)
    assert (data.get("job"), data.get("industry")) == (None, None)


@pytest.mark.parametrize(
    ("kind", "job"),
    [("phd", "phd_student"), ("postdoc", "postdoctoral_researcher"), ("researcher_ftc", "researcher")],
)
def test_scientific_offer_has_a_scientific_job(kind: str, job: str) -> None:
    data = data_of(contract_code="CHRCDD", contract_type="CDD Scientifique", scientific_kind=kind)
    assert (data["job_type"], data["contract"], data["job"]) == ("scientific", "fixed_term", job)


@pytest.mark.parametrize(
    ("cells", "region"),
    [
        ({"country": "JP", "region_code": "", "region": ""}, "abroad"),
        ({"region_code": "4"}, "04"),
        ({"region_code": "", "region": "bretagne"}, "53"),
        ({"region_code": "", "region": "Brittany", "country": ""}, "53"),
    ],
)
def test_region_is_found_by_code_name_or_country(cells: dict[str, str], region: str) -> None:
    assert data_of(**cells)["region"] == region


@pytest.mark.parametrize(
    ("label", "level"),
    [("Bac / Bac pro", "BAC"), ("Supérieur à bac+5", "BAC5P"), ("doctorat", "DOC"), ("BEPC", "BEPC")],
)
def test_level_is_known_by_its_label(label: str, level: str) -> None:
    assert data_of(education_level=label)["level"] == level


def test_words_that_no_list_knows_stay_words() -> None:
    data = data_of(work_time="Trois jours par semaine", experience="Deux ans", education_level="Magister")
    assert (data["work_time"], data["experience"], data["level"]) == (
        "Trois jours par semaine",
        "Deux ans",
        "Magister",
    )


def test_texts_of_both_languages_are_taken() -> None:
    data = data_of(language="en", title="Chemist", title_fr="Chimiste", description="One.\n\nTwo.")
    assert {name: data[name] for name in data if name.startswith(("title", "description"))} == {
        "title_en": "Chemist",
        "title_fr": "Chimiste",
        "description_en": "One.\n\nTwo.",
    }


def test_all_that_is_wrong_in_a_row_is_told() -> None:
    _, errors = read_row(
        {
            "reference": "a/b",
            "language": "de",
            "contract_code": "CDI?",
            "date_published": "05/01/2026",
            "date_deadline": "",
        }
    )
    day = "Write the day as year-month-day, such as 2026-12-31."
    assert errors == [
        FieldError("date_published", day),
        FieldError("unit_code", "Fill in this field."),
        FieldError("contract_code", "“{value}” is no kind of contract that we know.", {"value": "CDI?"}),
        FieldError("language", "Write fr or en."),
        FieldError("date_deadline", day),
        FieldError("reference", "Write a reference of 1 to 60 letters and digits, without a slash."),
    ]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (
            "rien",
            FieldError(
                "contract_type",
                "“{value}” is no type of contract that we know. Write technical_admin or scientific.",
                {"value": "rien"},
            ),
        ),
        (
            "",
            FieldError(
                "contract_type",
                "Write technical_admin or scientific: the contract does not say which.",
            ),
        ),
    ],
)
def test_a_contract_that_is_known_is_not_blamed_for_its_type(told: str, error: FieldError) -> None:
    assert read_row(ROW | {"contract_code": "fixed_term", "contract_type": told})[1] == [error]


def test_offer_cannot_close_before_it_is_published() -> None:
    _, errors = read_row(ROW | {"date_deadline": "2026-01-04"})
    sentence = "The last day to apply is before the day of publication."
    assert errors == [FieldError("date_deadline", sentence)]
    assert data_of(date_deadline="2026-01-05")["closes_on"] == date(2026, 1, 5)
