"""The demonstration's offers are many, varied, coherent with the reference lists, and dated around today."""

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from workflow.demo.offers import demo_offers, demo_units
from workflow.reference.queries import Kind, industries, is_known, jobs

TODAY = date(2026, 3, 14)
OFFERS = demo_offers(TODAY)
OPEN = [offer for offer in OFFERS if offer.state == "published"]

LEVELS_BY_CORPS = {
    "ATRF": {"BEP_CAP"},
    "TECH": {"BAC", "BAC2"},
    "AI": {"BAC2", "BAC3"},
    "IE": {"BAC3", "BAC4", "BAC5", "ING"},
    "IR": {"BAC5", "ING", "DOC"},
}
LEVELS_BY_SCIENTIFIC_JOB = {
    "phd_student": {"BAC5"},
    "postdoctoral_researcher": {"DOC"},
    "researcher": {"DOC"},
}
# What a text lifted from a page or typed in haste would leave behind.
UNTIDY = re.compile(r"'|  | [:;?!%»]| €(?!\d)|\{|\}|\.\.|^\s|\s$")


def days_from_today(day: date | None) -> int:
    assert day is not None
    return (day - TODAY).days


def test_units_codes_are_unique_and_places_known() -> None:
    units = demo_units()
    assert len({unit.code for unit in units}) == len(units) == 14
    assert [unit.code for unit in units if not is_known("region", unit.region)] == []
    assert [unit.code for unit in units if not is_known("country", unit.country)] == []
    assert [unit.code for unit in units if not unit.contact_email.endswith("@example.org")] == []


def test_offers_counts_by_state() -> None:
    assert Counter(offer.state for offer in OFFERS) == {"published": 76, "draft": 6, "closed": 7}


def test_one_draft_will_publish_itself_before_it_closes() -> None:
    [offer] = [offer for offer in OFFERS if offer.publishes_on is not None]
    assert (offer.state, days_from_today(offer.publishes_on)) == ("draft", 6)
    assert days_from_today(offer.closes_on) > 20


def test_offers_are_the_same_every_time() -> None:
    assert demo_offers(TODAY) == OFFERS


def test_offers_cover_both_types_all_branches_all_units_and_foreign_places() -> None:
    assert {offer.industry for offer in OPEN} == {None, *(branch.code for branch in industries())}
    assert {offer.job for offer in OPEN if offer.job_type == "scientific"} == {
        "phd_student",
        "postdoctoral_researcher",
        "researcher",
    }
    assert {offer.unit_code for offer in OPEN} == {unit.code for unit in demo_units()}
    assert {offer.country for offer in OPEN if offer.region == "abroad"} == {"CL", "JP", "SN"}


def test_references_are_unique_and_numbered_in_order_of_publication() -> None:
    assert [offer.reference for offer in OFFERS] == [
        f"VIV-2026-{number:04d}" for number in range(1, len(OFFERS) + 1)
    ]
    published = [offer.published_on for offer in OFFERS if offer.published_on]
    assert published == sorted(published)


@pytest.mark.parametrize(
    "kind", ["region", "country", "job_type", "level", "contract", "work_time", "experience"]
)
def test_offers_codes_are_known(kind: Kind) -> None:
    assert [offer.reference for offer in OFFERS if not is_known(kind, getattr(offer, kind))] == []


def test_offers_abroad_and_only_they_have_a_foreign_country() -> None:
    assert [
        offer.reference for offer in OFFERS if (offer.region == "abroad") != (offer.country != "FR")
    ] == []


def test_offers_job_agrees_with_type_industry_and_level() -> None:
    by_code = {job.code: job for job in jobs()}
    known = [(offer, by_code[offer.job]) for offer in OFFERS if offer.job]
    assert [
        offer.reference
        for offer, job in known
        if (offer.job_type, offer.industry) != (job.job_type, job.industry)
    ] == []
    levels = LEVELS_BY_CORPS | LEVELS_BY_SCIENTIFIC_JOB
    assert [offer.title_fr for offer, job in known if offer.level not in levels[job.corps or job.code]] == []


def test_offers_without_a_known_job_exist_and_have_an_industry() -> None:
    assert {offer.industry for offer in OPEN if offer.job is None} == {"F", "G"}


def test_open_offers_close_from_tomorrow_to_the_75th_day() -> None:
    days = {days_from_today(offer.closes_on) for offer in OPEN}
    assert days == set(range(1, 76))


def test_open_offers_were_published_over_the_last_forty_days() -> None:
    days = {days_from_today(offer.published_on) for offer in OPEN}
    assert days == set(range(-40, 0))


def test_drafts_are_unpublished_and_closed_offers_are_over() -> None:
    assert {offer.published_on for offer in OFFERS if offer.state == "draft"} == {None}
    closed = [offer for offer in OFFERS if offer.state == "closed"]
    assert [offer.reference for offer in closed if not days_from_today(offer.published_on) >= -40] == []
    assert [offer.reference for offer in closed if offer.closes_on >= TODAY] == []


def test_offers_start_on_the_first_of_a_month_four_weeks_or_more_after_closing() -> None:
    assert {offer.starts_on.day for offer in OFFERS} == {1}
    assert min(offer.starts_on - offer.closes_on for offer in OFFERS) >= timedelta(days=28)
    assert max(offer.starts_on - offer.closes_on for offer in OFFERS) <= timedelta(days=62)


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 12, 31), date(2027, 1, 1)])
def test_offers_can_be_made_on_any_day(today: date) -> None:
    offers = demo_offers(today)
    assert offers[0].reference == f"VIV-{today.year}-0001"
    assert min(offer.closes_on for offer in offers if offer.state == "published") == today + timedelta(days=1)


def test_titles_are_unique_in_each_language() -> None:
    french = [offer.title_fr for offer in OFFERS]
    english = [offer.title_en for offer in OFFERS if offer.title_en]
    assert [title for titles in (french, english) for title, n in Counter(titles).items() if n > 1] == []


def test_titles_use_the_inclusive_forms_that_the_search_must_cope_with() -> None:
    titles = " | ".join(offer.title_fr for offer in OPEN)
    forms = ["Ingénieur·e", "Chargé-e", "Développeur/euse", "(H/F)", "Post-doc", "Thèse", "Doctorant·e"]
    assert [form for form in forms if form not in titles] == []


def test_offers_in_both_languages_have_five_paragraphs_in_each() -> None:
    bilingual = [offer for offer in OFFERS if offer.title_en]
    assert len(bilingual) > len(OFFERS) * 9 // 10
    assert {
        (offer.description_fr.count("\n\n"), (offer.description_en or "").count("\n\n"))
        for offer in bilingual
    } == {(4, 4)}


def test_offers_published_in_french_only_say_nothing_in_english() -> None:
    french_only = [offer for offer in OFFERS if offer.title_en is None]
    assert len(french_only) == 6
    assert {offer.description_en for offer in french_only} == {None}


def test_descriptions_are_tidy_and_long_enough_to_be_read() -> None:
    texts = [offer.description_fr for offer in OFFERS]
    texts += [offer.description_en for offer in OFFERS if offer.description_en]
    assert [text for text in texts if len(text) < 600] == []
    assert [(found.group(), text) for text in texts if (found := UNTIDY.search(text))] == []


def test_descriptions_are_never_the_same_twice() -> None:
    assert len({offer.description_fr for offer in OFFERS}) == len(OFFERS)


def test_pay_is_said_alike_in_the_field_and_in_both_texts() -> None:
    offer = next(offer for offer in OFFERS if offer.job == "E2B43")
    assert offer.salary == "2\xa0350–2\xa0900\xa0€"
    assert "de 2\xa0350 à 2\xa0900\xa0€, selon l’expérience" in offer.description_fr
    assert "€2,350 to €2,900, depending on experience" in (offer.description_en or "")
    thesis = next(offer for offer in OFFERS if offer.job == "phd_student")
    assert thesis.salary == "2\xa0300\xa0€"
    assert "Gross monthly salary: €2,300. " in (thesis.description_en or "")
