"""What the page is told, in one viewer's language: everything at first, then what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.capabilities import Idempotency
from bridge.demo.phones import Trouble
from bridge.demo.telephone_words import CALLS
from bridge.demo.words import KINDS, MEDIA, NETWORKS, PAGE, STATES, STATUS, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bridge.demo.board import Board, Fate, Shown, Status
    from bridge.runtime.texts import Catalogue
    from storage.queries import LogLine

_SHORT = 160
_LOST = {Idempotency.BLIND: "lost_happened", Idempotency.IDEMPOTENT: "lost_same"}
"""What is said of a lost answer, where the network does not tell by itself what became of it."""


class Viewer:
    """One open page: knows what it has been told, and tells the rest."""

    def __init__(
        self, board: Board, catalogue: Catalogue, names: Mapping[str, str], language: str
    ) -> None:
        self._board = board
        self._catalogue = catalogue
        self._names = names
        self._language = language
        self._told: dict[str, bytes] = {}
        self._lines: dict[str, int] = {}

    def news(self) -> Iterator[tuple[str, bytes]]:
        """Yield what is new as (event, JSON)."""
        for name, shown in self._board.shown.items():
            yield from self._once("phone", name, {"phone": name} | self._phone(shown))
        for name, display in self._board.displays.items():
            yield from self._once("telephone", name, {"telephone": name, "display": display})
        for trajectory, log in self._board.logs.items():
            told = self._lines.get(trajectory, 0)
            if len(log) > told:
                before = log[told - 1].hash if told else ""
                new = list(self._log_lines(log[told:], before))
                self._lines[trajectory] = len(log)
                yield "log", _json({"trajectory": trajectory, "after": told, "lines": new})
        for network, status in self._board.statuses.items():
            yield from self._once("network", network, self._status(status))
        yield from self._once("scene", "", {"playing": self._board.playing})

    def _once(self, event: str, name: str, value: object) -> Iterator[tuple[str, bytes]]:
        now = _json(value)
        if self._told.get(event + name) != now:
            self._told[event + name] = now
            yield event, now

    def _phone(self, shown: Shown) -> dict[str, object]:
        fates = {
            number: [self._fate(fate) for fate in found] for number, found in shown.fates.items()
        }
        return {"screen": msgspec.to_builtins(shown.screen), "fates": fates}

    def _fate(self, fate: Fate) -> dict[str, str]:
        name = self._name(fate.party)
        words = say(PAGE, "to", self._language, name=name, state=self._state(fate.state))
        if fate.twice:
            words = f"{words}, {say(PAGE, 'twice', self._language)}"
        if fate.reason:
            words = f"{words}: {self._catalogue.reason(fate.reason, self._language)}"
        return {"state": fate.state.value, "words": words}

    def _log_lines(self, lines: Iterable[LogLine], before: str) -> Iterator[dict[str, object]]:
        for line in lines:
            yield {
                "seq": line.seq,
                "at": line.at.isoformat(),
                "kind": line.kind,
                "label": say(KINDS, line.kind, self._language),
                "author": self._name(line.author),
                "network": self._network(line.network) if line.network else "",
                "what": self._what(line),
                "state": str(line.state),
                "hash": line.hash,
                "before": before,
            }
            before = line.hash

    def _what(self, line: LogLine) -> str:
        """Return what a line says, in one line."""
        about = f"#{line.target}" if line.target is not None else ""
        party = self._name(line.party) if line.party and line.party != line.author else ""
        parts = [" → ".join(filter(None, [about, party]))] if about or party else []
        if line.state:
            parts = [f"{parts[0]}: {self._state(line.state)}"] if parts else []
        if line.twice:
            parts.append(say(PAGE, "twice", self._language))
        if line.reason and not line.twice:
            parts.append(self._catalogue.reason(line.reason, self._language))
        if line.media is not None:
            parts.append(f"[{say(MEDIA, line.media.kind, self._language)}]")
        if line.notice:
            parts.append(line.notice.replace("_", " "))
        parts += self._call(line)
        if line.text:
            words = " ".join(line.text.split())
            parts.append(words if len(words) <= _SHORT else f"{words[:_SHORT]}…")
        return " · ".join(parts)

    def _call(self, line: LogLine) -> Iterator[str]:
        """Yield what a line says of a telephone call: who, what happened, how long they talked."""
        told = line.details
        match line.kind:
            case "call_started":
                yield f"{self._name(str(told['first']))} → {self._name(str(told['other']))}"
            case "call_advanced":
                happened = str(told["happened"])
                key = "refused" if happened == "declined" else happened
                yield say(CALLS, key, self._language)
            case "call_ended":
                minutes, seconds = divmod(int(str(told["seconds"])), 60)
                time = f"{minutes}:{seconds:02}"
                yield say(CALLS, str(told["outcome"]), self._language, time=time)
                yield say(CALLS, "session", self._language, line=told["session"])

    def _status(self, status: Status) -> dict[str, object]:
        sentences = [_key(status)]
        if status.held:
            sentences = ["held"] if sentences == ["well"] else [*sentences, "held"]
        fields = {
            "network": self._network(status.wire),
            "refusal": status.refusal,
            "kept": status.kept,
            "waiting": status.waiting,
            "held": status.held,
            "seconds": status.seconds,
        }
        words = " ".join(say(STATUS, key, self._language, **fields) for key in sentences)
        return {
            "wire": status.wire,
            "networks": status.networks,
            "trouble": status.trouble.value,
            "words": words,
        }

    def _network(self, network: str) -> str:
        return say(NETWORKS, network, self._language)

    def _state(self, state: str) -> str:
        return say(STATES, str(state), self._language)

    def _name(self, person: str) -> str:
        return self._names.get(person) or say(PAGE, person, self._language)


def _key(status: Status) -> str:
    """Return which sentence tells how a network does."""
    waits = "_waiting" if status.waiting else ""
    match status.trouble:
        case Trouble.WELL if status.after is Trouble.LOST:
            return _LOST.get(status.learns, "lost_told")
        case Trouble.WELL if status.after is not Trouble.WELL:
            return "catching_up" if status.kept + status.waiting else "back"
        case Trouble.BUSY:
            return f"busy{waits}"
        case other:
            return other.value


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
