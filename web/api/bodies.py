"""Reading what programs send: every field that does not fit is named at once, and nothing hostile gets further."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.dto import AbstractDTO
from litestar.enums import RequestEncodingType
from litestar.openapi.spec import Reference, Schema
from litestar.typing import FieldDefinition

from web.kit.forms import readable_form
from web.kit.misfits import misfit
from workflow.errors import FieldError, InvalidInput, NotAForm, NotJson
from workflow.language import N_

SMALL = 64 * 1024
"""The largest body that is no upload, in bytes."""

_Fields = TypeVar("_Fields", bound=msgspec.Struct)


class Body(AbstractDTO[Any]):
    """Litestar's hook for reading `data`: makes the handler's own Struct, or raises InvalidInput.

    Litestar itself names one mistake at a time, and takes "2" for 2.
    """

    def decode_bytes(self, value: bytes) -> Any:
        """A JSON body. Raises NotJson for what is none, or absurdly nested."""
        try:
            content = msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise NotJson from error
        if not isinstance(content, dict):
            raise InvalidInput([FieldError("", N_("Send a JSON object."))])
        return read_fields(_kind(self.asgi_connection.route_handler), content)

    def decode_builtins(self, value: dict[str, Any]) -> Any:
        """A form, of which empty parts are left out."""
        filled = {name: each for name, each in value.items() if each != ""}
        return read_fields(_kind(self.asgi_connection.route_handler), filled)

    @classmethod
    def create_for_field_definition(cls, *_: Any, **__: Any) -> None:
        """Nothing is generated: the Struct is the model."""

    @classmethod
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,  # noqa: ARG003  # Litestar's form
        schema_creator: Any,
    ) -> Reference | Schema:
        """The Struct's own."""
        schema: Reference | Schema = schema_creator.for_field_definition(field_definition)
        return schema


def read_fields(kind: type[_Fields], content: Mapping[str, Any]) -> _Fields:
    """A Struct from JSON values. Raises InvalidInput with every field that is missing, unknown or of another type."""
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    errors = [
        FieldError(name[:60], N_("There is no such field here.")) for name in content if name not in known
    ]
    values: dict[str, Any] = {}
    for name, field in known.items():
        if name in content:
            _read(name, field.type, content[name], values, errors)
        elif field.required:
            errors.append(FieldError(name, N_("Fill in this field.")))
    if errors:
        raise InvalidInput(errors)
    return kind(**values)


def _read(name: str, kind: Any, value: Any, values: dict[str, Any], errors: list[FieldError]) -> None:
    if isinstance(value, str) and "\0" in value:
        errors.append(FieldError(name, N_("Text cannot contain the character NUL.")))
        return
    try:
        values[name] = msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        errors.append(misfit(name, str(error)))


def _kind(handler: Any) -> type[msgspec.Struct]:
    kind: type[msgspec.Struct] = handler.parsed_data_field.annotation
    return kind


async def require_body(request: Request[Any, Any, Any]) -> None:
    """Litestar's `before_request`: an empty body lacks every field. Litestar would not call `Body` for it."""
    handler = request.route_handler
    if handler.parsed_data_field is not None and not await request.body():
        read_fields(_kind(handler), {})


async def read_form(request: Request[Any, Any, Any]) -> None:
    """Litestar's `before_request` of uploads: what cannot be read is refused (400), not a failure. Raises NotAForm."""
    if request.content_type[0] != RequestEncodingType.MULTI_PART:
        raise NotAForm
    await readable_form(request)
