"""The refusals of the Web API. https://docs.slack.dev/apis/web-api/#responses"""

from __future__ import annotations

from adapters.emulators.misuse import Json, RefusalError


class ApiError(RefusalError):
    """A call the server answers with HTTP 200 and `ok: false`, or with 429."""

    def __init__(self, code: str, retry_after: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """429 for rate limits, else 200. https://docs.slack.dev/apis/web-api/rate-limits"""
        return 429 if self.code == "ratelimited" else 200

    def body(self) -> Json:
        """The JSON body of the answer."""
        return {"ok": False, "error": self.code}


class EmulatorMisuseError(Exception):
    """A test or demo asked a person for something a real person could not do."""
