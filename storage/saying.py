"""What an entry says: its words, its file, and the fields of its own kind. Pure."""

from __future__ import annotations

import msgspec

from bridge.core import entries as e
from bridge.core.content import Content, Media, attachment, plain, words
from bridge.core.steps import said


class MediaLine(msgspec.Struct, frozen=True):
    """The file of a line; ``attachment`` is its id in this store, size in bytes."""

    kind: str
    mime: str
    name: str
    size: int
    attachment: str


def text_of(entry: e.Entry) -> str:
    """Return the words of an entry, '' for one that has none."""
    match entry:
        case e.MessagePosted(content=content) | e.MessageEdited(content=content):
            return words(content)
        case e.NoteAdded(body=body) | e.SessionLogged(body=body):
            return plain(body)
        case e.ReactionSet(emoji=emoji):
            return " ".join(emoji)
        case e.ChoiceMade(label=label, key=key):
            return label or key
        case (
            e.ConsentGiven(text=text)
            | e.RecordingAgreed(text=text)
            | e.RecordingRefused(text=text)
            | e.TranscriptAdded(text=text)
            | e.NudgePlanned(text=text)
            | e.NudgeProposed(text=text)
            | e.NudgeGiven(text=text)
            | e.TimeGranted(text=text)
            | e.TimeCounted(text=text)
        ):
            return text
        case _:
            return said(entry)


def fields_of(entry: e.Entry) -> dict[str, object] | None:
    """Return what this kind of entry says in fields of its own, None for one that has none."""
    match entry:
        case e.MessagePosted(content=content, external_id=external_id):
            return {**_content(content), "external_ids": (external_id,) if external_id else ()}
        case e.MessageEdited(content=content):
            return _content(content)
        case e.PartyAdded(role=role):
            return {"party_role": role}
        case e.PlaceBound(place=place) | e.PlaceUnbound(place=place):
            return {"network": place.network if place is not None else ""}
        case e.ConsentAsked(version=version) | e.ConsentGiven(version=version):
            return {"version": version}
        case e.ConsentRefused(version=version):
            return {"version": version}
        case e.ChoiceMade(key=key) | e.PartingDecided(choice=key):
            return {"choice": key}
        case e.NoticeGiven(notice=notice):
            return {"notice": notice.value}
        case e.DeliveryChanged(external_ids=ids, losses=losses, twice=twice):
            return {"external_ids": ids, "losses": losses, "twice": twice}
        case _:
            return None


def _content(content: Content) -> dict[str, object]:
    media = media_of(content)
    tag = tag_of(content)
    return {"content": tag} if media is None else {"content": tag, "media": media}


def tag_of(content: Content) -> str:
    """Return the word for this kind of content."""
    return str(content.__struct_config__.tag)


def media_of(content: Content) -> MediaLine | None:
    """Return the file of a content as the log tells of it, None when it has none."""
    file = attachment(content)
    if file is None:
        return None
    kind = content.media.value if isinstance(content, Media) else tag_of(content)
    return MediaLine(kind=kind, mime=file.mime, name=file.name, size=file.size, attachment=file.id)
