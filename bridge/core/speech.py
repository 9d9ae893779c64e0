"""What is said and done on the telephone, as data: an answer to the network's question "what now?".

1. A network that carries voice makes its own language of these, and adds no words of its own.
2. Nothing here is a recording: that is asked for by an effect, after everybody agreed.
3. ``then`` names the question a key or a silence answers, so that a late answer to an earlier one
   is known as such.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bridge.core.notices import NoticeKey


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Speak in a language (BCP 47): a text, or a notice that the shell makes one of."""

    language: str
    notice: NoticeKey | None = None
    params: Mapping[str, str] = {}
    text: str = ""


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Speak, then wait for keys: ``digits`` of them, ended early by #; ``seconds`` at most."""

    said: tuple[Say, ...]
    then: str
    digits: int = 1
    seconds: int = 6


class Connect(msgspec.Struct, frozen=True, tag="connect"):
    """Ring a number; who picks up is greeted first (``greet``), then the two are connected.

    ``shown`` is the number they see: one of ours, never the other person's.
    """

    number: str
    shown: str
    greet: str
    then: str
    seconds: int = 25


class TakeMessage(msgspec.Struct, frozen=True, tag="take_message"):
    """Record what the caller says after the tone; # ends it."""

    then: str
    seconds: int = 180


class HangUp(msgspec.Struct, frozen=True, tag="hang_up"):
    """End this leg."""


class Join(msgspec.Struct, frozen=True, tag="join"):
    """Let this leg through to the one that waits for it."""


Speech = Say | Ask | Connect | TakeMessage | HangUp | Join
Answer = tuple[Speech, ...]
