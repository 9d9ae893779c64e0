"""The parameters of one request, however they came: query, form, multipart or JSON.

https://core.telegram.org/bots/api#making-requests. Like the real server everything is first a
string or a JSON value; each reader says what it wants.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from adapters.emulators.telegram.errors import bad_request

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json


@dataclass(frozen=True, slots=True)
class Upload:
    """A file part of a multipart request."""

    name: str | None
    mime: str | None
    data: bytes

    def summary(self) -> Json:
        """What the journal keeps of it."""
        digest = hashlib.sha256(self.data).hexdigest()
        return {"file": self.name, "size": len(self.data), "sha256": digest}


@dataclass(slots=True)
class Params:
    """Values and files by name."""

    values: Json
    files: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether something was given."""
        return self.values.get(name) not in (None, "")

    def text(self, name: str) -> str:
        """A string; empty when missing."""
        value = self.values.get(name)
        if value is None or isinstance(value, dict | list):
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """A whole number; the default when it is missing or not one."""
        try:
            return int(self.text(name).strip())
        except ValueError:
            return default

    def flag(self, name: str) -> bool:
        """`true`, `yes` and `1` are true, all else is false."""
        return self.text(name).strip().lower() in {"true", "yes", "1"}

    def number(self, name: str) -> float | None:
        """A decimal number, None when missing or not one."""
        try:
            return float(self.text(name))
        except ValueError:
            return None

    def json(self, name: str, what: str) -> Any:
        """A JSON value (an object or list as such, or as a string to decode), None when missing.

        `what` names it in the refusal when it cannot be decoded.
        """
        value = self.values.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return msgspec.json.decode(value)
            except msgspec.DecodeError:
                raise bad_request(f"can't parse {what} JSON object") from None
        return value

    def objects(self, name: str, what: str) -> list[Json] | None:
        """A list of JSON objects, None when missing."""
        value = self.json(name, what)
        if value is None:
            return None
        if not isinstance(value, list):
            raise bad_request(f"can't parse {what}: expected an Array")
        return value

    def plain(self) -> Json:
        """For the journal: all values, files as name, size and digest."""
        return {**self.values, **{name: file.summary() for name, file in self.files.items()}}
