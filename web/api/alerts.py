"""The candidate's email alerts."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, structs

from search.analysis import meaning
from web.api.offer_answers import OfferItem, Reader
from web.api.offers import provide_reader
from web.api.problems import INPUT, LOGIN, problems
from web.kit.portal import Portal
from workflow.alerts.commands import add_alert, delete_alert, edit_alert
from workflow.alerts.criteria import ALL, FACETS, checked_criteria, criteria_in_words, facets_after
from workflow.alerts.queries import MOST_ALERTS, AlertView, alert_of, alerts_of
from workflow.candidates.queries import CandidateView
from workflow.errors import AlertExists, NotFound, TooManyAlerts
from workflow.offers.queries import offers_by_ids

_PATH = "/api/v1/me/alerts"
_PREVIEWED = 20

_Candidate = NamedDependency[CandidateView]
_Now = NamedDependency[datetime]


class AlertCriteria(Struct, frozen=True, kw_only=True):
    """What an alert looks for. Wherever a code is asked for, `all` may be sent."""

    job_type: Annotated[
        str, Meta(description="A code of `reference/job-types`, or `all`.", examples=["scientific"])
    ]
    industry: Annotated[
        str | None,
        Meta(
            description="A code of `reference/industries`, or `all`. Mandatory with `technical_admin`, "
            "not to be sent with others.",
            examples=["all"],
        ),
    ] = None
    job: Annotated[
        str | None,
        Meta(
            description="A code of `reference/jobs`, of that job type and industry, or `all`. "
            "Mandatory unless the job type is `all`.",
            examples=["all"],
        ),
    ] = None
    region: Annotated[str, Meta(description="A code of `reference/regions`, or `all`.", examples=["53"])]
    keywords: Annotated[
        str,
        Meta(
            description="Words of the title, read as `GET offers` with `exact` reads them; 500 characters at most.",
            examples=["chemist -intern"],
        ),
    ] = ""


class PreviewedFields(AlertCriteria, frozen=True, kw_only=True):
    """What an alert looks for; the whole of one that is to be written does as well."""

    frequency: Annotated[str | None, Meta(description="Passed over.", examples=["daily"])] = None
    active: Annotated[bool | None, Meta(description="Passed over.", examples=[True])] = None


class AlertFields(AlertCriteria, frozen=True, kw_only=True):
    """An alert as it is written."""

    frequency: Annotated[
        str, Meta(description="How often it may write: `daily` or `weekly`.", examples=["daily"])
    ]
    active: Annotated[
        bool | None,
        Meta(
            description="False: it rests. One that goes on again tells of what is published from then on. "
            "Left out: as it is; a new one is active.",
            examples=[True],
        ),
    ] = None


class AlertAnswer(Struct, frozen=True, kw_only=True):
    """An alert."""

    id: UUID
    frequency: Annotated[str, Meta(examples=["daily"])]
    job_type: str
    industry: Annotated[str | None, Meta(description="Null where the job type asks for none.")]
    job: Annotated[str | None, Meta(description="Null where the job type asks for none.")]
    region: str
    keywords: str
    active: bool
    label: Annotated[
        str, Meta(description="What it looks for, in words.", examples=["“chemist”, Researcher · Brittany"])
    ]
    created_at: datetime
    stopped_at: Annotated[datetime | None, Meta(description="Since when it rests.")]


class AlertAnswers(Struct, frozen=True):
    """All alerts, the oldest first."""

    items: list[AlertAnswer]
    most: Annotated[int, Meta(description="So many there may be.", examples=[MOST_ALERTS])]


class PreviewedOffer(OfferItem, frozen=True, kw_only=True):
    """An offer that would have been found."""

    is_open: Annotated[bool, Meta(description="False where it has closed since.")]


class AlertPreview(Struct, frozen=True):
    """What was published in the last 30 days that an alert would have found."""

    total: int
    items: Annotated[list[PreviewedOffer], Meta(description=f"The newest, {_PREVIEWED} at most.")]


@get(
    "/me/alerts",
    operation_id="listAlerts",
    summary="List one's alerts",
    tags=["candidate"],
    responses=problems(*LOGIN),
)
async def list_alerts(candidate: _Candidate, language: NamedDependency[str]) -> AlertAnswers:
    """All of them, the oldest first."""
    return AlertAnswers([_answer(each, language) for each in await alerts_of(candidate.id)], MOST_ALERTS)


@post(
    "/me/alerts",
    operation_id="addAlert",
    summary="Add an alert",
    tags=["candidate"],
    responses=problems(*LOGIN, *INPUT, AlertExists, TooManyAlerts, oversized=True),
)
async def add(
    data: JSONBody[AlertFields], candidate: _Candidate, now: _Now, language: NamedDependency[str]
) -> Response[AlertAnswer]:
    """Be told of offers that are published from now on, by one mail a day or a week."""
    alert_id = await add_alert(
        candidate.id, structs.asdict(data), meaning=meaning, now=now, active=data.active is not False
    )
    return Response(await _own(candidate, alert_id, language), headers={"Location": f"{_PATH}/{alert_id}"})


@get(
    "/me/alerts/{alert_id:uuid}",
    operation_id="readAlert",
    summary="Read an alert",
    tags=["candidate"],
    responses=problems(*LOGIN, NotFound),
)
async def read_alert(
    alert_id: FromPath[UUID], candidate: _Candidate, language: NamedDependency[str]
) -> AlertAnswer:
    """One of the candidate's alerts."""
    return await _own(candidate, alert_id, language)


@put(
    "/me/alerts/{alert_id:uuid}",
    operation_id="writeAlert",
    summary="Change, stop or resume an alert",
    tags=["candidate"],
    responses=problems(*LOGIN, *INPUT, NotFound, AlertExists, oversized=True),
)
async def write_alert(
    alert_id: FromPath[UUID],
    data: JSONBody[AlertFields],
    candidate: _Candidate,
    now: _Now,
    language: NamedDependency[str],
) -> AlertAnswer:
    """Replace the alert. No offer is told twice, and none is left out, whatever is changed."""
    await edit_alert(
        candidate.id, alert_id, structs.asdict(data), meaning=meaning, now=now, active=data.active
    )
    return await _own(candidate, alert_id, language)


@delete(
    "/me/alerts/{alert_id:uuid}",
    status_code=204,
    operation_id="deleteAlert",
    summary="Delete an alert",
    tags=["candidate"],
    responses=problems(*LOGIN, NotFound),
)
async def remove(alert_id: FromPath[UUID], candidate: _Candidate, now: _Now) -> None:
    """Take it away for good."""
    await delete_alert(candidate.id, alert_id, now=now)


@post(
    "/me/alerts/preview",
    status_code=200,
    operation_id="previewAlert",
    summary="See what an alert would have found",
    tags=["candidate"],
    responses=problems(*LOGIN, *INPUT, oversized=True),
    dependencies={"reader": Provide(provide_reader)},
)
async def preview(
    data: JSONBody[PreviewedFields],
    portal: NamedDependency[Portal],
    now: _Now,
    reader: NamedDependency[Reader],
) -> AlertPreview:
    """What was published in the last 30 days that fits; nothing is saved."""
    criteria = checked_criteria(structs.asdict(data))
    found = await portal.recent_offers.found(criteria, most=_PREVIEWED, now=now, zone=portal.zone)
    offers = await offers_by_ids(found.ids)
    return AlertPreview(
        found.total,
        [
            PreviewedOffer(**structs.asdict(reader.item(offer)), is_open=reader.is_open(offer))
            for offer in offers
        ],
    )


async def _own(candidate: CandidateView, alert_id: UUID, language: str) -> AlertAnswer:
    """Raises NotFound."""
    alert = await alert_of(candidate.id, alert_id)
    if alert is None:
        raise NotFound
    return _answer(alert, language)


def _answer(alert: AlertView, language: str) -> AlertAnswer:
    asked_for = {"job_type", "region", *facets_after(alert.criteria.job_type)}
    facets: dict[str, Any] = {
        facet: (getattr(alert.criteria, facet) or ALL) if facet in asked_for else None for facet in FACETS
    }
    return AlertAnswer(
        id=alert.id,
        frequency=alert.frequency,
        keywords=alert.criteria.keywords,
        active=alert.is_active,
        label=criteria_in_words(alert.criteria, language),
        created_at=alert.created_at,
        stopped_at=alert.stopped_at,
        **facets,
    )


JSON_HANDLERS = [list_alerts, add, read_alert, write_alert, remove, preview]
