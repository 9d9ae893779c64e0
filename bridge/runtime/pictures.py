"""Pictures the bridge draws itself: the course of a scale, beside the line of text that says it.

1. A picture is drawn from the log when its row is claimed and is kept nowhere; its numbers are
   those of the answers, so after an erasure there is none, and the line of text goes alone.
2. Whether a network shows pictures is told by its capabilities; elsewhere the line is all there is.
3. The name of such a file says what it shows, so that whoever reads it later draws the same bytes.
   It is made and read within one process, and stands in no table and no log of ours.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.content import Attachment, Media, MediaKind, Text
from bridge.core.effects import Purpose, SendMessage
from bridge.core.errors import StoreError
from bridge.core.notices import NoticeKey
from bridge.core.scale import shown
from bridge.runtime import raster
from bridge.runtime.desk import language_of
from scheduling.calendar import zones

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bridge.core.adapter import Files
    from bridge.core.effects import Effect
    from bridge.runtime.texts import Catalogue
    from storage.outbox_rows import Claimed
    from storage.unit import Unit

COURSES = frozenset({NoticeKey.SCALE_COURSE, NoticeKey.SCALE_COURSE_COACH})
"""What the bridge says that has a picture, where there are at least two numbers."""

_DRAWN = "drawn:"


class _Course(msgspec.Struct, frozen=True, array_like=True):
    """What a picture shows: numbers, how their reader writes them, and their days."""

    values: tuple[float, ...]
    labels: tuple[str, ...]
    days: tuple[str, ...]


def illustrated(unit: Unit, row: Claimed, effect: Effect, catalogue: Catalogue) -> Effect:
    """Return an effect with its picture where there is one and the network shows it."""
    if row.purpose is not Purpose.NOTICE or not isinstance(effect, SendMessage):
        return effect
    content = effect.content
    if not row.trajectory or not isinstance(content, Text) or row.network not in catalogue.pictures:
        return effect
    file = course_of(unit, row.trajectory, row.seq)
    if file is None:
        return effect
    return msgspec.structs.replace(effect, content=Media(MediaKind.PHOTO, file, content.body))


def has_course(notice: NoticeKey, params: Mapping[str, str]) -> bool:
    """Tell whether a picture goes with what the bridge said, as far as that can be told by it."""
    return notice in COURSES and len(params.get("answers", "").split()) > 1


def course_of(unit: Unit, trajectory: str, seq: int) -> Attachment | None:
    """Return the picture that goes with what the bridge said in an entry, None where none does."""
    logged = unit.entry(trajectory, seq)
    if logged is None or not isinstance(logged.entry, e.NoticeGiven):
        return None
    notice = logged.entry
    if notice.notice not in COURSES:
        return None
    person = unit.person(notice.party)
    zone, language = (person.time_zone if person else "UTC"), language_of(unit, notice.party)
    values, days = [], []
    for number in notice.params.get("answers", "").split():
        answer = unit.entry(trajectory, int(number))
        if answer is None or not isinstance(answer.entry, e.ScaleAnswered):
            continue
        if (value := answer.entry.value) is not None:
            values.append(value)
            days.append(f"{zones.wall(answer.at, zone):%Y-%m-%d}")
    if len(values) < 2:
        return None
    labels = tuple(shown(value, language) for value in values)
    course = _Course(tuple(values), labels, tuple(days))
    name = _DRAWN + msgspec.json.encode(course).decode()
    return Attachment(
        id=name,
        mime="image/png",
        name=f"{days[-1]}.png",
        size=len(_drawn(name)),
        width=raster.WIDTH,
        height=raster.HEIGHT,
    )


@lru_cache(maxsize=32)
def _drawn(name: str) -> bytes:
    """Return the bytes of a picture by its name. Raises StoreError for a name of nothing."""
    try:
        course = msgspec.json.decode(name.removeprefix(_DRAWN), type=_Course)
        return raster.draw(course.values, course.labels, course.days)
    except (msgspec.MsgspecError, LookupError, ValueError) as error:
        raise StoreError("there is no such picture") from error


class Pictures:
    """The files people sent, and the pictures the bridge draws."""

    def __init__(self, files: Files) -> None:
        self._files = files

    async def read(self, attachment: str) -> AsyncIterator[bytes]:
        """Yield the bytes in chunks of at most 256 KiB. Raises StoreError."""
        if attachment.startswith(_DRAWN):
            yield _drawn(attachment)
            return
        async for chunk in self._files.read(attachment):
            yield chunk
