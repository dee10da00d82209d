"""What may come in: a file is a harmless PDF, DOCX or ODT, or it is refused with a reason."""

import hashlib
from dataclasses import dataclass

from workflow.documents.confinement import confined_media_type
from workflow.documents.filenames import clean_filename, ending_of
from workflow.errors import DocumentEmpty, DocumentTypeMismatch, TooLarge

ENDINGS = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is known of an accepted file; `filename` may be shown, and ends as `media_type` demands."""

    media_type: str
    filename: str
    size: int
    sha256: str


def inspect_document(content: bytes, filename: str, limit: int) -> Inspected:
    """Accept a harmless document of at most `limit` bytes, or raise TooLarge or a DocumentRefused.

    Waits for a process that opens the file, usually a fifth of a second: call it in a thread.
    """
    if len(content) > limit:
        raise TooLarge(limit=readable_size(limit))
    if not content:
        raise DocumentEmpty
    name = clean_filename(filename)
    media_type = confined_media_type(content)
    if ending_of(name) != ENDINGS[media_type]:
        raise DocumentTypeMismatch(filename=name, ending=ENDINGS[media_type])
    return Inspected(media_type, name, len(content), hashlib.sha256(content).hexdigest())


def readable_size(limit: int) -> str:
    """Bytes as the mistake names them."""
    return f"{round(limit / 2**20, 1):g} MB" if limit >= 2**20 else f"{limit // 2**10} kB"
