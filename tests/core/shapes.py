"""What the engine's closed unions are made of, and values of every kind."""

import types
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Union, get_args, get_origin

import msgspec

from bridge.core import entries as e

SIMPLE: dict[object, tuple[object, ...]] = {
    str: ("Zoë 🙂 {name} <b>", ""),
    int: (7, 0, 2**53),
    float: (-52.25, 0.0),
    bool: (True, False),
    type(None): (None,),
    datetime: (datetime(2026, 10, 25, 1, 30, 0, 123456, tzinfo=UTC),),
}


def members_of(union: object) -> tuple[type[msgspec.Struct], ...]:
    """Return the structs of a closed union."""
    return get_args(union)


def kinds_in(value: object, field: str) -> Iterator[str]:
    """Yield every tag that stands anywhere in a JSON value."""
    if isinstance(value, Mapping):
        if isinstance(tag := value.get(field), str):
            yield tag
        for one in value.values():
            yield from kinds_in(one, field)
    elif isinstance(value, list):
        for one in value:
            yield from kinds_in(one, field)


def samples(kind: type[msgspec.Struct]) -> list[msgspec.Struct]:
    """Return structs of a kind: with every field given, and each field in turn another way."""
    return [one for one in _samples(kind, 0) if isinstance(one, msgspec.Struct)]


def erased(entry: e.Entry) -> e.Entry:
    """Return an entry as it is when the key of its words was destroyed.

    The place of ``PlaceBound`` is kept: it goes from the state with its party, by the entry that
    is written in the commit that destroys the key; ``test_shapes`` looks at that.
    """
    if isinstance(entry, e.PlaceBound):
        return entry
    defaults = {}
    for field in msgspec.structs.fields(entry):
        if field.name in entry.SEALED:
            assert not field.required, f"{entry.kind}.{field.name}"
            made = field.default_factory
            defaults[field.name] = field.default if made is msgspec.NODEFAULT else made()
    return msgspec.structs.replace(entry, **defaults)


def _samples(hint: object, depth: int) -> tuple[object, ...]:
    if hint in SIMPLE:
        return SIMPLE[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(hint)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return tuple(_structs(hint, depth))
    arguments = get_args(hint)
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(one for argument in arguments for one in _samples(argument, depth + 1))
    if get_origin(hint) is tuple:
        if depth > 4:
            return ((),)
        return (tuple(_samples(arguments[0], depth + 1)), ())
    return (dict(zip(_samples(arguments[0], 9), _samples(arguments[1], 9), strict=False)), {})


def _structs(kind: type[msgspec.Struct], depth: int) -> Iterator[msgspec.Struct]:
    fields = msgspec.structs.fields(kind)
    choices = {field.name: _samples(field.type, depth + 1) for field in fields}
    full = kind(**{name: values[0] for name, values in choices.items()})
    yield full
    for name, values in choices.items() if depth < 2 else ():
        for value in values[1:]:
            yield msgspec.structs.replace(full, **{name: value})
