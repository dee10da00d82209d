"""Handing out a stored file in a way that no browser runs it on our pages."""

from urllib.parse import quote

from litestar import Response

from workflow.documents.queries import DocumentView


def attachment(document: DocumentView, content: bytes) -> Response[bytes]:
    """The file as a download, under the name that its sender gave it (RFC 6266)."""
    response = Response(content, media_type=document.media_type)
    response.headers.update(
        {
            "Content-Disposition": disposition(document.filename),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        }
    )
    return response


def disposition(filename: str, kind: str = "attachment") -> str:
    """The header's value: a plain name for old programs, and the exact one in UTF-8."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in " ._-()") else "_" for c in filename)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
