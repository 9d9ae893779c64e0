"""What the engine's types promise: closed unions, words for kinds, JSON there and back."""

import importlib
import pkgutil
import re
from datetime import UTC, datetime
from types import ModuleType
from typing import get_args

import msgspec
import pytest

from bridge.core import commands as c
from bridge.core import content as k
from bridge.core import effects as x
from bridge.core import entries as e
from bridge.core.endpoint import Endpoint, Place
from bridge.core.inbound import Inbound
from bridge.core.trajectory import Party, Trajectory, apply
from tests.core.shapes import erased, members_of, samples

PARTICIPLES = re.compile(
    r"(^|_)(\w+ed|\w*held|given|made|set|out|in|bound|unbound|kept|broken|done|up)$"
)


ENTRIES = members_of(e.Entry)
EFFECTS = members_of(x.Effect)
CONTENTS = members_of(k.Content)
INBOUNDS = members_of(Inbound)
UNIONS = {e.Entry: ENTRIES, x.Effect: EFFECTS, k.Content: CONTENTS, Inbound: INBOUNDS}
KINDS = [(union, kind) for union, kinds in UNIONS.items() for kind in kinds]


@pytest.mark.parametrize(("union", "kind"), KINDS, ids=lambda one: getattr(one, "__name__", ""))
def test_every_kind_comes_back_from_json(union: object, kind: type[msgspec.Struct]) -> None:
    decoder = msgspec.json.Decoder(union)
    for value in samples(kind):
        again = decoder.decode(msgspec.json.encode(value))
        assert again == value
        assert type(again) is kind


@pytest.mark.parametrize("union", UNIONS, ids=["entry", "effect", "content", "inbound"])
def test_an_unknown_kind_is_refused(union: object) -> None:
    for damaged in (b'{"kind": "message_thought"}', b'{"type": "telepathy"}', b"{}", b"[]"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(damaged, type=union)


def parts(module: ModuleType) -> list[ModuleType]:
    """Return a module and, where it is a package, the modules in it."""
    inside = pkgutil.iter_modules(getattr(module, "__path__", ()), f"{module.__name__}.")
    return [module, *(importlib.import_module(one.name) for one in inside)]


@pytest.mark.parametrize(
    ("module", "base", "union"),
    [(e, e.Line, e.Entry), (x, x._Effect, x.Effect)],
    ids=["entries", "effects"],
)
def test_every_kind_of_the_module_is_in_its_union(
    module: ModuleType, base: type, union: object
) -> None:
    of_module = {
        one
        for part in parts(module)
        for one in vars(part).values()
        if isinstance(one, type) and issubclass(one, base) and one is not base
    }
    assert of_module == set(get_args(union))


def test_every_command_of_the_module_is_in_the_union() -> None:
    of_module = {
        one
        for part in parts(c)
        for one in vars(part).values()
        if isinstance(one, type)
        and issubclass(one, msgspec.Struct)
        and one.__module__.startswith(c.__name__)
    }
    assert of_module == set(get_args(c.Command))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one.__name__)
def test_an_entry_is_a_past_participle_with_a_sentence(entry: type[msgspec.Struct]) -> None:
    kind = str(entry.__struct_config__.tag)
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", kind), kind
    assert PARTICIPLES.search(kind), kind
    assert entry.__doc__
    assert entry.__doc__.strip().endswith(".")


@pytest.mark.parametrize("kind", [kind for _, kind in KINDS], ids=lambda one: one.__name__)
def test_every_kind_says_what_it_is(kind: type[msgspec.Struct]) -> None:
    assert kind.__doc__
    assert kind.__struct_config__.frozen


@pytest.mark.parametrize("kind", ENTRIES, ids=lambda one: one.__name__)
def test_what_is_sealed_has_a_default_and_changes_no_state(kind: type[msgspec.Struct]) -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    for party in ("a", "b", "c"):
        state = Trajectory("t", parties={"a": Party("client"), "b": Party("coach")})
        for value in samples(kind):
            known = {"party": party} if hasattr(value, "party") else {}
            entry = msgspec.convert({**msgspec.to_builtins(value), **known}, e.Entry)
            assert apply(state, entry, at) == apply(state, erased(entry), at)
            assert apply(state, entry, at).seq == 1


def test_the_place_of_an_erased_party_is_in_no_state() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    before = Trajectory("t", parties={"a": Party("client")})
    for value in samples(e.PlaceBound):
        assert isinstance(value, e.PlaceBound)
        bound = msgspec.structs.replace(value, party="a")
        gone = msgspec.structs.replace(bound, place=None)
        known, lost = apply(before, bound, at), apply(before, gone, at)
        assert known.parties["a"].place == bound.place
        over = e.PartyErased(party="a", how="operator")
        assert apply(known, over, at) == apply(lost, over, at)
        assert apply(known, over, at).parties["a"].place is None


@pytest.mark.parametrize("text", ["telegram:main:111", "email:box:a@b:c", "x:y:z:1"])
def test_an_endpoint_reads_as_it_is_written(text: str) -> None:
    assert str(Endpoint.parse(text)) == text


@pytest.mark.parametrize("text", ["", "telegram", "telegram:main", "telegram:main:", ":a:b"])
def test_half_an_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write network:account:address"):
        Endpoint.parse(text)


def test_lanes_of_different_places_differ() -> None:
    place = Place("telegram", "main", "-100")
    assert place.lane != msgspec.structs.replace(place, thread="7").lane


def test_keys_of_effects_are_their_address_in_the_log() -> None:
    assert x.effect_key("anna-2026", 41, "noor") == "anna-2026/41/noor"
