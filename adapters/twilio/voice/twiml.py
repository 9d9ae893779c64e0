"""What is said on the telephone, in Twilio's language, made with the SDK. Pure.

https://www.twilio.com/docs/voice/twiml
Names and texts are escaped by the SDK, which writes XML from a tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never
from urllib.parse import quote

from adapters.twilio.voice.calls import CALL, THEN
from bridge.core.speech import Answer, Ask, Connect, HangUp, Join, Say, Speech, TakeMessage

if TYPE_CHECKING:
    from collections.abc import Callable

LANGUAGES = {"en": "en-GB", "nl": "nl-NL"}
SORRY = (
    b'<?xml version="1.0" encoding="UTF-8"?><Response>'
    b'<Say language="en-GB">Sorry, something went wrong here. One moment please.</Say>'
    b'<Say language="nl-NL">Sorry, er ging hier iets mis. Een ogenblik alsjeblieft.</Say>'
    b'<Pause length="2"/>'
)
"""What is said when nothing could be committed; then the same is asked again."""

_LONGEST = 4000  # https://www.twilio.com/docs/voice/twiml/say#limits


def step(base: str, call: str, then: str) -> str:
    """Return the address that the answer to a question goes to."""
    kind = then.partition(".")[2] or "over"
    return f"{base}/voice/step/{kind}?{CALL}={quote(call, safe='')}&{THEN}={quote(then, safe='')}"


def written(answer: Answer, base: str, call: str) -> bytes:
    """Return an answer as TwiML; nothing to say ends the leg."""
    from twilio.twiml.voice_response import VoiceResponse  # type: ignore[import-untyped]

    response = VoiceResponse()
    for speech in answer or (HangUp(),):
        _write(response, speech, lambda then: step(base, call, then))
    return str(response).encode()


def sorry(again: str, *, last: bool) -> bytes:
    """Return the apology of a bridge that could not commit, and have the same asked ``again``."""
    if last:
        return SORRY + b"<Hangup/></Response>"
    return SORRY + f"<Redirect>{_escaped(again)}</Redirect></Response>".encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _write(response: Any, speech: Speech, address: Callable[[str], str]) -> None:
    match speech:
        case Say():
            _say(response, speech)
        case Ask():
            gather = response.gather(
                input="dtmf",
                num_digits=speech.digits,
                timeout=speech.seconds,
                action=address(speech.then),
                action_on_empty_result=True,
            )
            for said in speech.said:
                _say(gather, said)
        case Connect():
            dial = response.dial(
                action=address(speech.then),
                timeout=speech.seconds,
                answer_on_bridge=True,
                **({"caller_id": speech.shown} if speech.shown else {}),
            )
            dial.number(speech.number, url=address(speech.greet))
        case TakeMessage():
            response.record(
                action=address(speech.then),
                max_length=speech.seconds,
                finish_on_key="#",
                play_beep=True,
                trim="do-not-trim",
            )
        case Join():
            pass  # an empty answer lets the leg through to the one that waits
        case HangUp():
            response.hangup()
        case _:
            assert_never(speech)


def _say(parent: Any, said: Say) -> None:
    if said.text:
        parent.say(said.text[:_LONGEST], language=LANGUAGES.get(said.language, "en-GB"))
