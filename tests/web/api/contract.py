"""Holds what the API answers against its own description, by hand: as much of JSON Schema as the description uses."""

import re
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def unfit(value: Any, schema: Document, document: Document, where: str = "$") -> list[str]:
    """Where a value does not fit a schema."""
    schema = resolved(schema, document)
    if "oneOf" in schema:
        fitting = [each for each in schema["oneOf"] if not unfit(value, each, document, where)]
        return [] if len(fitting) == 1 else [f"{where}: {len(fitting)} of {len(schema['oneOf'])} forms fit"]
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool))):
        return [f"{where}: {value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{where}: {value!r} is none of {schema['enum']}"]
    return list(_unfit_parts(value, schema, document, where))


def _unfit_parts(value: Any, schema: Document, document: Document, where: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from unfit(each, schema["items"], document, f"{where}[{number}]")
    if isinstance(value, dict):
        properties, others = schema.get("properties", {}), schema.get("additionalProperties")
        yield from (f"{where}: no {name}" for name in schema.get("required", []) if name not in value)
        for name, each in value.items():
            if name not in properties and not others:
                yield f"{where}: {name} is not described"
            else:
                yield from unfit(each, properties.get(name, others), document, f"{where}.{name}")


def resolved(schema: Document, document: Document) -> Document:
    """What a reference points to."""
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def operation_for(method: str, path: str, document: Document) -> Document | None:
    """The described operation that answers an address; the one with fewest variable parts, if several could."""
    fitting = [
        template
        for template in document["paths"]
        if re.fullmatch(re.sub(r"{[^/]+}", "[^/]+", template), path) and method in document["paths"][template]
    ]
    found = min(fitting, key=lambda template: template.count("{"), default=None)
    return document["paths"][found][method] if found else None
