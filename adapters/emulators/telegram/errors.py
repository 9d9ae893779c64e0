"""The refusals of the Bot API, in the words the real server uses.

Shape: https://core.telegram.org/bots/api#making-requests (`ok`, `error_code`, `description`,
optional `parameters`: https://core.telegram.org/bots/api#responseparameters). The wording is not
documented but client libraries and bots match on it, so it is kept to the letter.
"""

from __future__ import annotations

from adapters.emulators.misuse import Json, RefusalError


class ApiError(RefusalError):
    """A request the server answers with `ok: false`."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        """The JSON body of the answer."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(description: str, parameters: Json | None = None) -> ApiError:
    return ApiError(400, f"Bad Request: {description}", parameters)


def forbidden(description: str) -> ApiError:
    return ApiError(403, f"Forbidden: {description}")


def conflict(description: str) -> ApiError:
    return ApiError(409, f"Conflict: {description}")


def too_many(retry_after: int) -> ApiError:
    """429 as https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this."""
    return ApiError(
        429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after}
    )
