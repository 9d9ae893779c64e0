"""One app in one workspace: calling the Web API and fetching files.

1. Tokens are only in headers that are made in ``wire``; nothing that leaves knows one.
2. Every message carries our key as metadata, and what became of an ambiguous one is looked up in
   the history. A file has no metadata: its key is the name of a block, where it has words, and
   this process remembers which file it was.
3. People are named by their ids everywhere but here: methods want the id of the chat with them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from adapters.slack import parse, render, signing
from adapters.slack.actions import Actions, channel_name, no_result
from adapters.slack.lookup import Lookup
from adapters.slack.settings import revealed
from adapters.slack.whole import Whole
from bridge.core.adapter import Answer, Raw, Sent, Unknown
from bridge.core.errors import Certainty, Rejected, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    import aiohttp

    from adapters.slack.settings import SlackSettings
    from adapters.slack.wire import Wire
    from bridge.core.adapter import Delivery, Files, Reconciled, Rendered, Request, Sink
    from bridge.core.capabilities import Capabilities
    from bridge.core.endpoint import Place
    from bridge.core.inbound import Inbound
    from bridge.core.probing import Finding

Json = dict[str, Any]

MAX_DOWNLOAD = 1_000_000_000


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
        self._actions = Actions(self, self._lookup)

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

    async def upload(self, url: str, chunks: AsyncIterator[bytes], size: int) -> None:
        """Send the bytes of a file. Raises SendError, always *not sent*."""
        await (await self._connected()).upload(url, chunks, size)

    async def chat_of(self, chat: str) -> str:
        """Return the conversation of a person or a place. Raises SendError, always *not sent*.

        https://docs.slack.dev/reference/methods/conversations.open
        """
        if chat[:1] not in {"U", "W"}:
            return chat
        if chat not in self._chats:
            answer = await self.harmlessly("conversations.open", {"users": chat})
            channel = answer.get("channel")
            found = channel.get("id") if isinstance(channel, dict) else None
            if not isinstance(found, str):
                raise no_result(Certainty.NOT_SENT)
            self._chats[chat] = found
        return self._chats[chat]

    async def harmlessly(self, method: str, params: Mapping[str, object]) -> Json:
        """Call what shows nothing: whatever becomes of it, nothing was sent. Raises SendError."""
        try:
            return await self.call(method, params)
        except Unreachable as error:
            raise Unreachable(error.code, error.detail, Certainty.NOT_SENT) from None

    async def send(self, request: Request, key: str, files: Files) -> Sent:
        """Do one request; only its last call shows anything. Raises SendError."""
        params = await self._placed(request)
        match request.method:
            case "chat.postMessage":
                return Sent((await self._actions.post(params, key),))
            case "files.completeUploadExternal":
                return Sent((await self._actions.share(request, params, key, files),))
            case "reactions.set":
                await self._actions.react(params)
            case "thread.open":
                return Sent(opened=await self._actions.open_thread(params, key))
            case "conversations.create":
                return Sent(opened=await self._actions.open_channel(params, key))
            case method:
                await self._actions.change(method, params)
        return Sent()

    async def _placed(self, request: Request) -> Json:
        """Return the parameters with conversations in the place of people, and messages of files.

        Raises SendError.
        """
        params = dict(request.params)
        for field in ("channel", "channel_id"):
            if field in params:
                params[field] = await self.chat_of(str(params[field]))
        for field in ("ts", "timestamp", "thread_ts"):
            if str(params.get(field, "")).startswith("F"):
                params[field] = await self._message_of(str(params[field]), params)
        return params

    async def _message_of(self, file: str, params: Json) -> str:
        """Return the message of a file that had none yet when it was shared. Raises SendError."""
        channel = str(params.get("channel") or params.get("channel_id"))
        stamp = await self._lookup.share(file, channel)
        if not stamp:
            raise Rejected("message_gone", "the file never became a message")
        return stamp

    # -- the rest ------------------------------------------------------------------------------

    async def reconcile(self, request: Request, key: str) -> Reconciled:
        """Look for our key in the history. Raises SendError."""
        params = await self._placed(request)
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

    async def invite(self, channel: str, user: str) -> None:
        """Let the coach into her channel. Raises SendError."""
        await self._actions.invite(channel, user)

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
        answer = await self.harmlessly("auth.test", {})
        user, name = answer.get("user_id"), answer.get("user")
        if not (isinstance(user, str) and isinstance(name, str)):
            raise no_result()
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

    def called_at(self) -> str:
        """Return where Slack calls us, '' in socket mode."""
        if self._settings.mode != "events":
            return ""
        return f"{self._settings.public_url}/webhooks/{self.network}/{self.account}"

    async def probe(self) -> Sequence[Finding]:
        """Look at scopes, the way events come in, and the clock. Raises SendError."""
        from adapters.slack.probe import probe

        return await probe(await self._connected(), self._settings, self.called_at())

    async def listen(self, sink: Sink) -> None:
        """Keep a connection, or read up on calls that got lost. Raises AccountBroken."""
        from adapters.slack.listen import Reader

        await self._connected()
        reader = Reader(self.account, self._settings, self, self._whole.made)
        if self._settings.mode == "socket":
            await reader.follow(sink)
        else:
            await reader.read_up(sink, self._broken)


def _load_wire() -> type[Wire]:
    from adapters.slack.wire import Wire

    return Wire
