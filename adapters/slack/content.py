"""What a message of Slack says, as Content. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.slack import mrkdwn, richtext
from bridge.core.content import (
    Attachment,
    Body,
    Content,
    Link,
    Media,
    MediaKind,
    Style,
    Styled,
    Text,
    VoiceNote,
    plain,
)
from bridge.core.errors import ParseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.slack import payloads as p

_KINDS = {"image": MediaKind.PHOTO, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}
_GONE = frozenset({"tombstone", "hidden_by_limit"})
"""Files that are only names any more. https://docs.slack.dev/reference/objects/file-object"""


def contents_of(message: p.Said) -> Iterator[Content]:
    """Yield what was said, a file at a time, words with the first one.

    Raises ParseError when it says nothing.
    """
    body = _body(message)
    files = [file for file in message.files if file.mode not in _GONE]
    lost = [f"📎 {file.name or file.id}" for file in message.files if file.mode in _GONE]
    if lost:
        body = richtext.joined([*body, "\n" if body else "", "\n".join(lost)])
    album = message.ts if len(files) > 1 else ""
    for number, file in enumerate(files):
        yield _file(file, () if number else body, album)
    if not files:
        if not plain(body).strip():
            raise ParseError("a message that says nothing")
        yield Text(body)


def _body(message: p.Said) -> Body:
    body = richtext.body_of(message.blocks) or mrkdwn.body_of(message.text)
    shared = [one for one in message.attachments if one.is_share or not plain(body).strip()]
    for one in shared:
        words = mrkdwn.body_of(one.text or one.fallback)
        if words:
            quote = Styled(Style.QUOTE, words) if one.is_share else Styled(Style.ITALIC, words)
            body = richtext.joined([*body, "\n" if body else "", quote])
    return body


def _file(file: p.File, caption: Body, album: str) -> Content:
    name = file.name or ""
    if file.mode == "external":  # stands elsewhere; its owner decides who may read it
        words = f"📎 {name or file.id}"
        link = Link(file.url_private, (words,)) if file.url_private else words
        return Text(richtext.joined([link, "\n" if caption else "", *caption]))
    kind = _KINDS.get(file.mimetype.partition("/")[0], MediaKind.FILE)
    if file.mimetype == "image/svg+xml":
        kind = MediaKind.FILE
    attachment = Attachment(
        ref=file.id,
        mime=file.mimetype or "application/octet-stream",
        name=name,
        size=file.size,
        seconds=file.duration_ms // 1000,
        width=file.original_w,
        height=file.original_h,
    )
    if file.subtype == "slack_audio":
        return VoiceNote(attachment, caption)
    return Media(kind, attachment, caption, album)
