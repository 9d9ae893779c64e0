"""``decide(state, command, facts) -> Decision``: the whole engine, one module per concern.

Pure: the same state, command and facts give the same decision, for ever. Refusals people should
know of are entries, not exceptions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from bridge.core import commands as c
from bridge.core import entries as e
from bridge.core.decide import (
    agenda,
    budget,
    calls,
    closing,
    erasing,
    hooks,
    intake,
    moving,
    notes,
    nudges,
    outcome,
    parting,
    promises,
    recordings,
    relay,
    resending,
    rest,
    safety,
    scales,
    steps,
    timers,
)
from bridge.core.decide.decision import Decision, FileWanted
from bridge.core.decide.draft import Draft

if TYPE_CHECKING:
    from bridge.core.facts import Facts
    from bridge.core.trajectory import Trajectory

__all__ = ["Decision", "FileWanted", "decide"]


def decide(  # noqa: C901 - one branch per concern is the whole function
    state: Trajectory, command: c.Command, facts: Facts
) -> Decision:
    """Return what one command comes to in this state of the trajectory."""
    draft = Draft(state, facts, getattr(command, "party", ""))
    if state.seq == 0 and not isinstance(command, c.OpenTrajectory):
        return draft.decision()  # a log begins with its opening, so nothing comes before
    match command:
        case c.Receive():
            relay.on_receive(draft, command)
            hooks.after_receive(draft, command)
        case c.AddNote():
            notes.on_note(draft, command)
        case c.Report():
            outcome.on_report(draft, command)
        case (
            c.CallReceived()
            | c.CallRequested()
            | c.CallHeard()
            | c.CallOver()
            | c.RecordingMade()
            | c.RecordingFetched()
            | c.RecordingGone()
            | c.AddTranscript()
            | c.SwitchRecording()
        ):
            _call(draft, command)
        case c.TimerFired():
            timers.on_timer(draft, command)
        case (
            c.AskForSlots()
            | c.BookSlot()
            | c.AskToChange()
            | c.CancelAppointment()
            | c.ShowAgenda()
        ):
            agenda.on_asked(draft, command)
        case c.AskToClose() | c.SetRetention() | c.ChooseParting() | c.TakeLog():
            _part(draft, command)
        case c.AskConsent(party=party, again=again):
            intake.ask_consent(draft, party, again=again)
        case c.AnswerConsent(party=party, yes=yes, endpoint=endpoint):
            intake.answer_consent(draft, party, yes=yes, endpoint=endpoint)
        case (
            c.PlanNudge()
            | c.MoveNudge()
            | c.CancelNudge()
            | c.ChangePace()
            | c.GiveLater()
            | c.AnswerDraft()
        ):
            nudges.on_command(draft, command)
        case c.GrantTime():
            budget.on_grant(draft, command)
        case c.NoteTime():
            budget.on_note(draft, command)
        case c.TakeTime():
            budget.on_take(draft, command)
        case c.CountWritten():
            budget.on_written(draft, command)
        case _:
            _administer(draft, command)
    return draft.decision()


def _call(
    draft: Draft,
    command: c.CallReceived
    | c.CallRequested
    | c.CallHeard
    | c.CallOver
    | c.RecordingMade
    | c.RecordingFetched
    | c.RecordingGone
    | c.AddTranscript
    | c.SwitchRecording,
) -> None:
    match command:
        case c.CallReceived():
            calls.on_received(draft, command)
        case c.CallRequested():
            calls.on_requested(draft, command)
        case c.CallHeard():
            calls.on_heard(draft, command)
        case c.CallOver():
            calls.on_over(draft, command)
        case c.RecordingMade():
            recordings.on_made(draft, command)
        case c.RecordingFetched():
            recordings.on_fetched(draft, command)
        case c.RecordingGone():
            recordings.on_gone(draft, command)
        case c.AddTranscript():
            recordings.on_transcript(draft, command)
        case c.SwitchRecording():
            recordings.on_switch(draft, command)
        case _:
            assert_never(command)


def _part(
    draft: Draft, command: c.AskToClose | c.SetRetention | c.ChooseParting | c.TakeLog
) -> None:
    match command:
        case c.AskToClose():
            closing.on_ask(draft, command)
        case c.SetRetention():
            parting.on_set_retention(draft, command)
        case c.ChooseParting(party=party, choice=choice):
            parting.on_choose(draft, party, choice)
        case c.TakeLog():
            parting.on_taken(draft, command)
        case _:
            assert_never(command)


def _administer(  # noqa: C901 - one branch per command is the whole function
    draft: Draft,
    command: c.OpenTrajectory
    | c.CloseTrajectory
    | c.AddParty
    | c.RemoveParty
    | c.LinkEndpoint
    | c.RevokeEndpoint
    | c.ReplaceEndpoints
    | c.RecordConsent
    | c.OptOut
    | c.OptIn
    | c.BindPlace
    | c.UnbindPlace
    | c.AskForPlace
    | c.MoveConversation
    | c.NoteViewing
    | c.SetPolicy
    | c.LogSession
    | c.Resend
    | c.SetPromise
    | c.SetWorkingHours
    | c.KeepRest
    | c.AgreeStep
    | c.CloseStep
    | c.AskScale
    | c.FollowUpStep
    | c.EraseParty,
) -> None:
    match command:
        case c.OpenTrajectory():
            intake.on_open(draft, command)
        case c.CloseTrajectory():
            closing.on_close(draft, command)
        case c.AddParty():
            intake.on_add_party(draft, command)
            budget.on_joined(draft, command.party)
        case c.RemoveParty(party=party):
            agenda.on_leaving(draft, "left", party)
            intake.on_remove_party(draft, command)
        case c.LinkEndpoint(party=party, endpoint=endpoint, how=how):
            draft.add(
                e.EndpointLinked(party=party, network=endpoint.network, how=how, endpoint=endpoint)
            )
        case c.RevokeEndpoint(party=party, endpoint=endpoint, reason=reason):
            draft.add(
                e.EndpointRevoked(
                    party=party, network=endpoint.network, reason=reason, endpoint=endpoint
                )
            )
        case c.ReplaceEndpoints():
            moving.on_replace(draft, command)
        case c.RecordConsent():
            intake.on_record_consent(draft, command)
        case c.OptOut():
            intake.on_opt_out(draft, command)
        case c.OptIn():
            intake.on_opt_in(draft, command)
        case c.BindPlace():
            intake.on_bind_place(draft, command)
        case c.UnbindPlace():
            intake.on_unbind_place(draft, command)
        case c.AskForPlace():
            intake.on_ask_for_place(draft, command)
        case c.MoveConversation():
            moving.on_move(draft, command)
        case c.Resend():
            resending.on_resend(draft, command)
        case c.LogSession():
            notes.on_session(draft, command)
        case c.NoteViewing():
            notes.on_viewing(draft, command)
        case c.SetPolicy():
            safety.on_set_policy(draft, command)
        case c.SetPromise():
            promises.on_set_promise(draft, command)
        case c.SetWorkingHours():
            promises.on_set_working_hours(draft, command)
        case c.KeepRest(party=party):
            rest.keep(draft, party)
        case c.AgreeStep():
            steps.on_agree(draft, command)
        case c.CloseStep():
            steps.on_close(draft, command)
        case c.AskScale():
            scales.on_ask(draft, command)
        case c.FollowUpStep():
            steps.on_follow_up(draft, command)
        case c.EraseParty():
            erasing.on_erase(draft, command)
        case _:
            assert_never(command)
