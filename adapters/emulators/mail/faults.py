"""What may happen to the next mail that is handed over, on plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["accept_then_drop", "reset", "silent", "garbled", "answer"]
Command = Literal["EHLO", "AUTH", "MAIL", "RCPT", "DATA", "END"]


@dataclass(frozen=True, slots=True)
class Fault:
    """``at`` is the command it happens to; END is the dot after the mail."""

    kind: Kind
    at: Command = "END"
    text: str = ""


def accept_then_drop() -> Fault:
    """Take the mail, and drop the connection before saying so."""
    return Fault("accept_then_drop")


def reset() -> Fault:
    """Drop the connection after the mail, and do not take it."""
    return Fault("reset")


def silent() -> Fault:
    """Never answer to the mail."""
    return Fault("silent")


def garbled() -> Fault:
    """Answer to the mail with something that is not SMTP."""
    return Fault("garbled")


def answer(text: str, at: Command = "END") -> Fault:
    """Answer to a command with this line."""
    return Fault("answer", at, text)
