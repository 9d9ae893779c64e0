"""How rows look to an operator's eyes; JSON goes through untouched.

People's words may hold control characters that a terminal would obey; they are shown as marks.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import msgspec

from bridge.core.delivery import DeliveryState

if TYPE_CHECKING:
    from datetime import datetime

    from storage.audits.report import Audit
    from storage.logview import DeliveryLine, LogLine
    from storage.queries import InboxLine, OutboxLine

_S = DeliveryState
WORDS: dict[DeliveryState, str] = {
    _S.ACCEPTED: "waits for consent",
    _S.QUEUED: "waits to be sent",
    _S.SENDING: "being sent",
    _S.UNCERTAIN: "not clear whether it arrived",
    _S.SENT: "sent",
    _S.DELIVERED: "delivered",
    _S.READ: "read",
    _S.FAILED: "not delivered",
    _S.SUPPRESSED: "held back",
    _S.EXPIRED: "given up",
}
_INDENT = " " * 6


def as_json(value: object) -> str:
    """Return a value as one line of JSON."""
    return msgspec.json.encode(value).decode()


def clean(text: str) -> str:
    """Return text that a terminal only shows; lines stay lines."""
    return "".join(c if c == "\n" or unicodedata.category(c) != "Cc" else "�" for c in text)


def log_line(line: LogLine) -> str:
    """Return one entry: time, who, where, what; below it what became of it."""
    who = line.author if line.role in ("", line.author) else f"{line.author} ({line.role})"
    where = f" via {line.network}" if line.network else ""
    first = f"{line.seq:>5} {_when(line.at)}  {who}{where}: {_what(line)}"
    return "\n".join([first.replace("\n", f"\n{_INDENT}"), *map(_delivery, line.deliveries)])


def _what(line: LogLine) -> str:
    what = line.kind.replace("_", " ")
    about = f" {line.party}" if line.party and line.party != line.author else ""
    state = f" {WORDS[_S(line.state)]}" if line.state else ""
    target = f" (of {line.target})" if line.target is not None else ""
    answer = f" (answers {line.reply_to})" if line.reply_to is not None else ""
    reason = f" [{line.reason}]" if line.reason else ""
    facts = f"{what}{about}{state}{target}{answer}{reason}"
    if line.media is not None:
        facts += f" {line.media.kind} {clean(line.media.name)} ({line.media.size} bytes)"
    if line.erased:
        return f"{facts}: (erased)"
    if line.damaged:
        return f"{facts}: (damaged)"
    if not line.text:
        return facts
    text = clean(line.text)
    return text if facts == "message posted" else f"{facts}: {text}"


def _delivery(delivery: DeliveryLine) -> str:
    reason = f" [{delivery.reason}]" if delivery.reason else ""
    detail = f": {clean(delivery.detail)}" if delivery.detail else ""
    twice = " (possibly sent twice)" if delivery.twice else ""
    lost = f" (not shown: {', '.join(delivery.losses)})" if delivery.losses else ""
    via = f" via {delivery.network}" if delivery.network else ""
    words = f"{WORDS[delivery.state]}{via}{reason}{detail}{twice}{lost}"
    return f"{_INDENT}-> {delivery.party}: {words}, {_when(delivery.at)}"


def inbox_row(row: InboxLine) -> str:
    """Return one payload that waits; never what is in it."""
    why = row.reason or row.hold
    tail = f"  {clean(why)}" if why else ""
    return f"{row.id:>6} {_when(row.received_at)}  {row.network}:{row.account}  {row.state}{tail}"


def outbox_row(row: OutboxLine) -> str:
    """Return one delivery: where it goes, how far it is, what it waits for."""
    what = f"{row.key}  {row.network}:{row.account}  {WORDS[_S(row.state)]}"
    parts = f"  part {row.parts_done} of {row.parts_total}" if row.parts_total > 1 else ""
    wait = f"  not before {_when(row.not_before)}" if row.not_before else ""
    why = f"  [{clean(row.reason or row.hold)}]" if row.reason or row.hold else ""
    return f"{row.id:>6} {_when(row.created_at)}  {what}{parts}{wait}{why}"


def audit(found: Audit) -> str:
    """Return the judgement of each invariant, with examples of what is wrong."""
    lines: list[str] = []
    for check in found.checks:
        verdict = "holds " if check.holds else "BROKEN"
        lines.append(f"{check.invariant:>4} {verdict}  {check.checked:>8} checked  {check.promise}")
        lines += [f"{_INDENT}{finding.where}: {finding.what}" for finding in check.findings]
        if check.faults > len(check.findings):
            lines.append(f"{_INDENT}… and {check.faults - len(check.findings)} more")
    lines += [
        f"{one.invariant:>4} cannot be told from the data: {one.why}" for one in found.not_checkable
    ]
    lines.append("all hold" if found.holds else "NOT all hold")
    return "\n".join(lines)


def _when(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
