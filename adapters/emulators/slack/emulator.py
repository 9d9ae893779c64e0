"""The emulator as a whole: start, stop, people, conversations, connections, faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.emulators.listener import Listener
from adapters.emulators.slack.person import Person
from adapters.emulators.slack.server import WebApi
from adapters.emulators.slack.service import Service
from adapters.emulators.slack.world import BOT_USER, Channel, User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from adapters.emulators.faults import FaultPlan
    from adapters.emulators.misuse import Json
    from adapters.emulators.slack.delivery import Deliveries
    from adapters.emulators.slack.journal import Journal

BOT_TOKEN = "xoxb-emulated"  # noqa: S105 - of an app that does not exist
APP_TOKEN = "xapp-emulated"  # noqa: S105
SIGNING_SECRET = "emulated-signing-secret"  # noqa: S105


class SlackEmulator(Listener):
    """A small faithful slack.com on loopback: one workspace, one app.

    `time_factor` scales the waits between retries; `port` 0 takes a free one, and keeps it over
    `down` and `up`. With `request_url` set, events go there; else to Socket Mode connections.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        time_factor: float = 1.0,
        bot_token: str = BOT_TOKEN,
        app_token: str = APP_TOKEN,
        signing_secret: str = SIGNING_SECRET,
    ) -> None:
        super().__init__(host, port)
        self.service = Service(bot_token, app_token, signing_secret, time_factor)
        self._people: dict[str, Person] = {}
        self._api: WebApi | None = None

    # -- life -------------------------------------------------------------------------------

    def routes(self) -> Sequence[web.RouteDef]:
        """The Web API, and where Socket Mode connects."""
        self._api = WebApi(self.service, self.refuse_for, lambda: self.api_url)
        return self._api.routes()

    async def opening(self) -> None:
        """Deliver events from now on."""
        self.service.deliveries.start()

    async def closing(self) -> None:
        """No events any more."""
        await self.service.deliveries.stop()

    async def closed(self) -> None:
        """Let go of whoever waits."""
        if self._api is not None:
            self._api.close()

    def cut(self) -> None:
        """Cut all connections that are open, Socket Mode too."""
        super().cut()
        self.service.deliveries.connections.clear()

    # -- what one plays with ----------------------------------------------------------------

    @property
    def faults(self) -> FaultPlan:
        """Plan faults: `emu.faults.plan(faults.reset(), method="chat.postMessage", nth=3)`.

        `event` hits the hand-out of events, `upload` and `download` the bytes of files.
        """
        return self.service.faults

    @property
    def journal(self) -> Journal:
        """The judge's record."""
        return self.service.journal

    @property
    def events(self) -> Deliveries:
        """The app's events: `request_url`, `connections`, `redeliver`, `inject`, `sign`."""
        return self.service.deliveries

    def person(self, user_id: str, name: str = "") -> Person:
        """A person, made when new."""
        world = self.service.world
        if user_id not in self._people:
            user = world.users.setdefault(user_id, User(user_id, name or f"Person {user_id}"))
            self._people[user_id] = Person(self.service, user, lambda: self.api_url)
        return self._people[user_id]

    def channel(
        self, name: str, members: Sequence[Person] = (), *, private: bool = True, bot: bool = True
    ) -> Channel:
        """A conversation with these people, and the app unless it was not invited."""
        world = self.service.world
        kind = "group" if private else "channel"
        made = Channel(world.next_id("C"), kind, name, [member.id for member in members])  # type: ignore[arg-type]
        if bot:
            made.members.append(BOT_USER)
        world.channels[made.id] = made
        return made

    async def refresh(self, *, warning: bool = False) -> None:
        """Ask the oldest connection to be replaced, and end it a moment later.

        https://docs.slack.dev/apis/events-api/using-socket-mode/#disconnect
        """
        socket = self.events.connections.pop(0)
        reason = "warning" if warning else "refresh_requested"
        await socket.send_json({"type": "disconnect", "reason": reason})

    async def switch_off(self) -> None:
        """Switch Socket Mode off in the settings of the app."""
        for socket in list(self.events.connections):
            await socket.send_json({"type": "disconnect", "reason": "link_disabled"})

    def revoke(self) -> None:
        """Take the app away: it is told once, and no token works any more."""
        self.events.event({"type": "app_uninstalled"})
        self.service.revoked = "account_inactive"

    def inject(self, raw: Json, kind: str = "events_api") -> int:
        """Hand any JSON to the app."""
        return self.events.inject(raw, kind)
