"""Twilio's calls about calls, damaged in every field: an inbound of right types, or parked.

Each field of each kind of call is left out, emptied, doubled and replaced by what no vendor sends;
whatever comes, there is a name to keep it under and something to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote_plus
from xml.etree import ElementTree

import msgspec
import pytest
from pydantic import SecretStr

from adapters.twilio import build
from adapters.twilio.signature import HEADER, sign
from adapters.twilio.voice import VoiceAdapter
from bridge.core.errors import Forged, ParseError
from bridge.core.inbound import CallIn, Inbound
from bridge.core.speech import Ask, Connect, HangUp, Say, TakeMessage
from tests.twilio.kit import NOWHERE, OURS, SID, TOKEN, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

CALL = "CA" + "0123456789abcdef" * 2
RECORDING = "RE" + "fedcba9876543210" * 2
FILE = f"{NOWHERE}/2010-04-01/Accounts/{SID}/Recordings/{RECORDING}"
IN = {
    "CallSid": CALL,
    "AccountSid": SID,
    "From": "+31622220001",
    "To": OURS,
    "Direction": "inbound",
    "CallStatus": "ringing",
    "ApiVersion": "2010-04-01",
}
OUT = IN | {"From": OURS, "To": "+31611110001", "Direction": "outbound-api"}
LIVE = IN | {"CallStatus": "in-progress"}
HEARD = f"{FILE}.mp3"
BASE = "/webhooks/twilio/main/voice"
NAME = "CoachbridgeCall=anna-2026%2F9"
KINDS: dict[str, tuple[str, dict[str, str]]] = {
    "ringing": (BASE, IN),
    "key": (f"{BASE}/step/key?{NAME}&CoachbridgeThen=3.key", LIVE | {"Digits": "1"}),
    "code": (f"{BASE}/step/code?{NAME}&CoachbridgeThen=0.code", LIVE | {"Digits": "1234567890123"}),
    "rung": (f"{BASE}/step/rung?{NAME}&CoachbridgeThen=1.rung", LIVE | {"DialCallStatus": "busy"}),
    "message": (
        f"{BASE}/step/message?{NAME}&CoachbridgeThen=4.message",
        LIVE
        | {
            "Digits": "hangup",
            "RecordingSid": RECORDING,
            "RecordingUrl": FILE,
            "RecordingDuration": "7",
        },
    ),
    "first": (
        f"{BASE}/step/first?{NAME}&CoachbridgeThen=0.first&CoachbridgePart=anna-2026%2F9%2Fnoor%2F0",
        OUT | {"CallStatus": "in-progress"},
    ),
    "over": (
        f"{BASE}/status?{NAME}&CoachbridgePart=anna-2026%2F9%2Fnoor%2F0",
        OUT | {"CallStatus": "no-answer", "SequenceNumber": "3", "CallDuration": "0"},
    ),
    "recorded": (
        f"{BASE}/recording?{NAME}",
        {
            "CallSid": CALL,
            "AccountSid": SID,
            "RecordingSid": RECORDING,
            "RecordingUrl": FILE,
            "RecordingStatus": "completed",
            "RecordingDuration": "60",
            "RecordingChannels": "2",
        },
    ),
}
LONG = "ä🚲 " * 3000
DAMAGE = (
    *("", " ", "0", "-1", "1.5", str(2**70), "true", "null", "[]", "\x00", "\n", "\u202e", LONG),
    *("<Response><Dial record='x'>112</Dial></Response>", "'; DROP TABLE calls; --", "1" * 5000),
    *(
        "+1",
        "anonymous",
        "+266696687",
        "112",
        "CA" + "0" * 31,
        "../../etc",
        "http://evil.example/x",
    ),
)
ANSWER = (
    Say("en", text="Hello"),
    Ask((Say("nl", text="Toets 1"),), then="1.key"),
    Connect("+31611110001", OURS, "1.greet", "1.rung"),
    TakeMessage("2.message"),
    HangUp(),
)
_ANY_INBOUND = msgspec.json.Decoder(tuple[Inbound, ...])


@pytest.fixture
def line() -> VoiceAdapter:
    """A line of an account nobody serves."""
    given = settings(NOWHERE, voice=True, record="ask", auth_token=SecretStr(TOKEN))
    (found,) = [one for one in build("main", given) if isinstance(one, VoiceAdapter)]
    return found


def form(fields: dict[str, str]) -> bytes:
    """Return fields as Twilio posts them."""
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items()).encode()


def damaged(fields: dict[str, str]) -> Iterator[bytes]:
    """Yield a form with each of its fields left out, doubled, and replaced in turn."""
    for name in fields:
        yield form({one: value for one, value in fields.items() if one != name})
        for value in DAMAGE:
            yield form(fields | {name: value})
            extra = form({name: value})
            yield form(fields) + b"&" + extra
            yield extra + b"&" + form(fields)
        for raw in (b"%FF%FE", b"%ZZ", b"%", b"\xe4\xf6", b"%ED%A0%80", b"+%00+"):
            yield form(fields).replace(
                f"{name}={quote_plus(fields[name])}".encode(), name.encode() + b"=" + raw
            )


def looked_at(line: VoiceAdapter, payload: bytes) -> str:
    """Parse a payload; return what it was, '' for one that is parked. It is never anything else."""
    for key in line.keys(payload):
        assert 0 < len(key) <= 100
        assert key.isascii()
        assert key.isprintable()
    try:
        happened = line.parse(payload)
    except ParseError as error:
        complaint = str(error)
    else:
        complaint = ""
    assert LONG[:50] not in complaint
    assert len(complaint) <= 120
    if complaint:
        return ""
    assert _ANY_INBOUND.decode(msgspec.json.encode(happened)) == tuple(happened)
    for one in happened:
        if isinstance(one, CallIn) and one.file is not None:
            assert one.file.ref.startswith(f"/2010-04-01/Accounts/{SID}/Recordings/RE")
        if isinstance(one, CallIn):
            assert len(one.keys) <= 32
            assert one.place.thread in ("", OURS)
    return "understood"


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_as_it_comes_is_understood(line: VoiceAdapter, kind: str) -> None:
    path, fields = KINDS[kind]
    payload = form(fields) + b"&" + path.partition("?")[2].encode()
    (happened,) = line.parse(payload)
    assert isinstance(happened, CallIn)
    assert happened.call == (CALL if kind == "ringing" else "anna-2026/9")
    said = {"ringing": "ringing", "over": "over", "recorded": "recorded"}
    assert happened.what == said.get(kind, "heard")
    assert (happened.file is not None) == (kind in ("message", "recorded"))


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_parked_and_never_let_through(line: VoiceAdapter, kind: str) -> None:
    path, fields = KINDS[kind]
    query = path.partition("?")[2].encode()
    came = [looked_at(line, body + b"&" + query) for body in damaged(fields)]
    assert len(came) > 300
    assert came.count("") > 5
    assert came.count("understood") > 5


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_in_the_query_may_be_anything_too(line: VoiceAdapter, kind: str) -> None:
    _, fields = KINDS[kind]
    for value in (*DAMAGE, "3.", ".key", "-1.key", "²..", "9" * 50, "0.nothing", "3.key.key"):
        for name in ("CoachbridgeCall", "CoachbridgeThen", "CoachbridgePart"):
            query = form({name: value})
            looked_at(line, form(fields) + b"&" + query)


@pytest.mark.parametrize("kind", KINDS)
def test_something_is_said_whatever_came_and_it_can_be_read(line: VoiceAdapter, kind: str) -> None:
    path, fields = KINDS[kind]
    bare = path.partition("?")[0]
    for body in [*damaged(fields)][::3]:
        url = f"{NOWHERE}{path}"
        try:
            signature = sign(TOKEN, url, body)
        except ValueError:
            continue
        (raw, *_) = line.verify({HEADER: signature}, url, body)
        answer = line.spoken(bare, raw, ANSWER)
        if kind in ("over", "recorded"):
            assert answer is None, "nobody waits there"
            assert line.sorry(bare, url) is None
            continue
        assert answer is not None
        tags = [verb.tag for verb in ElementTree.fromstring(answer.body)]  # noqa: S314
        assert tags == ["Say", "Gather", "Dial", "Record", "Hangup"]
        assert b"record=" not in answer.body


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_that_does_not_fit_is_refused(line: VoiceAdapter, kind: str) -> None:
    path, fields = KINDS[kind]
    url, body = f"{NOWHERE}{path}", form(fields)
    good = sign(TOKEN, url, body)
    assert line.verify({HEADER: good}, url, body)
    wrong: list[tuple[dict[str, str], str, bytes]] = [
        ({}, url, body),
        ({HEADER: ""}, url, body),
        ({HEADER: good[:-2] + "A="}, url, body),
        ({HEADER: sign("another-token", url, body)}, url, body),
        ({HEADER: good}, url, body + b"&Digits=2"),
        ({HEADER: good}, url.replace("main", "other"), body),
        ({HEADER: good}, f"{url}{'&' if '?' in url else '?'}CoachbridgeCall=bram-2026%2F9", body),
        ({HEADER: good}, url, body.replace(b"CA0123", b"CA9123")),
        ({HEADER: "ä" * 28}, url, body),
        ({HEADER: good}, url, b"\xff" + body),
    ]
    for headers, where, what in wrong:
        with pytest.raises(Forged):
            line.verify(headers, where, what)


def test_the_same_news_has_one_name_and_other_news_another(line: VoiceAdapter) -> None:
    def key(kind: str, query: str = "", **changed: str) -> str:
        path, fields = KINDS[kind]
        tail = (query or path.partition("?")[2]).encode()
        return line.keys(form(fields | changed) + b"&" + tail)[0]

    assert key("key") == key("key", Digits="2"), "the first answer to a question counts"
    assert key("key") != key("key", f"{NAME}&CoachbridgeThen=4.key")
    assert key("ringing") == key("ringing", CallStatus="in-progress"), "asked after an apology"
    assert key("over") != key("over", SequenceNumber="4")
    assert key("over") == key("over", CallDuration="9")
    assert key("recorded") == key("recorded", RecordingDuration="61")
    assert len({key(kind) for kind in KINDS}) == len(KINDS)


def test_an_apology_asks_the_same_again_and_not_for_ever(line: VoiceAdapter) -> None:
    path, fields = KINDS["key"]
    url = f"{NOWHERE}{path}"
    body = form(fields)
    (first, *_) = line.verify({HEADER: sign(TOKEN, url, body)}, url, body)
    for turn in range(4):
        said = line.sorry(path.partition("?")[0], url)
        assert said is not None
        tree = ElementTree.fromstring(said.body)  # noqa: S314
        assert [one.get("language") for one in tree.findall("Say")] == ["en-GB", "nl-NL"]
        again = tree.findtext("Redirect")
        if turn == 3:
            assert again is None
            assert tree.find("Hangup") is not None
            return
        assert again is not None
        url = again
        (raw, *_) = line.verify({HEADER: sign(TOKEN, url, body)}, url, body)
        assert raw.keys == first.keys, "what was meant for it is kept once"
