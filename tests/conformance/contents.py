"""One of every content and effect, and the awkward ones."""

from bridge.core.content import (
    Attachment,
    Body,
    Choice,
    Choices,
    Code,
    ContactCard,
    Content,
    Erased,
    Link,
    Location,
    Media,
    MediaKind,
    Notice,
    Style,
    Styled,
    Text,
    VoiceNote,
)
from bridge.core.effects import Address, SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.notices import NoticeKey

FORMATTED: Body = (
    "Dag ",
    Styled(Style.BOLD, ("dik ", Styled(Style.ITALIC, ("en schuin 👩‍👩‍👧",)))),
    " ",
    Link("https://example.org/x", ("een link",)),
    " ",
    Code("x = 1"),
    "\n",
    Code("for a in b:\n    c()", block=True, language="python"),
    *(Styled(style, (style.value,)) for style in Style),
)
LONG: Body = (*FORMATTED, " woord 🚲" * 3000, Styled(Style.BOLD, ("x" * 9000,)))


def _file(mime: str, size: int = 1000, name: str = "") -> Attachment:
    return Attachment(id="file1", mime=mime, name=name, size=size, seconds=3, width=640, height=480)


_MIMES = {
    MediaKind.PHOTO: "image/jpeg",
    MediaKind.VIDEO: "video/mp4",
    MediaKind.AUDIO: "audio/mpeg",
    MediaKind.FILE: "application/pdf",
    MediaKind.ANIMATION: "video/mp4",
    MediaKind.STICKER: "image/webp",
    MediaKind.VIDEO_NOTE: "video/mp4",
}

CONTENTS: dict[str, Content] = {
    "text": Text(("Hallo",)),
    "formatted_text": Text(FORMATTED),
    "long_text": Text(LONG),
    "one_long_word": Text(("é" * 20_000,)),
    "text_of_line_ends": Text(("\n" * 20_000,)),
    "empty_text": Text(()),
    **{kind.value: Media(kind, _file(mime), ("kijk",)) for kind, mime in _MIMES.items()},
    **{f"{kind.value}_alone": Media(kind, _file(mime)) for kind, mime in _MIMES.items()},
    **{f"{kind.value}_odd": Media(kind, _file("font/woff2"), LONG) for kind in MediaKind},
    "album_item": Media(MediaKind.PHOTO, _file("image/png"), album="7", caption=FORMATTED),
    "sticker_with_meaning": Media(MediaKind.STICKER, _file("image/webp"), emoji="💪"),
    "enormous_file": Media(MediaKind.FILE, _file("application/zip", 2**40, "all.zip"), ("zie",)),
    "lost_file": Media(MediaKind.PHOTO, Attachment(name='../a"b\r\nc.jpg', mime="image/jpeg")),
    "voice_note": VoiceNote(_file("audio/ogg")),
    "voice_note_long": VoiceNote(_file("audio/ogg"), LONG),
    "voice_note_odd": VoiceNote(_file("audio/amr"), ("hm",)),
    "location": Location(52.1, 4.9),
    "venue": Location(52.1, 4.9, "Museum", "Straat 1"),
    "venue_without_address": Location(-90.0, 180.0, title="Pool"),
    "contact_card": ContactCard("Jan Bos", "+31612345678", "BEGIN:VCARD\nEND:VCARD"),
    "contact_card_odd": ContactCard("J" * 300, "", "v" * 10_000),
    "choices": Choices(("Akkoord?",), (Choice("yes", "Ja"), Choice("no", "Nee")), "anna/3"),
    "choices_long": Choices(
        LONG, tuple(Choice(f"k{n}", "label 🚲 " * 40) for n in range(300)), "r" * 52
    ),
    "choices_of_wide_keys": Choices(("?",), (Choice("🚲" * 8, "Fiets"),), "r" * 52),
    "choices_without_options": Choices(("?",), ()),
    "notice": Notice(NoticeKey.WHICH_CLIENT, options=(Choice("1", "Anna"),), ref="ask/1"),
    "notice_with_gap": Notice(NoticeKey.NOT_DELIVERED, {"name": "Anna"}),
    "erased": Erased(),
}


def to(network: str, chat: str = "222", thread: str = "") -> Address:
    """Return an address on a network."""
    place = Place(network, "main", chat, thread)
    return Address("anna", Endpoint(network, "main", chat), 1, place)


def sending(content: Content, address: Address, header: str = "") -> SendMessage:
    """Return the effect that shows a content."""
    return SendMessage(seq=7, to=address, content=content, header=header)
