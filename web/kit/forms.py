"""Reading what a browser sent: the texts and files of a form, and the choices that its lists offer."""

from collections.abc import Iterable
from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException

from web.kit.portal import portal_of
from workflow.documents.commands import Upload
from workflow.reference.queries import Choice


async def readable_form(request: Request[Any, Any, Any]) -> FormMultiDict:
    """The form. Raises ClientException (400) for one in a strange charset, or with text that UTF-8 cannot carry."""
    try:
        form = await request.form()
        for value in form.values():
            if isinstance(value, str):
                value.encode()
    except (UnicodeError, LookupError) as error:
        raise ClientException from error
    return form


async def texts(request: Request[Any, Any, Any], *fields: str) -> dict[str, str]:
    """The fields by name; one that was not sent, or sent as a file, is empty. Of several values the first counts."""
    form = await readable_form(request)
    values = {field: form.get(field, "") for field in fields}
    return {field: value if isinstance(value, str) else "" for field, value in values.items()}


async def upload(request: Request[Any, Any, Any], field: str) -> Upload | None:
    """The file of a field; None where none was chosen (browsers then send a file without a name).

    One that is too large for its kind is read only as far as shows that it is.
    """
    file = (await readable_form(request)).get(field)
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    content = await file.read(portal_of(request).document_limits[field] + 1)
    await file.close()
    return Upload(file.filename, content)


def options(choices: Iterable[Choice], language: str) -> list[tuple[str, str]]:
    """Pairs of code and label, as lists in templates take them."""
    return [(choice.code, choice.label(language)) for choice in choices]
