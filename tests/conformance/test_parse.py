"""Recorded payloads come out as expected; damaged ones only ever raise ParseError."""

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bridge.core.adapter import Adapter
from bridge.core.capabilities import Feature, Support
from bridge.core.errors import ParseError
from bridge.core.inbound import Inbound
from tests.conformance.kit import Kit
from tests.conformance.networks import NETWORKS

LONG = "ä🚲 " * 3_000  # longer than any network takes, in every unit
MISSING = object()
# 2**70 is more than the encoder takes; the text of the number is put in instead.
HUGE = msgspec.Raw(str(2**70).encode())
DAMAGE: tuple[object, ...] = (MISSING, None, "", 0, -1, HUGE, True, [], {}, LONG)
UPDATE = "COACHBRIDGE_UPDATE_FIXTURES"
"""Set it to write the expected results anew; then read the difference before committing it."""

_ANY_INBOUND = msgspec.json.Decoder(tuple[Inbound, ...])


def _recorded() -> list[Any]:
    return [
        pytest.param(kit, file, id=f"{kit}-{file.stem}")
        for kit in NETWORKS
        for file in sorted((kit.fixtures / "inbound").glob("*.json"))
    ]


def _adapter(kit: Kit) -> Adapter:
    return kit.build("http://127.0.0.1:9")


def _as_json(happened: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(happened), indent=1) + b"\n"


@pytest.mark.parametrize(("kit", "file"), _recorded())
def test_a_recorded_payload_is_understood(kit: Kit, file: Path) -> None:
    happened = _adapter(kit).parse(kit.payload(file))
    expected = file.with_suffix(".expected")
    if os.environ.get(UPDATE):
        expected.write_bytes(_as_json(happened))
    assert _as_json(happened).decode() == expected.read_text(encoding="utf-8")


def test_there_are_enough_recordings(kit: Kit) -> None:
    names = [file.stem for file in (kit.fixtures / "inbound").glob("*.json")]
    assert len(names) >= 8
    edits = _adapter(kit).capabilities.support[Feature.EDIT]
    if edits in (Support.FULL, Support.PARTIAL):  # a network without edits tells of none
        assert any("edited" in name for name in names)
    assert any("photo" in name or "document" in name for name in names)
    assert len(list((kit.fixtures / "errors").glob("*.json"))) >= 2


def test_what_we_sent_ourselves_never_comes_back(kit: Kit) -> None:
    echoes = list((kit.fixtures / "inbound").glob("own_echo*.json"))
    assert echoes
    for file in echoes:
        assert list(_adapter(kit).parse(kit.payload(file))) == []


@pytest.mark.parametrize(("kit", "file"), _recorded())
def test_damage_is_parked_and_never_let_through(kit: Kit, file: Path) -> None:
    adapter = _adapter(kit)
    recorded = msgspec.json.decode(file.read_bytes())
    tried = 0
    complaints: set[str] = set()
    for damaged in _damaged(recorded):
        payload = (kit.form or msgspec.json.encode)(damaged)
        assert adapter.keys(payload)
        tried += 1
        try:
            happened = adapter.parse(payload)
        except ParseError as error:
            complaints.add(str(error))
            continue
        # Encoded and read with strict types again: a number where a text belongs would show.
        assert _ANY_INBOUND.decode(msgspec.json.encode(happened)) == tuple(happened)
    assert tried > 50
    assert not any(LONG[:50] in complaint for complaint in complaints)


def _damaged(tree: Any) -> Iterator[Any]:
    """Yield the payload with each value at each path replaced in turn."""
    for path in list(_paths(tree)):
        for value in DAMAGE:
            if path or value is not MISSING:
                yield _replaced(tree, path, value)


def _replaced(tree: Any, path: tuple[str | int, ...], value: object) -> Any:
    """Return the tree with another value at a path; what is beside the path is shared."""
    if not path:
        return value
    changed = copy.copy(tree)
    if len(path) == 1 and value is MISSING:
        del changed[path[0]]
    else:
        changed[path[0]] = _replaced(tree[path[0]], path[1:], value)
    return changed


def _paths(tree: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield at
    if isinstance(tree, dict):
        for name in tree:
            yield from _paths(tree[name], (*at, name))
    elif isinstance(tree, list):
        for number in range(len(tree)):
            yield from _paths(tree[number], (*at, number))


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"{", b"\xff\xfe", b'"\\ud800"', b"[" * 100_000, b'{"a":' * 5000, b"{}", b"[]"],
)
def test_what_is_no_payload_at_all_is_parked_under_a_stable_name(kit: Kit, payload: bytes) -> None:
    adapter = _adapter(kit)
    with pytest.raises(ParseError):
        adapter.parse(payload)
    assert adapter.keys(payload) == adapter.keys(payload)
    assert adapter.keys(payload) != adapter.keys(payload + b" ")


def test_names_are_unique_and_stable(kit: Kit) -> None:
    adapter = _adapter(kit)
    seen: set[str] = set()
    for file in (kit.fixtures / "inbound").glob("*.json"):
        payload = kit.payload(file)
        names = adapter.keys(payload)
        assert names == adapter.keys(payload) != ()
        assert not seen.intersection(names), file.stem
        seen.update(names)
