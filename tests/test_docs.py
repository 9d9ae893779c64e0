"""Documentation cannot lie: tables come from the code, and nothing is left out.

``python -m tests.test_docs`` writes the tables anew.
"""

import inspect
import re
import typing
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest
from pydantic_core import PydanticUndefined
from typer.main import get_command

from bridge import config
from bridge.cli import show
from bridge.cli.commands import app
from bridge.core import entries
from bridge.core.delivery import DeliveryState
from bridge.runtime.metrics import Metrics
from bridge.web import ROUTES
from bridge.web.console import ROUTES as CONSOLE
from storage.logview import DeliveryLine, LogLine

DOCS = Path(__file__).parent.parent / "docs"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    head = list(head)
    return "\n".join([line(head), line("---" for _ in head), *map(line, rows)])


def one_line(text: str | None) -> str:
    return " ".join((text or "").replace("``", "`").split())


SINGLE = ("store", "keys", "web", "webchat", "outbox", "media", "video", "log")


def settings() -> str:
    parts: list[str] = []
    for name, section in config.sections().items():
        of_accounts = name not in SINGLE
        title = f"[{name}.<account>]" if of_accounts else f"[{name}]"
        rows = []
        for key, field in section.model_fields.items():
            assert field.description, f"{name}.{key} has no description"
            path = (name, "<account>", key) if of_accounts else (name, key)
            variable = config.PREFIX + "__".join(path).upper()
            rows.append((f"`{key}`", default(field.default), f"`{variable}`",
                         one_line(field.description)))  # fmt: skip
        parts += [f"## `{title}`", one_line(section.__doc__), table(COLUMNS, rows)]
    return "\n\n".join(parts)


COLUMNS = ("setting", "default", "environment", "meaning")


def default(value: object) -> str:
    if value is PydanticUndefined:
        return "required"
    if value is None or hasattr(value, "get_secret_value"):
        return "none"
    return (
        f"`{msgspec.json.encode(value if isinstance(value, int | float) else str(value)).decode()}`"
    )


def commands() -> str:
    root: typing.Any = get_command(app)
    parts = [options("coachbridge", root)]
    for name, command in root.commands.items():
        parts.append(options(f"coachbridge {name}", command))
        for sub, subcommand in getattr(command, "commands", {}).items():
            parts.append(options(f"coachbridge {name} {sub}", subcommand))
    return "\n\n".join(parts)


def options(title: str, command: typing.Any) -> str:
    rows = []
    words = [title]
    for parameter in command.params:
        name = parameter.opts[0]
        argument = parameter.param_type_name == "argument"
        shown = (parameter.metavar or name).upper() if argument else name
        if argument:
            words.append(shown)
        if name != "--config":
            assert parameter.help, f"{title} {name} has no help"
            rows.append((f"`{shown}`", one_line(parameter.help)))
    parts = [f"## `{' '.join(words)}`", one_line(command.help)]
    return "\n\n".join([*parts, table(("option", "meaning"), rows)] if rows else parts)


def routes() -> str:
    return table(("route", "answer"), ((f"`{route}`", text) for route, text in ROUTES.items()))


def console() -> str:
    return table(("route", "answer"), ((f"`{route}`", text) for route, text in CONSOLE.items()))


def metrics() -> str:
    rows = []
    for family in Metrics().registry.collect():
        suffix = "_total" if family.type == "counter" else ""
        rows.append((f"`{family.name}{suffix}`", family.type, family.documentation))
    return table(("metric", "type", "meaning"), rows)


def kinds() -> str:
    rows = []
    for kind in typing.get_args(entries.Entry):
        assert kind.__doc__, f"{kind.__name__} has no docstring"
        fields = [f for f in kind.__struct_fields__ if f != "author"]
        shown = ", ".join(f"*{f}*" if f in kind.SEALED else f for f in fields)
        rows.append((f"`{kind.__struct_config__.tag}`", one_line(kind.__doc__), shown))
    return table(("kind", "what happened", "fields (*sealed*)"), rows)


LOG_FIELDS = {
    "trajectory": "the trajectory's id",
    "seq": "number of the entry, from 1, without gaps",
    "at": "when it was written",
    "kind": "see above; a chat line is `message_posted`",
    "author": "the party who did it, or `bridge`",
    "role": "the author's role at that time: coach, client, sponsor, observer, or `bridge`",
    "network": "where it came from, or empty",
    "external_ids": "the network's own ids of the author's message",
    "text": "the words in plain text; null when they were erased or cannot be read",
    "reply_to": "seq of the entry it answers, or null",
    "deliveries": "what became of it for each recipient, see below",
    "hash": "the entry's link in the chain, hexadecimal",
    "target": "seq of the entry that it is about",
    "party": "the party that it is about",
    "party_role": "the role that the party was given",
    "state": "the new state of a delivery",
    "reason": "a code that says why",
    "media": "the file: kind, mime, name, size in bytes, attachment id",
    "content": "what it is when it is more than text",
    "notice": "which text of the bridge was given",
    "choice": "the option that was chosen",
    "version": "version of the consent text",
    "modality": "of a session: `f2f` = face to face",
    "minutes": "how long the session was",
    "losses": "what the recipient's network could not show",
    "twice": "true when it was possibly sent twice",
    "erased": "true when the key of the words was destroyed",
    "withheld": "an aside between others: left out for the coach who asked",
    "damaged": "true when the entry cannot be read",
    "details": "what else this kind of entry says, by name",
}
DELIVERY_FIELDS = {
    "party": "the recipient",
    "network": "where it was sent, or empty",
    "state": "see below",
    "external_ids": "the network's ids of the messages that show it there",
    "at": "when that state became known",
    "reason": "a code that says why, or empty",
    "detail": "one line for a person",
    "losses": "what the network could not show",
    "twice": "true when it was possibly sent twice",
}


def fields(struct: type[msgspec.Struct], meanings: dict[str, str]) -> str:
    known = msgspec.structs.fields(struct)
    assert {field.name for field in known} == set(meanings), struct.__name__
    rows = (
        (f"`{f.name}`", "always" if f.required else "sometimes", meanings[f.name]) for f in known
    )
    return table(("field", "there", "meaning"), rows)


def states() -> str:
    return table(("state", "meaning"), ((f"`{s}`", show.WORDS[s]) for s in DeliveryState))


GENERATED: dict[tuple[str, str], Callable[[], str]] = {
    ("configuration.md", "settings"): settings,
    ("cli.md", "commands"): commands,
    ("web.md", "routes"): routes,
    ("web.md", "metrics"): metrics,
    ("console.md", "console"): console,
    ("log.md", "entries"): kinds,
    ("log.md", "log"): lambda: fields(LogLine, LOG_FIELDS),
    ("log.md", "deliveries"): lambda: fields(DeliveryLine, DELIVERY_FIELDS),
    ("log.md", "states"): states,
}


def generated_part(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- generated: {name} -->\n)(.*?)(<!-- end -->)", re.DOTALL)


@pytest.mark.parametrize(("file", "name"), GENERATED)
def test_a_table_says_what_the_code_says(file: str, name: str) -> None:
    found = generated_part(name).search((DOCS / file).read_text(encoding="utf-8"))
    assert found, f"docs/{file} has no part {name}"
    assert found[2].strip() == GENERATED[file, name](), (
        f"docs/{file} is out of date; run: python -m tests.test_docs"
    )


def test_every_route_is_real() -> None:
    source = inspect.getsource(__import__("bridge.web", fromlist=["_pages"])._pages)
    for route in re.findall(r'Route\("([^"]+)"', source):
        assert f"GET {route}" in ROUTES


def test_the_example_of_the_settings_is_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COACHBRIDGE_SECRETS_DIR", str(tmp_path))
    text = (DOCS / "configuration.md").read_text(encoding="utf-8")
    file = tmp_path / "coachbridge.toml"
    file.write_text(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    assert config.load(file).telegram["main"].mode == "polling"


@pytest.mark.parametrize("name", ["cli.md", "promises.md"])
def test_the_example_of_a_practice_is_valid(tmp_path: Path, name: str) -> None:
    from bridge.runtime.practice_file import read_practice

    text = (DOCS / name).read_text(encoding="utf-8")
    file = tmp_path / "practice.toml"
    file.write_text(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0], encoding="utf-8")
    assert [t.id for t in read_practice(file).trajectory] == ["anna-2026"]


def write() -> None:
    """Bring every generated part up to date."""
    for (file, name), make in GENERATED.items():
        path = DOCS / file
        text, made = path.read_text(encoding="utf-8"), make()
        found = generated_part(name).search(text)
        assert found
        part = f"{found[1]}\n{made}\n\n{found[3]}"
        path.write_text(text[: found.start()] + part + text[found.end() :], encoding="utf-8")


if __name__ == "__main__":
    write()
