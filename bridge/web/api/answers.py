"""How the API answers: data as JSON, refusals with a code and one sentence that says what to do."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Problem(msgspec.Struct, frozen=True):
    """Why a call was not carried out, as a code, and what to do about it, in one sentence."""

    code: str
    message: str


class RefusedError(Exception):
    """A call is answered with a problem."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.problem = Problem(code, message)


def answered(data: object, status: int = 200) -> Response:
    """Return data as JSON."""
    return Response(msgspec.json.encode(data), status, HEADERS, "application/json")


def refused(error: RefusedError) -> Response:
    """Return what a refusal says."""
    answer = answered(error.problem, error.status)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="coachbridge"'
    if error.status == 503:
        answer.headers["Retry-After"] = "5"
    return answer


def no_token() -> RefusedError:
    """Return the refusal of a call without a token that is good now."""
    return RefusedError(
        401,
        "no_token",
        "Send a token that is good in the header 'Authorization: Bearer <token>'; the operator "
        "makes one with: coachbridge token PERSON.",
    )


def no_scope(scope: str) -> RefusedError:
    """Return the refusal of a call that the token is not for."""
    return RefusedError(
        403,
        "no_scope",
        f"Use a token with the scope {scope}: coachbridge token PERSON --scope {scope}.",
    )


def not_there() -> RefusedError:
    """Return the refusal of what does not exist for this person."""
    return RefusedError(
        404, "not_there", "Check the address; GET /api/inbox lists the trajectories you coach."
    )
