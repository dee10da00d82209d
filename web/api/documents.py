"""Files as programs send and get them."""

from typing import Annotated
from uuid import UUID

from litestar import Response
from litestar.datastructures import UploadFile
from msgspec import Meta, Struct

from web.kit.downloads import hand_out
from web.kit.portal import Portal
from workflow.documents.commands import Upload
from workflow.documents.inspection import readable_size
from workflow.documents.queries import DocumentView
from workflow.engine.machine import Actor
from workflow.errors import TooLarge


class DocumentAnswer(Struct, frozen=True, kw_only=True):
    """A file that was sent."""

    id: UUID
    kind: Annotated[str, Meta(description="cv or covering_letter.", examples=["cv"])]
    filename: Annotated[str, Meta(examples=["cv.pdf"])]
    media_type: Annotated[str, Meta(examples=["application/pdf"])]
    size: Annotated[int, Meta(description="In bytes.")]
    url: Annotated[str, Meta(description="Where its bytes are.")]


def document_answer(document: DocumentView, url: str) -> DocumentAnswer:
    """A file; `url` is where its bytes are."""
    return DocumentAnswer(
        id=document.id,
        kind=document.kind,
        filename=document.filename,
        media_type=document.media_type,
        size=document.size,
        url=url,
    )


async def received_file(file: UploadFile | None, kind: str, portal: Portal) -> Upload | None:
    """What was attached. Raises TooLarge, so that an API says 413 where a form names the field."""
    if file is None:
        return None
    content = await file.read()
    limit = portal.document_limits[kind]
    if len(content) > limit:
        raise TooLarge(limit=readable_size(limit))
    return Upload(file.filename, content)


async def file_response(
    document: DocumentView, portal: Portal, reader: Actor, application_id: UUID | None = None
) -> Response[bytes]:
    """The bytes, to be saved under their name."""
    return await hand_out(document, portal.store, reader=reader.id, application_id=application_id)
