"""The FastAPI application: its routes behind the door, and its own answers to whatever is wrong."""

from importlib import metadata

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from bridge.core.errors import StoreError
from bridge.web.api import Parts, arranging, description, hours, reading, writing
from bridge.web.api.answers import HEADERS, RefusedError, answered, not_there, refused
from bridge.web.api.document import describe
from bridge.web.api.door import Door
from bridge.web.views import NotThereError

_log = structlog.get_logger(__name__)


def build(parts: Parts) -> ASGIApp:
    """Build the application that is mounted at /api."""
    app = FastAPI(
        title="Coachbridge",
        version=metadata.version("coachbridge"),
        description="Every page of the console, for programs. Times are UTC.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    _answers(app)
    app.include_router(reading.router(parts))
    app.include_router(writing.router(parts))
    app.include_router(arranging.router(parts))
    app.include_router(hours.router(parts))
    _descriptions(app)
    return Door(parts, app)


def _descriptions(app: FastAPI) -> None:
    @app.get("/openapi.json", include_in_schema=False)
    async def document() -> Response:
        return answered(describe(app))

    @app.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        policy = {"Content-Security-Policy": description.POLICY}
        return Response(
            description.page(describe(app)), headers=HEADERS | policy, media_type="text/html"
        )

    @app.get("/docs.css", include_in_schema=False)
    async def style() -> Response:
        return Response(description.STYLE, headers=HEADERS, media_type="text/css")


def _answers(app: FastAPI) -> None:
    """Whatever goes wrong is answered in the one form, without a word of what was sent."""

    @app.exception_handler(RefusedError)
    async def known(request: Request, error: RefusedError) -> Response:
        del request
        return refused(error)

    @app.exception_handler(NotThereError)
    async def hidden(request: Request, error: NotThereError) -> Response:
        del request, error
        return refused(not_there())

    @app.exception_handler(RequestValidationError)
    async def unfit(request: Request, error: RequestValidationError) -> Response:
        del request
        where = ", ".join(
            dict.fromkeys(".".join(map(str, one["loc"])) for one in error.errors()[:5])
        )
        told = f"See GET /api/docs and send it as described: {_plain(where)}."
        return refused(RefusedError(422, "not_as_described", told))

    @app.exception_handler(StoreError)
    async def away(request: Request, error: StoreError) -> Response:
        del request
        _log.warning("the store is away", error=str(error))
        return refused(RefusedError(503, "away", "Try again in a few seconds."))

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        del request
        if error.status_code == 404:
            return refused(not_there())
        code, told = _OTHERS.get(error.status_code, ("refused", "See GET /api/docs."))
        answer = refused(RefusedError(error.status_code, code, told))
        answer.headers.update(error.headers or {})
        return answer


_OTHERS = {
    400: ("unreadable", "Send JSON in UTF-8."),
    405: ("method", "Use a method that GET /api/docs lists for this address."),
}


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()[:300]
