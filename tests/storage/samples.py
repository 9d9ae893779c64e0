"""One entry of every kind, each field other than its default."""

from datetime import UTC, datetime

from bridge.core import entries as e
from bridge.core.calls import Happened
from bridge.core.content import (
    Attachment,
    Choice,
    Code,
    Link,
    Media,
    MediaKind,
    Style,
    Styled,
    Text,
)
from bridge.core.delivery import DeliveryState
from bridge.core.endpoint import Place
from bridge.core.notices import NoticeKey
from bridge.core.nudges import NudgeKind, Pace
from scheduling.calendar.quiet import QuietHours
from scheduling.calendar.working import Interval, Working
from tests.storage.book import ANNA

SOON = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 9, 50, tzinfo=UTC)
PLACE = Place("telegram", "main", "-100200", "7")
MOMENT = datetime(2026, 11, 26, 8, 25, tzinfo=UTC)
BODY = ("Suc6 🌷 ", Styled(Style.BOLD, ("met", Link("https://example.org", ("je",)))), Code("x"))
PHOTO = Media(
    MediaKind.PHOTO,
    Attachment(id="b1", ref="AgAC", mime="image/jpeg", name="tuin.jpg", size=9, width=1, height=2),
    caption=BODY,
    album="a1",
)

WORK = Working("Europe/Amsterdam", (Interval(0, 540, 1020),), ("2026-12-25",), 1080)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

ENTRIES: tuple[e.Entry, ...] = (
    e.TrajectoryOpened(title="Presenteren"),
    e.TrajectoryClosed(author="noor", reason="done"),
    e.PartyAdded(party="anna", role="client", name="Anna"),
    e.PartyRemoved(party="anna", reason="moved"),
    e.PartyErased(party="anna", how="operator"),
    e.EndpointLinked(party="anna", network="telegram", how="invite", endpoint=ANNA),
    e.EndpointRevoked(party="anna", network="telegram", reason="lost", endpoint=ANNA),
    e.SessionLogged(author="noor", modality="f2f", minutes=45, body=BODY),
    e.LogViewed(author="anna", network="sms", first=4, last=9, more=True),
    e.ConversationMoved(
        author="anna", party="anna", network="telegram", how="asked", endpoint=ANNA
    ),
    e.PlaceAsked(party="anna", group=PLACE),
    e.PlaceBound(party="anna", place=PLACE),
    e.PlaceUnbound(party="anna", place=PLACE, reason="exposed"),
    e.ConsentAsked(party="anna", version="3", language="nl", coaches=("noor",), text="Wil je?"),
    e.ConsentGiven(
        party="anna", version="3", language="nl", how="answered", text="Ja, ik wil", endpoint=ANNA
    ),
    e.ConsentRefused(party="anna", version="3", endpoint=ANNA),
    e.OptedOut(party="anna", network="telegram", how="stop"),
    e.OptedIn(party="anna", network="telegram", how="start"),
    e.MessagePosted(
        author="anna",
        network="telegram",
        to=("noor", "lars"),
        reply_to=3,
        inbox=12,
        content=PHOTO,
        quote=BODY,
        external_id="991",
        place=PLACE,
    ),
    e.MessageEdited(
        author="anna",
        target=4,
        to=("noor",),
        network="telegram",
        inbox=13,
        content=Text(BODY),
        aside=True,
    ),
    e.MessageDeleted(author="anna", target=4, to=("noor",), network="telegram", inbox=14),
    e.ReactionSet(
        author="noor", target=4, to=("anna",), network="telegram", inbox=15, emoji=("👍", "🌷")
    ),
    e.ChoiceMade(
        author="anna", target=6, key="1", to=("noor",), network="telegram", inbox=16, label="Ja"
    ),
    e.NoteAdded(author="noor", body=BODY),
    e.NoticeGiven(
        party="anna",
        notice=NoticeKey.CONSENT_QUESTION,
        about="noor",
        network="telegram",
        options=(Choice("1", "Ja"),),
        params={"coach": "Noor"},
    ),
    e.DeliveryChanged(
        target=4,
        party="noor",
        state=DeliveryState.FAILED,
        network="telegram",
        reason="blocked",
        losses=("buttons",),
        twice=True,
        external_ids=("71", "72"),
        detail="The bot was blocked.",
    ),
    e.NudgePlanned(
        author="noor",
        client="anna",
        nudge=NudgeKind.ENCOURAGEMENT,
        at=MOMENT,
        until=MOMENT,
        event_at=MOMENT,
        series=3,
        draft=2,
        text="Suc6!",
        event="presentatie",
    ),
    e.NudgeProposed(coach="noor", client="anna", at=MOMENT, until=MOMENT, text="Hoe ging het?"),
    e.NudgeMoved(author="noor", target=4, at=MOMENT, until=MOMENT),
    e.NudgePostponed(target=4, at=MOMENT, until=MOMENT, reason="quiet_hours"),
    e.NudgeCancelled(author="noor", target=4, reason="undone"),
    e.NudgeGiven(
        author="noor",
        target=4,
        client="anna",
        nudge=NudgeKind.PROMPT,
        until=MOMENT,
        zone="Europe/Amsterdam",
        quiet=QuietHours(60, 120, weekends=False),
        event_at=MOMENT,
        text="Suc6!",
    ),
    e.NudgeWithheld(target=4, client="anna", reason="cap_day"),
    e.NudgeAnswered(author="anna", target=5, message=6, key="done"),
    e.PaceChanged(author="anna", party="anna", how="less", pace=Pace(per_week=2)),
    e.InboundRefused(author="anna", reason="not_yours", network="telegram", inbox=17),
    e.SlotsOffered(party="anna", coach="noor", modality="video", slots=(SOON, LATER), moving=3),
    e.AppointmentBooked(
        author="anna",
        coach="noor",
        client="anna",
        modality="video",
        start=SOON,
        minutes=50,
        how="page",
    ),
    e.AppointmentMoved(author="noor", appointment=9, start=LATER, minutes=25),
    e.AppointmentCancelled(author="anna", appointment=9, reason="asked"),
    e.AppointmentConfirmed(author="anna", appointment=9),
    e.BookingRefused(author="anna", party="anna", reason="taken", start=SOON),
    e.InvitationMailed(party="anna", appointment=9, method="request", sequence=2),
    e.InvitationAnswered(author="anna", appointment=9, answer="declined"),
    e.SessionOpened(appointment=9, coach="noor", client="anna", modality="f2f", start=SOON),
    e.SessionClosed(
        appointment=9,
        coach="noor",
        client="anna",
        modality="f2f",
        start=SOON,
        end=LATER,
        minutes=50,
    ),
    e.RecapStarted(author="noor", appointment=9),
    e.RecapDrafted(author="noor", appointment=9, content=Text(BODY)),
    e.RecapEnded(author="noor", appointment=9, sent=True),
    e.CallStarted(
        author="anna",
        call="CA1",
        first="anna",
        other="noor",
        network="voice",
        account="main",
        ours="+3197010200001",
        session=9,
        inward=False,
        asks=True,
        inbox=4,
    ),
    e.CallAdvanced(
        author="anna", call="CA1", happened=Happened.AGREED, leg="CA2", asks=True, inbox=4
    ),
    e.CallEnded(author="anna", call="CA1", session=9, outcome="talked", seconds=60, inbox=4),
    e.RecordingAgreed(author="anna", call="CA1", language="en", text="May we record this?"),
    e.RecordingRefused(author="noor", call="CA1", language="nl", text="Mag dit opgenomen?"),
    e.RecordingSwitched(author="noor", call="CA1", act="record", party="anna"),
    e.RecordingStored(
        author="anna",
        call="CA1",
        recording="RE1",
        seconds=60,
        until=NOON,
        inbox=4,
        file=Attachment(id="a/9/file", mime="audio/wav", name="call.wav", seconds=60),
    ),
    e.RecordingSecured(target=9, call="CA1", recording="RE1", party="anna", sha256="00ff"),
    e.RecordingDeleted(call="CA1", recording="RE1", where="network", target=9, proof="204"),
    e.TranscriptAdded(target=9, party="anna", text="Call me back."),
    e.PromiseSet(within={"": 480, "sms": 1440}, pace_days=14),
    e.WorkingHoursSet(party="noor", work=WORK),
    e.PromiseMade(party="anna", target=9, due=NOON, warn_at=NOON),
    e.PromiseWarned(party="anna", target=9),
    e.PromiseKept(party="anna", target=9, answer=12),
    e.PromiseBroken(party="anna", target=9),
    e.PromiseMended(party="anna", target=9, answer=12),
    e.PromiseDropped(party="anna", target=9, reason="withdrawn"),
    e.RestKept(party="noor", until=NOON),
    e.RestEnded(party="noor"),
    e.StepProposed(author="noor", party="anna", due=NOON, text="meer zelfvertrouwen"),
    e.StepAgreed(author="noor", party="anna", due=NOON, text="ik bel Piet", proposal=3),
    e.StepFollowedUp(party="anna", target=4, question=9),
    e.StepDone(author="anna", party="anna", target=4),
    e.StepNotDone(author="anna", party="anna", target=4),
    e.StepClosed(author="anna", party="anna", target=4, reason="other"),
    e.ScaleAsked(author="noor", party="anna", scale=3, text="hoe zeker ben je?"),
    e.ScaleAnswered(author="anna", party="anna", target=3, scale=3, answer=8, value=6.5),
    e.TimeGranted(author="noor", minutes=300, text="getekend op papier"),
    e.TimeCounted(author="noor", minutes=-5, what="correction", target=4, text="de pauze"),
    e.TimeProposed(party="noor", minutes=12, last=9),
    e.TimeDeclined(author="noor", target=4),
    e.TimeWarned(percent=25, left=70),
    e.ProtectionNoted(party="anna", network="sms", level="plain"),
    e.PolicySet(allowed_networks=("matrix", "web"), content_on_weak_networks=False),
    e.RetentionSet(days=365),
    e.PartingAsked(party="anna", question=9, reason="again"),
    e.PartingDecided(author="anna", party="anna", choice="keep", until=NOON),
    e.LogExported(author="anna", party="anna", last=9),
    e.WordsDestroyed(owners=("anna",), party="anna", how="retention", told=("anna", "noor")),
    e.AsidePosted(
        author="anna",
        network="telegram",
        to=("noor",),
        reply_to=3,
        inbox=18,
        content=PHOTO,
        quote=BODY,
        external_id="992",
        place=PLACE,
    ),
)
