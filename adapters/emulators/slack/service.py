"""The server behind the routes: its state, and who hears of what. No HTTP in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.emulators.changes import Changes
from adapters.emulators.faults import FaultPlan
from adapters.emulators.slack.delivery import Deliveries
from adapters.emulators.slack.journal import Call, Journal, Shown
from adapters.emulators.slack.world import BOT, BOT_USER, Channel, Message, World

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json

_TYPES = {"im": "im", "mpim": "mpim", "group": "group", "channel": "channel"}

SCOPES = """channels:history channels:read chat:write commands files:read files:write groups:history
groups:read groups:write im:history im:read im:write metadata.message:read mpim:history mpim:read
reactions:read reactions:write users:read"""


class Service(Changes):
    """One workspace with one app. `time_factor` scales the waits between retries."""

    def __init__(
        self, bot_token: str, app_token: str, signing_secret: str, time_factor: float
    ) -> None:
        super().__init__()
        self.world = World()
        self.journal = Journal()
        self.faults = FaultPlan()
        self.bot_token = bot_token
        self.app_token = app_token
        self.revoked = ""
        """Why no token works any more, such as `token_revoked`."""
        self.scopes = set(SCOPES.split())
        """What the token may do, as every answer tells."""
        self.share_delay = 0.0
        """Seconds until `files.info` knows of a share; Slack takes a moment."""
        self.per_channel: tuple[int, float] | None = None
        """Messages per seconds in one conversation; None = no limit."""
        self.deliveries = Deliveries(
            self.journal, self.faults, signing_secret, time_factor, self.touch
        )

    # -- who hears of what ------------------------------------------------------------------

    def tell(self, channel: Channel, event: Json) -> dict[int, int]:
        """Tell the app of something in a conversation it is in; bot to hand-out."""
        self.touch()
        if BOT_USER not in channel.members or self.revoked:
            return {}
        return {1: self.deliveries.event(event)}

    def announce(self, message: Message) -> dict[int, int]:
        """Tell of a new message."""
        event = {
            **message.json(metadata=False),
            "channel": message.channel.id,
            "channel_type": _TYPES[message.channel.kind],
            "event_ts": message.ts,
        }
        return self.tell(message.channel, event)

    def changed(self, message: Message, before: Json) -> dict[int, int]:
        """https://docs.slack.dev/reference/events/message/message_changed"""
        now = self.world.next_ts()
        event = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "channel": message.channel.id,
            "channel_type": _TYPES[message.channel.kind],
            "ts": now,
            "event_ts": now,
            "message": message.json(metadata=False),
            "previous_message": before,
        }
        return self.tell(message.channel, event)

    def deleted(self, message: Message) -> dict[int, int]:
        """https://docs.slack.dev/reference/events/message/message_deleted

        The beginning of a thread stays as a tombstone.
        """
        before = message.json(metadata=False)
        if message.channel.replies(message.ts):
            message.content = {"text": "This message was deleted.", "subtype": "tombstone"}
            return self.changed(message, before)
        message.deleted = True
        now = self.world.next_ts()
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "channel": message.channel.id,
            "channel_type": _TYPES[message.channel.kind],
            "ts": now,
            "event_ts": now,
            "deleted_ts": message.ts,
            "previous_message": before,
        }
        return self.tell(message.channel, event)

    def reacted(self, message: Message, user: str, name: str, kind: str) -> dict[int, int]:
        """https://docs.slack.dev/reference/events/reaction_added"""
        event = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item_user": message.user,
            "item": {"type": "message", "channel": message.channel.id, "ts": message.ts},
            "event_ts": self.world.next_ts(),
        }
        return self.tell(message.channel, event)

    def joined(self, channel: Channel, user: str, inviter: str = "") -> dict[int, int]:
        """https://docs.slack.dev/reference/events/member_joined_channel"""
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "G" if channel.kind != "channel" else "C",
            "inviter": inviter,
            "event_ts": self.world.next_ts(),
        }
        return self.tell(channel, event)

    # -- messages ---------------------------------------------------------------------------

    def say(
        self,
        channel: Channel,
        user: str,
        content: Json,
        thread: str = "",
        *,
        broadcast: bool = False,
    ) -> tuple[Message, dict[int, int]]:
        """Put a message into a conversation and tell of it."""
        message = Message(self.world.next_ts(), user, channel, content, thread, broadcast=broadcast)
        channel.messages[message.ts] = message
        return message, self.announce(message)

    def bot_says(
        self,
        channel: Channel,
        content: Json,
        call: Call,
        thread: str = "",
        *,
        broadcast: bool = False,
    ) -> Message:
        """A message of the app; the journal notes that it appeared."""
        content = {"bot_id": BOT, "app_id": "A0EMULATED", **content}
        message, _ = self.say(channel, BOT_USER, content, thread, broadcast=broadcast)
        self.journal.shown.append(
            Shown(
                **self.journal.stamp(),
                chat=self.world.name_of(channel),
                thread=thread or None,
                message_id=message.ts,
                kind="file" if message.content.get("files") else "text",
                text=message.text,
                reply_to=thread or None,
                call=call.seq,
            )
        )
        call.message_ids.append(message.ts)
        return message
