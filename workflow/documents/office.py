"""Which kind of office document an archive is, and the checks that both kinds share."""

from workflow.documents import docx, odt
from workflow.documents.archive import Archive
from workflow.documents.dangers import is_program
from workflow.documents.filenames import clean_filename
from workflow.errors import DocumentAttachment, DocumentTypeUnknown


def check_office(content: bytes) -> str:
    """The media type of a harmless DOCX or ODT; raises a DocumentRefused that says what is wrong."""
    archive = Archive(content)
    if odt.is_odt(archive):
        odt.check_odt(archive)
        media_type = odt.MEDIA_TYPE
    elif docx.is_docx(archive):
        docx.check_docx(archive)
        media_type = docx.MEDIA_TYPE
    else:
        raise DocumentTypeUnknown
    for name in archive.names():
        if is_program(name, archive.head(name)):
            raise DocumentAttachment(attachment=clean_filename(name))
    return media_type
