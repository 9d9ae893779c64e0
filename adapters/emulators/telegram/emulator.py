"""The emulator as a whole: start, stop, bots, people, groups, faults."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from adapters.emulators.listener import Listener
from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.telegram.chats import Bot, Chat, User
from adapters.emulators.telegram.files import UPLOAD_LIMIT
from adapters.emulators.telegram.group import Group
from adapters.emulators.telegram.person import Person
from adapters.emulators.telegram.server import BotApi
from adapters.emulators.telegram.service import Service

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from adapters.emulators.faults import FaultPlan
    from adapters.emulators.telegram.journal import Journal
    from adapters.emulators.telegram.limits import Limits
    from adapters.emulators.telegram.people import Sender
    from adapters.emulators.telegram.updates import UpdateQueue

DEFAULT_TOKEN = "123456:emulated"  # noqa: S105 - of a bot that does not exist


class BotAccount:
    """A bot on the emulator, as its owner at BotFather sees it."""

    def __init__(self, service: Service, bot: Bot) -> None:
        self._service = service
        self.bot = bot

    @property
    def id(self) -> int:
        """The bot's user id."""
        return self.bot.user.id

    @property
    def token(self) -> str:
        """The token."""
        return self.bot.token

    @property
    def username(self) -> str:
        """The @name without the @."""
        return self.bot.user.username or ""

    @property
    def queue(self) -> UpdateQueue:
        """Its updates: `inject`, `redeliver`, `restart_at`, `pending`."""
        return self._service.queues[self.id]


class TelegramEmulator(Listener):
    """A small faithful api.telegram.org on loopback.

    `time_factor` scales the waits between webhook retries and repeated conflicts; `port` 0 takes
    a free one, and keeps it over `down` and `up`.
    """

    body_limit = UPLOAD_LIMIT + 1024 * 1024

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, time_factor: float = 1.0) -> None:
        super().__init__(host, port)
        self.service = Service(time_factor)
        self._people: dict[int, Person] = {}
        self._groups: dict[int, Group] = {}
        self._api: BotApi | None = None

    # -- life -------------------------------------------------------------------------------

    def routes(self) -> Sequence[web.RouteDef]:
        """The Bot API."""
        self._api = BotApi(self.service, self.refuse_for)
        return self._api.routes()

    async def closed(self) -> None:
        """End deliveries, and let go of whoever waits."""
        await self.service.close()
        if self._api is not None:
            self._api.close()

    # -- what one plays with ----------------------------------------------------------------

    @property
    def faults(self) -> FaultPlan:
        """Plan faults here: `emu.faults.plan(faults.reset(), method="sendMessage", nth=3)`."""
        return self.service.faults

    @property
    def limits(self) -> Limits:
        """Rate limits, off unless set."""
        return self.service.limits

    @property
    def journal(self) -> Journal:
        """The judge's record."""
        return self.service.journal

    def bot(
        self,
        token: str = DEFAULT_TOKEN,
        username: str = "coachbridge_bot",
        name: str = "Bridge",
    ) -> BotAccount:
        """The bot with this token, made when new."""
        known = self.service.world.bots.get(token)
        return BotAccount(
            self.service,
            known if known is not None else self.service.add_bot(token, username, name),
        )

    def bot_of(self, token: str | None) -> BotAccount:
        """The bot with this token, else the first one; it must be there."""
        known = self.service.world.bots.get(token) if token else self._default_bot()
        if known is None:
            raise EmulatorMisuseError("there is no bot with this token")
        return BotAccount(self.service, known)

    def _default_bot(self) -> Bot:
        bot = next(iter(self.service.world.bots.values()), None)
        if bot is None:
            raise EmulatorMisuseError("make a bot first")
        return bot

    def person(
        self,
        user_id: int,
        first_name: str = "",
        *,
        last_name: str | None = None,
        username: str | None = None,
        language_code: str | None = None,
        started: bool = False,
        bot: BotAccount | None = None,
    ) -> Person:
        """A person (made when new), whose private chat is with `bot`, else with the first bot.

        `started`: they pressed START before our story begins, so the bot may write first.
        """
        known = self.service.world.people.get(user_id)
        if known is None:
            known = User(
                user_id, first_name or f"Person {user_id}", last_name, username, language_code
            )
            self.service.world.people[user_id] = known
        if bot is not None:
            chosen = bot.bot
            person = Person(self.service, known, lambda: chosen)
        else:
            person = self._people.setdefault(
                user_id, Person(self.service, known, self._default_bot)
            )
        if started:
            person.chat.started = True
        return person

    def group(
        self,
        chat_id: int,
        title: str = "",
        *,
        members: Sequence[Sender] = (),
        forum: bool = False,
        bot_status: str = "administrator",
    ) -> Group:
        """A group (made when new) with these members and every bot there is; the first owns it."""
        if chat_id in self._groups:
            return self._groups[chat_id]
        supergroup = str(chat_id).startswith("-100")
        if not members or chat_id >= 0 or (forum and not supergroup):
            raise EmulatorMisuseError("a group has members and a negative id; a forum's is -100…")
        chat = Chat(
            chat_id,
            "supergroup" if supergroup else "group",
            title=title or f"Group {chat_id}",
            is_forum=forum,
            instance=self.service.world.next_instance(),
            ids=count(2),  # message 1 tells of the creation, so no topic has the General one's id
        )
        chat.members = {member.id: "member" for member in members}
        chat.members[members[0].id] = "creator"
        chat.members |= {bot.user.id: bot_status for bot in self.service.world.bots.values()}
        self.service.world.groups[chat_id] = chat
        self._groups[chat_id] = Group(self.service, chat, members[0].user)
        return self._groups[chat_id]

    def inject(self, raw: Json | str, bot: BotAccount | None = None, lane: str = "injected") -> int:
        """Hand any JSON (or any text) to a bot as an update; returns its place in the sequence."""
        owner = bot.bot if bot is not None else self._default_bot()
        return self.service.queues[owner.user.id].inject(raw, lane)
