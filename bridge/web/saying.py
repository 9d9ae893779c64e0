"""What a coach says on a page or through a program: words, and a file that was kept before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.content import Attachment, Content, Media, MediaKind, Text, VoiceNote
from storage import uploads

if TYPE_CHECKING:
    from storage.engine import Store

_DAY = 24 * 3600
_KINDS = {
    "image/jpeg": MediaKind.PHOTO,
    "image/png": MediaKind.PHOTO,
    "image/webp": MediaKind.PHOTO,
    "image/gif": MediaKind.ANIMATION,
}


def content_of(
    store: Store,
    trajectory: str,
    person: str,
    words: str,
    attachment: str = "",
    *,
    voice: bool = False,
    seconds: int = 0,
) -> Content | None:
    """Return what words and a kept file say together, ``seconds`` long where it is sound.

    None when there is no such file, or it is not this person's in this trajectory: only who kept
    it may post it.
    """
    if not attachment:
        return Text((words,))
    kept = uploads.kept(store, attachment)
    if kept is None or (kept.trajectory, kept.owner) != (trajectory, person):
        return None
    if kept.state != "stored":
        return None
    file = Attachment(
        id=kept.attachment,
        mime=kept.mime,
        name=kept.name,
        size=kept.size,
        seconds=min(seconds, _DAY),
    )
    caption = (words,) if words.strip() else ()
    if voice and kept.mime.startswith(("audio/", "video/webm")):
        return VoiceNote(file=file, caption=caption)
    kind = _KINDS.get(kept.mime, MediaKind.FILE)
    for prefix, other in (("video/", MediaKind.VIDEO), ("audio/", MediaKind.AUDIO)):
        kind = other if kept.mime.startswith(prefix) else kind
    return Media(media=kind, file=file, caption=caption)
