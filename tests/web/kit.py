"""The API of a sound store over real HTTP, and whoever calls it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
from pydantic import SecretStr
from starlette.applications import Starlette

from adapters import telegram
from bridge.core import entries as e
from bridge.core.content import Attachment, Media, MediaKind
from bridge.runtime import tokens
from bridge.runtime.texts import Catalogue
from bridge.runtime.tokens import Scope
from bridge.web.api import Parts, api_routes
from bridge.web.server import WebServer
from storage.blobs import Blobs
from storage.writer import Writer
from tests.storage.book import Book

LOG = "anna-2026"
FILE = f"{LOG}/2/file"
ANNA_SAYS = 5
OF = f"/api/trajectories/{LOG}"
LARGEST = 100_000
"""Bytes of a file."""
BOTH = (Scope.READ, Scope.WRITE)
STRANGERS = ("anna", "bram", "sara", "left", "away")
"""Everybody who is known and coaches nothing of Anna's."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        """The body as JSON."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def code(self) -> object:
        """The code of a refusal, '' for anything else."""
        return self.data.get("code", "") if self.status >= 400 else ""


class Api:
    """A running API."""

    def __init__(self, book: Book, writer: Writer, session: aiohttp.ClientSession, port: int):
        self.book = book
        self.writer = writer
        self._session = session
        self._url = f"http://127.0.0.1:{port}"
        self._tokens: dict[tuple[str, tuple[Scope, ...]], str] = {}

    async def token(self, person: str, scopes: tuple[Scope, ...] = BOTH) -> str:
        """A token of a person; the same one for the same scopes."""
        if (person, scopes) not in self._tokens:
            made = await self.writer.submit(lambda unit: tokens.issue(unit, person, scopes, None))
            self._tokens[person, scopes] = made[1]
        return self._tokens[person, scopes]

    async def call(
        self,
        method: str,
        path: str,
        person: str = "noor",
        *,
        scopes: tuple[Scope, ...] = BOTH,
        headers: Mapping[str, str] | None = None,
        **given: object,
    ) -> Answer:
        """Call as a person ('' = without a token)."""
        sent = dict(headers or {})
        if person:
            sent.setdefault("Authorization", f"Bearer {await self.token(person, scopes)}")
        async with self._session.request(
            method,
            f"{self._url}{path}",
            headers=sent,
            **given,  # type: ignore[arg-type]  # aiohttp's own words
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, person: str = "noor") -> Answer:
        """Read something."""
        return await self.call("GET", path, person)

    async def post(self, path: str, data: object, person: str = "noor", **headers: str) -> Answer:
        """Do something."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.call("POST", path, person, json=data, headers=named)


def parts(book: Book, writer: Writer) -> Parts:
    """What an API over a book needs."""
    settings = telegram.TelegramSettings(token=SecretStr("100100:of-nobody"))
    return Parts(
        book.store,
        writer,
        Blobs(book.store),
        Catalogue(),
        {"telegram:main": telegram.build("main", settings)},
        lambda: datetime.now(UTC),
        "http://bridge.example",
        LARGEST,
    )


@asynccontextmanager
async def served(book: Book) -> AsyncIterator[Api]:
    """Serve the API of a book in which somebody of every role is known, and one photo."""
    writer = Writer(book.store)
    await _fill(book, writer)
    server = WebServer(
        Starlette(routes=api_routes(parts(book, writer))), "127.0.0.1", 0, stop_seconds=1
    )
    await server.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Api(book, writer, session, server.port)
    finally:
        await server.stop()
        writer.close()


async def _fill(book: Book, writer: Writer) -> None:
    book.append(
        LOG,
        e.PartyAdded(party="sara", role="observer"),
        e.PartyAdded(party="bram", role="sponsor"),
        e.PartyAdded(party="left", role="coach"),
        e.PartyRemoved(party="left"),
    )
    book.append("other", e.TrajectoryOpened(), e.PartyAdded(party="away", role="coach"))
    file = Attachment(id=FILE, mime="image/jpeg", name="../<page>.jpg", size=5)
    for person in ("left", "away"):
        book.run(
            "INSERT INTO people (id, name, language, time_zone) VALUES (:id, :id, 'en', 'UTC')",
            id=person,
        )
    await writer.submit(
        lambda unit: unit.put_blob(
            trajectory=LOG, owner="anna", network="telegram", account="main", file=file
        )
    )

    async def photo() -> AsyncIterator[bytes]:
        yield b"photo"

    await Blobs(book.store).store(FILE, photo(), 100)
    said = Media(MediaKind.PHOTO, file)
    book.append(LOG, e.MessagePosted(author="anna", network="telegram", to=(), content=said))
