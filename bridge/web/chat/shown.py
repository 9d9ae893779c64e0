"""Lines as JSON for the page, in the reader's language; the page only ever shows them as text.

Links go no further than the schemes below; whatever else a body holds stays words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, assert_never
from urllib.parse import quote

import msgspec

from bridge.core.content import (
    Attachment,
    Choices,
    Code,
    ContactCard,
    Erased,
    Link,
    Location,
    Media,
    MediaKind,
    Notice,
    Styled,
    Text,
    VoiceNote,
    attachment,
    plain,
    words,
)
from bridge.core.delivery import DeliveryState
from bridge.core.entries import BRIDGE
from bridge.core.notices import NoticeKey
from bridge.runtime import raster
from bridge.runtime.pictures import has_course
from bridge.web.attachments import SHOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bridge.core.content import Content, Node
    from bridge.runtime.texts import Catalogue
    from storage.webchat import Note
    from storage.weblines import Line
    from storage.webreader import Conversation

Json = dict[str, Any]

MAX_QUOTE = 140
_SAFE = re.compile(r"(?:https?://|mailto:|tel:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
_DEEPEST = 12
_COURSE = Attachment(mime="image/png", name="0–10", width=raster.WIDTH, height=raster.HEIGHT)
"""The course of a scale, drawn when it is looked at; the line of text stands beneath it."""
_S = DeliveryState
_BAD = frozenset({_S.FAILED, _S.SUPPRESSED, _S.EXPIRED})
_STEPS = (_S.READ, _S.DELIVERED, _S.SENT)


class Shower:
    """Shows lines of one conversation to one reader."""

    def __init__(
        self,
        conversation: Conversation,
        reader: str,
        language: str,
        texts: Catalogue,
        ready: Mapping[str, str],
    ) -> None:
        self._of = conversation
        self._reader = reader
        self._language = language
        self._texts = texts
        self._ready = ready

    def line(self, line: Line, answered: Mapping[int, Line]) -> Json:
        """Return a line; ``answered`` are lines the reader may see too, for quotes."""
        mine = line.author == self._reader
        shown: Json = {
            "key": f"s{line.seq}",
            "seq": line.seq,
            "at": line.at.isoformat(),
            "mine": mine,
            "bridge": line.author == BRIDGE,
            "name": self._above(line),
            "id": line.id,
        }
        if mine:
            shown["state"] = _state(line.states)
        else:
            shown["arrived"] = line.arrived
        if line.deleted:
            return {**shown, "kind": "deleted", "body": []}
        shown |= self._content(line)
        if line.edited is not None:
            shown["edited"] = line.edited.isoformat()
        if line.reply_to is not None and line.reply_to in answered:
            shown["reply"] = self._quote(answered[line.reply_to])
        if line.quote:
            shown.setdefault("reply", {"name": "", "text": ""})["text"] = plain(line.quote)[
                :MAX_QUOTE
            ]
        if reactions := self._reactions(line.reactions):
            shown["reactions"] = reactions
        return shown

    def _above(self, line: Line) -> str:
        name = self._name(line.author)
        if not line.aside or line.author == self._reader:
            return name
        return self._texts.say(NoticeKey.ASIDE_HEADER, self._language, name=name)

    def _name(self, author: str) -> str:
        return self._of.names.get(author, "") if author != BRIDGE else ""

    def _quote(self, line: Line) -> Json:
        content = self._texts.translate(line.content, self._language)
        text = "" if line.deleted else words(content)[:MAX_QUOTE]
        file = attachment(content)
        name = self._name(line.author)
        return {"seq": line.seq, "name": name, "text": text, "file": file.name if file else ""}

    def _reactions(self, reactions: Mapping[str, Sequence[str]]) -> list[Json]:
        found: dict[str, Json] = {}
        for author, emoji in reactions.items():
            for one in emoji:
                known = found.setdefault(one, {"emoji": one, "names": [], "mine": False})
                known["names"].append(self._name(author))
                known["mine"] |= author == self._reader
        return list(found.values())

    def _content(self, line: Line) -> Json:
        content = self._texts.translate(line.content, self._language)
        shown = content_of(content)
        file = attachment(content)
        if file is not None:
            shown["file"] |= self._file(file, line.file_seq)
        elif isinstance(said := line.content, Notice) and has_course(said.key, said.params):
            drawn = _file(_COURSE, MediaKind.PHOTO) | self._file(_COURSE, line.seq)
            shown |= {"kind": "file", "file": drawn}
        if line.chosen:
            shown["chosen"] = line.chosen
        return shown

    def _file(self, file: Attachment, seq: int) -> Json:
        state = self._ready.get(file.id, "")
        return {"url": f"/chat/files/{quote(self._of.trajectory)}/{seq}", "state": state}


def content_of(content: Content) -> Json:
    """Return what a translated content shows."""
    match content:
        case Text(body=body):
            return {"kind": "text", "body": nodes(body)}
        case Choices(body=body, options=options, ref=ref):
            shown = [{"key": one.key, "label": one.label} for one in options]
            return {"kind": "question", "body": nodes(body), "options": shown, "ref": ref}
        case Media(media=media, file=file, caption=caption, emoji=emoji):
            body = caption or ((emoji,) if emoji else ())
            return {"kind": "file", "body": nodes(body), "file": _file(file, media)}
        case VoiceNote(file=file, caption=caption):
            return {"kind": "file", "body": nodes(caption), "file": _file(file, None)}
        case Location():
            place = f"{content.latitude:.6f},{content.longitude:.6f}"
            name = words(content) or place
            url = f"https://www.openstreetmap.org/?mlat={content.latitude:.6f}&mlon={content.longitude:.6f}"
            return {"kind": "text", "body": ["📍 ", {"t": "link", "url": url, "c": [name]}]}
        case ContactCard():
            return {"kind": "text", "body": [f"👤 {words(content)}"]}
        case Notice():
            return {"kind": "text", "body": [words(content)]}
        case Erased():
            return {"kind": "erased", "body": []}
    assert_never(content)


def _file(file: Attachment, media: MediaKind | None) -> Json:
    mime = file.mime.partition(";")[0].strip().lower()
    show = mime.partition("/")[0] if mime in SHOWN and media is not MediaKind.FILE else "save"
    return {
        "name": file.name,
        "mime": mime,
        "size": file.size,
        "seconds": file.seconds,
        "width": file.width,
        "height": file.height,
        "show": show,
        "voice": media is None,
    }


def nodes(body: Iterable[Node], depth: int = 0) -> list[Any]:
    """Return a body as nested lists; what nests deeper than anybody reads is left out."""
    return [_node(node, depth) for node in body]


def _node(node: Node, depth: int) -> object:
    match node:
        case str():
            return node
        case Code(text=text, block=block):
            return {"t": "pre" if block else "code", "c": [text]}
        case Styled(style=style, children=children):
            return {"t": style.value, "c": nodes(children, depth + 1) if depth < _DEEPEST else []}
        case Link(url=url, children=children):
            inner = nodes(children, depth + 1) if depth < _DEEPEST else []
            if _SAFE.fullmatch(url) is None:
                return {"t": "span", "c": [*inner, f" ({url})"]}
            return {"t": "link", "url": url, "c": inner}
    assert_never(node)


def note_of(note: Note) -> Json:
    """Return what the desk said."""
    said: Json = msgspec.json.decode(note.said)
    shown: Json = {
        "key": f"n{note.id}",
        "at": note.at.isoformat(),
        "mine": False,
        "bridge": True,
        "name": "",
        "id": note.id,
        "kind": "question" if said.get("options") else "text",
        "body": [str(said.get("text", ""))],
    }
    if said.get("options"):
        shown |= {"options": said["options"], "ref": said.get("ref", "")}
    return shown


def _state(states: Mapping[str, DeliveryState]) -> str:
    """Return one word for all recipients: the worst, else how far everybody is."""
    if not states:
        return "kept"
    if _BAD.intersection(states.values()):
        return "failed"
    if _S.UNCERTAIN in states.values():
        return "uncertain"
    if _S.ACCEPTED in states.values():
        return "waiting"
    for number, step in enumerate(_STEPS):
        if all(state in _STEPS[: number + 1] for state in states.values()):
            return step.value
    return "kept"
