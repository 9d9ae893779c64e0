"""The server: Twilio's Messages API over real HTTP, the carriers behind it, and people's phones."""

from __future__ import annotations

import asyncio
import mimetypes
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, Self

import aiohttp

from adapters.emulators.changes import Changes
from adapters.emulators.misuse import EmulatorMisuseError
from adapters.emulators.twilio.calls import Switchboard
from adapters.emulators.twilio.faults import FaultPlan
from adapters.emulators.twilio.hooks import Hooks
from adapters.emulators.twilio.journal import Journal, Said, Shown
from adapters.emulators.twilio.phone import Phone
from adapters.emulators.twilio.server import Server
from adapters.emulators.twilio.telephone import Telephone
from adapters.emulators.twilio.telling import message_fields, status_fields
from adapters.emulators.twilio.world import (
    ANSWERS,
    Account,
    File,
    Handset,
    Message,
    World,
    bare,
    new_sid,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from types import TracebackType

    from aiohttp import web
    from aiohttp.typedefs import Middleware

Order = Literal["in_order", "reversed"]


class TwilioEmulator(Changes):
    """A Twilio of one's own; `async with` runs it.

    `callbacks` is the order in which the states of a message are told; with `early` they are told
    before the API answers. A refused state (`silent`) is never told at all.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__()
        self.world = World()
        self.faults = FaultPlan()
        self.journal = Journal()
        self.hooks = Hooks(self.journal, self.faults)
        self.switchboard = Switchboard(self)
        self.telephones: dict[str, Telephone] = {}
        self.callbacks: Order = "in_order"
        self.early = False
        self.silent: set[str] = {"queued"}
        """No callback for the initial status, as on the real Twilio."""
        self.outcomes: dict[str, int] = {}
        """Their address (with `whatsapp:`) to the error code that messages to it end in."""
        self.server = Server(self, port)
        self._tasks: set[asyncio.Task[object]] = set()
        self._inbound = asyncio.Lock()
        self._line = asyncio.Event()
        self._line.set()
        self.held = 0
        """Calls to the program that wait until it is up again."""

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.hooks.close()
        await self.server.stop()

    @property
    def api_url(self) -> str:
        """Where the API is."""
        return self.server.api_url

    async def down(self) -> None:
        """Refuse the program's calls and make none; what people send waits with the carriers."""
        self._line.clear()
        await self.server.down()

    async def up(self) -> None:
        """Answer again, and tell what waited."""
        await self.server.up()
        self._line.set()

    @property
    def is_up(self) -> bool:
        """Whether anybody gets through."""
        return self._line.is_set()

    async def reachable(self) -> None:
        """Wait until the program can be called."""
        self.held += 1
        try:
            await self._line.wait()
        finally:
            self.held -= 1

    def add_routes(self, routes: Iterable[web.RouteDef], *middlewares: Middleware) -> None:
        """Add routes before it runs."""
        self.server.add_routes(routes, *middlewares)

    # -- who there is -----------------------------------------------------------------------

    def account(
        self,
        sid: str,
        token: str,
        numbers: Iterable[str] = (),
        whatsapp: str = "",
        service: str = "",
        webhook: str = "",
    ) -> Account:
        """Make an account, or return the one there is."""
        if sid not in self.world.accounts:
            made = Account(sid, token, list(numbers), whatsapp, service, webhook)
            self.world.accounts[sid] = made
        return self.world.accounts[sid]

    def person(
        self,
        number: str,
        name: str = "",
        *,
        sms: bool = True,
        whatsapp: bool = True,
        landline: bool = False,
    ) -> Phone:
        """A person with a phone, and what it can."""
        if number not in self.world.handsets:
            self.world.handsets[number] = Handset(number, name or number, sms, whatsapp, landline)
        return Phone(self, self.world.handsets[number])

    def telephone(self, number: str) -> Telephone:
        """The telephone at a number, which rings when it is called."""
        if number not in self.telephones:
            self.telephones[number] = Telephone(self, number)
        return self.telephones[number]

    # -- messages to people -----------------------------------------------------------------

    async def accept(self, account: Account, form: dict[str, list[str]]) -> Message:
        """Take a message and pass it on; its states are told meanwhile. Raises ApiError."""
        message = self.world.create(account, form)
        code = self.outcomes.get(message.to, 0) or self.world.outcome(message)
        if not message.media_urls and not code:
            self.show(message)
        self.touch()
        telling = self._pass_on(account, message, code)
        if self.early:
            await telling
        else:
            self.start(telling)
        return message

    async def _pass_on(self, account: Account, message: Message, code: int) -> None:
        if message.media_urls and not code:
            code = await self._load(message)
            if not code:
                self.show(message)
                self.touch()
        states = ["queued", "sent", "undelivered" if code else "delivered"]
        if code in (63016, 63024, 21610):
            states = ["queued", "failed"]
        final = states[-1]
        message.error_code = code or None
        if self.callbacks == "reversed":
            states.reverse()
        for state in states:
            message.status = final
            await self.tell(account, message, state, code if state == final else 0)

    async def tell(self, account: Account, message: Message, state: str, code: int = 0) -> None:
        """Tell one state of a message, once."""
        if not message.callback or state in self.silent or state in message.told:
            return
        message.told.add(state)
        await self.reachable()
        fields = status_fields(message, state, code)
        await self.hooks.call("status", message.callback, fields, account.token)

    async def _load(self, message: Message) -> int:
        """Fetch the file of a message as Twilio does; return the error of its failing."""
        for url in message.media_urls:
            try:
                async with (
                    aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(15)) as session,
                    session.get(url) as answer,
                ):
                    if answer.status != 200:
                        return 63019 if message.network == "whatsapp" else 11200
                    data = await answer.read()
                    message.files.append(File(new_sid("ME"), answer.content_type, data))
            except (aiohttp.ClientError, TimeoutError, OSError):
                return 11200
        return 0

    def show(self, message: Message) -> None:
        """Let a message appear on its phone."""
        self.journal.shown.append(
            Shown(
                **self.journal.stamp(),
                sid=message.sid,
                network=message.network,
                sender=bare(message.sender),
                person=bare(message.to),
                text=message.body,
                media=[file.mime for file in message.files],
                by_vendor=message.by_vendor,
            )
        )

    # -- messages from people ---------------------------------------------------------------

    async def receive(self, message: Message) -> None:
        """Take a message from a person: carry out its keyword, then tell the program."""
        account = self.world.accounts[message.account]
        self.world.messages.append(message)
        self.journal.said.append(
            Said(
                **self.journal.stamp(),
                sid=message.sid,
                network=message.network,
                person=bare(message.sender),
                to=bare(message.to),
                text=message.body,
                files=len(message.files),
            )
        )
        handset = self.world.handsets[bare(message.sender)]
        if message.network == "whatsapp":
            handset.spoke = datetime.now(UTC)
        word = self.world.keyword(message)
        if word:
            self._answer(message, word)
        self.touch()
        if account.webhook:
            self.start(self._tell_in_order(account, message, word))

    def _answer(self, message: Message, word: str) -> None:
        answer = Message(
            sid=new_sid("SM"),
            account=message.account,
            inbound=False,
            sender=message.to,
            to=message.sender,
            body=ANSWERS[word],
            created=datetime.now(UTC).replace(microsecond=0),
            status="delivered",
            by_vendor=True,
        )
        self.world.messages.append(answer)
        self.show(answer)

    async def _tell_in_order(self, account: Account, message: Message, word: str) -> None:
        await self.reachable()
        async with self._inbound:
            handset = self.world.handsets[bare(message.sender)]
            fields = message_fields(message, handset, self.api_url)
            if word and account.advanced_opt_out:
                fields["OptOutType"] = word.upper()
            await self.hooks.call("message", account.webhook, fields, account.token)

    # -- time -------------------------------------------------------------------------------

    def start(self, work: Coroutine[object, object, object]) -> None:
        """Do something in the background until the emulator ends."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def quiet(self) -> None:
        """Wait until everything was told."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def file(self, name: str, data: bytes, mime: str = "") -> File:
        """A file as a phone sends it."""
        guessed = mime or mimetypes.guess_type(name)[0]
        if guessed is None:
            raise EmulatorMisuseError(f"what kind of file is {name}?")
        return File(new_sid("ME"), guessed, data)
