"""What became of an ambiguous request: our key is looked for at Slack.

1. ``metadata`` of a message holds the key. Not to find it among the newest ``_FAR`` messages of
   the conversation means that Slack did not take it.
2. A file is known by its id to the process that shared it. After a restart only a file with words
   can be found, by the name of its block; not to find it means nothing.

https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

from adapters.slack.history import next_cursor, patiently
from bridge.core.adapter import Absent, Found, Sent, Unknown
from bridge.core.endpoint import Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bridge.core.adapter import Reconciled

Json = dict[str, Any]

_FAR = 1000
_PAGE = 200
_MOST_REMEMBERED = 1000


class _Account(Protocol):
    network: str
    account: str

    async def call(self, method: str, params: Mapping[str, object], token: str = "") -> Json:
        """Call a method. Raises SendError."""

    async def invite(self, channel: str, user: str) -> None:
        """Let a person into a channel. Raises SendError."""


class Lookup:
    """Finds requests again; remembers the newest files."""

    def __init__(self, account: _Account) -> None:
        self._account = account
        self._files: OrderedDict[str, str] = OrderedDict()

    def remember(self, key: str, file: str) -> None:
        """Note which file a key is about to show."""
        self._files[key] = file
        if len(self._files) > _MOST_REMEMBERED:
            self._files.popitem(last=False)

    async def message(self, params: Json, key: str) -> Reconciled:
        """Find a message by its key. Raises SendError."""
        stamp = await self._by_key(params, key)
        return Found(Sent((stamp,))) if stamp else Absent()

    async def thread(self, params: Json, key: str) -> Reconciled:
        """Find the beginning of a thread by its key. Raises SendError."""
        stamp = await self._by_key(params, key)
        if not stamp:
            return Absent()
        place = Place(self._account.network, self._account.account, str(params["channel"]), stamp)
        return Found(Sent(opened=place))

    async def file(self, params: Json, key: str) -> Reconciled:
        """Find a shared file. Raises SendError."""
        channel = str(params["channel_id"])
        if file := self._files.get(key):
            stamp = await self.share(file, channel)
            return Found(Sent((stamp,))) if stamp else Absent()
        async for message in self._newest({**params, "channel": channel}):
            blocks = message.get("blocks") or []
            if any(isinstance(one, dict) and one.get("block_id") == key[:255] for one in blocks):
                return Found(Sent((str(message["ts"]),)))
        return Unknown()

    async def share(self, file: str, channel: str) -> str:
        """Return the ``ts`` under which a file shows in a conversation, '' if it does not.

        https://docs.slack.dev/reference/methods/files.info. Raises SendError.
        """
        answer = await self._account.call("files.info", {"file": file})
        info = answer.get("file")
        shares = info.get("shares") if isinstance(info, dict) else None
        for kind in shares.values() if isinstance(shares, dict) else ():
            for share in kind.get(channel, []) if isinstance(kind, dict) else ():
                if isinstance(stamp := share.get("ts"), str):
                    return stamp
        return ""

    async def channel(self, name: str, user: str) -> Reconciled:
        """Find a channel of ours by its name. Raises SendError."""
        params: Json = {"types": "private_channel", "limit": _PAGE}
        while True:
            answer = await patiently(self._account.call, "users.conversations", params)
            for channel in answer.get("channels") or []:
                if channel.get("name") == name:
                    await self._account.invite(channel["id"], user)
                    place = Place(self._account.network, self._account.account, channel["id"])
                    return Found(Sent(opened=place))
            following = next_cursor(answer)
            if not following:
                return Absent()
            params["cursor"] = following

    async def _by_key(self, params: Json, key: str) -> str:
        async for message in self._newest(params):
            metadata = message.get("metadata")
            told = metadata.get("event_payload") if isinstance(metadata, dict) else None
            if isinstance(told, dict) and told.get("key") == key:
                return str(message["ts"])
        return ""

    async def _newest(self, where: Json) -> AsyncIterator[Json]:
        """Yield the newest messages of a conversation, or those of a thread."""
        params: Json = {
            "channel": where["channel"],
            "include_all_metadata": True,
            "limit": _PAGE,
        }
        method = "conversations.history"
        if "thread_ts" in where:
            method, params["ts"] = "conversations.replies", where["thread_ts"]
        seen = 0
        while seen < _FAR or "thread_ts" in where:
            answer = await patiently(self._account.call, method, params)
            messages = answer.get("messages") or []
            for message in messages:
                yield message
            seen += len(messages)
            following = next_cursor(answer)
            if not following:
                return
            params["cursor"] = following
