"""What codes and kinds mean to a coach: English here, Dutch in the catalogue.

``phrases`` are keys of ``Words``; a test asks for a Dutch one for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core.capabilities import LengthUnit, Protection
from bridge.core.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Mapping

_S = DeliveryState

STATES: Mapping[DeliveryState, str] = {
    _S.ACCEPTED: "waits for {name}",
    _S.QUEUED: "waits to go to {name}",
    _S.SENDING: "on its way to {name}",
    _S.UNCERTAIN: "unclear whether it reached {name}",
    _S.SENT: "sent to {name}",
    _S.DELIVERED: "delivered to {name}",
    _S.READ: "read by {name}",
    _S.FAILED: "not delivered to {name}",
    _S.SUPPRESSED: "held back from {name}",
    _S.EXPIRED: "given up for {name}",
}
BAD = frozenset({_S.FAILED, _S.SUPPRESSED, _S.EXPIRED, _S.UNCERTAIN})
UNDER_WAY = frozenset({_S.ACCEPTED, _S.QUEUED, _S.SENDING})

LOSSES: Mapping[str, str] = {
    "album_split": "album shown as separate items",
    "buttons_as_text": "buttons shown as numbers",
    "caption_moved": "caption sent separately",
    "contact_as_text": "contact card shown as words",
    "edit_not_shown": "the old words still show there",
    "file_as_link": "the file went as a link",
    "file_missing": "the file is missing",
    "file_too_big": "the file was too big",
    "formatting_dropped": "shown without formatting",
    "label_cut": "a button's words were shortened",
    "location_as_text": "location shown as words",
    "nothing_to_show": "nothing could be shown",
    "reaction_as_text": "reaction shown as an answer",
    "reaction_reduced": "only one reaction shown",
    "reply_not_shown": "not shown as a reply",
    "sent_as_file": "sent as a file",
    "sent_as_photo": "sent as a photo",
    "target_missing": "what it is about never showed there",
    "vcard_dropped": "contact card shortened",
    "formatting": "formatting lost",
    "told_in_words": "told as a message of its own",
    "content_withheld": "a link went there in place of the words",
}
OTHER_LOSS = "something could not be shown there ({code})"

PROTECTION: Mapping[Protection, str] = {
    Protection.END_TO_END: "end-to-end encrypted",
    Protection.TO_VENDOR: "encrypted up to the provider",
    Protection.PLAIN: "not encrypted on the way",
}

UNITS: Mapping[LengthUnit, str] = {
    LengthUnit.UTF16: "{n} characters at most in one part",
    LengthUnit.CHARACTERS: "{n} characters at most in one part",
    LengthUnit.SEGMENTS: "{n} SMS segments at most in one part",
    LengthUnit.BYTES: "{n} bytes at most in one part",
}

ROLES: Mapping[str, str] = {
    "coach": "coach",
    "client": "client",
    "sponsor": "sponsor",
    "observer": "observer",
}

CALLS: Mapping[str, str] = {
    "begun": "Your telephone rings now.",
    "closed": "This trajectory is closed, so nobody was called.",
    "no_line": "Telephone calls are not switched on in this practice.",
    "not_allowed": "The telephone is not used in this trajectory.",
    "no_own_phone": "You have no telephone linked, so nobody was called.",
    "nobody": "There is nobody here whom we could call for you.",
    "no_phone": "This client has no telephone linked, so nobody was called.",
    "busy": "There is a call under way already.",
}

EVENTS: Mapping[str, str] = {
    "trajectory_opened": "The trajectory began",
    "trajectory_closed": "The trajectory was closed",
    "party_added": "{party} takes part as {role}",
    "party_removed": "{party} takes part no more",
    "endpoint_linked": "{party} was linked on {network}",
    "endpoint_revoked": "{party} is not linked on {network} any more",
    "place_asked": "A place of its own was asked for in {party}'s group",
    "place_bound": "{party} has a place of its own for this on {network}",
    "place_unbound": "{party} gave up the place of its own on {network}",
    "consent_asked": "{party} was asked for consent",
    "consent_given": "{party} agreed to the coaching text",
    "consent_refused": "{party} did not agree to the coaching text",
    "opted_out": "{party} stopped messages on {network}",
    "opted_in": "{party} lets messages through on {network} again",
    "log_viewed": "{author} read the log again by {network}",
    "conversation_moved": "{party} goes on by {network}",
    "inbound_refused": "Something {author} did was not carried out: {reason}",
    "notice_given": "The bridge told {party}:",
    "slots_offered": "{party} was shown free moments for an appointment",
    "appointment_booked": "{author} made an appointment for {when}",
    "appointment_moved": "{author} moved an appointment to {when}",
    "appointment_cancelled": "{author} cancelled an appointment",
    "appointment_confirmed": "{author} will be at the appointment",
    "booking_refused": "A moment that {party} wanted could not be had",
    "invitation_mailed": "{party} was sent an appointment for the calendar",
    "invitation_answered": "The calendar of {author} answered",
    "session_opened": "The session began",
    "session_closed": "The session ended",
    "recap_started": "{author} is writing a recap of the session",
    "recap_drafted": "{author} wrote a draft of the recap",
    "recap_ended": "{author} finished the recap",
    "party_erased": "The words of {party} were erased for good",
    "protection_noted": "{party} knows who can read along on {network}",
    "retention_set": "How long the log is kept was agreed",
    "parting_asked": "{party} was asked what shall happen to the log",
    "parting_decided": "{party} decided what shall happen to the log",
    "parting_decided/keep": "{party} lets the log be kept",
    "parting_decided/take": "{party} asked for a link to take the log along",
    "parting_decided/destroy": "{party} wanted it destroyed",
    "log_exported": "{party} took the log along",
    "words_destroyed": "Words were destroyed; nobody can read them any more",
    "policy_set": "What this trajectory allows on which network was changed",
    "nudge_planned": "{author} planned a nudge",
    "nudge_proposed": "The bridge drafted a nudge",
    "nudge_moved": "{author} moved a nudge",
    "nudge_postponed": "A nudge was put off: {reason}",
    "nudge_cancelled": "A nudge was taken back",
    "nudge_given": "A nudge went out in the name of {author}",
    "nudge_withheld": "A nudge was not sent: {reason}",
    "nudge_answered": "{author} answered a nudge",
    "pace_changed": "{party} changed the pace of nudges",
    "promise_set": "It was agreed how soon is answered",
    "working_hours_set": "Working hours of {party} were agreed",
    "promise_made": "{party} was promised an answer",
    "promise_warned": "The promise to {party} was nearly over",
    "promise_kept": "The promise to {party} was kept",
    "promise_broken": "The promise to {party} was not kept",
    "promise_mended": "{party} was answered after all",
    "promise_dropped": "{party} need not be answered any more",
    "rest_kept": "{party} has stopped for today; what comes waits",
    "step_proposed": "A step for {party} needs something that can be noticed",
    "step_agreed": "A step was agreed with {party}",
    "step_followed_up": "{party} was asked how a step went",
    "step_done": "{party} did a step",
    "step_not_done": "{party} has not done a step yet",
    "step_closed": "A step of {party} is no longer asked about",
    "scale_asked": "{party} was asked for a number from 0 to 10",
    "scale_answered": "{party} gave a number",
    "rest_ended": "{party} works again; what waited was passed on",
    "call_started": "{author} wanted to talk by telephone",
    "call_ended": "The telephone call ended",
    "call_ended/talked": "They talked by telephone for {minutes} min",
    "call_ended/missed": "Nobody answered the telephone call of {author}",
    "call_ended/message": "{author} called and left a message",
    "call_ended/not_reached": "{author} did not reach anybody by telephone",
    "call_ended/declined": "The telephone call did not take place",
    "recording_agreed": "{author} agreed to a recording",
    "recording_refused": "{author} did not want a recording, so there is none",
    "recording_switched": "The recording was changed",
    "recording_switched/record": "The recording began",
    "recording_switched/pause": "{author} paused the recording",
    "recording_switched/resume": "{author} let the recording go on",
    "recording_stored": "The call was recorded ({minutes} min)",
    "recording_secured": "The recording is kept here; its fingerprint is in the logbook",
    "recording_deleted": "A recording was deleted",
    "recording_deleted/network": "The recording was deleted at the telephone company",
    "recording_deleted/here": "The recording was deleted here, for its time was up",
    "transcript_added": "A machine wrote down what was said",
    "time_granted": "{author} agreed on {minutes} minutes of coaching time",
    "time_counted": "{minutes} minutes of coaching time were counted",
    "time_counted/call": "{minutes} minutes were counted for the telephone call",
    "time_counted/session": "{minutes} minutes were counted for the session",
    "time_counted/f2f": "{minutes} minutes were counted for the meeting",
    "time_counted/written": "{author} counted {minutes} minutes of written work",
    "time_counted/noted": "{author} counted {minutes} minutes",
    "time_counted/correction": "{author} corrected what was counted: {minutes} minutes",
    "time_proposed": "What {party} wrote comes to about {minutes} minutes",
    "time_declined": "{author} did not count what was written",
    "time_warned": "Little of the coaching time is left",
}
"""By kind, and by kind and code where how it went says more."""
OTHER_EVENT = "Something happened that this page has no words for ({kind})"

KINDS: Mapping[str, str] = {
    "chat": "Chat",
    "phone": "Phone call",
    "video": "Video call",
    "f2f": "In person",
    "intake": "Intake",
}

REFUSALS: Mapping[str, str] = {
    "not_a_party": "they take no part",
    "closed": "the trajectory is closed",
    "no_consent": "there is no consent",
    "not_yours": "it was not their own message",
    "unknown_message": "the message is not known",
    "unknown_question": "the question is not known",
    "not_a_coach": "only a coach may do that",
    "network_not_allowed": "it came from a messenger that may not be used here",
    "quiet_hours": "those are quiet hours",
    "later": "they asked for it later",
    "paused": "they asked for a pause",
    "cap_day": "they had one that day already",
    "cap_week": "they had enough that week",
    "cadence": "the ones before were not answered",
    "unanswered": "the last four were not answered",
    "same_words": "the same words within 60 days",
    "heard_since": "you were in conversation",
    "too_late": "it was too late",
    "opted_out": "messages were stopped",
    "erased": "the words were erased",
    "no_endpoint": "no messenger is linked",
    "undeliverable": "nobody can be reached there",
    "not_a_client": "they are no client there",
    "no_quiet_moment": "no moment was left",
    "nothing_planned": "it was not planned any more",
    "after_event": "that was after the event",
    "past": "that moment was over",
    "no_moment": "no moment was named",
    "aside_to_whom": "it was not clear whom the aside is for",
    "aside_gone": "the other one of the aside takes no part any more",
    "aside_edit": "what everybody has read cannot become an aside",
    "no_minutes": "that is no number of minutes that can be counted",
    "no_budget": "no minutes were agreed on",
    "more_than_spent": "that is more than was counted so far",
    "more_than_granted": "that is more than was agreed on",
}
OTHER_REFUSAL = "it could not be done"

MISTAKES: Mapping[str, str] = {
    "no_words": "Write it here.",
    "too_long": "Make it shorter.",
    "how_noticed": "How would one notice? Say what is done, when and where, or keep it as it is.",
    "past": "That moment is over.",
    "too_far": "Choose a moment within a year.",
    "no_moment": "Choose a day and a time.",
    "not_a_client": "Choose a client.",
    "no_consent": "They have not agreed to the coaching text yet.",
    "closed": "This trajectory is closed.",
    "no_such_step": "That step is not open any more.",
    "same_words": "They get these words already, or got them within 60 days: say it otherwise.",
    "no_quiet_moment": "No moment outside their quiet hours is left before it.",
    "no_template": "There are no words of that name.",
    "no_name": "Give it a name of one word.",
    "no_field": "Write {event} where the event is to stand; {name} is the only other field.",
    "too_many": "That is enough; forget one first.",
    "taken": "You have something then already.",
    "gone": "That is not there any more.",
    "not_offered": "That cannot be booked here.",
    "no_kind": "Choose what it is.",
    "no_minutes": "Write the minutes as a number, at most 1440.",
    "no_day": "Choose a day.",
    "no_hours": "Choose from when until when.",
    "ends_before": "It has to end after it begins, within a year.",
    "no_time": "Write hours as a number, at most 240; 0 for no promise.",
    "no_days": "Write days as a number, at most 366.",
    "no_week": "Write days and hours, like: mon-thu 9:00-12:30, fri 13:00-17:00.",
    "overlap": "Two of these hours overlap.",
    "early_stop": "Write a time later than your first hour of every day, like 17:30.",
    "no_buffer": "Write the minutes as a number, at most 1440.",
    "no_every": "Write the minutes as a number, from 5 to 1440.",
    "no_notice": "Write the hours as a number, at most 8760.",
    "no_horizon": "Write the days as a number, from 1 to 366.",
    "not_sure": "Tick this first: ending it cannot be undone.",
    "asked_already": "They were asked about it already.",
    "no_budget": "No minutes were agreed on yet.",
    "more_than_spent": "That is more than was counted so far.",
    "more_than_granted": "That is more than was agreed on.",
    "not_a_number": "Write whole minutes, like 10 or -5.",
    "nothing_proposed": "That was answered already.",
}
"""What is wrong with a field of a form, and what to do."""
OTHER_MISTAKE = "That could not be done; look at the page again."
_FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("past", "too_far", "no_moment", "no_quiet_moment", "taken"), "at"),
    **dict.fromkeys(("not_a_client", "no_consent", "closed"), "client"),
    **{f"no_{one}": one for one in ("buffer", "every", "notice", "horizon")},
    "early_stop": "stop",
}
_TEXTS: Mapping[str, str] = {
    "nudge": "about",
    "move": "at",
    "usual": "name",
    "book": "at",
    "off": "first",
    "extra": "first",
    "time": "minutes",
    "package": "minutes",
    "offer": "hours",
    "work": "week",
}
"""The field with the words where it is not ``text``."""
_NAMED: Mapping[tuple[str, str], str] = {
    ("template", "no_name"): "name",
    ("template", "no_template"): "name",
    ("nudge", "no_template"): "template",
    ("book", "no_minutes"): "minutes",
    ("time", "too_long"): "reason",
    ("package", "too_long"): "reason",
    ("offer", "no_minutes"): "minutes",
    ("offer", "no_kind"): "kind",
    ("promise", "no_time"): "hours",
    ("close", "not_sure"): "sure",
    ("close", "closed"): "sure",
    ("promise", "no_days"): "days",
    ("off", "ends_before"): "last",
    ("off", "past"): "first",
    ("extra", "ends_before"): "end",
    ("extra", "no_hours"): "start",
    ("extra", "past"): "first",
    ("extra", "no_kind"): "kind",
}


DONE: Mapping[str, str] = {
    "step": "The step is agreed; both of you were told.",
    "step_done": "Noted: it was done.",
    "step_ask": "They are asked how it went, outside their quiet hours.",
    "step_drop": "The step is off the list.",
    "nudge": "It is planned, and stands in the list below.",
    "nudge_move": "It has another moment.",
    "nudge_week": "It has been put off for a week.",
    "nudge_cancel": "It was taken back.",
    "draft": "It is planned, and stands in the list below.",
    "draft_gone": "It will not be sent.",
    "template": "The words are kept.",
    "template_gone": "The words are forgotten.",
    "booked": "It is booked; both of you were told.",
    "moved": "It was moved; both of you were told.",
    "cancelled": "It was cancelled; both of you were told.",
    "off": "You are off on those days: nothing is offered. What was booked stays.",
    "offer": "Clients can book it in these hours from now on.",
    "offer_gone": "It is not offered any more. What was booked stays.",
    "work": "These are your working hours from now on.",
    "extra": "Those hours are offered too.",
    "usual": "That is as usual again.",
    "promise": "That is promised from now on.",
    "closed": "It is closed. Its clients are asked what happens to what was written.",
    "scale": "The question is on its way. The answer will stand here.",
    "time": "It is counted.",
    "time_count": "It is counted.",
    "time_leave": "Nothing of it is counted.",
    "package": "That is agreed on; everybody else here is told.",
}
"""What a page says after a form was carried out."""


def mistake(form: str, code: str) -> tuple[str, str]:
    """Return the field a code is about and what to say beside it; ``form`` names the form."""
    begins = form.partition("-")[0]
    words = "seq" if form.endswith("change") else _TEXTS.get(begins, "text")
    field = _NAMED.get((begins, code)) or _FIELDS.get(code, words)
    return field, MISTAKES.get(code, OTHER_MISTAKE)


SPENT: Mapping[str, str] = {
    "granted": "agreed on",
    "call": "telephone call",
    "session": "session",
    "f2f": "meeting in one room",
    "written": "written work",
    "noted": "noted",
    "correction": "correction",
}
"""What a line about minutes is."""

CONTENT: Mapping[str, str] = {
    "photo": "photo",
    "video": "video",
    "audio": "sound",
    "file": "file",
    "animation": "animation",
    "sticker": "sticker",
    "video_note": "video message",
    "voice_note": "voice note",
    "location": "place on the map",
    "contact_card": "contact card",
    "choices": "question",
}
