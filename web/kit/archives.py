"""Handing out a copy of somebody's data, piece by piece, for it may be large."""

import structlog
from litestar.response import Stream

from web.kit.downloads import disposition
from web.kit.portal import Portal
from workflow.errors import NotFound
from workflow.privacy.queries import ArchiveView

_log = structlog.get_logger(__name__)


async def archive_response(archive: ArchiveView, portal: Portal, *, reader: str) -> Stream:
    """The ZIP, to its candidate; the log says who, as the history names them. Raises NotFound where it is not ready."""
    if archive.digest is None:
        raise NotFound
    pieces = await portal.store.pieces(archive.digest)
    _log.info("archive handed out", reader=reader, archive=str(archive.id), size=archive.size)
    return Stream(
        pieces,
        media_type="application/zip",
        headers={
            "Content-Disposition": disposition(f"vivier-{archive.asked_at:%Y-%m-%d}.zip"),
            "Content-Length": str(archive.size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )
