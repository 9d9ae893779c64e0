"""Where an answer ends and the mail it answers begins. Pure.

1. Our own line first, then what quotequail knows, then the header block of Outlook. What is cut
   off is only what was ours: a forwarded mail is something the person wants to show.
2. Words between and below quoted lines are words: then nothing is cut off at all.
3. What leaves nothing leaves everything. Signatures stay. The whole mail is kept in any case.
"""

from __future__ import annotations

import re

import quotequail  # type: ignore[import-untyped]

from bridge.core.keywords import ALONE, keyword

MARK = "=== ^^^ ==="
"""Stands above what we write, in no language: people answer above it."""

_MARK = re.compile(r"[\s>|*]*={3} ?\^{3} ?={3}\s*")
_INTRODUCES = re.compile(r"@.*:\s*$")
_BROKEN = re.compile(r"<\s*$|\d{1,2}:\d\d.*[^.!?\s]\s*$")
_QUOTED = re.compile(r"\s*>")
_HEADERS = re.compile(
    r"\*?(?:From|Von|Van|De)\s?:\*?\s.*\n(?:.*\n){0,3}?"
    r"\*?(?:Sent|Date|Gesendet|Datum|Verzonden|Envoyé)\s?:\*?\s",
)
_RULE = re.compile(r"(?:_{10,}|-{3,}.*-{3,})\s*")
_FORWARD = re.compile(
    r"forwarded message|doorgestuurd bericht|weitergeleitete|message transféré", re.IGNORECASE
)
_SIGNATURE = re.compile(
    r"\n\s*(?:-- ?|(?:Sent from|Get Outlook|Verstuurd vanaf|Von meinem|Gesendet von)\b.*)(?:\n|$)",
    re.IGNORECASE,
)
_COMMAND_WITHIN = 300
_MAX_LINES, _MAX_LINE = 5000, 400
"""Beyond, the whole text is the answer: patterns over endless lines would take for ever."""


def without_mark(text: str) -> str:
    """Return a text without our own line, where the rest of a quoted mail was kept."""
    return "\n".join(line for line in text.split("\n") if not _MARK.fullmatch(line))


def command_in(text: str) -> str:
    """Return the word above a signature if it is a command or an answer to a question, else ''.

    With the signature it would be no whole message, and STOP has to work from every program.
    """
    found = _SIGNATURE.search(text[:_COMMAND_WITHIN])
    word = text[: found.start()].strip() if found else ""
    known = keyword(word)
    return word if known in ALONE or (known.isdecimal() and len(known) < 3) else ""


def answer_in(text: str, ours: str) -> int:
    """Return how many characters of a text are the answer, 0 when there is nothing else in it.

    ``ours`` is our account's address.
    """
    lines = text.split("\n")
    if len(lines) > _MAX_LINES:
        return len(text)
    short = [line[:_MAX_LINE] for line in lines]
    seen = "\n".join(short)
    found = (_marked(short), _introduced(seen, ours), _headed(seen, ours))
    ends = [end for end in found if end is not None]
    if not ends:
        return len(text)
    end = min(ends)
    if _more_below(lines, end):
        return len(text)
    return len("\n".join(lines[:end]).rstrip())


def _marked(lines: list[str]) -> int | None:
    """Return the number of lines above ours, and above what a program says to introduce it."""
    at = next((n for n, line in enumerate(lines) if _MARK.fullmatch(line)), None)
    if at is None:
        return None
    above = _trimmed(lines, at)
    if not above or not _INTRODUCES.search(lines[above - 1]):
        return above
    # "On Monday at 10:02 Noor <coach+...@...> wrote:" in any language, broken over lines.
    above -= 1
    for _ in range(2):
        if above and _BROKEN.search(lines[above - 1]):
            above -= 1
    return _trimmed(lines, above)


def _trimmed(lines: list[str], at: int) -> int:
    while at and not lines[at - 1].strip(" >\t"):
        at -= 1
    return at


def _introduced(text: str, ours: str) -> int | None:
    """Return the number of lines above "On ... wrote:" and its kin."""
    found = quotequail.quote(text, limit=_MAX_LINES * 2, quote_intro_line=True)
    if len(found) < 2:
        return None
    above, below = found[0][1], found[1][1]
    first = below.lstrip().split("\n", 1)[0]
    if _FORWARD.search(first) or (_RULE.fullmatch(first.strip()) and not _names(ours, below)):
        return None
    return above.count("\n") + 1 if above.strip() else 0


def _headed(text: str, ours: str) -> int | None:
    """Return the number of lines above the headers with which Outlook begins what it answers."""
    for found in _HEADERS.finditer(text):
        if found.start() and text[found.start() - 1] != "\n":
            continue
        if not _names(ours, text[found.start() : found.end() + 400]):
            continue
        lines = text[: found.start()].split("\n")
        at = _trimmed(lines, len(lines) - 1)
        if at and _RULE.fullmatch(lines[at - 1].strip()):
            at = _trimmed(lines, at - 1)
        return at
    return None


def _names(ours: str, text: str) -> bool:
    """Tell whether our address is in a text, with or without a token."""
    name, _, domain = ours.lower().partition("@")
    pattern = rf"{re.escape(name)}(?:\+[a-z0-9-]{{1,64}})?@{re.escape(domain)}"
    return re.search(pattern, text[:4000].lower()) is not None


def _more_below(lines: list[str], end: int) -> bool:
    """Tell whether somebody wrote below or between the quoted lines.

    Programs that do not mark quoted lines put all of the original below: nothing to tell there.
    """
    below = lines[end:]
    first = next((n for n, line in enumerate(below) if _QUOTED.match(line)), None)
    if first is None:
        return False
    return any(line.strip() and not _QUOTED.match(line) for line in below[first:])
