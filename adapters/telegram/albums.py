"""Several files as one album. https://core.telegram.org/bots/api#sendmediagroup

1. Photos and videos go together, files only with files, sounds only with sounds: two to ten.
2. Only what one message can show goes along, in the same place and as the same answer.
3. Telegram shows a caption below an album when it is the only one: so the author's name stands
   with the words, where there are any, and else with the first picture.
Pure and deterministic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from adapters.media import Loss
from adapters.telegram.layout import MAX_UPLOAD, Part, lay_out
from adapters.telegram.render import answering, in_chat
from bridge.core.adapter import Joined, Request, Upload
from bridge.core.content import Media, plain
from bridge.core.effects import SendMessage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.adapter import Delivery

METHOD = "sendMediaGroup"
MOST = 10
_PICTURES, _FILES, _SOUNDS = "pictures", "files", "sounds"
_GROUP = {
    "photo": _PICTURES,
    "video": _PICTURES,
    "document": _FILES,
    "audio": _SOUNDS,
}


class _Piece(msgspec.Struct, frozen=True):
    """A part that can stand in an album."""

    effect: SendMessage
    reply_to: str
    content: Media
    part: Part
    upload: Upload


def together(deliveries: Sequence[Delivery]) -> Joined | None:
    """Return one call for as many of the first deliveries as go together; None below two."""
    pieces: list[_Piece] = []
    for delivery in deliveries[:MOST]:
        piece = _piece(delivery)
        if piece is None or (pieces and not _goes_with(pieces, piece)):
            break
        pieces.append(piece)
    if len(pieces) < 2:
        return None
    return _joined(pieces)


def _piece(delivery: Delivery) -> _Piece | None:
    effect = delivery.effect
    if not isinstance(effect, SendMessage) or not isinstance(effect.content, Media):
        return None
    parts, _ = lay_out(effect.content, effect.header)
    if len(parts) != 1 or parts[0].upload is None or parts[0].upload.field not in _GROUP:
        return None
    return _Piece(effect, delivery.reply_to, effect.content, parts[0], parts[0].upload)


def _goes_with(pieces: Sequence[_Piece], piece: _Piece) -> bool:
    first = pieces[0]
    return (
        piece.effect.to.place == first.effect.to.place
        and piece.reply_to == first.reply_to
        and piece.effect.header == first.effect.header
        and _GROUP[piece.upload.field] == _GROUP[first.upload.field]
        and sum(one.upload.size for one in pieces) + piece.upload.size <= MAX_UPLOAD
    )


def _joined(pieces: Sequence[_Piece]) -> Joined:
    first = pieces[0]
    worded = [n for n, piece in enumerate(pieces) if plain(piece.content.caption).strip()]
    named = frozenset(worded or (0,))
    media, uploads, losses = [], [], []
    for number, piece in enumerate(pieces):
        parts, lost = lay_out(piece.content, piece.effect.header if number in named else "")
        field = f"file{number}"
        kind = {"type": piece.upload.field, "media": f"attach://{field}"}
        media.append({**kind, **parts[0].params})
        uploads.append(msgspec.structs.replace(piece.upload, field=field))
        if piece.effect.reply_to is not None and not piece.reply_to:
            lost = (*lost, Loss.REPLY_NOT_SHOWN)
        losses.append(tuple(str(loss) for loss in lost if loss != Loss.ALBUM_SPLIT))
    params: dict[str, object] = {**in_chat(first.effect.to.place), "media": media}
    if first.reply_to:
        params |= answering(first.reply_to)
    return Joined(Request(METHOD, params, tuple(uploads)), tuple(losses))
