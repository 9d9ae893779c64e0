"""The emulator as a whole: start, stop, people, programs, faults."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from adapters.emulators.listener import Listener
from adapters.emulators.matrix.person import Person
from adapters.emulators.matrix.server import ClientApi
from adapters.emulators.matrix.service import Service
from adapters.emulators.matrix.world import SERVER, Account
from adapters.emulators.misuse import EmulatorMisuseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from adapters.emulators.faults import FaultPlan
    from adapters.emulators.matrix.journal import Journal

_NAME = re.compile(r"[a-z0-9._=/+-]+")
"""https://spec.matrix.org/v1.16/appendices/#user-identifiers"""


class MatrixEmulator(Listener):
    """A small faithful homeserver on loopback, named `home.example`, without federation.

    `port` 0 takes a free one, and keeps it over `down` and `up`.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self.service = Service()
        self._people: dict[str, Person] = {}
        self._api: ClientApi | None = None

    # -- life -------------------------------------------------------------------------------

    def routes(self) -> Sequence[web.RouteDef]:
        """The Client-Server API."""
        self._api = ClientApi(self.service, self.refuse_for)
        return self._api.routes()

    async def closed(self) -> None:
        """Let go of whoever waits for an answer that never comes."""
        if self._api is not None:
            self._api.close()

    # -- what one plays with ----------------------------------------------------------------

    @property
    def faults(self) -> FaultPlan:
        """Plan faults: `emu.faults.plan(faults.reset(), method="send", nth=3)`.

        `adapters.emulators.matrix.methods` names the methods; `upload` and `download` are files.
        """
        return self.service.faults

    @property
    def journal(self) -> Journal:
        """The judge's record."""
        return self.service.journal

    def _account(self, local: str, name: str) -> Account:
        if _NAME.fullmatch(local) is None:
            raise EmulatorMisuseError(f"{local} is no name of an account")
        user_id = f"@{local}:{SERVER}"
        return self.service.world.accounts.setdefault(user_id, Account(user_id, name or local))

    def account(self, local: str, password: str, name: str = "") -> Account:
        """An account for a program, which logs in with its password; made when new."""
        account = self._account(local, name)
        account.password, account.program = password, True
        return account

    def log_in(self, account: Account, device: str = "EMULATED") -> str:
        """Log a device in without asking; return its token."""
        token = secrets.token_urlsafe(24)
        account.devices[token] = device
        return token

    def revoke(self, account: Account) -> None:
        """Log all devices of an account out: no token works any more."""
        account.devices.clear()
        self.service.touch()

    def person(self, local: str, name: str = "") -> Person:
        """A person with a client of their own, made when new."""
        if local not in self._people:
            self._people[local] = Person(self.service, self._account(local, name))
        return self._people[local]
