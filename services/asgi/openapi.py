"""The OpenAPI 3.1 document of a service, made from its operations and their types.

How it is shown to people is in `page`.
"""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from services.asgi import problem
from services.asgi.operation import Operation

_TEMPLATE = "#/components/schemas/{name}"
_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}, "required": True}}


def document(title: str, about: str, operations: Sequence[Operation], *, needs_key: bool) -> dict[str, Any]:
    """The document, ready to be encoded."""
    kinds = [kind for operation in operations for kind in _kinds(operation)]
    schemas, components = msgspec.json.schema_components(
        [*kinds, problem.ProblemDetails], ref_template=_TEMPLATE
    )
    found = dict(zip(map(repr, kinds), schemas, strict=False))
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        at = paths.setdefault(operation.path, {})
        at[operation.method.lower()] = _operation(operation, found, needs_key=needs_key)
    parts: dict[str, Any] = {"schemas": components}
    if needs_key:
        parts["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "description": about, "version": "1"},
        "paths": paths,
        "components": parts,
    }


def _kinds(operation: Operation) -> Iterable[Any]:
    yield operation.answer
    yield from (parameter.kind for parameter in operation.parameters)
    if operation.body is not None:
        yield operation.body


def _operation(operation: Operation, schemas: Mapping[str, Any], *, needs_key: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": f"{operation.method.lower()}{operation.path}".replace("/", "_"),
        "summary": operation.summary,
        "responses": _responses(operation, schemas, needs_key=needs_key),
    }
    if operation.parameters:
        told["parameters"] = [
            {
                "name": each.name,
                "in": each.place,
                "required": each.place == "path",
                "description": each.about,
                "schema": schemas[repr(each.kind)],
            }
            for each in operation.parameters
        ]
    if operation.body is not None:
        content: dict[str, Any] = {"schema": schemas[repr(operation.body)]}
        if operation.example:
            content["example"] = msgspec.json.decode(operation.example)
        told["requestBody"] = {"required": True, "content": {"application/json": content}}
    if needs_key and operation.right:
        told["security"] = [{"bearer": []}, {"key": []}]
    return told


def _responses(operation: Operation, schemas: Mapping[str, Any], *, needs_key: bool) -> dict[str, Any]:
    usual = "text/plain" if operation.answer is str else "application/json"
    content = {operation.media_type or usual: {"schema": schemas[repr(operation.answer)]}}
    headers = {
        name: {"description": about, "schema": {"type": "string"}}
        for name, about in operation.headers.items()
    }
    told: dict[str, Any] = {
        str(status): {"description": about, "content": content, **({"headers": headers} if headers else {})}
        for status, about in operation.answers.items()
    }
    for status in sorted(problems(operation, needs_key=needs_key)):
        told[str(status)] = {
            "description": HTTPStatus(status).phrase,
            "content": {problem.MEDIA_TYPE: {"schema": {"$ref": _TEMPLATE.format(name="ProblemDetails")}}},
            **({"headers": _AFTER} if status in (429, 503) else {}),
        }
    return told


def problems(operation: Operation, *, needs_key: bool) -> set[int]:
    """All statuses with which an operation can be refused."""
    found = set(operation.problems)
    if operation.body is not None:
        found |= {400, 408, 413} if operation.is_any_media_type else {400, 408, 413, 415}
    if operation.right:
        found |= {503}
        found |= {401, 403, 429} if needs_key else set()
    return found - set(operation.answers)
