"""The lists that codes come from, with their names in both languages."""

from collections.abc import Iterable
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Meta, Struct

from web.api.problems import INPUT, problems, unfit
from workflow.language import N_
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


def _entries(choices: Iterable[Choice], language: str) -> Entries:
    return Entries([Entry(each.code, each.label(language), dict(each.labels)) for each in choices])


@get("/regions", operation_id="listRegions", summary="List regions", tags=["reference"], responses=problems())
async def list_regions(language: NamedDependency[str]) -> Entries:
    """Regions by INSEE code, then `abroad`."""
    return _entries(queries.regions(), language)


@get(
    "/job-types",
    operation_id="listJobTypes",
    summary="List job types",
    tags=["reference"],
    responses=problems(),
)
async def list_job_types(language: NamedDependency[str]) -> Entries:
    """The two types of jobs."""
    return _entries(queries.job_types(), language)


@get(
    "/industries",
    operation_id="listIndustries",
    summary="List industries",
    tags=["reference"],
    responses=problems(),
)
async def list_industries(language: NamedDependency[str]) -> Entries:
    """Branches A to G and J of the national repertoire."""
    return _entries(queries.industries(), language)


@get("/levels", operation_id="listLevels", summary="List levels", tags=["reference"], responses=problems())
async def list_levels(language: NamedDependency[str]) -> Entries:
    """Levels of qualification, lowest first."""
    return _entries(queries.levels(), language)


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


ROUTE_HANDLERS = [list_regions, list_job_types, list_industries, list_jobs, list_levels]
