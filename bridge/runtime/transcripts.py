"""A machine's hearing of what was said: text beside the sound, never in its stead. Off by default.

1. Only sound of the telephone is given away: voicemail, and recordings that everybody agreed to.
2. The operator chooses who hears it: an HTTP endpoint or a command. Either gets the bytes and gives
   back plain text; one at a time, for such machines are busy.
3. What fails is logged and not tried again: the sound is there, and nobody waits for its text.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import structlog

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.calls import TELEPHONE
from bridge.core.content import VoiceNote
from bridge.runtime.handle import handle

if TYPE_CHECKING:
    from bridge.core.content import Attachment
    from bridge.runtime.texts import Catalogue
    from storage.blobs import Blobs
    from storage.unit import Unit
    from storage.writer import Writer

log = structlog.get_logger(__name__)

LONGEST = 100_000
"""Characters of a text that are kept."""


class Hearing(msgspec.Struct, frozen=True):
    """Who hears: a ``url`` that takes a POST, or a ``command`` that reads its standard input."""

    url: str = ""
    command: tuple[str, ...] = ()
    seconds: float = 300


class Transcripts:
    """Adds a text to each sound of the telephone."""

    def __init__(
        self, writer: Writer, blobs: Blobs, catalogue: Catalogue, hearing: Hearing
    ) -> None:
        self._writer = writer
        self._blobs = blobs
        self._catalogue = catalogue
        self._hearing = hearing
        self._alone = asyncio.Semaphore(1)

    async def add(self, blob: str) -> None:
        """Have a file heard if it is sound of the telephone, and log what was heard."""
        found = await self._writer.submit(lambda unit: _sound(unit, blob))
        if found is None:
            return
        trajectory, seq, party, file = found
        try:
            async with self._alone, asyncio.timeout(self._hearing.seconds):
                sound = b"".join([piece async for piece in self._blobs.read(blob)])
                text = await self._heard(sound, file.mime)
        except (OSError, RuntimeError, TimeoutError, UnicodeDecodeError) as error:
            log.warning(
                "a sound has no transcript", trajectory=trajectory, seq=seq, error=str(error)
            )
            return
        command = c.AddTranscript(seq, party, text.strip()[:LONGEST])
        if command.text:
            await self._writer.submit(
                lambda unit: handle(unit, trajectory, command, self._catalogue)
            )

    async def _heard(self, sound: bytes, mime: str) -> str:
        """Return what was heard. Raises OSError, RuntimeError, TimeoutError, UnicodeDecodeError."""
        if self._hearing.url:
            return await self._posted(sound, mime)
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self._hearing.command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            out, _ = await process.communicate(sound)
        except BaseException:
            process.kill()
            raise
        if process.returncode:
            msg = f"the command ended with {process.returncode}"
            raise RuntimeError(msg)
        return out.decode()

    async def _posted(self, sound: bytes, mime: str) -> str:
        import aiohttp

        try:
            async with (
                aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
                session.post(
                    self._hearing.url,
                    data=sound,
                    headers={"Content-Type": mime, "Accept": "text/plain"},
                    allow_redirects=False,
                ) as answer,
            ):
                answer.raise_for_status()
                return await answer.text()
        except aiohttp.ClientError as error:
            raise OSError(f"the endpoint failed ({type(error).__name__})") from None


def _sound(unit: Unit, blob: str) -> tuple[str, int, str, Attachment] | None:
    """Return trajectory, seq, speaker and file of a sound of the telephone, None for others."""
    trajectory, _, number = blob.removesuffix("/file").rpartition("/")
    logged = unit.entry(trajectory, int(number)) if number.isdecimal() else None
    kept = unit.blob(blob)
    if logged is None or kept is None or kept.state != "stored":
        return None
    match logged.entry:
        case e.MessagePosted(network=network, content=VoiceNote(file=file), author=author):
            return (trajectory, logged.seq, author, file) if network == TELEPHONE else None
        case e.RecordingStored(file=file, author=author) if file is not None:
            return trajectory, logged.seq, author, file
        case _:
            return None
