"""One app in one workspace: calling the Web API and fetching files.

1. Tokens are only in headers that are made in ``wire``; nothing that leaves knows one.
2. Every message carries our key as metadata, and what became of an ambiguous one is looked up in
   the history. A file has no metadata: its key is the name of a block, where it has words, and
   this process remembers which file it was.
3. People are named by their ids everywhere but here: methods want the id of the chat with them.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import TYPE_CHECKING, Any

from adapters.slack import history, parse, render, signing
from adapters.slack.layout import POST, SHARE
from adapters.slack.lookup import Lookup
from adapters.slack.refusals import NOTHING_LEFT
from adapters.slack.settings import revealed
from adapters.slack.whole import Whole
from bridge.core.adapter import Answer, Raw, Sent, Unknown
from bridge.core.endpoint import Place
from bridge.core.errors import Certainty, Rejected, SendError, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    import aiohttp

    from adapters.slack.settings import SlackSettings
    from adapters.slack.wire import Wire
    from bridge.core.adapter import Delivery, Files, Reconciled, Rendered, Request, Sink
    from bridge.core.capabilities import Capabilities
    from bridge.core.inbound import Inbound

Json = dict[str, Any]

MAX_DOWNLOAD = 1_000_000_000
EVENT_TYPE = "coachbridge_message"
_ALONE = 2  # a coach and the bot
_LOOKS = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between looks for the message of a shared file; Slack makes it a moment later."""
_STAMP = re.compile(r"[0-9]{1,10}\.[0-9]{6}")


class SlackAdapter:
    """See ``bridge.core.adapter`` for when each method is called."""

    network = parse.NETWORK

    def __init__(
        self,
        account: str,
        settings: SlackSettings,
        capabilities: Capabilities,
        session: aiohttp.ClientSession | None = None,
    ) -> None:
        self.account = account
        self.capabilities = capabilities
        self._settings = settings
        self._session = session
        self._wire: Wire | None = None
        self._own_id = ""
        self._chats: dict[str, str] = {}
        self._whole = Whole()
        self._broken = asyncio.Event()
        self._lookup = Lookup(self)

    def __repr__(self) -> str:
        return f"SlackAdapter({self.account!r})"

    # -- pure ----------------------------------------------------------------------------------

    def keys(self, payload: bytes) -> tuple[str, ...]:
        """Return the names of a payload."""
        return parse.keys(payload)

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        """Return what a payload tells. Raises ParseError."""
        return parse.parse(payload, self.account)

    def render(self, delivery: Delivery) -> Rendered:
        """Return the calls for an effect."""
        return render.render(delivery)

    def pace(self, chat: str) -> float:
        """One message a second in a conversation.

        https://docs.slack.dev/apis/web-api/rate-limits
        """
        del chat
        return self.capabilities.rates.chat

    # -- calling -------------------------------------------------------------------------------

    async def _connected(self) -> Wire:
        if self._wire is None:
            # The import takes a while; in a thread the rest of the start goes on meanwhile.
            kind = await asyncio.to_thread(_load_wire)
            if self._wire is None:
                token = revealed(self._settings.bot_token)
                self._wire = kind(self._settings.api_url, token, self._session)
        return self._wire

    async def call(self, method: str, params: Mapping[str, object], token: str = "") -> Json:
        """Return the answer of a method. Raises SendError."""
        return await (await self._connected()).call(method, params, token)

    async def socket(self, url: str) -> aiohttp.ClientWebSocketResponse:
        """Open a Socket Mode connection. Raises SendError."""
        return await (await self._connected()).socket(url)

    async def chat_of(self, chat: str) -> str:
        """Return the conversation of a person or a place. Raises SendError, always *not sent*.

        https://docs.slack.dev/reference/methods/conversations.open
        """
        if chat[:1] not in {"U", "W"}:
            return chat
        if chat not in self._chats:
            answer = await self._harmlessly("conversations.open", {"users": chat})
            channel = answer.get("channel")
            found = channel.get("id") if isinstance(channel, dict) else None
            if not isinstance(found, str):
                raise _no_result(Certainty.NOT_SENT)
            self._chats[chat] = found
        return self._chats[chat]

    async def _harmlessly(self, method: str, params: Mapping[str, object]) -> Json:
        """Call what shows nothing: whatever becomes of it, nothing was sent. Raises SendError."""
        try:
            return await self.call(method, params)
        except Unreachable as error:
            raise Unreachable(error.code, error.detail, Certainty.NOT_SENT) from None

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Do one request; only its last call shows anything. Raises SendError."""
        params = dict(request.params)
        for field in ("channel", "channel_id"):
            if field in params:
                params[field] = await self.chat_of(str(params[field]))
        match request.method:
            case "chat.postMessage":
                return Sent((await self._post(params, key),))
            case "files.completeUploadExternal":
                return await self._share(request, params, key, files)
            case "reactions.set":
                await self._react(params)
            case "thread.open":
                return await self._open_thread(params, key)
            case "conversations.create":
                return await self._open_channel(params, key)
            case method:
                await self._change(method, params)
        return Sent()

    async def _post(self, params: Json, key: str) -> str:
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
        answer = await self.call(POST, {**params, "metadata": metadata})
        return _stamp(answer)

    async def _change(self, method: str, params: Json) -> None:
        try:
            await self.call(method, params)
        except Rejected as error:
            if not (method == "chat.delete" and error.code == "message_gone"):
                raise

    # -- files ---------------------------------------------------------------------------------

    async def _share(self, request: Request, params: Json, key: str, files: Files) -> Sent:
        """Upload a file and show it.

        https://docs.slack.dev/messaging/working-with-files#uploading_files
        """
        upload = request.uploads[0]
        place = await self._harmlessly(
            "files.getUploadURLExternal", {"filename": upload.name, "length": upload.size}
        )
        url, file = place.get("upload_url"), place.get("file_id")
        if not (isinstance(url, str) and isinstance(file, str)):
            raise _no_result(Certainty.NOT_SENT)
        wire = await self._connected()
        await wire.upload(url, files.read(upload.attachment), upload.size)
        if "blocks" in params:
            params["blocks"] = [{**block, "block_id": key[:255]} for block in params["blocks"]]
        self._lookup.remember(key, file)
        await self.call(SHARE, {**params, "files": [{"id": file, "title": upload.name}]})
        return Sent((await self._shared_as(file, str(params["channel_id"])),))

    async def _shared_as(self, file: str, channel: str) -> str:
        """Return the ``ts`` of the message of a file, or the id of the file if it stays unknown."""
        for wait in _LOOKS:
            try:
                if stamp := await self._lookup.share(file, channel):
                    return stamp
            except SendError:
                break  # it is shown all the same
            await asyncio.sleep(wait)
        return file

    # -- reactions and places ------------------------------------------------------------------

    async def _react(self, params: Json) -> None:
        """Make the reactions of our user on a message these and no others.

        https://docs.slack.dev/reference/methods/reactions.get
        """
        target = {"channel": params["channel"], "timestamp": params["timestamp"]}
        own = await self.own_id()
        answer = await self._harmlessly("reactions.get", {**target, "full": True})
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
            await self.call(method, params)
        except Rejected as error:
            if error.code not in NOTHING_LEFT:
                raise

    async def _open_thread(self, params: Json, key: str) -> Sent:
        """Begin a thread, unless somebody else in the conversation could read it."""
        answer = await self._harmlessly("conversations.members", {"channel": params["channel"]})
        members = answer.get("members")
        if not isinstance(members, list) or len(members) > _ALONE or history.next_cursor(answer):
            raise Rejected("exposed", "somebody else is in this conversation")
        stamp = await self._post(params, key)
        place = Place(self.network, self.account, str(params["channel"]), stamp)
        return Sent(opened=place)

    async def _open_channel(self, params: Json, key: str) -> Sent:
        """Make a private channel and invite the coach.

        https://docs.slack.dev/reference/methods/conversations.create
        """
        name = channel_name(str(params["name"]), key)
        answer = await self.call("conversations.create", {"name": name, "is_private": True})
        channel = answer.get("channel")
        made = channel.get("id") if isinstance(channel, dict) else None
        if not isinstance(made, str):
            raise _no_result()
        await self.invite(made, str(params["users"]))
        return Sent(opened=Place(self.network, self.account, made))

    async def invite(self, channel: str, user: str) -> None:
        """Let the coach into her channel. Raises SendError."""
        await self._react_once("conversations.invite", {"channel": channel, "users": user})

    # -- the rest ------------------------------------------------------------------------------

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """Look for our key in the history. Raises SendError."""
        params = dict(request.params)
        for field in ("channel", "channel_id"):
            if field in params:
                params[field] = await self.chat_of(str(params[field]))
        match request.method:
            case "chat.postMessage":
                return await self._lookup.message(params, key)
            case "thread.open":
                return await self._lookup.thread(params, key)
            case "files.completeUploadExternal":
                return await self._lookup.file(params, key)
            case "conversations.create":
                name = channel_name(str(params["name"]), key)
                return await self._lookup.channel(name, str(params["users"]))
            case _:
                return Unknown()

    async def typing(self, place: Place) -> None:
        """Slack lets no bot show that somebody is writing."""
        del place

    async def own_id(self) -> str:
        """Return our user id there. Raises SendError."""
        if not self._own_id:
            await self.check()
        return self._own_id

    async def check(self) -> str:
        """Return our name and workspace. https://docs.slack.dev/reference/methods/auth.test"""
        answer = await self._harmlessly("auth.test", {})
        user, name = answer.get("user_id"), answer.get("user")
        if not (isinstance(user, str) and isinstance(name, str)):
            raise _no_result()
        self._own_id = user
        team = answer.get("team")
        return f"{name} ({team})" if isinstance(team, str) else name

    async def fetch(self, ref: str) -> AsyncIterator[bytes]:
        """Yield the bytes of a file. Raises SendError."""
        answer = await self.call("files.info", {"file": ref})
        file = answer.get("file")
        url = file.get("url_private_download") if isinstance(file, dict) else None
        if not isinstance(url, str):
            raise Rejected("file_gone", "the network does not give us the file")
        wire = await self._connected()
        async for chunk in wire.stream(url):
            yield chunk

    async def close(self) -> None:
        """Close the connections."""
        if self._wire is not None:
            await self._wire.close()
            self._wire = None

    # -- listening -----------------------------------------------------------------------------

    def verify(self, headers: Mapping[str, str], url: str, body: bytes) -> Sequence[Raw]:
        """Return the payload of a call that Slack signed. Raises Forged."""
        del url
        events = self._settings.mode == "events"
        secret = revealed(self._settings.signing_secret) if events else ""
        signing.require_genuine(headers, body, secret)
        payload = signing.payload_of(body)
        if payload is None:
            return ()
        if parse.ends_the_account(payload):
            self._broken.set()
        payload = self._whole.made(payload)
        return (Raw(self.keys(payload), payload),)

    def answer(self, path: str, body: bytes) -> Answer | None:
        """Give back the challenge when the address is set at Slack; else nothing is wanted."""
        del path
        challenge = signing.challenge_of(body)
        return None if challenge is None else Answer(challenge.encode(), "text/plain")

    async def listen(self, sink: Sink) -> None:
        """Keep a connection, or read up on calls that got lost. Raises AccountBroken."""
        from adapters.slack.listen import Reader

        await self._connected()
        reader = Reader(self.account, self._settings, self, self._whole.made)
        if self._settings.mode == "socket":
            await reader.follow(sink)
        else:
            await reader.read_up(sink, self._broken)


def channel_name(title: str, key: str) -> str:
    """Return the name of a channel: its title and a mark of the effect it was made for."""
    return f"{title}-{hashlib.sha256(key.encode()).hexdigest()[:6]}"


def _stamp(answer: Json) -> str:
    stamp = answer.get("ts")
    if not isinstance(stamp, str) or _STAMP.fullmatch(stamp) is None:
        raise _no_result()
    return stamp


def _no_result(certainty: Certainty = Certainty.UNKNOWN) -> Unreachable:
    """What was asked may well have been done."""
    return Unreachable("no_result", "the answer does not hold what was asked for", certainty)


def _load_wire() -> type[Wire]:
    from adapters.slack.wire import Wire

    return Wire
