"""Action steps and scaling questions: what was agreed, how it went, and where somebody stands."""

from __future__ import annotations

from datetime import datetime

from bridge.core.entries.base import Line


class StepProposed(Line, frozen=True, kw_only=True):
    """A step for a client in which nothing can be seen; its author was asked how one would notice.

    The question is the line after this one.
    """

    SEALED = frozenset({"text"})
    party: str
    due: datetime
    text: str = ""

    @property
    def owner(self) -> str:
        return self.party


class StepAgreed(Line, frozen=True, kw_only=True):
    """A client will do something small that can be noticed; ``proposal`` is what it was, or 0."""

    SEALED = frozenset({"text"})
    party: str
    due: datetime
    proposal: int = 0
    text: str = ""

    @property
    def owner(self) -> str:
        return self.party


class StepFollowedUp(Line, frozen=True, kw_only=True):
    """A client was asked, once, how the step in ``target`` went; ``question`` is that notice."""

    party: str
    target: int
    question: int


class StepDone(Line, frozen=True, kw_only=True):
    """A client did the step in ``target``."""

    party: str
    target: int


class StepNotDone(Line, frozen=True, kw_only=True):
    """A client has not done the step in ``target`` yet, and was asked for a smaller one."""

    party: str
    target: int


class StepClosed(Line, frozen=True, kw_only=True):
    """The step in ``target`` is no longer asked about; ``reason`` is a code."""

    party: str
    target: int
    reason: str


class ScaleAsked(Line, frozen=True, kw_only=True):
    """A client was asked for a number from 0 to 10; ``scale`` is the first time, 0 = this one."""

    SEALED = frozenset({"text"})
    party: str
    scale: int = 0
    text: str = ""

    @property
    def owner(self) -> str:
        return self.party


class ScaleAnswered(Line, frozen=True, kw_only=True):
    """A client gave a number; the words are in ``answer``, the question is ``target``."""

    SEALED = frozenset({"value"})
    party: str
    target: int
    scale: int
    answer: int
    value: float | None = None

    @property
    def owner(self) -> str:
        return self.party
