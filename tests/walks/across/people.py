"""People on each network, driven through its emulator or, on Matrix, a real homeserver."""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

import aiohttp

from adapters.emulators.mail import File
from tests.walks.across.sides import SECONDS, Seen
from tests.webchat.ground import Tab

if TYPE_CHECKING:
    from adapters.emulators import mail, slack, telegram, twilio
    from adapters.emulators.twilio import Line
    from tests.matrix.synapse import Account

HEART = "❤"


class OnTelegram:
    """Telegram by its emulator."""

    def __init__(self, emulator: telegram.TelegramEmulator, number: int) -> None:
        self._emu = emulator
        self._me = emulator.person(number, f"P{number}", language_code="en", started=True)
        self.endpoint = f"telegram:main:{number}"

    async def say(self, text: str) -> str:
        return str((await self._me.send(text)).message_id)

    async def photo(self, data: bytes, caption: str) -> str:
        sent = await self._me.send_file("photo", data, caption=caption, name="p.jpg")
        return str(sent.message_id)

    async def answer(self, to: Seen, text: str) -> str:
        return str((await self._me.send(text, reply_to=int(to.id))).message_id)

    async def edit(self, id: str, text: str) -> None:
        await self._me.edit(int(id), text)

    async def react(self, to: Seen, emoji: str) -> None:
        await self._me.react(int(to.id), emoji)

    async def screen(self) -> list[Seen]:
        shown = [one for one in self._me.chat.shown() if one.sender.id != self._me.id]
        return [Seen(str(one.message_id), one.text, self._files(one)) for one in shown]

    def _files(self, message: telegram.Message) -> tuple[bytes, ...]:
        if message.kind != "photo":
            return ()
        stored = self._emu.service.files.by_id(str(message.content["photo"][-1]["file_id"]))
        return (stored.data,) if stored is not None else ()

    async def reactions(self, id: str) -> list[str]:
        message = self._me.chat.message(int(id))
        return [one for by in message.reactions.values() for one in by] if message else []


class OnSlack:
    """Slack by its emulator."""

    def __init__(self, emulator: slack.SlackEmulator, user: str) -> None:
        self._emu = emulator
        self._me = emulator.person(user, user)
        self.endpoint = f"slack:main:{user}"

    async def say(self, text: str) -> str:
        return (await self._me.send(text)).ts

    async def photo(self, data: bytes, caption: str) -> str:
        return (await self._me.send_photo(data, caption=caption, name="p.jpg")).ts

    async def answer(self, to: Seen, text: str) -> str:
        return (await self._me.send(text, thread=to.id)).ts

    async def edit(self, id: str, text: str) -> None:
        await self._me.edit(id, text)

    async def react(self, to: Seen, emoji: str) -> None:
        assert emoji == HEART
        await self._me.react(to.id, "heart")

    async def screen(self) -> list[Seen]:
        shown = [one for one in self._me.chat.shown() if one.user != self._me.id]
        return [Seen(one.ts, one.text, self._files(one)) for one in shown]

    def _files(self, message: slack.Message) -> tuple[bytes, ...]:
        files = self._emu.service.world.files
        ids = [str(one["id"]) for one in message.content.get("files", ())]
        return tuple(files[id].data or b"" for id in ids)

    async def reactions(self, id: str) -> list[str]:
        message = next(one for one in self._me.chat.shown() if one.ts == id)
        return [HEART for name, users in message.reactions.items() if name == "heart" and users]


class OnSms:
    """SMS by the emulator of Twilio."""

    network: Literal["sms", "whatsapp"] = "sms"

    def __init__(self, emulator: twilio.TwilioEmulator, number: str) -> None:
        self._me = emulator.person(number, number)
        self.endpoint = f"{self.network}:main:{number}"

    async def say(self, text: str) -> str:
        return (await self._me.send(text, network=self.network)).sid

    async def photo(self, data: bytes, caption: str) -> str:
        sent = await self._me.send_file("p.jpg", data, caption, network=self.network)
        return sent.sid

    async def screen(self) -> list[Seen]:
        lines = [one for one in self._me.screen(self.network) if not one.mine]
        return [self._seen(one) for one in lines]

    def _seen(self, line: Line) -> Seen:
        return Seen(line.sid, line.text, tuple(one.data for one in line.media))


class OnWhatsApp(OnSms):
    """WhatsApp by the emulator of Twilio."""

    network = "whatsapp"

    async def open_window(self) -> None:
        """Write first: nothing is taken for who did not write within 24 hours."""
        await self.say("opening the window")

    async def answer(self, to: Seen, text: str) -> str:
        return (await self._me.reply(to.id, text)).sid


class OnMail:
    """Mail by its emulator: what one says answers the newest letter."""

    answers = True

    def __init__(self, emulator: mail.MailEmulator, address: str, practice: str) -> None:
        self._practice = practice
        self._me = emulator.person(address, address.partition("@")[0])
        self.endpoint = f"email:main:{address}"

    async def say(self, text: str) -> str:
        sent = await self._me.reply(await self._letter(), text)
        return str(sent["Message-ID"])

    async def _letter(self) -> mail.Letter:
        """The newest letter; who never got one writes to the practice, and is asked to answer."""
        if not self._me.inbox():
            await self._me.send(self._practice, "Hello?")
            await self._me.wait_for(lambda _: True, SECONDS)
        return self._me.inbox()[-1]

    async def photo(self, data: bytes, caption: str) -> str:
        files = [File("p.jpg", "image/jpeg", data)]
        sent = await self._me.reply(await self._letter(), caption, files)
        return str(sent["Message-ID"])

    async def answer(self, to: Seen, text: str) -> str:
        letters = self._me.inbox()
        letter = next(one for one in letters if one.header("Message-ID") == to.id)
        return str((await self._me.reply(letter, text))["Message-ID"])

    async def screen(self) -> list[Seen]:
        return [
            Seen(one.header("Message-ID"), one.text, tuple(data for _, data in one.files))
            for one in self._me.inbox()
        ]


class OnMatrix:
    """Matrix by a real homeserver, in a room of one's own with the bridge."""

    def __init__(self, account: Account, bridge: str) -> None:
        self._me = account
        self._bridge = bridge
        self._room = ""
        self.endpoint = f"matrix:main:{account.user_id}"

    async def _in_room(self) -> str:
        """Return the room: the one the bridge invited us to, else one we made; '' = none yet."""
        if not self._room:
            for invited in await asyncio.to_thread(self._me.invitations):
                await asyncio.to_thread(self._me.join, invited)
                self._room = invited
        return self._room

    async def _send(self, content: dict[str, Any], kind: str = "m.room.message") -> str:
        if not await self._in_room():
            self._room = await asyncio.to_thread(self._me.room, self._bridge, is_direct=True)
        return await asyncio.to_thread(self._me.say, self._room, content, kind)

    async def say(self, text: str) -> str:
        return await self._send({"msgtype": "m.text", "body": text})

    async def photo(self, data: bytes, caption: str) -> str:
        url = f"{self._me.url}/_matrix/media/v3/upload?filename=p.jpg"
        headers = {"Authorization": f"Bearer {self._me.token}", "Content-Type": "image/jpeg"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, data=data) as answer,
        ):
            uri = (await answer.json())["content_uri"]
        info = {"mimetype": "image/jpeg", "size": len(data)}
        return await self._send(
            {"msgtype": "m.image", "body": caption, "filename": "p.jpg", "url": uri, "info": info}
        )

    async def answer(self, to: Seen, text: str) -> str:
        relation = {"m.in_reply_to": {"event_id": to.id}}
        return await self._send({"msgtype": "m.text", "body": text, "m.relates_to": relation})

    async def edit(self, id: str, text: str) -> None:
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": id}
        await self._send(
            {**new, "body": f"* {text}", "m.new_content": new, "m.relates_to": relation}
        )

    async def react(self, to: Seen, emoji: str) -> None:
        relation = {"rel_type": "m.annotation", "event_id": to.id, "key": emoji}
        await self._send({"m.relates_to": relation}, "m.reaction")

    async def screen(self) -> list[Seen]:
        if not await self._in_room():
            return []
        events = await asyncio.to_thread(self._me.events, self._room)
        shown: dict[str, Seen] = {}
        for event in events:
            content = event["content"]
            if event["type"] != "m.room.message" or event["sender"] == self._me.user_id:
                continue
            relation = content.get("m.relates_to", {})
            if relation.get("rel_type") == "m.replace":
                target = relation["event_id"]
                if target in shown:
                    body = str(content["m.new_content"]["body"])
                    shown[target] = Seen(target, body, shown[target].files)
                continue
            if "body" in content:
                files = (await self._file(content["url"]),) if "url" in content else ()
                shown[event["event_id"]] = Seen(event["event_id"], str(content["body"]), files)
        return list(shown.values())

    async def _file(self, uri: str) -> bytes:
        url = f"{self._me.url}/_matrix/client/v1/media/download/{quote(uri.removeprefix('mxc://'))}"
        headers = {"Authorization": f"Bearer {self._me.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(url) as answer,
        ):
            return await answer.read() if answer.status == 200 else b""

    async def reactions(self, id: str) -> list[str]:
        events = await asyncio.to_thread(self._me.events, await self._in_room())
        relations = [
            event["content"].get("m.relates_to", {})
            for event in events
            if event["type"] == "m.reaction" and event["sender"] != self._me.user_id
        ]
        return [str(one["key"]) for one in relations if one.get("event_id") == id]


class _Where:
    """What a tab has to know of the server."""

    def __init__(self, url: str) -> None:
        self.url = url


class OnWeb:
    """Web chat by what its page sends and reads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._tab = Tab(_Where(url))  # type: ignore[arg-type]  # it asks only for the address
        self.endpoint = ""

    async def insist(self, text: str, seconds: float = 60) -> None:
        """Hand a message over until it is kept, as the page does once there is a line again."""
        act = {"type": "message", "id": str(uuid.uuid4()), "text": text}
        deadline = time.monotonic() + seconds
        while True:
            with suppress(aiohttp.ClientError, OSError, ValueError):
                status, _ = await self._tab.post("messages", **act)
                if status == 202:
                    return
            assert time.monotonic() < deadline, "the page could not hand it over"
            await asyncio.sleep(0.05)

    async def join(self, code: str) -> None:
        """Open the link of an invitation."""
        assert await self._tab.join(code) == 200

    async def close(self) -> None:
        """Close the tab."""
        await self._tab.session.close()

    async def say(self, text: str) -> str:
        return await self._tab.say(text)

    async def photo(self, data: bytes, caption: str) -> str:
        id = str(uuid.uuid4())
        url = f"{self._url}/chat/uploads/{id}"
        headers = {"Content-Type": "image/jpeg"}
        async with self._tab.session.put(url, data=data, headers=headers) as answer:
            assert answer.status == 201, await answer.text()
        file = {"id": id, "kind": "photo", "mime": "image/jpeg", "name": "p.jpg", "size": len(data)}
        return await self._tab.act(type="message", text=caption, file=file)

    async def answer(self, to: Seen, text: str) -> str:
        return await self._tab.say(text, reply_to=to.id)

    async def edit(self, id: str, text: str) -> None:
        await self._tab.act(type="edit", target=id, text=text)

    async def react(self, to: Seen, emoji: str) -> None:
        await self._tab.act(type="reaction", target=to.id, emoji=[emoji])

    async def screen(self) -> list[Seen]:
        await self._tab.load()
        return [
            Seen(str(line["id"]), _plain(line["body"]), await self._files(line))
            for line in self._tab.lines.values()
            if not line["mine"] and line["id"]
        ]

    async def _files(self, line: dict[str, Any]) -> tuple[bytes, ...]:
        url = line.get("file", {}).get("url")
        if not url:
            return ()
        async with self._tab.session.get(self._url + url) as answer:
            return (await answer.read(),) if answer.status == 200 else ()

    async def reactions(self, id: str) -> list[str]:
        await self._tab.load()
        mine = [line for line in self._tab.lines.values() if line["id"] == id]
        return [one["emoji"] for line in mine for one in line.get("reactions", ())]


def _plain(nodes: list[Any]) -> str:
    return "".join(one if isinstance(one, str) else _plain(one["c"]) for one in nodes)
