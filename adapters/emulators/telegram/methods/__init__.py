"""The methods of the Bot API, by lower-case name (the real server ignores case)."""

from __future__ import annotations

from adapters.emulators.telegram.methods import account, groups, media, messages
from adapters.emulators.telegram.methods.ask import Ask, AsyncMethod, Method

METHODS: dict[str, Method] = {
    **account.METHODS,
    **messages.METHODS,
    **media.METHODS,
    **groups.METHODS,
}
ASYNC_METHODS: dict[str, AsyncMethod] = account.ASYNC_METHODS
get_updates = account.get_updates

__all__ = ["ASYNC_METHODS", "METHODS", "Ask", "AsyncMethod", "Method", "get_updates"]
