"""docs/networks.md says what the adapters declare, and every network has its page.

``python -m tests.test_networks_doc`` writes the tables anew.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import adapters
from adapters.media import Loss
from adapters.telegram.payloads import ALLOWED_UPDATES
from bridge.core.capabilities import Capabilities, Feature, LengthUnit
from tests.test_docs import DOCS, generated_part, table

PAGE = DOCS / "networks.md"
UNITS = {
    LengthUnit.UTF16: "UTF-16 units",
    LengthUnit.CHARACTERS: "characters",
    LengthUnit.SEGMENTS: "segments",
    LengthUnit.BYTES: "bytes",
}


def networks() -> list[Capabilities]:
    """Return what every adapter package declares; none can be left out."""
    modules = (
        importlib.import_module(f"adapters.{found.name}")
        for found in pkgutil.iter_modules(adapters.__path__)
        if found.ispkg and found.name != "emulators"
    )
    found = (module.CAPABILITIES for module in modules)
    return [one for each in found for one in (each if isinstance(each, tuple) else (each,))]


def capabilities() -> str:
    known = networks()
    rows = [
        (feature.replace("_", " "), *(sheet.support[feature] for sheet in known))
        for feature in Feature
    ]
    rows += [(name, *(show(sheet) for sheet in known)) for name, show in FACTS.items()]
    return table(("", *(sheet.network for sheet in known)), rows)


FACTS: dict[str, Callable[[Capabilities], str]] = {
    "longest text": lambda s: f"{s.max_text} {UNITS[s.text_unit]}",
    "longest caption": lambda s: f"{s.max_caption} {UNITS[s.text_unit]}",
    "largest file in": lambda s: _megabytes(s.max_download),
    "largest file out": lambda s: _megabytes(s.max_upload),
    "options in a question": lambda s: str(s.max_choices),
    "edits": lambda s: "at any age" if s.edit_age is None else f"for {s.edit_age} s",
    "messages of one account": lambda s: _rate(s.rates.account),
    "messages in one chat": lambda s: _rate(s.rates.chat),
    "messages in one group": lambda s: _rate(s.rates.group),
    "protection": lambda s: f"`{s.protection}`",
    "ambiguity": lambda s: f"`{s.idempotency}`",
    "every message is an answer": lambda s: "yes" if s.answers_always else "no",
    "a page of the bridge": lambda s: "yes" if s.own_page else "no",
}


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:g} MB"


def _rate(per_second: float) -> str:
    if per_second == 0:
        return "no limit"
    return f"{per_second:g} a second" if per_second >= 1 else f"{per_second * 60:g} a minute"


def losses() -> str:
    """Return the codes with the docstrings below them."""
    source = ast.parse(inspect.getsource(Loss)).body[0]
    assert isinstance(source, ast.ClassDef)
    meanings = {}
    for code, text in zip(source.body, source.body[1:], strict=False):
        match code, text:
            case ast.Assign(targets=[ast.Name(id=name)]), ast.Expr(ast.Constant(str(meaning))):
                meanings[Loss[name]] = meaning
    assert set(meanings) == set(Loss), "a code of a loss has no docstring"
    return table(("code", "meaning"), ((f"`{code}`", text) for code, text in meanings.items()))


GENERATED: dict[str, Callable[[], str]] = {"capabilities": capabilities, "losses": losses}


@pytest.mark.parametrize("name", GENERATED)
def test_the_table_says_what_the_adapters_say(name: str) -> None:
    found = generated_part(name).search(PAGE.read_text(encoding="utf-8"))
    assert found, f"docs/networks.md has no part {name}"
    assert found[2].strip() == GENERATED[name](), (
        "docs/networks.md is out of date; run: python -m tests.test_networks_doc"
    )


def test_every_network_has_its_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for sheet in networks():
        assert (DOCS / "networks" / f"{sheet.network}.md").is_file()
        assert f"(networks/{sheet.network}.md)" in text


def test_the_page_of_telegram_names_the_updates_we_ask_for() -> None:
    text = (DOCS / "networks" / "telegram.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert named == list(ALLOWED_UPDATES)


def write() -> None:
    """Bring the tables up to date."""
    text = PAGE.read_text(encoding="utf-8")
    for name, make in GENERATED.items():
        found = generated_part(name).search(text)
        assert found
        text = f"{text[: found.start()]}{found[1]}\n{make()}\n\n{found[3]}{text[found.end() :]}"
    Path(PAGE).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
