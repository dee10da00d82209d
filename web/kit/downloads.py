"""Handing out a stored file in a way that no browser runs it on our pages, and that leaves a trace."""

from urllib.parse import quote
from uuid import UUID

import structlog
from litestar import Response

from workflow.documents.queries import DocumentView
from workflow.documents.storage import DocumentStore

_log = structlog.get_logger(__name__)


async def hand_out(
    document: DocumentView, store: DocumentStore, *, reader: str, application_id: UUID | None = None
) -> Response[bytes]:
    """The file, to somebody who may have it; the log says who, as the history names them, and which it was.

    `application_id`: None for a file of a profile or of a draft. Raises NotFound where the bytes are gone.
    """
    content = await store.get(document.digest)
    _log.info(
        "document handed out",
        reader=reader,
        document=str(document.id),
        application=str(application_id) if application_id else None,
    )
    return attachment(document, content)


def attachment(document: DocumentView, content: bytes) -> Response[bytes]:
    """The file as a download, under the name that its sender gave it (RFC 6266)."""
    response = Response(content, media_type=document.media_type)
    response.headers.update(
        {
            "Content-Disposition": disposition(document.filename),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
    )
    return response


def disposition(filename: str, kind: str = "attachment") -> str:
    """The header's value: a plain name for old programs, and the exact one in UTF-8."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in filename)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
