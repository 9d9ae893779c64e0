"""Whatever is sent, as the document says or not, the API answers as it says, and never with 5xx.

In process, over a sound store; a few hundred calls, so that it ends within half a minute.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case, GenerationMode, checks
from schemathesis.specs.openapi import checks as found
from starlette.applications import Starlette

from bridge.runtime import tokens
from bridge.web.api import ROUTES, api_routes
from storage.writer import Writer
from tests.storage.book import Book, make_sound, opened
from tests.web.kit import BOTH, LOG, parts

pytestmark = pytest.mark.slow
EXAMPLES = 8
"""Made-up calls for each route, beside those that try each parameter's limits one by one."""

DESCRIBED = sorted(route for route in ROUTES if "/docs" not in route and "openapi" not in route)
MAY_BE_WRONG = (
    "GET /api/search",
    "GET /api/trajectories/{trajectory}",
    "POST /api/trajectories/{trajectory}/messages",
    "POST /api/trajectories/{trajectory}/preview",
    "POST /api/trajectories/{trajectory}/files",
    "POST /api/trajectories/{trajectory}/messages/{seq}/edit",
    "POST /api/trajectories/{trajectory}/messages/{seq}/reactions",
    "POST /api/trajectories/{trajectory}/notes",
    "POST /api/trajectories/{trajectory}/held",
    "POST /api/trajectories/{trajectory}/calls",
    "POST /api/trajectories/{trajectory}/lost",
    "POST /api/trajectories/{trajectory}/nudges/{seq}",
    "POST /api/trajectories/{trajectory}/read",
    "POST /api/trajectories/{trajectory}/promise",
    "POST /api/trajectories/{trajectory}/steps",
    "POST /api/trajectories/{trajectory}/steps/{seq}",
    "POST /api/trajectories/{trajectory}/scales",
    "POST /api/trajectories/{trajectory}/nudges",
    "POST /api/trajectories/{trajectory}/drafts/{seq}",
    "POST /api/templates",
    "POST /api/trajectories/{trajectory}/appointments",
    "POST /api/trajectories/{trajectory}/appointments/{seq}/move",
    "POST /api/agenda/off",
    "POST /api/agenda/extra",
    "POST /api/agenda/usual",
)
"""The routes with parameters or a body that a call can get wrong."""

CHECKS = [
    checks.not_a_server_error,
    found.status_code_conformance,
    found.content_type_conformance,
    found.response_headers_conformance,
    found.response_schema_conformance,
]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BaseSchema]:
    """The document of a running API, with a token of the coach."""
    url = f"sqlite:///{tmp_path_factory.mktemp('api') / 'coachbridge.db'}"
    make_sound(url)
    book = Book(opened(url))
    book.run("INSERT INTO people (id, name, language, time_zone) VALUES ('noor', 'Noor', '', '')")
    writer = Writer(book.store)
    _, token = writer.run(lambda unit: tokens.issue(unit, "noor", BOTH, None))
    app = Starlette(routes=api_routes(parts(book, writer)))
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    schema.config.update(headers={"Authorization": f"Bearer {token}"})
    yield schema
    writer.close()
    book.store.close()


@pytest.mark.parametrize("route", DESCRIBED)
def test_every_answer_is_as_described(described: BaseSchema, route: str) -> None:
    _hold(described, route, GenerationMode.POSITIVE)


@pytest.mark.parametrize("route", MAY_BE_WRONG)
def test_every_answer_to_nonsense_is_as_described(described: BaseSchema, route: str) -> None:
    _hold(described, route, GenerationMode.NEGATIVE)


def _hold(described: BaseSchema, route: str, mode: GenerationMode) -> None:
    method, _, path = route.partition(" /api")
    operation = described[path][method]

    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck], database=None
    )
    def holds(case: Case[Any], real: bool) -> None:
        if real and "trajectory" in case.path_parameters:
            case.path_parameters["trajectory"] = LOG
        case.call_and_validate(checks=CHECKS)

    holds()
