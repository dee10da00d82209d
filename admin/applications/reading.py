"""The documents of an application: shown as pages that we draw, or saved as they are (C7)."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from web.kit.downloads import hand_out
from web.kit.portal import Portal
from workflow.applications.queries import StaffApplication, document_for_staff
from workflow.documents.pages import NORMAL, PICTURE_TYPE, Reading, is_busy, page_picture, reading_of
from workflow.documents.queries import DocumentView
from workflow.documents.storage import DocumentStore
from workflow.errors import NotFound
from workflow.recruiters.queries import StaffMember

_log = structlog.get_logger(__name__)

_ONE_OPENING = 3600.0
_MOST_OPENINGS = 4096
_openings: OrderedDict[tuple[str, UUID], float] = OrderedDict()

_PATIENCE = 1.0
"""So many seconds a page waits for what is drawn in it; then it comes without."""

_DRAWN = "1"
"""Part of the pictures' tags: to be changed when pages are drawn otherwise."""


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A file of an application, and what of it is shown in the page: `reading` is none while it is still drawn."""

    document: DocumentView
    reading: Reading | None


async def shown_documents(
    portal: Portal, staff: StaffMember, application: StaffApplication
) -> dict[str, ShownDocument]:
    """The files of an application by what they are to it; the log says who saw them."""
    documents: dict[str, DocumentView] = {
        name: document
        for name in ("covering_letter", "cv")
        if (document := getattr(application, name)) is not None
    }
    readings = await asyncio.gather(*(_reading_soon(each, portal.store) for each in documents.values()))
    for document in documents.values():
        _note_opening(staff, document, application.id)
    return {
        name: ShownDocument(document, reading)
        for (name, document), reading in zip(documents.items(), readings, strict=True)
    }


async def _reading_soon(document: DocumentView, store: DocumentStore) -> Reading | None:
    """What can be shown, if that is known within the time that a page waits."""
    try:
        return await asyncio.wait_for(_reading(document, store), _PATIENCE)
    except TimeoutError:
        return None


async def draw_ahead(portal: Portal, application: StaffApplication | None) -> None:
    """Have the documents ready of whom one reads next, unless others would wait for it."""
    for document in (application.covering_letter, application.cv) if application else ():
        if document is not None and not is_busy():
            await _reading(document, portal.store)


async def _reading(document: DocumentView, store: DocumentStore) -> Reading:
    """What can be shown; nothing where the bytes are gone."""
    try:
        return await reading_of(document, store)
    except NotFound:
        return Reading(0, (), ())


@get("/applications/{application_id:uuid}/documents/{document_id:uuid}")
async def document(
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    application_id: FromPath[UUID],
    document_id: FromPath[UUID],
) -> Response[bytes]:
    """A file of an application, to be saved: nothing in it may act as a page of ours."""
    found = await _document(staff, application_id, document_id)
    return await hand_out(found, portal.store, reader=staff.actor.id, application_id=application_id)


@get("/applications/{application_id:uuid}/documents/{document_id:uuid}/pages/{page:int}")
async def document_page(
    request: Request[Any, Any, Any],
    portal: NamedDependency[Portal],
    staff: NamedDependency[StaffMember],
    application_id: FromPath[UUID],
    document_id: FromPath[UUID],
    page: FromPath[int],
    size: FromQuery[str] = NORMAL,
) -> Response[bytes]:
    """One page of a file as a picture. A browser that has it asks whether it still may show it."""
    found = await _document(staff, application_id, document_id)
    tag = f'"{found.digest[:24]}-{size}-{page}-{_DRAWN}"'
    if request.headers.get("if-none-match") == tag:
        response = Response(b"", status_code=304)
    else:
        picture = await page_picture(found, portal.store, page, size)
        response = Response(picture, media_type=PICTURE_TYPE)
        _note_opening(staff, found, application_id)
    response.headers.update(
        {
            "ETag": tag,
            "Cache-Control": "private, no-cache",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": "inline",
            "X-Content-Type-Options": "nosniff",
        }
    )
    return response


async def _document(staff: StaffMember, application_id: UUID, document_id: UUID) -> DocumentView:
    found = await document_for_staff(staff, application_id, document_id)
    if found is None:
        raise NotFound
    return found


def _note_opening(staff: StaffMember, document: DocumentView, application_id: UUID) -> None:
    """As for what is handed out; a document that one reads through for an hour was opened once."""
    key, present = (staff.actor.id, document.id), time.monotonic()
    before = _openings.pop(key, None)
    _openings[key] = present if before is None or present - before > _ONE_OPENING else before
    while len(_openings) > _MOST_OPENINGS:
        _openings.popitem(last=False)
    if _openings[key] == present:
        _log.info(
            "document shown",
            reader=staff.actor.id,
            document=str(document.id),
            application=str(application_id),
        )


READING_HANDLERS = (document, document_page)
