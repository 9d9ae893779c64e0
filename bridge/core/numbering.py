"""Which number means what, where options are a numbered list and several questions are open. Pure.

1. A number means what it meant in the question it stood in, until that was answered or is too old.
2. A question that is asked while others stand goes on counting after them: 1 and 2 are the older
   one's, 3 and 4 the later one's. No number ever means two things.
3. A question takes the place of an older one only where both are about the same subject: other free
   moments than those of before, the next nudge in place of the last.
4. On the day on which a number from 0 to 10 is asked for, options begin at 11.
5. Two digits are the most anybody has to key in: beyond them counting begins anew, and what stood
   before can be answered in words only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

HIGHEST = 99
AFTER_A_SCALE = 11


class Question(msgspec.Struct, frozen=True):
    """A numbered question that stands: ``first`` is the number of the first of its ``keys``.

    ``ref`` names it; ``subject`` is what it is about, see rule 3.
    """

    ref: str
    keys: tuple[str, ...]
    person: str
    first: int = 1
    subject: str = ""

    @property
    def last(self) -> int:
        """The number of its last option."""
        return self.first + len(self.keys) - 1

    def key_of(self, number: int) -> str:
        """Return what a number chooses, '' where it is none of the question's."""
        return self.keys[number - self.first] if self.first <= number <= self.last else ""

    def gives_way_to(self, ref: str, subject: str) -> bool:
        """Tell whether a question is asked again, or another in its place."""
        return self.ref == ref or (bool(subject) and self.subject == subject)


def first_number(
    standing: Iterable[Question], ref: str, subject: str, count: int, *, scale: bool = False
) -> int:
    """Return the number of the first of ``count`` options of a question that is asked now."""
    others = [one.last for one in standing if not one.gives_way_to(ref, subject)]
    first = max([AFTER_A_SCALE if scale else 1, *(last + 1 for last in others)])
    return first if first + count - 1 <= HIGHEST else 1


def left_after(standing: Iterable[Question], asked: Question) -> list[Question]:
    """Return which questions still stand beside one that was asked just now."""
    return [
        one
        for one in standing
        if not one.gives_way_to(asked.ref, asked.subject)
        and (one.last < asked.first or one.first > asked.last)
    ]


def meant(standing: Iterable[Question], number: int) -> Question | None:
    """Return the question that a number answers."""
    return next((one for one in standing if one.key_of(number)), None)
