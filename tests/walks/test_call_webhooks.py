"""What reaches the telephone's webhooks of a bridge that serves: forged, damaged, early, twice."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from xml.etree import ElementTree

import aiohttp
import pytest
from yarl import URL

from adapters.emulators.twilio import faults
from adapters.twilio.signature import sign
from tests.twilio.kit import OURS, SID, TOKEN
from tests.walks.telephones import ANNA_AT, STRANGER, Stage, end, kinds, over

if TYPE_CHECKING:
    from tests.walks.bridge import Json

pytestmark = [pytest.mark.slow]

CALL = "CA" + "1" * 32
IN = {
    "CallSid": CALL,
    "AccountSid": SID,
    "From": ANNA_AT,
    "To": OURS,
    "Direction": "inbound",
    "CallStatus": "ringing",
}
SLOW = 1.0
"""Seconds in which the network is answered."""


@dataclass(frozen=True)
class Told:
    """What came back, and how long that took."""

    status: int
    body: str
    took: float

    @property
    def verbs(self) -> list[str]:
        """The verbs of the answer."""
        return [verb.tag for verb in ElementTree.fromstring(self.body)]  # noqa: S314

    def action(self, tag: str = "Gather") -> str:
        """Where the answer to a question goes."""
        found = ElementTree.fromstring(self.body).find(tag)  # noqa: S314
        assert found is not None
        return found.get("action", "") or (found.text or "")


async def told(url: str, fields: dict[str, str], token: str = TOKEN, **headers: str) -> Told:
    """Call the bridge as Twilio does."""
    body = urlencode(fields).encode()
    given = {
        "X-Twilio-Signature": sign(token, url, body),
        "Content-Type": "application/x-www-form-urlencoded",
        **headers,
    }
    began = time.monotonic()
    async with (
        aiohttp.ClientSession() as http,
        http.post(URL(url, encoded=True), data=body, headers=given) as answer,
    ):
        text = await answer.text()
        return Told(answer.status, text, time.monotonic() - began)


async def inbox(stage: Stage) -> list[Json]:
    """Return what waits, or was put aside."""
    out = (await stage.bridge.run("inbox", "--json")).out
    return [json.loads(line) for line in out.splitlines()]


def voice(stage: Stage, more: str = "") -> str:
    """Return an address of the bridge's."""
    return f"{stage.bridge.url}/webhooks/twilio/main/voice{more}"


async def test_what_proves_nothing_is_refused_and_leaves_no_trace(stage: Stage) -> None:
    await stage.begin()
    before = await stage.log()
    for more in ("", "/status", "/recording", "/step/key?CoachbridgeCall=x&CoachbridgeThen=1.key"):
        url = voice(stage, more)
        wrong = [
            await told(url, IN, "another-token"),
            await told(url, IN, **{"X-Twilio-Signature": ""}),
            await told(url, IN | {"To": STRANGER}, **{"X-Twilio-Signature": sign(TOKEN, url, b"")}),
        ]
        assert [one.status for one in wrong] == [403] * 3
        assert [one.body for one in wrong] == [""] * 3
    assert await stage.log() == before
    assert await inbox(stage) == []
    assert ANNA_AT not in stage.bridge.errors


async def test_what_cannot_be_read_is_put_aside_and_the_next_call_flows(stage: Stage) -> None:
    await stage.begin()
    broken = await told(voice(stage), IN | {"CallSid": "CAnothing"})
    assert (broken.status, broken.verbs) == (200, ["Hangup"])
    strange = await told(voice(stage), IN | {"RecordingDuration": "soon"})
    assert strange.verbs == ["Hangup"]
    stage.hers.talks = 5
    stage.anna.call(OURS)
    await over(stage.anna)
    assert end(await stage.log())[0] == "talked"
    assert [row["state"] for row in await inbox(stage)] == ["parked", "parked"]


async def test_every_step_is_answered_within_a_second(stage: Stage) -> None:
    await stage.begin()
    took = []
    for number in range(20):
        call = {"CallSid": f"CA{number:032x}", "From": ANNA_AT if number % 2 else STRANGER}
        answer = await told(voice(stage), IN | call)
        took.append(answer.took)
        assert answer.status == 200
        await told(voice(stage, "/status"), IN | call | {"CallStatus": "completed"})
    assert sorted(took)[len(took) // 2] < SLOW
    await stage.log()


async def test_nothing_was_kept_so_it_apologises_and_the_same_is_asked_again(stage: Stage) -> None:
    await stage.begin()
    (file,) = stage.bridge.folder.glob("*.db")
    locked = sqlite3.connect(file, isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    sorry = await told(voice(stage), IN)
    assert (sorry.status, sorry.verbs) == (200, ["Say", "Say", "Pause", "Redirect"])
    locked.execute("ROLLBACK")
    locked.close()
    url = sorry.action("Redirect")
    answers = [await told(url, IN | {"CallStatus": "in-progress"}) for _ in range(3)]
    assert len({one.body for one in answers}) == 1, "the same is heard again"
    assert "Dial" in answers[0].verbs
    await told(voice(stage, "/status"), IN | {"CallStatus": "completed", "SequenceNumber": "1"})
    log = await stage.log()
    assert len(kinds(log, "call_started")) == 1


async def test_news_in_any_order_and_often_changes_nothing_that_is_over(stage: Stage) -> None:
    await stage.begin()
    first = await told(voice(stage), IN)
    greet = f"/step/greet?CoachbridgeCall={CALL}&CoachbridgeThen=1.greet"
    child = {**IN, "CallSid": "CA" + "2" * 32, "CallStatus": "in-progress"}
    asked = await told(voice(stage, greet), child)
    assert asked.verbs == ["Gather"]
    over_now = IN | {"CallStatus": "completed", "SequenceNumber": "4"}
    late = [
        (voice(stage, "/status"), over_now),
        (voice(stage, "/status"), over_now | {"SequenceNumber": "2", "CallStatus": "busy"}),
        (voice(stage, "/status"), over_now | {"SequenceNumber": "1", "CallStatus": "ringing"}),
        (voice(stage, "/status"), over_now),
        (asked.action(), child | {"Digits": "1"}),
        (first.action("Dial"), IN | {"DialCallStatus": "completed"}),
        (voice(stage), IN),
    ]
    answers = [await told(url, fields) for url, fields in late]
    assert {one.status for one in answers} == {200}
    assert answers[4].verbs == ["Hangup"], "a key after the end connects nobody"
    log = await stage.log()
    assert end(log) == ("missed", 0)
    assert len(kinds(log, "call_started")) == 1


async def test_a_whole_call_may_be_over_before_our_request_is_answered(stage: Stage) -> None:
    await stage.begin()
    stage.anna.keys, stage.anna.talks = "1", 5
    stage.twilio.faults.plan(faults.slow(4), on="call")
    await stage.noor.send("bel Anna")
    await stage.anna.heard("Noor is calling you", 15)
    await over(stage.hers)
    log = await stage.log()
    assert end(log)[0] == "talked"
    assert len(stage.twilio.journal.calls_of("call")) == 1
    assert len(kinds(log, "call_started", "call_ended")) == 2
