"""The emulator as a whole: start, stop, people, conversations, connections, faults."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from aiohttp import web

from adapters.emulators.slack.errors import EmulatorMisuseError, Json
from adapters.emulators.slack.person import Person
from adapters.emulators.slack.server import BODY_LIMIT, WebApi
from adapters.emulators.slack.service import Service
from adapters.emulators.slack.world import BOT_USER, Channel, User
from adapters.emulators.telegram.server import reset_transport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from aiohttp.typedefs import Middleware

    from adapters.emulators.slack.delivery import Deliveries
    from adapters.emulators.slack.journal import Journal
    from adapters.emulators.telegram.faults import FaultPlan

SHUTDOWN_SECONDS = 0.2
BOT_TOKEN = "xoxb-emulated"  # noqa: S105 - of an app that does not exist
APP_TOKEN = "xapp-emulated"  # noqa: S105
SIGNING_SECRET = "emulated-signing-secret"  # noqa: S105


class SlackEmulator:
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
        self.service = Service(bot_token, app_token, signing_secret, time_factor)
        self.host = host
        self.port = port
        self._people: dict[str, Person] = {}
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._api: WebApi | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._extra_routes: list[web.RouteDef] = []
        self._middlewares: list[Middleware] = []

    # -- life -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen."""
        self._api = WebApi(self.service, self.refuse_for, lambda: self.api_url)
        app = web.Application(client_max_size=BODY_LIMIT, middlewares=self._middlewares)
        app.add_routes([*self._api.routes(), *self._extra_routes])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        await self._runner.setup()
        self.service.deliveries.start()
        await self.up()

    async def stop(self) -> None:
        """Stop listening and delivering; nothing is left behind."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.service.deliveries.stop()
        await self.down()
        if self._api is not None:
            self._api.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def add_routes(self, routes: Sequence[web.RouteDef], *middlewares: Middleware) -> None:
        """More routes (the control endpoint, demo pages), before `start`."""
        self._extra_routes += routes
        self._middlewares += middlewares

    @property
    def api_url(self) -> str:
        """What an app uses in place of https://slack.com."""
        return f"http://{self.host}:{self.port}"

    async def down(self) -> None:
        """Refuse new connections and cut all that are open, in the middle of whatever they do."""
        if self._site is None or self._runner is None:
            return
        site, self._site = self._site, None
        await site.stop()
        self.cut()

    def cut(self) -> None:
        """Cut all connections that are open, Socket Mode too."""
        server = self._runner.server if self._runner is not None else None
        for connection in server.connections if server else ():
            if connection.transport is not None:
                reset_transport(connection.transport)
        self.service.deliveries.connections.clear()

    async def up(self) -> None:
        """Listen (again), at the same port."""
        if self._site is not None:
            return
        if self._runner is None:
            raise EmulatorMisuseError("the emulator was not started")
        site = web.TCPSite(self._runner, self.host, self.port, reuse_address=True)
        await site.start()
        self._site = site
        if self.port == 0:
            self.port = int(self._runner.addresses[0][1])

    async def refuse_for(self, seconds: float) -> None:
        """Go down now and up again `seconds` later; returns when it is down."""
        await self.down()

        async def back() -> None:
            await asyncio.sleep(seconds)
            await self.up()

        task = asyncio.create_task(back())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
