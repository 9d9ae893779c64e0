"""A person with an encrypting client: the library as its authors mean it to be used."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
from nio import (  # type: ignore[import-untyped]  # it ships no types
    AsyncClient,
    AsyncClientConfig,
    MegolmEvent,
    RoomEncryptedImage,
    RoomMessageText,
    SyncResponse,
)
from nio.crypto.attachments import (  # type: ignore[import-untyped]
    decrypt_attachment,
    encrypt_attachment,
)

from tests.matrix.synapse import Account


class Person:
    """Somebody in encrypted rooms; ``seen`` are the events they can read, ``sealed`` the others."""

    def __init__(self, account: Account, folder: Path) -> None:
        folder.mkdir()
        self.account = account
        self.seen: list[Any] = []
        self.sealed: list[str] = []
        self.client = AsyncClient(
            account.url,
            account.user_id,
            account.device_id,
            str(folder),
            AsyncClientConfig(max_timeouts=0, max_limit_exceeded=0),
        )
        self.client.restore_login(account.user_id, account.device_id, account.token)

    async def look(self) -> None:
        """Read what is new, and answer what the other clients ask."""
        if self.client.client_session is None:
            self.client.client_session = aiohttp.ClientSession()
        first = not self.client.next_batch
        found = await self.client.sync(timeout=0, full_state=first)
        assert isinstance(found, SyncResponse), found
        for room in found.rooms.join.values():
            for event in room.timeline.events:
                if isinstance(event, MegolmEvent):
                    self.sealed.append(event.event_id)
                elif event.sender != self.account.user_id:
                    self.seen.append(event)
        for room_id in found.rooms.invite:
            await self.client.join(room_id)
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()
        await self.client.send_to_device_messages()

    async def until_seen(self, count: int) -> None:
        """Look until so many messages can be read."""
        for _ in range(100):
            await self.look()
            if len(self.words()) >= count:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{count} messages were not seen: {self.words()}, {self.sealed}")

    def words(self) -> list[str]:
        """Return what others said."""
        kinds = (RoomMessageText, RoomEncryptedImage)
        return [event.body for event in self.seen if isinstance(event, kinds)]

    async def room(self, *invited: str) -> str:
        """Make an encrypted room; return its id."""
        algorithm = {"algorithm": "m.megolm.v1.aes-sha2"}
        state = [{"type": "m.room.encryption", "state_key": "", "content": algorithm}]
        return self.account.room(*invited, initial_state=state)

    async def say(self, room_id: str, **content: Any) -> str:
        """Send a message, encrypted; return its id."""
        await self.look()
        sent = await self.client.room_send(
            room_id,
            "m.room.message",
            {"msgtype": "m.text", **content},
            ignore_unverified_devices=True,
        )
        return str(sent.event_id)

    async def photo(self, room_id: str, data: bytes) -> str:
        """Send a photo, encrypted."""
        sealed, opening = encrypt_attachment(data)
        where, _ = await self.client.upload(
            lambda *_: sealed, "application/octet-stream", filesize=len(sealed)
        )
        file = {**opening, "url": where.content_uri, "mimetype": "image/jpeg"}
        info = {"mimetype": "image/jpeg", "size": len(data)}
        return await self.say(room_id, msgtype="m.image", body="foto.jpg", file=file, info=info)

    async def opened(self, image: Any) -> bytes:
        """Return a photo that was sent to us, decrypted."""
        answer = await self.client.download(image.url)
        opened: bytes = decrypt_attachment(
            answer.body, image.key["k"], image.hashes["sha256"], image.iv
        )
        return opened

    async def close(self) -> None:
        """Put the phone away."""
        if self.client.store is not None:
            self.client.store.database.close()
        await self.client.close()
