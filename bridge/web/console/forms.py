"""Small forms of a page: what was filled in stays, and what is wrong stands beside its field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.web.console import phrases

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from bridge.web.console.words import Words


class Form(msgspec.Struct, frozen=True):
    """One form by its name: its values, and by field what is wrong, in words."""

    name: str
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    code: str = ""

    def value(self, field: str, usual: str = "") -> str:
        """Return what stands in a field."""
        return self.values.get(field, usual)

    def error(self, field: str) -> str:
        """Return what is wrong with a field, '' for nothing."""
        return self.errors.get(field, "")


class Forms(msgspec.Struct, frozen=True):
    """The forms of a page; ``filled`` is the one that came back."""

    filled: Form = Form("")

    def at(self, name: str) -> Form:
        """Return a form by its name."""
        return self.filled if self.filled.name == name else Form(name)


def text(form: FormData, name: str) -> str:
    """Return what stands in a field, '' for a field that is not there."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""


def sent_back(name: str, form: FormData, code: str, words: Words) -> Forms:
    """Return a page's forms with this one as it was filled in, and why it was not carried out."""
    values = {key: value for key, value in form.items() if isinstance(value, str) and key != "csrf"}
    field, told = phrases.mistake(name, code)
    return Forms(Form(name, values, {field: words(told)}, code))
