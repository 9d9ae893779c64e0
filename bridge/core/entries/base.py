"""What every entry has: an author, an owner whose key seals it, and a kind."""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec

BRIDGE = "bridge"
"""The author of what nobody in particular did."""


ROLES = ("coach", "client", "sponsor", "observer")


FACE_TO_FACE = "f2f"
"""The modality of a session in one room."""

MOST_MINUTES = 600
"""The longest session that is taken for one."""


def _kind(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


class Line(msgspec.Struct, frozen=True, tag_field="kind", tag=_kind, kw_only=True):
    """The base of all entries; see the rules in the package's head."""

    SEALED: ClassVar[frozenset[str]] = frozenset()
    author: str = BRIDGE

    @property
    def owner(self) -> str:
        """Whose key seals the private fields: the author's, unless it is about somebody else."""
        return self.author

    @property
    def kind(self) -> str:
        """The word for this kind of entry, as in the log."""
        return str(self.__struct_config__.tag)
