"""The OpenAPI document: FastAPI knows the routes, msgspec the shapes of what they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from fastapi.openapi.utils import get_openapi

from bridge.web.agreed import Agenda, Agreed, Pressing
from bridge.web.api.acts import Posted
from bridge.web.api.answers import Problem
from bridge.web.api.shapes import KeptFile, LostCode, Me, SearchAnswer, Sessions
from bridge.web.looks import Looks
from bridge.web.nudging import Nudges
from bridge.web.shapes import Activity, Inbox, People, TrajectoryPage

if TYPE_CHECKING:
    from fastapi import FastAPI

_REF = "#/components/schemas/{name}"
SHAPES = (
    Problem,
    Me,
    Inbox,
    SearchAnswer,
    Sessions,
    TrajectoryPage,
    People,
    Activity,
    Posted,
    KeptFile,
    LostCode,
    Looks,
    Nudges,
    Pressing,
    Agreed,
    Agenda,
)
_, COMPONENTS = msgspec.json.schema_components(SHAPES, ref_template=_REF)

Responses = dict[int | str, dict[str, Any]]


def _json(shape: type, description: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name=shape.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_PROBLEMS = {
    400: "what was sent cannot be read",
    401: "no token that is good",
    403: "a token without the scope",
    404: "not there for this person",
    408: "the body took too long",
    409: "not carried out",
    413: "the body is too large",
    422: "a parameter or the body is not as described",
    503: "the store is away, or too much of this goes on at once",
}
_READ = (401, 403, 422, 503)
_WRITE = (400, 401, 403, 404, 408, 409, 413, 422, 503)


def reads(shape: type, *, trajectory: bool = False) -> Responses:
    """Return the responses of a route that reads."""
    codes = (*_READ, 404) if trajectory else _READ
    return {200: _json(shape, "well"), **_problems(codes)}


def writes(shape: type, status: int = 201) -> Responses:
    """Return the responses of a route that writes."""
    return {status: _json(shape, "done"), **_problems(_WRITE)}


def sends(media_type: str) -> Responses:
    """Return the responses of a route that answers with a file."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    well = {"description": "well", "content": content}
    return {200: well, **_problems((*_READ, 404))}


def _problems(codes: tuple[int, ...]) -> Responses:
    return {code: _json(Problem, _PROBLEMS[code]) for code in codes}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        schemas.update(COMPONENTS)
        components["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "cbt_…"}
        }
        document["security"] = [{"token": []}]
        document["servers"] = [{"url": "/api"}]
        app.openapi_schema = document
    return app.openapi_schema
