"""A bounded map that forgets what was not used for long.

Two halves: what is used goes into the young one; when that is full it becomes the old one, and what
the old one held is forgotten. So looking something up, which happens a dozen times a message, moves
nothing, and the map itself takes half the memory of one that keeps the exact order of use.
"""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lru(Generic[K, V]):
    """At most ``limit`` values, and at least the last ``limit // 2`` used. For one thread."""

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._young or key in self._old

    def __getitem__(self, key: K) -> V:
        try:
            return self._young[key]
        except KeyError:
            value = self._old[key]
            self[key] = value
            return value

    def get(self, key: K) -> V | None:
        """Return a value, None when it is not held."""
        value = self._young.get(key)
        if value is None and key in self._old:
            value = self[key]
        return value

    def __setitem__(self, key: K, value: V) -> None:
        self._young[key] = value
        if len(self._young) > self._half:
            del self._young[key]
            self._old, self._young = self._young, {key: value}

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def pop(self, key: K) -> None:
        """Forget one value, if it is there."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._young.clear()
        self._old.clear()
