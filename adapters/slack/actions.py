"""What we do at Slack, where it takes more than one call.

1. Only the last call of each shows anything: whatever goes wrong before it, nothing was sent.
2. Every message carries our key as metadata; a file has none, and carries it as the name of a
   block, where it has words.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import TYPE_CHECKING, Any, Protocol

from adapters.slack.history import next_cursor
from adapters.slack.layout import POST, SHARE
from adapters.slack.refusals import NOTHING_LEFT
from bridge.core.endpoint import Place
from bridge.core.errors import Certainty, Rejected, SendError, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from adapters.slack.lookup import Lookup
    from bridge.core.adapter import Files, Request

Json = dict[str, Any]

EVENT_TYPE = "coachbridge_message"
_ALONE = 2  # a coach and the bot
_LOOKS = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between looks for the message of a shared file; Slack makes it a moment later."""
_STAMP = re.compile(r"[0-9]{1,10}\.[0-9]{6}")


class _Link(Protocol):
    network: str
    account: str

    async def call(self, method: str, params: Mapping[str, object], token: str = "") -> Json:
        """Call a method. Raises SendError."""

    async def harmlessly(self, method: str, params: Mapping[str, object]) -> Json:
        """Call what shows nothing. Raises SendError, always *not sent*."""

    async def upload(self, url: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Send the bytes of a file. Raises SendError, always *not sent*."""

    async def own_id(self) -> str:
        """Return our user id. Raises SendError."""


class Actions:
    """The requests of ``render`` as calls."""

    def __init__(self, link: _Link, lookup: Lookup) -> None:
        self._link = link
        self._lookup = lookup

    async def post(self, params: Json, key: str) -> str:
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
        answer = await self._link.call(POST, {**params, "metadata": metadata})
        return _stamp(answer)

    async def change(self, method: str, params: Json) -> None:
        try:
            await self._link.call(method, params)
        except Rejected as error:
            if not (method == "chat.delete" and error.code == "message_gone"):
                raise

    # -- files ---------------------------------------------------------------------------------

    async def share(self, request: Request, params: Json, key: str, files: Files) -> str:
        """Upload a file and show it.

        https://docs.slack.dev/messaging/working-with-files#uploading_files
        """
        upload = request.uploads[0]
        place = await self._link.harmlessly(
            "files.getUploadURLExternal", {"filename": upload.name, "length": upload.size}
        )
        url, file = place.get("upload_url"), place.get("file_id")
        if not (isinstance(url, str) and isinstance(file, str)):
            raise no_result(Certainty.NOT_SENT)
        await self._link.upload(url, files.read(upload.attachment), upload.size)
        if "blocks" in params:
            params["blocks"] = [{**block, "block_id": key[:255]} for block in params["blocks"]]
        self._lookup.remember(key, file)
        await self._link.call(SHARE, {**params, "files": [{"id": file, "title": upload.name}]})
        return await self._shared_as(file, str(params["channel_id"]))

    async def _shared_as(self, file: str, channel: str) -> str:
        """Return the ``ts`` of the message of a file; while that is unknown, the id of the file."""
        for wait in _LOOKS:
            try:
                if stamp := await self._lookup.share(file, channel):
                    return stamp
            except SendError:
                break  # it is shown all the same
            await asyncio.sleep(wait)
        return file

    # -- reactions and places ------------------------------------------------------------------

    async def react(self, params: Json) -> None:
        """Make the reactions of our user on a message these and no others.

        https://docs.slack.dev/reference/methods/reactions.get
        """
        target = {"channel": params["channel"], "timestamp": params["timestamp"]}
        own = await self._link.own_id()
        answer = await self._link.harmlessly("reactions.get", {**target, "full": True})
        message = answer.get("message")
        found = message.get("reactions") if isinstance(message, dict) else None
        ours = {one["name"] for one in found or [] if own in one.get("users", [])}
        wanted = list(params["names"])
        for name in sorted(ours - set(wanted)):
            await self._react_once("reactions.remove", {**target, "name": name})
        for name in wanted:
            if name not in ours:
                await self._react_once("reactions.add", {**target, "name": name})

    async def _react_once(self, method: str, params: Json) -> None:
        try:
            await self._link.call(method, params)
        except Rejected as error:
            if error.code not in NOTHING_LEFT:
                raise

    async def open_thread(self, params: Json, key: str) -> Place:
        """Begin a thread, unless somebody else in the conversation could read it."""
        answer = await self._link.harmlessly(
            "conversations.members", {"channel": params["channel"]}
        )
        members = answer.get("members")
        if not isinstance(members, list) or len(members) > _ALONE or next_cursor(answer):
            raise Rejected("exposed", "somebody else is in this conversation")
        stamp = await self.post(params, key)
        return Place(self._link.network, self._link.account, str(params["channel"]), stamp)

    async def open_channel(self, params: Json, key: str) -> Place:
        """Make a private channel and invite the coach.

        https://docs.slack.dev/reference/methods/conversations.create
        """
        name = channel_name(str(params["name"]), key)
        answer = await self._link.call("conversations.create", {"name": name, "is_private": True})
        channel = answer.get("channel")
        made = channel.get("id") if isinstance(channel, dict) else None
        if not isinstance(made, str):
            raise no_result()
        await self.invite(made, str(params["users"]))
        return Place(self._link.network, self._link.account, made)

    async def invite(self, channel: str, user: str) -> None:
        """Let the coach into her channel. Raises SendError."""
        await self._react_once("conversations.invite", {"channel": channel, "users": user})


def channel_name(title: str, key: str) -> str:
    """Return the name of a channel: its title and a mark of the effect it was made for."""
    return f"{title}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"


def _stamp(answer: Json) -> str:
    stamp = answer.get("ts")
    if not isinstance(stamp, str) or _STAMP.fullmatch(stamp) is None:
        raise no_result()
    return stamp


def no_result(certainty: Certainty = Certainty.UNKNOWN) -> Unreachable:
    """What was asked may well have been done."""
    return Unreachable("no_result", "the answer does not hold what was asked for", certainty)
