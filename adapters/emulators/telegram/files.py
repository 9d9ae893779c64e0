"""Files that went through this Telegram, by `file_id`.

https://core.telegram.org/bots/api#sending-files and https://core.telegram.org/bots/api#getfile:
a bot may upload 50 MB (10 MB for photos) and download 20 MB.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from adapters.emulators.telegram.errors import ApiError, bad_request

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024

_PREFIXES = {
    "photo": "AgACAgIAAxkB",
    "document": "BQACAgIAAxkB",
    "video": "BAACAgIAAxkB",
    "audio": "CQACAgIAAxkB",
    "voice": "AwACAgIAAxkB",
    "animation": "CgACAgIAAxkB",
    "sticker": "CAACAgIAAxkB",
    "video_note": "DQACAgIAAxkB",
}
_FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "video": "videos",
    "audio": "music",
    "voice": "voice",
    "animation": "animations",
    "sticker": "stickers",
    "video_note": "video_notes",
}
_SUFFIXES = {
    "photo": ".jpg",
    "document": ".bin",
    "video": ".mp4",
    "audio": ".mp3",
    "voice": ".oga",
    "animation": ".mp4",
    "sticker": ".webp",
    "video_note": ".mp4",
}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file; `path` is the `file_path` of getFile."""

    file_id: str
    unique_id: str
    kind: str
    data: bytes
    name: str | None
    mime: str
    path: str


class FileStore:
    """All files, kept in memory."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._numbers = count(1)

    def keep(
        self, kind: str, data: bytes, name: str | None = None, mime: str | None = None
    ) -> StoredFile:
        """Store an upload; an empty or too large one is refused."""
        if not data:
            raise bad_request("file must be non-empty")
        if len(data) > (PHOTO_LIMIT if kind == "photo" else UPLOAD_LIMIT):
            raise ApiError(413, "Request Entity Too Large")
        number = next(self._numbers)
        suffix = PurePosixPath(name).suffix if name else ""
        guessed = mimetypes.guess_type(name or f"x{_SUFFIXES[kind]}")[0]
        path = f"{_FOLDERS[kind]}/file_{number}{suffix or _SUFFIXES[kind]}"
        digest = hashlib.sha256(data).hexdigest()
        stored = StoredFile(
            file_id=f"{_PREFIXES[kind]}{number:08d}{digest[:24]}",
            unique_id=f"AQAD{digest[:12]}",
            kind=kind,
            data=data,
            name=name,
            mime=mime or guessed or "application/octet-stream",
            path=path,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile | None:
        """A file by its `file_id`."""
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        """A file by its download path."""
        return self._by_path.get(path)


def file_json(stored: StoredFile) -> Json:
    """https://core.telegram.org/bots/api#file"""
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.data),
        "file_path": stored.path,
    }


def media_content(stored: StoredFile, details: Json) -> Json:
    """The field of a message that carries a file: `{"photo": [...]}`, `{"voice": {...}}`, …

    `details` are the sizes, lengths and titles the sender gave; what is missing gets a plausible
    value because the real server measures the file.
    """
    base: Json = {
        "file_id": stored.file_id,
        "file_unique_id": stored.unique_id,
        "file_size": len(stored.data),
    }
    width, height = int(details.get("width") or 640), int(details.get("height") or 480)
    duration = int(details.get("duration") or 1)
    named: Json = {"mime_type": stored.mime}
    if stored.name:
        named["file_name"] = stored.name
    match stored.kind:
        case "photo":
            small = {**base, "file_id": stored.file_id, "width": 90, "height": 67}
            return {"photo": [small, {**base, "width": width, "height": height}]}
        case "document":
            return {"document": base | named}
        case "video":
            return {
                "video": base | named | {"width": width, "height": height, "duration": duration}
            }
        case "animation":
            shape = base | named | {"width": width, "height": height, "duration": duration}
            return {"animation": shape, "document": base | named}
        case "audio":
            titles = {k: details[k] for k in ("performer", "title") if details.get(k)}
            return {"audio": base | named | {"duration": duration} | titles}
        case "voice":
            mime = "audio/ogg" if stored.mime == "application/octet-stream" else stored.mime
            return {"voice": base | {"duration": duration, "mime_type": mime}}
        case "video_note":
            return {"video_note": base | {"length": 240, "duration": duration}}
        case _:
            return {"sticker": base | _sticker_fields(details)}


def _sticker_fields(details: Json) -> Json:
    """https://core.telegram.org/bots/api#sticker"""
    fields: Json = {
        "width": 512,
        "height": 512,
        "is_animated": False,
        "is_video": False,
        "type": "regular",
    }
    return fields | {k: details[k] for k in ("emoji", "set_name") if details.get(k)}
