"""The judge: compares what people sent and were shown with what the log says, by tokens.

It knows nothing of the product: only the journal of the network's stand-in as plain JSON, and the
lines of `coachbridge log --json`. Every text under trial carries tokens like `#anna-2026.17#`,
which name the trajectory they belong to. Rules:
1. What was acknowledged to the network is in the log of its trajectory exactly once, by its author
   and in the order in which that author said it.
2. Every line of the log reached every other party, or the log says why not; in one chat the lines
   show in the order of the log.
3. A second copy is pardoned only where nobody could know (the answer was never written to the
   bridge, or the bridge was killed between the copies) and the log marks it `twice`.
4. No token is in a log nobody said it in, nor in a call to a chat of anybody but the other
   parties of its trajectory, not even in a call that failed.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Json = dict[str, Any]

IN_FLIGHT = 0.5
"""Seconds for which a call of a process that was killed may still be under way to the network."""

_TOKEN = re.compile(r"#([a-z0-9_-]+)\.([0-9]+)#")
_EDITS = frozenset({"editmessagetext", "editmessagecaption", "editmessagemedia", "chat.update"})
_EXCUSES = frozenset({"failed", "suppressed", "expired"})
_TAKEN = frozenset({"sent", "delivered", "read"})
_OPEN = frozenset({"accepted", "queued", "sending", "uncertain"})


def token(trajectory: str, number: int) -> str:
    """Return the token to put in a text that belongs to a trajectory."""
    return f"#{trajectory}.{number}#"


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, in order."""
    return [match.group() for match in _TOKEN.finditer(text)]


def trajectory_of(found: str) -> str:
    """Return the trajectory a token belongs to."""
    match = _TOKEN.fullmatch(found)
    return match.group(1) if match else ""


@dataclass(slots=True)
class Verdict:
    """What was found; each list holds sentences that name the token and the place."""

    said: int = 0
    acknowledged: int = 0
    logged: int = 0
    shown: int = 0
    pardoned: list[str] = field(default_factory=list)
    """Second copies that nobody could have avoided, marked as such in the log."""
    lost: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    misdirected: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    """Deliveries the log still calls open."""

    @property
    def complaints(self) -> list[str]:
        """Everything that must not be, one sentence each, with its kind in front."""
        kinds = [one.name for one in fields(self) if one.name not in _COUNTS]
        return [f"{kind}: {what}" for kind in kinds for what in getattr(self, kind)]

    def acquit(self) -> None:
        """Raise AssertionError with all complaints, if there are any."""
        found = self.complaints
        if found:
            more = f"\nand {len(found) - 30} more" if len(found) > 30 else ""
            raise AssertionError("\n".join(found[:30]) + more)


_COUNTS = frozenset({"said", "acknowledged", "logged", "shown", "pardoned"})


@dataclass(frozen=True, slots=True)
class _Said:
    """One token as its author sent it."""

    person: int | str
    order: int
    edit: bool
    acknowledged: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """One token as a log has it."""

    trajectory: str
    seq: int
    edit: bool
    author: str
    deliveries: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class _Copy:
    """One token as a chat showed it."""

    order: int
    at: float
    answered: bool


class Judge:
    """One case: a journal, the logs, and who is whom.

    `parties` maps a trajectory to its parties, and each party to the ids of the chats that are
    theirs. A person's id on the network is one of their chats' ids. `kills` are the instants, on
    the journal's monotonic clock, at which the bridge was killed.
    """

    def __init__(
        self,
        journal: Json,
        logs: Mapping[str, Sequence[Json]],
        parties: Mapping[str, Mapping[str, Iterable[int | str]]],
        kills: Sequence[float] = (),
    ) -> None:
        self._journal = journal
        self._logs = logs
        self._chats = {
            trajectory: {party: frozenset(chats) for party, chats in people.items()}
            for trajectory, people in parties.items()
        }
        self._kills = kills
        self._verdict = Verdict()
        self._said = self._read_said()
        self._lines = self._read_logs()
        self._copies, self._edits = self._read_shown()

    def verdict(self) -> Verdict:
        """Return everything that was found."""
        self._judge_logs()
        self._judge_log_order()
        self._judge_deliveries()
        self._judge_chat_order()
        self._judge_recipients()
        return self._verdict

    # -- reading ----------------------------------------------------------------------------

    def _read_said(self) -> dict[str, _Said]:
        confirmed = {
            (handed["bot"], handed["update_id"])
            for handed in self._journal["handed"]
            if handed["confirmed"] is not None
        }
        said: dict[str, _Said] = {}
        for one in self._journal["said"]:
            if one["what"] not in ("sent", "edited"):
                continue
            told = {(int(bot), update) for bot, update in one["update_ids"].items()}
            for found in tokens(one["text"]):
                said.setdefault(
                    found,
                    _Said(
                        one["person"], one["seq"], one["what"] == "edited", bool(told & confirmed)
                    ),
                )
        self._verdict.said = len(said)
        self._verdict.acknowledged = sum(one.acknowledged for one in said.values())
        return said

    def _read_logs(self) -> dict[str, list[_Line]]:
        lines: dict[str, list[_Line]] = defaultdict(list)
        for trajectory, log in self._logs.items():
            for line in log:
                if line["kind"] not in ("message_posted", "message_edited"):
                    continue
                deliveries = {one["party"]: one for one in line["deliveries"]}
                edit = line["kind"] == "message_edited"
                for found in tokens(line["text"] or ""):
                    lines[found].append(
                        _Line(trajectory, line["seq"], edit, line["author"], deliveries)
                    )
        self._verdict.logged = len(lines)
        return lines

    def _read_shown(
        self,
    ) -> tuple[dict[tuple[str, int | str], list[_Copy]], set[tuple[str, int | str]]]:
        calls = {call["seq"]: call for call in self._journal["calls"]}
        copies: dict[tuple[str, int | str], list[_Copy]] = defaultdict(list)
        for shown in self._journal["shown"]:
            answered = bool(calls[shown["call"]]["answered"])
            for found in tokens(shown["text"]):
                copy = _Copy(shown["seq"], shown["monotonic"], answered)
                copies[found, shown["chat"]].append(copy)
        edits = {
            (found, _chat(call["chat"]))
            for call in self._journal["calls"]
            if call["method"].lower() in _EDITS and call["processed"] and call["ok"]
            for found in tokens(json.dumps(call["params"], ensure_ascii=False))
        }
        self._verdict.shown = len(copies)
        return copies, edits

    # -- judging ----------------------------------------------------------------------------

    def _judge_logs(self) -> None:
        """Rule 1 without the order, and the first half of rule 4."""
        for found, said in self._said.items():
            mine = [
                line
                for line in self._lines.get(found, ())
                if line.trajectory == trajectory_of(found)
            ]
            if said.acknowledged and not mine:
                self._verdict.lost.append(f"{found} was acknowledged and is not in the log")
            if len(mine) > 1:
                seqs = [line.seq for line in mine]
                self._verdict.duplicated.append(f"{found} is in the log as {seqs}")
        for found, lines in self._lines.items():
            for line in lines:
                where = f"line {line.seq} of the log of {line.trajectory}"
                if line.trajectory != trajectory_of(found):
                    self._verdict.misdirected.append(f"{found} is in {where}")
                elif found not in self._said:
                    self._verdict.unexpected.append(f"{found} in {where} was said by nobody")
                elif self._said[found].person not in self._chats_of(line.trajectory, line.author):
                    author = f"{line.author}, not by {self._said[found].person}"
                    self._verdict.misdirected.append(f"{found} is in {where} as said by {author}")

    def _chats_of(self, trajectory: str, party: str) -> frozenset[int | str]:
        return self._chats.get(trajectory, {}).get(party, frozenset())

    def _judge_log_order(self) -> None:
        """Rule 1: what one author said in one trajectory keeps its order."""
        orders: dict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
        for found, lines in self._lines.items():
            if found in self._said:
                line = lines[0]
                said = self._said[found].order
                orders[line.trajectory, line.author].append((line.seq, said, found))
        for (trajectory, author), lines_of_one in orders.items():
            where = f"in the log of {trajectory}, said by {author}"
            self._out_of_order(sorted(lines_of_one), where)

    def _out_of_order(self, by_place: Sequence[tuple[int, int, str]], where: str) -> None:
        for (_, first, earlier), (_, second, later) in itertools.pairwise(by_place):
            if second < first:
                self._verdict.reordered.append(f"{later} after {earlier} {where}")

    def _judge_deliveries(self) -> None:
        """Rules 2 and 3, without the order."""
        for found, lines in self._lines.items():
            line = lines[0]
            for party, chats in self._chats.get(line.trajectory, {}).items():
                if party != line.author:
                    self._judge_delivery(found, line, party, chats)

    def _judge_delivery(
        self, found: str, line: _Line, party: str, chats: frozenset[int | str]
    ) -> None:
        told = line.deliveries.get(party)
        state = str(told["state"]) if told else "nothing"
        copies = [copy for chat in chats for copy in self._copies.get((found, chat), ())]
        edited = any((found, chat) in self._edits for chat in chats)
        if state in _OPEN:
            self._verdict.unsettled.append(f"{found} for {party} is still {state}")
        elif not copies and not edited and state not in _EXCUSES:
            said = "calls it sent" if state in _TAKEN else f"says {state}"
            self._verdict.lost.append(f"{found} never reached {party}, and the log {said}")
        if len(copies) > 1:
            marked = bool(told and told.get("twice"))
            self._judge_copies(found, party, copies, marked=marked)

    def _judge_copies(
        self, found: str, party: str, copies: Sequence[_Copy], *, marked: bool
    ) -> None:
        text = f"{found} was shown to {party} {len(copies)} times"
        for earlier, later in itertools.pairwise(sorted(copies, key=lambda copy: copy.order)):
            since = earlier.at - IN_FLIGHT
            killed = any(since <= kill <= later.at for kill in self._kills)
            if earlier.answered and not killed:
                self._verdict.duplicated.append(f"{text}, though the network had answered")
                return
        if not marked:
            self._verdict.duplicated.append(f"{text}, and the log does not say so")
        else:
            self._verdict.pardoned.append(text)

    def _judge_chat_order(self) -> None:
        """Rule 2: in each chat the first copies are in the order of their log."""
        places: dict[tuple[int | str, str], list[tuple[int, int, str]]] = defaultdict(list)
        for (found, chat), copies in self._copies.items():
            if found in self._lines:
                line = self._lines[found][0]
                first = min(copy.order for copy in copies)
                places[chat, line.trajectory].append((first, line.seq, found))
        for (chat, trajectory), shown in places.items():
            self._out_of_order(sorted(shown), f"of {trajectory} in chat {chat}")

    def _judge_recipients(self) -> None:
        """The second half of rule 4; an answer's quote and a failed call count as well."""
        told: set[tuple[str, str]] = set()
        for call in self._journal["calls"]:
            chat = call["chat"]
            for found in tokens(json.dumps(call["params"], ensure_ascii=False)):
                if (found, str(chat)) in told or self._may_see(found, chat):
                    continue
                told.add((found, str(chat)))
                self._verdict.misdirected.append(f"{found} went to chat {chat}")
        for found, chat in self._copies:
            if found not in self._said:
                self._verdict.unexpected.append(f"{found} shown in {chat} was said by nobody")

    def _may_see(self, found: str, chat: int | str | None) -> bool:
        """Its parties may, but for its author, to whom their own words are no news."""
        said = self._said.get(found)
        for chats in self._chats.get(trajectory_of(found), {}).values():
            if chat in chats and (said is None or said.person not in chats):
                return True
        return False


def _chat(name: int | str) -> int | str:
    return int(name) if isinstance(name, str) and name.removeprefix("-").isdecimal() else name


def together(*journals: Json) -> Json:
    """Return the journals of several networks as one, in the order in which things happened.

    They must come from one machine, for their monotonic clocks are compared.
    """
    lists = ("said", "handed", "calls", "shown")
    whole = sorted(
        (one["monotonic"], number, one["seq"])
        for number, journal in enumerate(journals)
        for name in lists
        for one in journal[name]
    )
    order = {(number, seq): at for at, (_, number, seq) in enumerate(whole, 1)}
    merged: Json = {name: [] for name in lists}
    for number, journal in enumerate(journals):
        for name in lists:
            for one in journal[name]:
                call = {"call": order[number, one["call"]]} if "call" in one else {}
                merged[name].append({**one, "seq": order[number, one["seq"]], **call})
    for name in lists:
        merged[name].sort(key=lambda one: int(one["seq"]))
    return merged


def judge(
    journal: Json,
    logs: Mapping[str, Sequence[Json]],
    parties: Mapping[str, Mapping[str, Iterable[int | str]]],
    kills: Sequence[float] = (),
) -> Verdict:
    """Return the verdict on one case; see `Judge`."""
    return Judge(journal, logs, parties, kills).verdict()
