"""What Telegram's refusals mean: its sentences as our errors, without words of anybody. Pure."""

from __future__ import annotations

import re

from bridge.core.errors import OptedOut, Rejected, SendError, Undeliverable, Unreachable

NOTHING_LEFT = frozenset({"not_modified", "already_deleted", "query_too_old"})
"""Codes of refusals that mean there is nothing left to do."""

# The sentences are not documented, only their numbers are; so an unknown one gets its number.
_MEANINGS: tuple[tuple[str, type[SendError], str], ...] = (
    ("bot was blocked by the user", OptedOut, "blocked"),
    ("user is deactivated", Undeliverable, "deactivated"),
    ("bot can't initiate conversation", Undeliverable, "not_started"),
    ("bot can't send messages to bots", Undeliverable, "is_a_bot"),
    ("bot was kicked", Undeliverable, "kicked"),
    ("bot is not a member", Undeliverable, "not_a_member"),
    ("group chat was deactivated", Undeliverable, "deactivated"),
    ("chat not found", Undeliverable, "chat_not_found"),
    ("user not found", Undeliverable, "chat_not_found"),
    ("peer_id_invalid", Undeliverable, "chat_not_found"),
    ("have no rights to send", Undeliverable, "no_rights"),
    ("not enough rights to send", Undeliverable, "no_rights"),
    ("chat_write_forbidden", Undeliverable, "no_rights"),
    ("not enough rights", Rejected, "no_rights"),
    ("message thread not found", Rejected, "thread_gone"),
    ("topic_deleted", Rejected, "thread_gone"),
    ("topic_closed", Rejected, "thread_closed"),
    ("chat is not a forum", Rejected, "no_topics"),
    ("too long", Rejected, "too_long"),
    ("too big", Rejected, "too_big"),
    ("too large", Rejected, "too_big"),
    ("message is not modified", Rejected, "not_modified"),
    ("message to delete not found", Rejected, "already_deleted"),
    ("query is too old", Rejected, "query_too_old"),
    ("message to edit not found", Rejected, "message_gone"),
    ("message to react not found", Rejected, "message_gone"),
    ("file_id", Rejected, "file_gone"),
)
_UNSAFE = re.compile(r"""["'“].*["'”]|https?://\S+|\d{6,}:\S+""")
_MAX_DETAIL = 160


class Garbled(Unreachable):
    """An answer that is not JSON; it is kept, for updates may be in it."""

    def __init__(self, payload: bytes) -> None:
        super().__init__("garbled", "the answer is not JSON")
        self.payload = payload


def refusal(sentence: str, otherwise: SendError) -> SendError:
    """Return the error for a sentence of the server, or the one for sentences nobody knows."""
    said = sentence.lower()
    for words, kind, code in _MEANINGS:
        if words in said:
            return kind(code, detail(sentence))
    return otherwise


def detail(sentence: str) -> str:
    """Return a sentence in one short line, without anything it quotes and without URLs."""
    line = _UNSAFE.sub("…", " ".join(sentence.split()))
    return line if len(line) <= _MAX_DETAIL else f"{line[:_MAX_DETAIL]}…"
