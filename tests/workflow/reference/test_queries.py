"""The lists hold what requirements name, in order and in both languages."""

from collections import Counter
from collections.abc import Callable, Iterable

import pytest

from workflow.reference import queries
from workflow.reference.queries import Choice, Job, Kind

METROPOLITAN = ["84", "27", "53", "24", "94", "44", "32", "11", "28", "75", "76", "52", "93"]
OVERSEAS = ["01", "03", "04", "02", "06", "988", "987", "977", "978", "975", "984", "986"]

LISTS: dict[Kind, Callable[[], tuple[Choice, ...]]] = {
    "region": queries.regions,
    "job_type": queries.job_types,
    "level": queries.levels,
    "industry": queries.industries,
    "job": queries.jobs,
    "contract": queries.contracts,
    "work_time": queries.work_times,
    "experience": queries.experiences,
    "country": queries.countries,
    "language": queries.languages,
    "title": queries.titles,
    "secret_question": queries.secret_questions,
    "situation": queries.situations,
}


def codes(choices: Iterable[Choice]) -> list[str]:
    return [choice.code for choice in choices]


def test_regions_metropolitan_first_then_overseas_then_abroad() -> None:
    assert codes(queries.regions()) == [*METROPOLITAN, *OVERSEAS, "abroad"]


def test_regions_names_in_each_group_are_alphabetical_in_french() -> None:
    groups = queries.regions()[:13], queries.regions()[13:18], queries.regions()[18:25]
    assert [queries.alphabetical(group, "fr") for group in groups] == list(groups)


def test_levels_rank_from_school_to_doctorate() -> None:
    assert codes(queries.levels()) == [
        "BEPC", "BEP_CAP", "BAC", "BAC2", "BAC3", "BAC4", "BAC5", "ING", "BAC5P", "DOC",
    ]  # fmt: skip


def test_short_lists_hold_exactly_the_codes_of_the_portal() -> None:
    assert {
        "job_type": codes(queries.job_types()),
        "industry": codes(queries.industries()),
        "title": codes(queries.titles()),
        "situation": codes(queries.situations()),
        "secret_question": len(queries.secret_questions()),
    } == {
        "job_type": ["technical_admin", "scientific"],
        "industry": ["A", "B", "C", "D", "E", "F", "G", "J"],
        "title": ["ms", "mr", "mx"],
        "situation": ["student", "employed_public", "employed_private", "job_seeker", "other"],
        "secret_question": 8,
    }


def test_jobs_count_by_branch_as_in_the_repertoire() -> None:
    assert Counter((job.job_type, job.industry) for job in queries.jobs()) == {
        ("technical_admin", "A"): 36,
        ("technical_admin", "B"): 19,
        ("technical_admin", "C"): 37,
        ("technical_admin", "D"): 17,
        ("technical_admin", "E"): 18,
        ("technical_admin", "F"): 44,
        ("technical_admin", "G"): 38,
        ("technical_admin", "J"): 33,
        ("scientific", None): 3,
    }


def test_jobs_code_begins_with_its_branch_and_corps_is_known() -> None:
    technical = queries.jobs("technical_admin")
    assert [job.code for job in technical if job.code[0] != job.industry] == []
    assert {job.corps for job in technical} == {"IR", "IE", "AI", "TECH", "ATRF"}


def test_jobs_follow_job_type_and_industry() -> None:
    assert codes(queries.jobs("scientific")) == ["phd_student", "postdoctoral_researcher", "researcher"]
    assert {job.industry for job in queries.jobs("technical_admin", "E")} == {"E"}
    assert queries.jobs("scientific", "E") == ()


def test_job_of_the_repertoire_knows_its_branch_and_corps() -> None:
    names = {"fr": "Administrateur-trice systèmes et réseaux", "en": "Systems and network administrator"}
    job = next(job for job in queries.jobs() if job.code == "E2B43")
    assert job == Job("E2B43", names, "technical_admin", "E", "IE")


def test_choice_without_an_english_name_is_called_by_its_french_one() -> None:
    assert Choice("ZZ", {"fr": "Seulement en français"}).label("en") == "Seulement en français"


def test_countries_are_those_of_iso_3166_in_both_languages() -> None:
    by_code = {choice.code: choice for choice in queries.countries()}
    assert len(by_code) == 250
    assert dict(by_code["CI"].labels) == {"fr": "Côte d’Ivoire", "en": "Côte d’Ivoire"}
    assert dict(by_code["DE"].labels) == {"fr": "Allemagne", "en": "Germany"}
    assert not {"EU", "UN", "ZZ"} & by_code.keys()


def test_languages_begin_with_a_capital() -> None:
    assert queries.label("language", "en", "fr") == "Anglais"
    assert queries.label("language", "fr", "en") == "French"


@pytest.mark.parametrize("kind", LISTS)
def test_lists_codes_are_unique_and_every_label_is_written(kind: Kind) -> None:
    choices = LISTS[kind]()
    assert [code for code, times in Counter(codes(choices)).items() if times > 1] == []
    assert [
        (choice.code, language)
        for choice in choices
        for language in ("fr", "en")
        if not choice.label(language).strip()
    ] == []


@pytest.mark.parametrize("kind", LISTS)
def test_lists_are_written_in_both_languages(kind: Kind) -> None:
    assert [choice.code for choice in LISTS[kind]() if choice.labels.keys() != {"fr", "en"}] == []


@pytest.mark.parametrize("kind", LISTS)
def test_lists_know_their_own_codes_and_no_other(kind: Kind) -> None:
    assert all(queries.is_known(kind, choice.code) for choice in LISTS[kind]())
    assert not queries.is_known(kind, "nothing-such")


def test_label_speaks_the_language_asked() -> None:
    assert queries.label("region", "53", "fr") == "Bretagne"
    assert queries.label("region", "53", "en") == "Brittany"
    assert queries.label("region", "abroad", "fr") == "Étranger"


def test_label_of_an_unknown_code_is_the_code() -> None:
    assert queries.label("level", "BAC9", "fr") == "BAC9"


def test_label_in_a_third_language_falls_back_to_english() -> None:
    assert queries.label("region", "53", "de") == "Brittany"


def test_alphabetical_ignores_accents_and_case() -> None:
    choices = [Choice(name, {"fr": name}) for name in ("Zambie", "États-Unis", "Espagne", "égypte")]
    assert codes(queries.alphabetical(choices, "fr")) == ["égypte", "Espagne", "États-Unis", "Zambie"]


def test_choice_can_be_a_key() -> None:
    assert len({*queries.regions(), *queries.regions()}) == len(queries.regions())
