"""Sharing a file in three calls. https://docs.slack.dev/messaging/working-with-files#uploading_files"""

from __future__ import annotations

import asyncio
import mimetypes
from typing import TYPE_CHECKING

from adapters.emulators.slack import blocks
from adapters.emulators.slack.errors import ApiError
from adapters.emulators.slack.world import BOT_USER, StoredFile

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json
    from adapters.emulators.slack.methods import Ask, Method

LARGEST = 1_000_000_000


def upload_url(ask: Ask) -> Json:
    """https://docs.slack.dev/reference/methods/files.getUploadURLExternal"""
    name, size = ask.text("filename"), ask.text("length")
    if not name or not size.isdecimal() or not 0 < int(size) <= LARGEST:
        raise ApiError("invalid_arguments")
    world = ask.service.world
    mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
    stored = StoredFile(world.next_id("F"), BOT_USER, name, mime, int(size))
    world.files[stored.id] = stored
    return {"upload_url": f"{ask.base}/upload/v1/{stored.id}", "file_id": stored.id}


def complete(ask: Ask) -> Json:
    """https://docs.slack.dev/reference/methods/files.completeUploadExternal"""
    stored = [_uploaded(ask, str(one.get("id"))) for one in ask.decoded("files", [])]
    if not stored:
        raise ApiError("invalid_arguments")
    if not ask.text("channel_id"):
        return {"files": [{"id": one.id, "title": one.name} for one in stored]}
    channel = ask.writable("channel_id")
    given = ask.decoded("blocks", [])
    content: Json = {"text": ask.text("initial_comment"), "files": []}
    if given:
        content["blocks"] = blocks.checked(given)
    content["files"] = [one.json(ask.base) for one in stored]
    message = ask.service.bot_says(channel, content, ask.call, ask.text("thread_ts"))
    for one in stored:
        one.complete = True
        _share(ask, one, channel.id, message.ts)
    return {"files": [{"id": one.id, "title": one.name} for one in stored]}


def _uploaded(ask: Ask, file: str) -> StoredFile:
    stored = ask.service.world.files.get(file)
    if stored is None or stored.data is None or stored.complete:
        raise ApiError("file_not_found")
    return stored


def _share(ask: Ask, stored: StoredFile, channel: str, ts: str) -> None:
    """`files.info` tells of a share a moment later, as at Slack."""

    def known() -> None:
        stored.shares[channel] = ts

    if ask.service.share_delay:
        asyncio.get_running_loop().call_later(ask.service.share_delay, known)
    else:
        known()


def info(ask: Ask) -> Json:
    """https://docs.slack.dev/reference/methods/files.info"""
    stored = ask.service.world.files.get(ask.text("file"))
    if stored is None:
        raise ApiError("file_not_found")
    return {"file": stored.json(ask.base)}


FILE_METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": upload_url,
    "files.completeUploadExternal": complete,
    "files.info": info,
}
