"""Messages that carry a file, a place or a card; and getFile."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.errors import bad_request
from adapters.emulators.telegram.files import DOWNLOAD_LIMIT, StoredFile, file_json, media_content
from adapters.emulators.telegram.formatting import CAPTION_LIMIT, formatted

if TYPE_CHECKING:
    from adapters.emulators.misuse import Json
    from adapters.emulators.telegram.methods.ask import Ask, Method
    from adapters.emulators.telegram.params import Upload

ALBUM_LIMIT = 10
ATTACH = "attach://"
_DETAILS = ("width", "height", "duration", "performer", "title", "emoji")


def _stored(ask: Ask, kind: str, given: str, upload: Upload | None) -> StoredFile:
    """An upload, or a file that is already here by `file_id`.

    https://core.telegram.org/bots/api#sending-files. URLs are not fetched: nothing here may leave
    this machine.
    """
    files = ask.service.files
    if given.startswith(ATTACH):
        upload = ask.params.files.get(given.removeprefix(ATTACH))
    if upload is not None:
        return files.keep(kind, upload.data, upload.name, upload.mime)
    if not given:
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if given.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = files.by_id(given)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request(f"type of file mismatch: can't use file of type {stored.kind} as {kind}")
    return stored


def _caption(caption: str, entities: list[Json] | None, parse_mode: str) -> Json:
    text, kept = formatted(
        caption, entities, parse_mode, CAPTION_LIMIT, "message caption is too long"
    )
    content: Json = {"caption": text} if text else {}
    if kept:
        content["caption_entities"] = kept
    return content


def send_file(ask: Ask, *, kind: str) -> Json:
    """sendPhoto, sendDocument and the others: one file and, but for stickers, a caption."""
    chat = ask.chat()
    stored = _stored(ask, kind, ask.params.text(kind), ask.params.files.get(kind))
    details = {name: ask.params.text(name) for name in _DETAILS}
    content = media_content(stored, details)
    if kind not in {"sticker", "video_note"}:
        content |= _caption(
            ask.params.text("caption"),
            ask.params.objects("caption_entities", "entities"),
            ask.params.text("parse_mode"),
        )
    return ask.send(chat, content)


def input_media(ask: Ask, media: Json) -> Json:
    """The content of one https://core.telegram.org/bots/api#inputmedia"""
    kind = media.get("type")
    if kind not in {"photo", "video", "document", "audio", "animation"}:
        raise bad_request("can't parse InputMedia: invalid media type specified")
    given = str(media.get("media") or "")
    missing = given.startswith(ATTACH) and given.removeprefix(ATTACH) not in ask.params.files
    if not given or missing:
        raise bad_request("can't parse InputMedia: media not found")
    stored = _stored(ask, str(kind), given, None)
    caption = _caption(
        str(media.get("caption") or ""),
        media.get("caption_entities"),
        str(media.get("parse_mode") or ""),
    )
    return media_content(stored, media) | caption


def send_media_group(ask: Ask) -> list[Json]:
    """https://core.telegram.org/bots/api#sendmediagroup: all or nothing, one id for the album.

    The documentation asks for 2-10 items; the server takes one, as a message outside any album.
    What the vendor's servers find wrong with a file comes as 'failed to send message #2 with the
    error message "IMAGE_PROCESS_FAILED"': plan it as a fault, nothing here looks into files.
    """
    chat = ask.chat()
    items = ask.params.objects("media", "media")
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) > ALBUM_LIMIT:
        raise bad_request("too many messages to send as an album")
    kinds = {item.get("type") for item in items}
    if "animation" in kinds:
        raise bad_request("can't use the media of the specified type in the album")
    for alone in ("document", "audio"):
        if alone in kinds and len(kinds) > 1:
            raise bad_request(f"{alone} can't be mixed with other media types")
    contents = [input_media(ask, item) for item in items]
    album = ask.service.world.next_album_id() if len(contents) > 1 else None
    posted = [ask.post(chat, content, media_group_id=album) for content in contents]
    return [shapes.message_json(message) for message in posted]


def _location(ask: Ask) -> Json:
    latitude, longitude = ask.params.number("latitude"), ask.params.number("longitude")
    if latitude is None:
        raise bad_request("latitude is empty")
    if longitude is None:
        raise bad_request("longitude is empty")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("wrong location coordinates specified")
    location: Json = {"latitude": latitude, "longitude": longitude}
    accuracy = ask.params.number("horizontal_accuracy")
    return location | ({"horizontal_accuracy": accuracy} if accuracy else {})


def send_location(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#sendlocation"""
    return ask.send(ask.chat(), {"location": _location(ask)})


def send_venue(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#sendvenue; the message carries the location as well."""
    location = _location(ask)
    title, address = ask.params.text("title"), ask.params.text("address")
    if not title or not address:
        raise bad_request("VENUE_TITLE_EMPTY" if not title else "VENUE_ADDRESS_EMPTY")
    venue: Json = {"location": location, "title": title, "address": address}
    return ask.send(ask.chat(), {"venue": venue, "location": location})


def send_contact(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#sendcontact"""
    phone, name = ask.params.text("phone_number"), ask.params.text("first_name")
    if not phone:
        raise bad_request("phone number must be non-empty")
    if not name:
        raise bad_request("first name must be non-empty")
    contact: Json = {"phone_number": phone, "first_name": name}
    for field in ("last_name", "vcard"):
        if ask.params.text(field):
            contact[field] = ask.params.text(field)
    return ask.send(ask.chat(), {"contact": contact})


def get_file(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#getfile: up to 20 MB."""
    file_id = ask.params.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    stored = ask.service.files.by_id(file_id)
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(stored.data) > DOWNLOAD_LIMIT:
        raise bad_request("file is too big")
    return file_json(stored)


METHODS: dict[str, Method] = {
    "sendphoto": partial(send_file, kind="photo"),
    "senddocument": partial(send_file, kind="document"),
    "sendvideo": partial(send_file, kind="video"),
    "sendaudio": partial(send_file, kind="audio"),
    "sendvoice": partial(send_file, kind="voice"),
    "sendanimation": partial(send_file, kind="animation"),
    "sendsticker": partial(send_file, kind="sticker"),
    "sendvideonote": partial(send_file, kind="video_note"),
    "sendmediagroup": send_media_group,
    "sendlocation": send_location,
    "sendvenue": send_venue,
    "sendcontact": send_contact,
    "getfile": get_file,
}
