"""The refusals of a homeserver.

https://spec.matrix.org/v1.16/client-server-api/#standard-error-response
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from adapters.emulators.misuse import RefusalError

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json


class MatrixError(RefusalError):
    """A call the homeserver answers with an `errcode`."""

    def __init__(self, code: str, status: int, words: str = "", retry_after: int = 0) -> None:
        super().__init__(f"{code}: {words}" if words else code)
        self.code = code
        self.status = status
        self.words = words
        self.retry_after = retry_after

    def body(self) -> Json:
        """The answer."""
        body: Json = {"errcode": self.code, "error": self.words or self.code}
        return body | ({"retry_after_ms": self.retry_after * 1000} if self.retry_after else {})

    def headers(self) -> dict[str, str]:
        """The newer of two ways to say how long to wait."""
        return {"Retry-After": str(self.retry_after)} if self.retry_after else {}


def forbidden(words: str) -> MatrixError:
    """Somebody may not do this there."""
    return MatrixError("M_FORBIDDEN", HTTPStatus.FORBIDDEN, words)


def not_found(words: str) -> MatrixError:
    """There is no such thing, or nobody may know of it."""
    return MatrixError("M_NOT_FOUND", HTTPStatus.NOT_FOUND, words)


def invalid(words: str) -> MatrixError:
    """A parameter is of no use."""
    return MatrixError("M_INVALID_PARAM", HTTPStatus.BAD_REQUEST, words)


def too_many(retry_after: int) -> MatrixError:
    """https://spec.matrix.org/v1.16/client-server-api/#rate-limiting; seconds."""
    return MatrixError(
        "M_LIMIT_EXCEEDED", HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests", retry_after
    )
