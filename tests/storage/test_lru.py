"""A bounded map: never more than its limit, and what was used lately is there."""

import random

import pytest

from storage.lru import Lru


def test_it_never_holds_more_than_its_limit_and_never_forgets_what_was_used_lately() -> None:
    chance = random.Random(7)
    cache: Lru[int, int] = Lru(20)
    recent: list[int] = []
    for step in range(5_000):
        key = chance.randrange(60)
        known = cache.get(key)
        if known is None:
            assert key not in recent[-10:]
            cache[key] = step
        recent = [one for one in recent if one != key] + [key]
        assert all(one in cache for one in recent[-10:])
        assert len(cache) <= 20


def test_a_value_is_the_last_that_was_set_or_none() -> None:
    cache: Lru[str, int | None] = Lru(4)
    for value in range(10):
        cache["a"] = value
        cache[f"b{value}"] = value
        assert cache["a"] == cache.get("a") == value
    cache.pop("a")
    cache.pop("never there")
    assert cache.get("a") is None
    assert "a" not in cache
    with pytest.raises(KeyError):
        cache["a"]
    cache["none"] = None
    assert "none" in cache
    assert cache["none"] is None
    cache.clear()
    assert len(cache) == 0
