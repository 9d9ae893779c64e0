"""Groups, supergroups and forums, and what their members do to them."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.chats import Chat, Message, Topic, User
from adapters.emulators.telegram.people import Sender, note
from adapters.emulators.telegram.screen import Line, screen_of

if TYPE_CHECKING:
    from adapters.emulators.telegram.service import Service

SUPERGROUP_BASE = -1_000_000_000_000


class Group:
    """One group; basic groups have small negative ids, supergroups begin with -100."""

    def __init__(self, service: Service, chat: Chat, owner: User) -> None:
        self.service = service
        self.chat = chat
        self.owner = owner

    @property
    def id(self) -> int:
        """The chat id."""
        return self.chat.id

    @property
    def messages(self) -> list[Message]:
        """What the group shows now."""
        return self.chat.shown()

    def screen(self, thread: int | None = None) -> list[Line]:
        """What the group or one topic shows now, oldest first."""
        return screen_of(self.service.world, self.chat, None, thread)

    def _service_message(self, sender: User, content: Json) -> tuple[Message, dict[int, int]]:
        message = self.service.world.add_message(self.chat, sender, content)
        return message, self.service.announce(message)

    async def add(self, person: Sender) -> None:
        """Somebody joins, added by the owner."""
        user, old = person.user, self.chat.members.get(person.id, "left")
        self.chat.members[user.id] = "member"
        content = {"new_chat_members": [shapes.user_json(user)]}
        message, told = self._service_message(self.owner, content)
        payload = shapes.member_update(self.chat, self.owner, user, old, "member")
        self.service.publish(self.chat, "chat_member", payload, f"members {user.id}")
        note(self.service, "joined", user, self.chat, told, message=message)

    async def remove(self, person: Sender) -> None:
        """Somebody leaves."""
        user, old = person.user, self.chat.members.get(person.id, "left")
        self.chat.members[user.id] = "left"
        content = {"left_chat_member": shapes.user_json(user)}
        message, told = self._service_message(user, content)
        payload = shapes.member_update(self.chat, user, user, old, "left")
        self.service.publish(self.chat, "chat_member", payload, f"members {user.id}")
        note(self.service, "left", user, self.chat, told, message=message)

    async def set_bot(self, bot_id: int, status: str) -> None:
        """Make the bot `administrator`, `member`, `left` or `kicked`; it is told."""
        bot = next(b for b in self.service.world.bots.values() if b.user.id == bot_id)
        old = self.chat.members.get(bot_id, "left")
        self.chat.members[bot_id] = status
        payload = shapes.member_update(self.chat, self.owner, bot.user, old, status)
        lane = f"member {self.chat.id}"
        self.service.publish_to(bot, self.chat, "my_chat_member", payload, lane)

    async def topic(self, name: str, by: Sender | None = None) -> Topic:
        """A member (else the owner) opens a topic in a forum."""
        if not self.chat.is_forum:
            raise EmulatorMisuseError("this group has no topics")
        user = by.user if by is not None else self.owner
        topic = self.service.world.open_topic(self.chat, user, name)
        message = self.chat.messages[topic.thread_id]
        told = self.service.announce(message)
        note(self.service, "topic", user, self.chat, told, message=message, text=name)
        return topic

    async def migrate(self) -> Group:
        """A basic group becomes a supergroup: a new chat with a new id, the old one is dead.

        https://core.telegram.org/bots/api#responseparameters (`migrate_to_chat_id`)
        """
        if self.chat.type != "group" or self.chat.migrated_to is not None:
            raise EmulatorMisuseError("only a basic group becomes a supergroup, and only once")
        new = Chat(
            SUPERGROUP_BASE - abs(self.chat.id),
            "supergroup",
            title=self.chat.title,
            members=dict(self.chat.members),
            instance=self.service.world.next_instance(),
            ids=count(1),
        )
        self.service.world.groups[new.id] = new
        message, told = self._service_message(self.owner, {"migrate_to_chat_id": new.id})
        self.chat.migrated_to = new.id
        group = Group(self.service, new, self.owner)
        group._service_message(self.owner, {"migrate_from_chat_id": self.chat.id})
        note(self.service, "migrated", self.owner, self.chat, told, message=message)
        return group
