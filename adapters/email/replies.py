"""Where an answer ends and the mail it answers begins. Pure.

1. Our own line first, then what quotequail knows, then the header block of Outlook. What is cut
   off is only what was ours: a forwarded mail is something the person wants to show.
2. Words between and below quoted lines are words: then nothing is cut off at all.
3. What leaves nothing leaves everything. Signatures stay. The whole mail is kept in any case.
"""

from __future__ import annotations

import re

import quotequail  # type: ignore[import-untyped]

MARK = "=== ^^^ ==="
"""Stands above what we write, in no language: people answer above it."""

_MARK = re.compile(r"[\s>|*]*={3} ?\^{3} ?={3}\s*")
_QUOTED = re.compile(r"\s*>")
_HEADERS = re.compile(
    r"\*?(?:From|Von|Van|De)\s?:\*?\s.*\n(?:.*\n){0,3}?"
    r"\*?(?:Sent|Date|Gesendet|Datum|Verzonden|Envoyé)\s?:\*?\s",
)
_RULE = re.compile(r"(?:_{10,}|-{3,}.*-{3,})\s*")
_FORWARD = re.compile(
    r"forwarded message|doorgestuurd bericht|weitergeleitete|message transféré", re.IGNORECASE
)
_MAX_LINES, _MAX_LINE = 5000, 400
"""Beyond, the whole text is the answer: patterns over endless lines would take for ever."""


def answer_in(text: str, ours: str) -> int:
    """Return how many characters of a text are the answer; ``ours`` is our account's address."""
    lines = text.split("\n")
    if len(lines) > _MAX_LINES:
        return len(text)
    short = [line[:_MAX_LINE] for line in lines]
    seen = "\n".join(short)
    ends = [end for end in (_marked(short), _introduced(seen, ours), _headed(seen, ours)) if end]
    if not ends:
        return len(text)
    end = min(ends)
    if _more_below(lines, end):
        return len(text)
    kept = "\n".join(lines[:end]).rstrip()
    return len(kept) if kept.strip() else len(text)


def _marked(lines: list[str]) -> int:
    """Return the number of lines above ours, and above what a program says to introduce it."""
    at = next((n for n, line in enumerate(lines) if _MARK.fullmatch(line)), 0)
    if not at:
        return 0
    above = _trimmed(lines, at)
    if (
        above
        and lines[above - 1].rstrip().endswith(":")
        and "@" in "".join(lines[max(above - 3, 0) : above])
    ):
        # "On ... Noor <coach+...@...> wrote:" in any language, over up to three lines.
        above = _trimmed(lines, above - 1)
        while above and re.search(r"[<@>]|\d{1,2}:\d\d", lines[above - 1]):
            above = _trimmed(lines, above - 1)
    return above or at


def _trimmed(lines: list[str], at: int) -> int:
    while at and not lines[at - 1].strip(" >\t"):
        at -= 1
    return at


def _introduced(text: str, ours: str) -> int:
    """Return the lines above "On ... wrote:" and its kin."""
    found = quotequail.quote(text, limit=_MAX_LINES * 2, quote_intro_line=True)
    if len(found) < 2:
        return 0
    above, below = found[0][1], found[1][1]
    first = below.lstrip().split("\n", 1)[0]
    if _FORWARD.search(first) or (_RULE.fullmatch(first.strip()) and not _names(ours, below)):
        return 0
    return above.count("\n") + 1 if above.strip() else 0


def _headed(text: str, ours: str) -> int:
    """Return the lines above the headers with which Outlook begins what it answers."""
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
    return 0


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
