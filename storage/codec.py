"""Entries, effects, states and instants as the store keeps them, and back.

1. An entry becomes two JSON objects: the envelope (every field outside ``SEALED``, the version
   ``v``) and the sealed rest. ``kind``, ``author`` and ``owner`` are columns of their own.
2. Fields that have their default are left out; so a default may never change without a new
   version and an upcaster.
3. Without a key the sealed fields take their defaults. That is how erased words look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import get_args

import msgspec

from bridge.core import entries as e
from bridge.core.effects import Effect
from bridge.core.errors import StoreError
from bridge.core.trajectory import Trajectory

VERSION = 1
"""The version new entries are written in."""

Fields = dict[str, object]
Upcaster = Callable[[Fields, Fields], tuple[Fields, Fields]]
"""Turns (envelope, sealed) of one version into those of the next."""

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""By kind and the version it starts from; kinds without an entry did not change there."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_encoder = msgspec.json.Encoder()
encode_json = _encoder.encode


def micros(at: datetime) -> int:
    """Return an aware instant as microseconds since the epoch."""
    return (at - _EPOCH) // _MICROSECOND


def instant(at: int) -> datetime:
    """Return microseconds since the epoch as an aware UTC instant."""
    return _EPOCH + timedelta(microseconds=at)


def maybe_micros(at: datetime | None) -> int | None:
    """The same for an instant that may be missing."""
    return None if at is None else micros(at)


def maybe_instant(at: int | None) -> datetime | None:
    """The same for an instant that may be missing."""
    return None if at is None else instant(at)


class _Versioned(msgspec.Struct):
    v: int


class _KindCodec:
    """How one kind of entry is split and put together again."""

    __slots__ = ("_entry", "_envelope", "_get_open", "_get_sealed", "_open", "_sealed")

    def __init__(self, entry: type[e.Entry]) -> None:
        self._entry = entry
        known = [f for f in msgspec.structs.fields(entry) if f.name != "author"]
        sealed = [f for f in known if f.name in entry.SEALED]
        clear = [f for f in known if f.name not in entry.SEALED]
        self._get_open = _getter(clear)
        self._get_sealed = _getter(sealed) if sealed else None
        self._open = _struct(f"{entry.__name__}Envelope", clear, [("v", int)])
        self._envelope = msgspec.json.Decoder(self._open)
        self._sealed = _struct(f"{entry.__name__}Sealed", sealed, [])

    def split(self, entry: e.Entry) -> tuple[bytes, bytes | None]:
        envelope = encode_json(self._open(VERSION, *self._get_open(entry)))
        if self._get_sealed is None:
            return envelope, None
        sealed = encode_json(self._sealed(*self._get_sealed(entry)))
        return envelope, None if sealed == b"{}" else sealed

    def join(self, author: str, envelope: bytes, sealed: bytes | None) -> e.Entry:
        values = msgspec.structs.asdict(self._envelope.decode(envelope))
        del values["v"]
        if sealed is not None:
            values.update(msgspec.structs.asdict(msgspec.json.decode(sealed, type=self._sealed)))
        return self._entry(author=author, **values)


def _getter(known: list[msgspec.structs.FieldInfo]) -> Callable[[e.Entry], tuple[object, ...]]:
    names = [f.name for f in _required_first(known)]
    if len(names) > 1:
        return attrgetter(*names)
    only = names[0] if names else ""
    return lambda entry: (getattr(entry, only),) if only else ()


def _required_first(
    known: list[msgspec.structs.FieldInfo],
) -> list[msgspec.structs.FieldInfo]:
    return sorted(known, key=lambda info: not info.required)


def _struct(
    name: str, known: list[msgspec.structs.FieldInfo], first: list[tuple[str, type]]
) -> type[msgspec.Struct]:
    defined: list[tuple[str, type] | tuple[str, type, object]] = [*first]
    for info in _required_first(known):
        if info.required:
            defined.append((info.encode_name, info.type))
        elif info.default_factory is not msgspec.NODEFAULT:
            factory = msgspec.field(default_factory=info.default_factory)
            defined.append((info.encode_name, info.type, factory))
        else:
            defined.append((info.encode_name, info.type, info.default))
    return msgspec.defstruct(name, defined, omit_defaults=True, frozen=True)


_CODECS: dict[str, _KindCodec] = {
    str(kind.__struct_config__.tag): _KindCodec(kind) for kind in get_args(e.Entry)
}


def split_entry(entry: e.Entry) -> tuple[bytes, bytes | None]:
    """Return the envelope and what is to be sealed (None when there is nothing to hide)."""
    return _CODECS[entry.kind].split(entry)


def join_entry(kind: str, author: str, envelope: bytes, sealed: bytes | None) -> e.Entry:
    """Return the entry; ``sealed`` is opened already, None when it is empty or erased.

    Raises StoreError for what this version cannot read.
    """
    codec = _CODECS.get(kind)
    if codec is None:
        raise StoreError(f"an entry of kind {kind!r} is unknown to this version of the program")
    try:
        version = msgspec.json.decode(envelope, type=_Versioned).v
        if version != VERSION:
            envelope, sealed = _upcast(kind, version, envelope, sealed)
        return codec.join(author, envelope, sealed)
    except msgspec.DecodeError as error:
        raise StoreError(f"an entry of kind {kind!r} cannot be read: {error}") from error


def _upcast(
    kind: str, version: int, envelope: bytes, sealed: bytes | None
) -> tuple[bytes, bytes | None]:
    if not 0 < version < VERSION:
        raise StoreError(f"an entry has version {version}; this program reads up to {VERSION}")
    clear = msgspec.json.decode(envelope, type=Fields)
    hidden = msgspec.json.decode(sealed, type=Fields) if sealed else {}
    for step in range(version, VERSION):
        change = UPCASTERS.get((kind, step))
        if change is not None:
            clear, hidden = change(clear, hidden)
    clear["v"] = VERSION
    return encode_json(clear), encode_json(hidden) if hidden else None


_effects: msgspec.json.Decoder[Effect] = msgspec.json.Decoder(Effect)
_states = msgspec.json.Decoder(Trajectory)
_texts = msgspec.json.Decoder(tuple[str, ...])


def encode_effect(effect: Effect) -> bytes:
    """Return an effect as JSON, to be sealed."""
    return encode_json(effect)


def decode_effect(data: bytes) -> Effect:
    """Return the effect. Raises StoreError when this version cannot read it."""
    try:
        return _effects.decode(data)
    except msgspec.DecodeError as error:
        raise StoreError(f"an outbox row cannot be read: {error}") from error


def encode_state(state: Trajectory) -> str:
    """Return a trajectory's state as JSON text."""
    return encode_json(state).decode()


def decode_state(text: str) -> Trajectory:
    """Return a trajectory's state from JSON text."""
    return _states.decode(text)


def encode_texts(texts: tuple[str, ...]) -> str:
    """Return short texts, such as external ids, as a JSON list."""
    return encode_json(texts).decode() if texts else "[]"


def decode_texts(text: str) -> tuple[str, ...]:
    """Return the texts of a JSON list."""
    return () if text == "[]" else _texts.decode(text)
