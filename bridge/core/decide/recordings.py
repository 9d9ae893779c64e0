"""Recordings of calls: begun with everybody's consent, kept encrypted, gone in time.

1. Nothing is recorded that not every party of that very call agreed to by key (I13).
2. What the network recorded is fetched, its hash is logged, and then it is deleted there; the
   network's answer is kept as proof.
3. Ours is deleted when its days are over, whatever became of the trajectory: that its timers end
   with it is not for this one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.core import entries as e
from bridge.core.calls import TELEPHONE, Call, Stage
from bridge.core.content import VoiceNote, attachment
from bridge.core.decide import relay
from bridge.core.decide.telephones import address, tell
from bridge.core.effects import Act, Priority, Purpose, UseTelephone
from bridge.core.notices import NoticeKey
from bridge.core.timers import RECORDING

if TYPE_CHECKING:
    from bridge.core import commands as c
    from bridge.core.decide.draft import Draft


def switch(draft: Draft, call: Call, act: Act, author: str) -> None:
    """Begin, pause or resume the recording of a call that everybody agreed to."""
    to = address(draft, call.first, call.network)
    if to is None:
        return
    seq = draft.add(
        e.RecordingSwitched(author=author, call=call.id, act=act.value, party=call.first)
    )
    draft.effect(
        UseTelephone(
            seq=seq,
            to=to,
            purpose=Purpose.CALL,
            priority=Priority.URGENT,
            act=act,
            call=call.id,
            leg=call.leg,
        )
    )


def on_switch(draft: Draft, command: c.SwitchRecording) -> None:
    """Pause or resume the recording of the call in which a party is."""
    for call in draft.state.calls.open.values():
        mine = command.party in (call.first, call.other)
        if mine and call.stage is Stage.TALKING and call.recorded:
            switch(draft, call, Act(command.act), author=command.party)
            return
    tell(draft, command.party, NoticeKey.CALL_NOT_RECORDED)


def on_made(draft: Draft, command: c.RecordingMade) -> None:
    """The network has a recording: fetch it; one that nobody agreed to is not even fetched."""
    owner = draft.state.calls.recorded.get(command.call, "")
    if not owner:
        draft.add(e.InboundRefused(reason="not_agreed", inbox=command.inbox))
        return
    kept = relay.own_file(draft, owner, VoiceNote(command.file), command.place)
    until = draft.facts.now + timedelta(days=command.days)
    seq = draft.add(
        e.RecordingStored(
            author=owner,
            call=command.call,
            recording=command.recording,
            seconds=command.seconds,
            until=until,
            file=attachment(kept),
            inbox=command.inbox,
        )
    )
    draft.start_timer(f"{RECORDING}:{seq}", until)


def on_fetched(draft: Draft, command: c.RecordingFetched) -> None:
    """The bytes are here: the network's copy may go."""
    party = draft.state.calls.recorded.get(command.call, "")
    to = address(draft, party, TELEPHONE) if party else None
    seq = draft.add(
        e.RecordingSecured(
            target=command.target,
            call=command.call,
            recording=command.recording,
            party=party,
            sha256=command.sha256,
        )
    )
    if to is not None:
        draft.effect(
            UseTelephone(
                seq=seq,
                to=to,
                purpose=Purpose.CALL,
                priority=Priority.BULK,
                act=Act.DELETE_RECORDING,
                call=command.call,
                recording=command.recording,
            )
        )


def on_gone(draft: Draft, command: c.RecordingGone) -> None:
    """The network deleted its copy, and said so."""
    draft.add(
        e.RecordingDeleted(
            call=command.call, recording=command.recording, where="network", proof=command.proof
        )
    )


def on_transcript(draft: Draft, command: c.AddTranscript) -> None:
    """A machine's hearing goes beside the sound, for those who may read the log."""
    draft.add(e.TranscriptAdded(target=command.target, party=command.party, text=command.text))


def on_timer(draft: Draft, command: c.TimerFired) -> None:
    """A recording has been kept for as long as it may be."""
    seq = int(command.name.partition(":")[2])
    draft.add(e.RecordingDeleted(call="", recording="", where="here", target=seq))
