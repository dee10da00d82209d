"""Which kind a file is, by its content, and whether it is harmless: what opens hostile bytes starts here."""

import puremagic

from workflow.documents import docx, pdf
from workflow.documents.office import check_office
from workflow.errors import DocumentDamaged, DocumentEncrypted, DocumentTypeUnknown

_ARCHIVE = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")  # MS-OFFCRYPTO 2.3.4.4
_HEADER_WITHIN = 1024


def checked_media_type(content: bytes) -> str:
    """The media type of a harmless document; raises a DocumentRefused.

    A hostile file can make it allocate without bound: outside tests, it runs in a confined process only.
    """
    recognised = _recognised_types(content)
    if pdf.MEDIA_TYPE in recognised:
        pdf.check_pdf(content)
        return pdf.MEDIA_TYPE
    if docx.MEDIA_TYPE in recognised and content.startswith(_ARCHIVE):
        return check_office(content)
    if content.startswith(_OLE) and _ENCRYPTED_OFFICE in content:
        raise DocumentEncrypted
    # Readers look for the header further on; browsers and scanners may see another type there.
    if pdf.HEADER in content[:_HEADER_WITHIN]:
        raise DocumentDamaged
    raise DocumentTypeUnknown


def _recognised_types(content: bytes) -> set[str]:
    """By magic numbers; for an archive, all kinds that archives can be."""
    try:
        return {match.mime_type for match in puremagic.magic_string(content)}
    except puremagic.PureError:
        return set()
