"""A real `coachbridge` on real files: settings, practice, a serving process, and its commands.

For tests of the whole program from outside: nothing of the product is imported. Every command is
a process of its own. A bridge that is still serving when a test ends is killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import aiohttp

from tests.support.postgres import free_port
from tests.walks import processes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from tests.walks.processes import Process

Json = dict[str, Any]

READY_SECONDS = 20.0
COMMAND_SECONDS = 30.0
SECRET = "Walk_secret-1"
SHORT_LEASES = "[outbox]\nlease_seconds = 2\n"
"""So that a sender that died is noticed within seconds where several processes send."""
_BUSY = frozenset({"new", "queued", "sending", "uncertain"})
"""States of the inbox and the outbox that go on by themselves."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the practice file; `chats` are their ids on Telegram, in order."""

    id: str
    chats: tuple[int, ...] = ()
    name: str = ""
    language: str = "en"

    def table(self) -> str:
        """The person as a table of the practice file."""
        endpoints = ", ".join(f'"telegram:main:{chat}"' for chat in self.chats)
        name = self.name or self.id.capitalize()
        return (
            f'[[person]]\nid = "{self.id}"\nname = "{name}"\nlanguage = "{self.language}"\n'
            f'time_zone = "Europe/Amsterdam"\nendpoints = [{endpoints}]\n\n'
        )


def practice(
    people: Sequence[Member],
    trajectories: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    consent: str = "recorded",
) -> str:
    """Return a practice file; a trajectory has coaches and clients."""
    text = "".join(member.table() for member in people)
    for name, (coaches, clients) in trajectories.items():
        text += (
            f'[[trajectory]]\nid = "{name}"\ncoaches = {json.dumps(list(coaches))}\n'
            f'clients = {json.dumps(list(clients))}\nconsent = "{consent}"\n\n'
        )
    return text


@dataclass(slots=True)
class Options:
    """What a test may want otherwise in the settings."""

    mode: str = "polling"
    token: str = "123:abc"
    rate: float = 0
    chat_rate: float = 0
    more: str = ""
    """More TOML, for example `[outbox]`."""
    installed: bool = False
    """Start the installed program as anybody would, not one forked from a nursery."""
    script: str = ""
    """What serves instead of the program; only where it is forked."""
    environment: Mapping[str, str] = field(default_factory=dict)
    name: str = "coachbridge"
    """Of the settings file, where two bridges share a folder and so a key."""
    protection: str = "never"
    """`once` tells each person who can read along; most walks count what is said."""
    public_url: str = ""
    """How the network reaches it; nothing = directly."""


class Bridge:
    """One installation in one folder; `async with` kills what is left of it."""

    def __init__(
        self, folder: Path, store_url: str, api_url: str, options: Options | None = None
    ) -> None:
        self.folder = folder
        self.store_url = store_url
        self.options = options or Options()
        self.port = free_port()
        self.kills: list[float] = []
        """When it was killed, on the monotonic clock."""
        self.process: Process | None = None
        self._reader = threading.Thread()
        self._errors = folder / f"{self.options.name}.err"
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / f"{self.options.name}.toml"
        self.write_settings(api_url)

    def write_settings(self, api_url: str) -> None:
        """Write coachbridge.toml."""
        options = self.options
        self.config.write_text(
            f'[store]\nurl = "{self.store_url}"\n[keys]\nfile = "coachbridge.key"\n'
            f'[web]\nhost = "127.0.0.1"\nport = {self.port}\n'
            f'public_url = "{options.public_url or self.url}"\n'
            f'[telegram.main]\ntoken = "{options.token}"\nmode = "{options.mode}"\n'
            f'webhook_secret = "{SECRET}"\napi_url = "{api_url}"\n'
            f"rate_per_second = {options.rate}\nchat_rate_per_second = {options.chat_rate}\n"
            f'[notices]\nprotection = "{options.protection}"\n'
            f"{options.more}\n"
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            await self.ended()
        if error is not None:
            error.add_note(f"--- the bridge said ---\n{self.errors[-4000:]}")

    @property
    def url(self) -> str:
        """Where its web server is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def errors(self) -> str:
        """Everything the serving processes wrote on standard error."""
        return self._errors.read_text(errors="replace") if self._errors.exists() else ""

    # -- serving ----------------------------------------------------------------------------

    def launch(self) -> Process:
        """Start `coachbridge serve` without waiting for it."""
        assert self.process is None or self.process.poll() is not None, "it runs already"
        # Through a pipe, so that a full disk or a limit on files does not hit what it says.
        reading, writing = os.pipe()
        self.process = self._begin(("serve", "--config", str(self.config)), writing, writing)
        os.close(writing)
        self._reader = threading.Thread(target=_keep, args=(reading, self._errors), daemon=True)
        self._reader.start()
        return self.process

    def _begin(self, arguments: Sequence[str], out: int, err: int) -> Process:
        options = self.options
        environment = {"COACHBRIDGE_CONFIG": str(self.config), **options.environment}
        if options.installed:
            return processes.start(arguments, self.folder, environment, out, err)
        script = options.script if arguments[0] == "serve" else ""
        return processes.fork(arguments, self.folder, environment, out, err, script)

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        self.launch()
        await self.ready()

    async def ready(self, within: float = READY_SECONDS) -> None:
        """Wait until /readyz says yes; AssertionError when it ends or takes too long."""
        async with aiohttp.ClientSession() as session:
            await self._until_ready(session, within)

    async def _until_ready(self, session: aiohttp.ClientSession, within: float) -> None:
        deadline = time.monotonic() + within
        last = "no answer"
        while time.monotonic() < deadline:
            code = self.process.poll() if self.process is not None else None
            assert code is None, f"serve ended with {code}: {self.errors[-2000:]}"
            try:
                async with session.get(f"{self.url}/readyz") as answer:
                    if answer.status == 200:
                        return
                    last = await answer.text()
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.03)
        raise AssertionError(f"not ready after {within} s: {last}\n{self.errors[-2000:]}")

    def kill(self) -> None:
        """`kill -9`, and wait until it is gone."""
        assert self.process is not None
        self.kills.append(time.monotonic())
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)
        self.kills.append(time.monotonic())
        self._reader.join(5)

    def died(self) -> None:
        """Note that it was killed by somebody else, just now."""
        assert self.process is not None
        assert self.process.poll() == -signal.SIGKILL, f"ended with {self.process.poll()}"
        self.kills.append(time.monotonic())
        self._reader.join(5)

    async def ended(self, within: float = 10.0) -> int:
        """Wait until the process ended by itself or by a signal; return its code."""
        assert self.process is not None
        code = await processes.ended(self.process, within)
        self._reader.join(5)
        return code

    async def stop(self, within: float = 15.0) -> int:
        """Ask it to stop, as systemd would; return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await self.ended(within)

    # -- commands ---------------------------------------------------------------------------

    async def run(self, *arguments: str, code: int | None = 0) -> Finished:
        """Run a command; its exit code must be `code` (None = any)."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = self._begin(arguments, out.fileno(), err.fileno())
            ended = await processes.ended(process, COMMAND_SECONDS)
            said = [os.pread(one.fileno(), 1 << 26, 0).decode() for one in (out, err)]
        done = Finished(ended, *said)
        assert code is None or done.code == code, f"{arguments}: {done}"
        return done

    async def apply(self, text: str) -> str:
        """Apply a practice file; return what was printed."""
        file = self.folder / "practice.toml"
        file.write_text(text)
        return (await self.run("apply", str(file))).out

    async def invite(self, trajectory: str, person: str) -> tuple[str, str]:
        """Make an invitation; return the payload of its link and the code to type."""
        out = (await self.run("invite", trajectory, person)).out
        words = out.split()
        link = next(word for word in words if "?start=" in word)
        after = words.index("code:") + 1
        return link.partition("?start=")[2], words[after]

    async def log(self, trajectory: str) -> list[Json]:
        """Return the lines of a log."""
        out = (await self.run("log", trajectory, "--json")).out
        return [json.loads(line) for line in out.splitlines()]

    async def audit(self) -> None:
        """Every invariant holds."""
        done = await self.run("audit", "--json", code=None)
        assert done.code == 0, f"audit: {done.out[-3000:]}{done.err}"

    async def settled(self, *trajectories: str, within: float = 30.0) -> dict[str, list[Json]]:
        """Wait until nothing waits to be handled or sent; return the logs.

        Held for a consent counts as settled, for that may take for ever.
        """
        deadline = time.monotonic() + within
        while True:
            done = await asyncio.gather(self.run("outbox", "--json"), self.run("inbox", "--json"))
            rows = [json.loads(line) for one in done for line in one.out.splitlines()]
            waiting = [row for row in rows if row["state"] in _BUSY]
            if not waiting:
                return {name: await self.log(name) for name in trajectories}
            assert time.monotonic() < deadline, f"still open: {waiting[:9]}"
            await asyncio.sleep(0.1)


def _keep(reading: int, file: Path) -> None:
    """Copy what a process says into a file until it ends."""
    with os.fdopen(reading, "rb", buffering=0) as source, file.open("ab", buffering=0) as kept:
        while said := source.read(65536):
            kept.write(said)


def lines(log: Sequence[Json], kind: str = "message_posted") -> list[Json]:
    """Return the lines of one kind."""
    return [line for line in log if line["kind"] == kind]


def notices(log: Sequence[Json]) -> list[str]:
    """Return the keys of what the bridge itself said, in order."""
    return [str(line["notice"]) for line in log if line["kind"] == "notice_given"]
