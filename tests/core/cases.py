"""Golden cases: a file tells who is there and what happens, and keeps what the engine made of it.

1. A step is a command by its name (``do``) and its fields; what an inbound leaves out (place,
   sender, time, id) is that party's own chat, now.
2. ``about`` is the seq that the shell would have found; ``minutes`` pass before a step; ``people``
   changes the facts from this step on; ``consent`` changes the texts' versions; ``knows`` is what
   the shell would know of the client's nudges; who stands in ``agenda`` has hours.
3. The state, the command, the entries and the effects are written down and read again at every
   step. Fields that have their default value are left out of the file.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_args

import msgspec

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core import steps
from bridge.core.agenda import AgendaFacts, CoachAgenda
from bridge.core.content import Erased
from bridge.core.decide import Decision, decide
from bridge.core.effects import Effect
from bridge.core.facts import Facts, Person
from bridge.core.nudges import NudgeFacts
from bridge.core.trajectory import Trajectory, fold
from scheduling.calendar.slots import Busy
from tests.core import cast

FOLDER = Path(__file__).parent / "golden"
COMMANDS = {
    re.sub(r"(?<=[a-z])(?=[A-Z])", "_", command.__name__).lower(): command
    for command in get_args(c.Command)
}

Step = dict[str, object]
_GIVEN = ("agreed", "agenda", "people", "protection", "labelled")


class Case(msgspec.Struct, forbid_unknown_fields=True):
    """One file: what happens, and what came of it."""

    what: str
    parties: dict[str, str]
    steps: list[Step]
    agreed: list[str] = []
    agenda: list[str] = []
    people: dict[str, dict[str, object]] = {}
    protection: dict[str, str] = {}
    labelled: list[tuple[str, str]] = []
    outcome: list[object] = []
    state: object = None


class Scene:
    """One case being played: the state, its log, and the facts of the moment."""

    def __init__(self, case: Case) -> None:
        self.state = Trajectory(id=cast.TRAJECTORY)
        self.log: list[tuple[e.Entry, datetime]] = []
        self.now = cast.NOON
        self.people: dict[str, Person] = dict(cast.PEOPLE)
        self.texts = dict(cast.TEXTS)
        self.coaches = case.agenda
        self.protection: dict[str, str] = {}
        self.labelled = frozenset(case.labelled)
        if case.parties:
            self._do(c.OpenTrajectory(), None)
        for party, role in case.parties.items():
            self._do(c.AddParty(party, role, party.capitalize()), None)
        for party in case.agreed:
            self._do(c.RecordConsent(party), None)
        self._know(case.people)
        self.protection = case.protection

    def play(self, step: Step) -> Decision:
        """Carry out one step and return what was decided."""
        fields = dict(step)
        command = COMMANDS[str(fields.pop("do"))]
        if "minutes" not in command.__struct_fields__:  # else they are the command's own
            self.now += timedelta(minutes=float(str(fields.pop("minutes", 0))))
        self._know(msgspec.convert(fields.pop("people", {}), dict[str, dict[str, object]]))
        for language, version in msgspec.convert(fields.pop("consent", {}), dict[str, str]).items():
            self.texts[language] = msgspec.structs.replace(self.texts[language], version=version)
        about = msgspec.convert(fields.pop("about", 0), int)
        nudge = fields.pop("knows", None)
        known = None if nudge is None else msgspec.convert(nudge, NudgeFacts)
        if "inbound" in fields:
            fields["inbound"] = self._inbound(fields)
        return self._do(msgspec.convert(fields, command), about, known)

    def _do(
        self, command: c.Command, about: int | None, nudge: NudgeFacts | None = None
    ) -> Decision:
        state = cast.reread(self.state, Trajectory)
        target = cast.target_of(self.log[about - 1][0], about) if about else None
        known = Facts(
            self.now,
            self.people,
            target,
            self.texts,
            self._asked_text(command),
            nudge=nudge,
            given_nudge=self._given(command),
            agenda=self._agenda(command),
            words=cast.words_of(self.log, steps.wanted(state.steps, command)),
            protection=self.protection,
            labelled=self.labelled,
        )
        decision = decide(state, cast.reread(command, type(command)), cast.reread(known, Facts))
        entries = cast.reread(decision.entries, tuple[e.Entry, ...])
        assert cast.reread(decision.effects, tuple[Effect, ...]) == decision.effects
        assert entries == decision.entries
        self.log += [(entry, self.now) for entry in entries]
        self.state = fold(cast.TRAJECTORY, self.log)
        assert decision.state == self.state
        return msgspec.structs.replace(decision, state=None)

    def _asked_text(self, command: c.Command) -> str:
        """Return what the shell would find in the log: the question as it was shown last."""
        asked = [
            entry.text
            for entry, _ in self.log
            if isinstance(entry, e.ConsentAsked) and entry.party == getattr(command, "party", "")
        ]
        return asked[-1] if asked else ""

    def _agenda(self, command: c.Command) -> AgendaFacts | None:
        """Return what the shell would know of the time of the coaches who have hours."""
        if not self.coaches:
            return None
        busy = tuple(
            Busy(one.start, one.end, f"{cast.TRAJECTORY}/{number}")
            for number, one in self.state.agenda.appointments.items()
        )
        coaches = {coach: CoachAgenda(cast.OFFERED, busy) for coach in self.coaches}
        pages = {party: f"https://b.example.org/agenda/{party}" for party in self.state.parties}
        drafts = [
            entry.content
            for entry, _ in self.log
            if isinstance(entry, e.RecapDrafted) and entry.author == getattr(command, "party", "")
        ]
        mails = {"olga": cast.endpoint("olga")}
        drafted = drafts[-1] if drafts else Erased()
        return AgendaFacts(coaches, pages, mails, video=True, drafted=drafted)

    def _given(self, command: c.Command) -> e.NudgeGiven | None:
        """Return the nudge that could not go, as the shell would find it."""
        entry = self.log[command.target - 1][0] if isinstance(command, c.GiveLater) else None
        return entry if isinstance(entry, e.NudgeGiven) else None

    def _know(self, changes: Mapping[str, Mapping[str, object]]) -> None:
        for party, fields in changes.items():
            known = {**msgspec.to_builtins(self.people[party]), **fields}
            self.people[party] = msgspec.convert(known, Person)

    def _inbound(self, fields: Mapping[str, object]) -> object:
        party = str(fields["party"])
        usual: dict[str, object] = {
            "place": cast.chat(party),
            "sender": {"endpoint": cast.endpoint(party)},
            "external_id": f"{party}-{len(self.log) + 1}",
            "at": self.now,
        }
        given = msgspec.convert(fields["inbound"], dict[str, object])
        return {**msgspec.convert(msgspec.to_builtins(usual), dict[str, object]), **given}


def played(case: Case) -> Case:
    """Return a case with what the engine makes of it now."""
    scene = Scene(case)
    outcome = [brief(scene.play(step)) for step in case.steps]
    return msgspec.structs.replace(case, outcome=outcome, state=brief(scene.state))


def brief(value: object) -> object:
    """Return a value for a file: without the fields that have their default."""
    if isinstance(value, msgspec.Struct):
        told: dict[str, object] = {}
        tag = value.__struct_config__.tag
        if tag is not None:
            told[str(value.__struct_config__.tag_field)] = tag
        for field in msgspec.structs.fields(type(value)):
            one = getattr(value, field.name)
            default = field.default
            if field.default_factory is not msgspec.NODEFAULT:
                default = field.default_factory()
            if one != default:
                told[field.name] = brief(one)
        return told
    if isinstance(value, Mapping):
        return {str(key): brief(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [brief(one) for one in value]
    return msgspec.to_builtins(value)


def read(path: Path) -> Case:
    """Read a case from its file."""
    return msgspec.json.decode(path.read_bytes(), type=Case)


def written(case: Case) -> str:
    """Return a case as its file: one line per step, entry and effect, so that a change shows."""
    known = msgspec.to_builtins(case)
    lines = [f'  "{name}": {_line(known[name])}' for name in ("what", "parties")]
    lines += [f'  "{name}": {_line(known[name])}' for name in _GIVEN if known[name]]
    lines.append(f'  "steps": {_lines(known["steps"], 4)}')
    outcomes = [
        "    {" + ",\n     ".join(f'"{name}": {_lines(one, 7)}' for name, one in step.items()) + "}"
        for step in known["outcome"]
    ]
    lines.append('  "outcome": [\n' + ",\n".join(outcomes) + "\n  ]")
    lines.append(f'  "state": {_line(known["state"])}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _lines(values: list[object], indent: int) -> str:
    inner = ",\n".join(" " * indent + _line(value) for value in values)
    return f"[\n{inner}\n{' ' * (indent - 2)}]"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
