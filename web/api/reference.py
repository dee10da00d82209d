"""The lists that codes come from, with their names in both languages."""

from collections.abc import Callable, Iterable
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from msgspec import Meta, Struct

from web.api.problems import INPUT, problems, unfit
from workflow.language import LANGUAGES, N_
from workflow.reference import queries
from workflow.reference.queries import Choice, Job, Kind, is_known


class Entry(Struct, frozen=True):
    """One entry of a list."""

    code: Annotated[str, Meta(description="What offers, addresses and bodies hold.", examples=["53"])]
    label: Annotated[str, Meta(description="Its name in the language asked for.", examples=["Bretagne"])]
    labels: Annotated[
        dict[str, str],
        Meta(description="Its name by language.", examples=[{"fr": "Bretagne", "en": "Brittany"}]),
    ]


class JobEntry(Entry, frozen=True):
    """One job: of the national repertoire, or a scientific one."""

    job_type: Annotated[str, Meta(examples=["technical_admin"])]
    industry: Annotated[str | None, Meta(description="Null for scientific jobs.", examples=["B"])]


class Entries(Struct, frozen=True):
    """A whole list."""

    items: list[Entry]


class Jobs(Struct, frozen=True):
    """The jobs that were asked for."""

    items: list[JobEntry]


def _list(
    path: str, operation_id: str, summary: str, description: str, choices: Callable[[], Iterable[Choice]]
) -> HTTPRouteHandler:
    """The operation that answers a whole list."""

    @get(
        path,
        operation_id=operation_id,
        summary=summary,
        description=description,
        tags=["reference"],
        responses=problems(),
    )
    async def answer(language: NamedDependency[str]) -> Entries:
        return Entries([Entry(each.code, each.label(language), dict(each.labels)) for each in choices()])

    return answer


def _mail_languages() -> tuple[Choice, ...]:
    return tuple(each for each in queries.languages() if each.code in LANGUAGES)


_WHOLE = [
    _list(
        "/regions", "listRegions", "List regions", "Regions by INSEE code, then `abroad`.", queries.regions
    ),
    _list("/job-types", "listJobTypes", "List job types", "The two types of jobs.", queries.job_types),
    _list(
        "/industries",
        "listIndustries",
        "List industries",
        "Branches A to G and J of the national repertoire.",
        queries.industries,
    ),
    _list("/levels", "listLevels", "List levels", "Levels of qualification, lowest first.", queries.levels),
    _list(
        "/titles", "listTitles", "List titles", "For `title` of a registration or profile.", queries.titles
    ),
    _list(
        "/secret-questions",
        "listSecretQuestions",
        "List secret questions",
        "For `secret_question` of a registration or account, which may also be one's own words.",
        queries.secret_questions,
    ),
    _list(
        "/countries",
        "listCountries",
        "List countries",
        "By ISO 3166-1 code, for `country` and `nationality` of a profile.",
        queries.countries,
    ),
    _list(
        "/situations",
        "listSituations",
        "List situations",
        "For `situation` of a profile.",
        queries.situations,
    ),
    _list(
        "/languages",
        "listLanguages",
        "List languages",
        "Those that we write in: for `language` of a registration or account.",
        _mail_languages,
    ),
]


@get("/jobs", operation_id="listJobs", summary="List jobs", tags=["reference"], responses=problems(*INPUT))
async def list_jobs(
    language: NamedDependency[str],
    job_type: FromQuery[str | None] = None,
    industry: FromQuery[str | None] = None,
) -> Jobs:
    """Jobs, narrowed to a job type and an industry."""
    require_known("job_type", job_type)
    require_known("industry", industry)
    return Jobs([_job(job, language) for job in queries.jobs(job_type or None, industry or None)])


def require_known(kind: Kind, code: str | None) -> None:
    """Raises InvalidInput for a code that its list does not hold. An empty one asks for nothing."""
    if code and not is_known(kind, code):
        raise unfit(kind, N_("“{value}” is not in the list. Choose one of it."), value=code[:60])


def _job(job: Job, language: str) -> JobEntry:
    return JobEntry(job.code, job.label(language), dict(job.labels), job.job_type, job.industry)


ROUTE_HANDLERS = [*_WHOLE, list_jobs]
