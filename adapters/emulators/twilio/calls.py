"""Telephone calls: legs, recordings, and a walker that does what TwiML says, verb by verb.

https://www.twilio.com/docs/voice/twiml and https://www.twilio.com/docs/voice/api/call-resource
Time runs faster here: a second of a call takes ``Switchboard.second``.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree import ElementTree

from adapters.emulators.misuse import EmulatorMisuseError
from adapters.emulators.twilio import sound
from adapters.emulators.twilio.errors import ApiError
from adapters.emulators.twilio.legs import Leg, Recording
from adapters.emulators.twilio.world import new_sid

if TYPE_CHECKING:
    from adapters.emulators.twilio.emulator import TwilioEmulator
    from adapters.emulators.twilio.telephone import Telephone
    from adapters.emulators.twilio.world import Account

MOST_VERBS = 200
"""A call that goes round longer than this has no end; the real one would bill for hours."""


class HungUpError(Exception):
    """The leg is over."""


class Switchboard:
    """All calls of the emulator."""

    def __init__(self, emulator: TwilioEmulator, second: float = 0.02) -> None:
        self._emu = emulator
        self.second = second
        self.legs: dict[str, Leg] = {}
        self.recordings: dict[str, Recording] = {}

    # -- legs begin -------------------------------------------------------------------------

    def call_in(self, telephone: Telephone, to: str, sender: str = "") -> Leg:
        """Somebody calls one of the program's numbers."""
        account = self._emu.world.account_of(to)
        leg = self._leg(account, sender or telephone.number, to, "inbound", telephone)
        leg.status = "ringing"
        self._emu.start(self._inward(account, leg))
        return leg

    def call_out(self, account: Account, form: dict[str, str]) -> Leg:
        """The program calls somebody. Raises ApiError."""
        to, sender, url = form.get("To", ""), form.get("From", ""), form.get("Url", "")
        if sender not in account.numbers:
            raise ApiError(400, 21210)
        if not to.startswith("+"):
            raise ApiError(400, 21211)
        if not url:
            raise ApiError(400, 21205)
        leg = self._leg(account, sender, to, "outbound-api", self._emu.telephones.get(to))
        leg.callback = form.get("StatusCallback", "")
        self._emu.start(self._outward(account, leg, url, int(form.get("Timeout", "60"))))
        return leg

    def _leg(
        self,
        account: Account,
        sender: str,
        to: str,
        direction: str,
        telephone: Telephone | None,
        parent: str = "",
    ) -> Leg:
        at = datetime.now(UTC).replace(microsecond=0)
        leg = Leg(new_sid("CA"), account.sid, sender, to, direction, telephone, at, parent=parent)
        self.legs[leg.sid] = leg
        return leg

    async def _inward(self, account: Account, leg: Leg) -> None:
        if not self._emu.is_up:
            leg.status = "failed"  # the carrier gets no further; the program hears nothing
            leg.hang_up()
            return
        leg.status = "in-progress"
        try:
            await self._walk(account, leg, account.voice_webhook, {"CallStatus": "ringing"})
        finally:
            await self._ended(account, leg, "completed", account.voice_status)

    async def _outward(self, account: Account, leg: Leg, url: str, seconds: int) -> None:
        outcome = await self._ring(leg, seconds)
        if outcome != "answered":
            await self._ended(account, leg, outcome, leg.callback)
            return
        try:
            await self._walk(account, leg, url, {})
        finally:
            await self._ended(account, leg, "completed", leg.callback)

    async def _ring(self, leg: Leg, seconds: int) -> str:
        """Return how ringing ended: answered, busy, no-answer or failed."""
        if leg.telephone is None:
            return "failed"
        leg.status = "ringing"
        outcome = await leg.telephone.rung(leg, seconds * self.second)
        if outcome == "answered":
            leg.status = "in-progress"
        return outcome

    async def _ended(self, account: Account, leg: Leg, status: str, url: str) -> None:
        leg.status = status
        leg.hang_up()
        if leg.recording is not None:
            await self.finish(account, leg.recording)
            leg.recording = None
        self._emu.touch()
        if url:
            leg.sequence += 1
            fields = self._fields(leg) | {
                "CallStatus": status,
                "SequenceNumber": str(leg.sequence),
                "CallDuration": "1",
            }
            await self._emu.reachable()
            await self._emu.hooks.call("voice_status", url, fields, account.token)

    def _fields(self, leg: Leg) -> dict[str, str]:
        fields = {
            "CallSid": leg.sid,
            "AccountSid": leg.account,
            "From": leg.sender,
            "To": leg.to,
            "Direction": leg.direction,
            "CallStatus": leg.status,
            "ApiVersion": "2010-04-01",
        }
        return fields | ({"ParentCallSid": leg.parent} if leg.parent else {})

    # -- walking ----------------------------------------------------------------------------

    async def _walk(self, account: Account, leg: Leg, url: str, fields: dict[str, str]) -> None:
        """Do what the program says until it says no more, or the leg is over."""
        with contextlib.suppress(HungUpError):
            verbs = 0
            while url:
                document = await self._asked(account, leg, url, fields)
                fields, here, url = {}, url, ""
                for verb in document:
                    verbs += 1
                    if verbs > MOST_VERBS:
                        raise EmulatorMisuseError(f"the call {leg.sid} never ends")
                    if leg.over.is_set():
                        raise HungUpError
                    going, fields = await self._verb(account, leg, verb)
                    if going is not None:
                        url = urljoin(here, going)
                        break

    async def _asked(
        self, account: Account, leg: Leg, url: str, fields: dict[str, str]
    ) -> list[ElementTree.Element]:
        """Ask the program what to do. Two tries; then the caller hears the vendor's apology."""
        told = self._fields(leg) | fields
        leg.doing = ""
        for _ in range(2 if self._emu.is_up else 0):
            status, body = await self._emu.hooks.ask("voice", url, told, account.token)
            if status == 200:
                leg.twiml.append(body)
                leg.asked.append(url)
                try:
                    return list(ElementTree.fromstring(body))  # noqa: S314 - our own program's
                except ElementTree.ParseError:
                    break
            if 400 <= status < 500:
                break
        leg.say("An application error has occurred. Goodbye.", "en-US")
        leg.hang_up()
        raise HungUpError

    async def _verb(
        self, account: Account, leg: Leg, verb: ElementTree.Element
    ) -> tuple[str | None, dict[str, str]]:
        """Do one verb; return where to go on, None = at the next verb."""
        leg.doing = verb.tag
        self._emu.touch()
        match verb.tag:
            case "Say":
                await self._say(leg, verb)
            case "Pause":
                await self._while(leg, int(verb.get("length", "1")))
            case "Gather":
                return await self._gather(leg, verb)
            case "Record":
                return await self._record(account, leg, verb)
            case "Dial":
                return await self._dial(account, leg, verb)
            case "Redirect":
                return verb.text or "", {}
            case "Hangup" | "Reject":
                leg.hang_up()
                raise HungUpError
            case _:
                raise EmulatorMisuseError(f"the walker knows no verb {verb.tag}")
        return None, {}

    async def _say(self, leg: Leg, verb: ElementTree.Element) -> None:
        leg.say(verb.text or "", verb.get("language", ""))
        self._emu.touch()
        await self._while(leg, 0.5)

    async def _while(self, leg: Leg, seconds: float) -> None:
        """Let time pass. Raises HungUpError when the leg ends meanwhile."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds * self.second):
                await leg.over.wait()
            raise HungUpError

    async def _gather(
        self, leg: Leg, verb: ElementTree.Element
    ) -> tuple[str | None, dict[str, str]]:
        for said in verb:
            await self._say(leg, said)
        wanted = int(verb.get("numDigits", "0")) or 99
        timeout = float(verb.get("timeout", "5")) * self.second
        digits = ""
        while len(digits) < wanted:
            key = await self._key(leg, timeout)
            if key in ("", verb.get("finishOnKey", "#")):
                break
            digits += key
        if digits or verb.get("actionOnEmptyResult") == "true":
            return verb.get("action", ""), {"Digits": digits}
        return None, {}

    async def _key(self, leg: Leg, seconds: float) -> str:
        """Return the next key, '' when none is pressed in time. Raises HungUpError."""
        key = asyncio.create_task(leg.keys.get())
        over = asyncio.create_task(leg.over.wait())
        done, pending = await asyncio.wait(
            {key, over}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for task in pending:
            task.cancel()
        if key in done:
            return key.result()
        if over in done:
            raise HungUpError
        return ""

    async def _record(
        self, account: Account, leg: Leg, verb: ElementTree.Element
    ) -> tuple[str | None, dict[str, str]]:
        """Record what the caller says; hanging up ends it too, and is told as a key."""
        leg.forget_keys()  # what was pressed before the tone ends nothing
        if leg.telephone is not None:
            self._emu.start(leg.telephone.beeped(leg))
        digits = ""
        try:
            digits = await self._key(leg, float(verb.get("maxLength", "60")) * self.second)
        except HungUpError:
            digits = "hangup"
        samples, leg.message = leg.message, []
        if not samples:
            if digits == "hangup":
                raise HungUpError
            return None, {}
        recording = Recording(new_sid("RE"), account.sid, leg.sid, status="completed")
        recording.wav = sound.to_wav(samples)
        self.recordings[recording.sid] = recording
        fields = self._recorded(recording) | {"Digits": digits}
        if digits == "hangup":
            # Nobody is there to hear the answer, but the program is told.
            await self._asked(account, leg, verb.get("action", ""), fields)
            raise HungUpError
        return verb.get("action", ""), fields

    def _recorded(self, recording: Recording) -> dict[str, str]:
        base = f"{self._emu.api_url}/2010-04-01/Accounts/{recording.account}"
        seconds = max(1, (len(recording.wav) - 44) // (2 * sound.RATE))
        return {
            "RecordingSid": recording.sid,
            "RecordingUrl": f"{base}/Recordings/{recording.sid}",
            "RecordingDuration": str(seconds),
        }

    async def _dial(
        self, account: Account, leg: Leg, verb: ElementTree.Element
    ) -> tuple[str | None, dict[str, str]]:
        """Ring the numbers one after the other, greet who picks up, connect the two."""
        if verb.get("record"):
            raise EmulatorMisuseError("nothing may be recorded by an attribute")
        status, shown = "no-answer", verb.get("callerId", leg.sender)
        for number in verb.findall("Number"):
            to = number.text or ""
            child = self._leg(
                account, shown, to, "outbound-dial", self._emu.telephones.get(to), leg.sid
            )
            outcome = await self._ring_while(leg, child, int(verb.get("timeout", "30")))
            if outcome != "answered":
                child.status = status = outcome
                child.hang_up()
                continue
            status = "completed"
            await self._picked_up(account, leg, child, number.get("url", ""))
            break
        if leg.over.is_set():
            raise HungUpError
        return verb.get("action"), {"DialCallStatus": status}

    async def _picked_up(self, account: Account, leg: Leg, child: Leg, url: str) -> None:
        """Greet who picked up, then connect the two; a caller who hangs up ends it at once."""
        ends = asyncio.create_task(_end_with(leg, child))
        try:
            if url:
                await self._walk(account, child, url, {})
            if not child.over.is_set() and not leg.over.is_set():
                await self._connected(leg, child)
        finally:
            ends.cancel()
            child.status = "completed"
            child.hang_up()
            self._emu.touch()

    async def _ring_while(self, leg: Leg, child: Leg, seconds: int) -> str:
        ringing = asyncio.create_task(self._ring(child, seconds))
        over = asyncio.create_task(leg.over.wait())
        await asyncio.wait({ringing, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if ringing.done():
            return ringing.result()
        ringing.cancel()
        child.hang_up()
        raise HungUpError

    async def _connected(self, leg: Leg, child: Leg) -> None:
        leg.peer, child.peer = child, leg
        leg.talking_since = child.talking_since = datetime.now(UTC)
        self._emu.touch()
        for one in (leg, child):
            if one.telephone is not None:
                self._emu.start(one.telephone.connected(one))
        ends = [asyncio.create_task(one.over.wait()) for one in (leg, child)]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        leg.peer = child.peer = None

    # -- recordings -------------------------------------------------------------------------

    def leg(self, account: Account, sid: str) -> Leg:
        """Return a leg. Raises ApiError."""
        leg = self.legs.get(sid)
        if leg is None or leg.account != account.sid:
            raise ApiError(404, 20404)
        return leg

    def record(self, account: Account, sid: str, callback: str) -> Recording:
        """Record a call that is under way. Raises ApiError."""
        leg = self.leg(account, sid)
        if leg.status != "in-progress":
            raise ApiError(400, 21220)
        recording = Recording(new_sid("RE"), account.sid, sid, callback)
        self.recordings[recording.sid] = leg.recording = recording
        return recording

    async def finish(self, account: Account, recording: Recording) -> None:
        """A recording ends with its call, and is told of."""
        recording.status = "completed"
        recording.wav = sound.to_wav(*recording.tracks)
        if recording.callback:
            fields = self._recorded(recording) | {
                "CallSid": recording.call,
                "AccountSid": account.sid,
                "RecordingStatus": "completed",
                "RecordingChannels": "2",
            }
            await self._emu.hooks.call("recording", recording.callback, fields, account.token)

    def recording(self, account: Account, sid: str) -> Recording:
        """Return a recording. Raises ApiError."""
        found = self.recordings.get(sid)
        if found is None or found.deleted or found.account != account.sid:
            raise ApiError(404, 20404)
        return found


async def _end_with(leg: Leg, child: Leg) -> None:
    await leg.over.wait()
    child.hang_up()
