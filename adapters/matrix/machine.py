"""The library that encrypts and decrypts, driven by us. https://matrix-nio.readthedocs.io/

1. It reads what our own sync brought, and calls the homeserver only through our wire: once, with
   our errors.
2. Devices are trusted on first use: each new one is logged, and one whose keys change under its
   name is refused by the library.
3. A room's key counts as shared only when every device that can have it was handed it; the library
   alone would mark it shared even when the homeserver did not answer.
4. The library's own log may quote what people wrote; it is silenced.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec

# It ships no types.
from nio import (  # type: ignore[import-untyped]
    AsyncClient,
    AsyncClientConfig,
    EncryptionError,
    Event,
    KeysUploadResponse,
    MatrixRoom,
    MegolmEvent,
    OlmEvent,
    RoomMemberEvent,
    SyncResponse,
    ToDeviceEvent,
)
from nio.store import SqliteStore  # type: ignore[import-untyped]

from adapters.matrix.vault import Login
from adapters.matrix.wire import OBJECT, decoded, room_path
from bridge.core.errors import Certainty, Rejected, SendError, Unreachable

if TYPE_CHECKING:
    from adapters.matrix.settings import MatrixSettings
    from adapters.matrix.vault import Vault
    from adapters.matrix.wire import Json, Wire

_log = logging.getLogger(__name__)
logging.getLogger("nio").setLevel(logging.CRITICAL + 1)
logging.getLogger("peewee").setLevel(logging.WARNING)  # it would log keys with its statements

_STATE: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[Any])


class _Client(AsyncClient):  # type: ignore[misc]  # the library ships no types
    """The library with its connections cut and led through our wire."""

    wire: Wire

    async def _send(
        self,
        response_class: Any,
        method: str,
        path: str,
        data: str | None = None,
        response_data: tuple[Any, ...] | None = None,
        **_: object,
    ) -> Any:
        """Make the call once. Raises SendError instead of returning the library's errors."""
        if response_class is KeysUploadResponse:
            # Before, not only after: keys the homeserver took and we lost could never be replaced.
            self.olm.save_account()
        body = msgspec.Raw(data.encode()) if data is not None else None
        answer = await self.wire.call(method, path.partition("?")[0], body)
        response = response_class.from_dict(decoded(answer, OBJECT), *(response_data or ()))
        await self.receive_response(response)
        return response


class Machine:
    """The rooms of one account as we know them, and their keys where it encrypts."""

    def __init__(self, settings: MatrixSettings, vault: Vault, wire: Wire) -> None:
        self._settings = settings
        self._vault = vault
        self._wire = wire
        self._client: Any = None
        self._lock = asyncio.Lock()

    @property
    def client(self) -> Any:
        """The library's client, with the key store open where we encrypt."""
        if self._client is None:
            self._client = self._open()
        return self._client

    def _open(self) -> Any:
        settings, encrypts = self._settings, self._settings.encryption
        with self._vault.private() as folder:
            config = AsyncClientConfig(
                store=SqliteStore if encrypts else None,
                store_name="keys.db",
                encryption_enabled=encrypts,
                pickle_key=self._vault.pickle_key() if encrypts else "",
                max_limit_exceeded=0,
                max_timeouts=0,
            )
            client = _Client(
                settings.homeserver, settings.user_id, settings.device_id, str(folder), config
            )
            client.wire = self._wire
            client.user_id, client.access_token = settings.user_id, "led through our wire"
            if encrypts:
                client.load_store()
        login = self._vault.login()
        if client.olm is not None and login is not None and login.fresh:
            client.olm.account.shared = False  # the homeserver may have forgotten the device
        return client

    def close(self) -> None:
        """Close the key store."""
        if self._client is not None and self._client.store is not None:
            self._client.store.database.close()
        self._client = None

    # -- what a sync brought ---------------------------------------------------------------

    async def take(self, news: Json, since: str) -> bool:
        """Learn rooms, members and keys from a sync; tell whether keys may have come."""
        async with self._lock:
            client = self.client
            client.next_batch = since
            joined = _rooms(news, "join")
            to_us = (news.get("to_device") or {}).get("events") or []
            for event in to_us:
                self._take_key(event)
            try:
                response = SyncResponse.from_dict({**news, "to_device": {"events": []}})
                await client.receive_response(response)
            except Exception as error:
                # It stumbles over what others may send; what it knows of these rooms is asked anew.
                _log.error("matrix: the library cannot read the news: %s", type(error).__name__)
                for room_id in joined:
                    client.rooms.pop(room_id, None)
            for room_id in _rooms(news, "leave"):
                client.rooms.pop(room_id, None)
            self._count_keys(news)
        for room_id in joined:
            await self.room(room_id)
        return bool(to_us)

    def _take_key(self, event: Json) -> None:
        """Read one message to our device; a bad one must not cost the others."""
        olm = self.client.olm
        if olm is None:
            return
        parsed: Any = None
        try:
            parsed = ToDeviceEvent.parse_event(event)
            olm.handle_to_device_event(parsed)
        except Exception as error:
            _log.warning("matrix: a message to our device is unusable: %s", type(error).__name__)
            if isinstance(parsed, OlmEvent):  # so that its device makes another session with us
                olm._mark_device_for_unwedging(parsed.sender, parsed.sender_key)

    def _count_keys(self, news: Json) -> None:
        """Learn how many of our one-time keys are left; the library does not hear of none."""
        counts = news.get("device_one_time_keys_count")
        if self.client.olm is not None and isinstance(counts, dict):
            left = counts.get("signed_curve25519", 0)
            self.client.olm.uploaded_key_count = left if isinstance(left, int) else 0

    def opened(self, room_id: str, event: Json) -> Json | None:
        """Return an encrypted event with what it says, None when its key is not there."""
        content = event.get("content")
        fields = ("sender_key", "session_id", "ciphertext", "device_id")
        if self.client.olm is None or not isinstance(content, dict):
            return None
        if not all(isinstance(content.get(name), str) for name in fields):
            return None
        sealed = Event.parse_encrypted_event(event)
        if not isinstance(sealed, MegolmEvent):
            return None
        sealed.room_id = room_id
        try:
            self._check_owner(content["sender_key"], event.get("sender"))
            inside = self.client.olm.decrypt_megolm_event(sealed).source
        except EncryptionError:
            return None
        except Exception as error:
            _log.error("matrix: the library cannot decrypt an event: %s", type(error).__name__)
            return None
        return {**event, "type": inside.get("type", ""), "content": inside.get("content", {})}

    def _check_owner(self, key: str, sender: object) -> None:
        """Refuse what one person's device encrypted and another is said to have sent."""
        for device in self.client.device_store:
            if device.curve25519 == key and device.user_id != sender:
                raise EncryptionError("the device belongs to somebody else")

    async def upkeep(self) -> None:
        """Keep our keys on the homeserver and those of others here. Raises SendError."""
        client = self.client
        if client.olm is None:
            return
        async with self._lock:
            await self._upload_keys()
            await self._query_keys()
            if client.should_claim_keys:
                await client.keys_claim(client.get_users_for_key_claiming())
            await client.send_to_device_messages()

    async def _upload_keys(self) -> None:
        if self.client.should_upload_keys:
            try:
                await self.client.keys_upload()
            except Rejected:
                # It has others under these names: from a crash, or a copy of this folder.
                _log.error("matrix: the homeserver refused our keys; making others")
                self.client.olm.mark_keys_as_published()
                self.client.olm.save_account()
                raise
            login = self._vault.login()
            if login is not None and login.fresh:
                self._vault.keep_login(Login(login.token, fresh=False))

    async def _query_keys(self) -> None:
        client = self.client
        if not client.should_query_keys:
            return
        before = {(d.user_id, d.id) for d in client.device_store}
        await client.keys_query()
        for device in client.device_store:
            if (device.user_id, device.id) not in before:
                _log.warning(
                    "matrix: device %s of %s is new, and trusted from now on",
                    device.id,
                    device.user_id,
                )

    # -- rooms -----------------------------------------------------------------------------

    async def room(self, room_id: str, *, afresh: bool = False) -> Any:
        """Return what we know of a room, asking where no sync has told. Raises SendError."""
        rooms = self.client.rooms
        if afresh or room_id not in rooms:
            state = decoded(await self._wire.call("GET", room_path(room_id, "state")), _STATE)
            room = MatrixRoom(
                room_id, self._settings.user_id, room_id in self.client.encrypted_rooms
            )
            for event in state:
                _apply(room, event)
            rooms[room_id] = room
        return rooms[room_id]

    def others(self, room_id: str) -> set[str]:
        """Return who is in a room, or invited, beside us; nobody when the room is unknown."""
        room = self.client.rooms.get(room_id)
        return set(room.users) - {self._settings.user_id} if room is not None else set()

    def is_direct(self, room_id: str) -> bool:
        """Tell whether a room is one person's private chat with us: two members and no name."""
        room = self.client.rooms.get(room_id)
        return room is not None and not room.name and len(self.others(room_id)) <= 1

    def direct_with(self, user_id: str) -> str:
        """Return our private room with a person, '' when there is none."""
        for room_id in self.client.rooms:
            if self.is_direct(room_id) and self.others(room_id) == {user_id}:
                return str(room_id)
        return ""

    def name_of(self, room_id: str, user_id: str) -> str:
        """Return how a member is called there."""
        room = self.client.rooms.get(room_id)
        return str((room.user_name(user_id) if room is not None else "") or "")

    # -- sending ---------------------------------------------------------------------------

    async def sealed(self, room_id: str, kind: str, content: Json) -> tuple[str, Json]:
        """Return an event as the room wants it: encrypted, or as it is. Raises SendError."""
        room = await self.room(room_id)
        if not room.encrypted:
            return kind, content
        if self.client.olm is None:
            msg = "this room is encrypted, and encryption = false in the settings"
            raise Unreachable("encrypted", msg, Certainty.NOT_SENT)
        async with self._lock:
            if not room.members_synced:
                await self.client.joined_members(room_id)
            await self._upload_keys()
            await self._query_keys()
            if self.client.olm.should_share_group_session(room_id):
                await self._share(room_id)
            kind, content = self.client.encrypt(room_id, kind, content)
        return kind, content

    async def _share(self, room_id: str) -> None:
        """Hand the room's key to every device that can have it. Raises SendError."""
        client = self.client
        missing = client.get_missing_sessions(room_id)
        if missing:
            await client.keys_claim(missing)
        try:
            await client.share_group_session(room_id, ignore_unverified_devices=True)
        except SendError:
            client.sharing_session.pop(room_id, None)
            raise
        session = client.olm.outbound_group_sessions[room_id]
        handed = session.users_shared_with | session.users_ignored
        for user_id in client.rooms[room_id].users:
            for device in client.device_store.active_user_devices(user_id):
                can = client.olm.session_store.get(device.curve25519) is not None
                if can and (user_id, device.id) not in handed:
                    client.invalidate_outbound_session(room_id)
                    msg = "the room's key did not reach everybody"
                    raise Unreachable("keys", msg, Certainty.NOT_SENT)
                if not can and user_id != self._settings.user_id:
                    _log.warning("matrix: device %s of %s takes no keys", device.id, user_id)


def _rooms(news: Json, how: str) -> list[str]:
    rooms = (news.get("rooms") or {}).get(how)
    return list(rooms) if isinstance(rooms, dict) else []


def _apply(room: Any, state: Json) -> None:
    """Let a room know one event of its state; one that the library stumbles over is left out."""
    try:
        event = Event.parse_event(state)
        if isinstance(event, RoomMemberEvent):
            room.handle_membership(event)
        elif isinstance(event, Event):
            room.handle_event(event)
    except Exception as error:
        _log.warning("matrix: the library cannot read a state: %s", type(error).__name__)
