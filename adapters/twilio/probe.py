"""What is looked at of a number beyond that the account works.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from adapters.probing import address, clock
from bridge.core.probing import doubtful, well, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from adapters.twilio.api import Api
    from adapters.twilio.settings import TwilioSettings
    from bridge.core.probing import Finding


class Number(msgspec.Struct, frozen=True):
    """A number of the account: what it can, and what Twilio calls for it.

    ``sms_app`` and ``voice_app`` tell that a TwiML App or a trunk stands above the addresses.
    """

    number: str
    can: frozenset[str]
    sms: str
    voice: str
    status: str
    sms_app: bool = False
    voice_app: bool = False


class Wanted(msgspec.Struct, frozen=True):
    """What a network wants of its numbers; addresses of ours, '' where nobody can tell."""

    can: str
    called: str
    status: str = ""


async def account(api: Api, settings: TwilioSettings, hook: str) -> list[Finding]:
    """Look at what all networks of an account share. Raises SendError."""
    found = [address(hook, settings.api_url)]
    if await api.kind() == "Trial":
        todo = "upgrade the account in the Console before clients rely on it"
        found.append(doubtful("account", "a trial, which reaches verified numbers only", todo))
    found.append(await clock(f"{settings.api_url}/", signed=False))
    return found


async def numbers(api: Api, ours: Iterable[str], wanted: Wanted) -> list[Finding]:
    """Look at each number of ours. Raises SendError."""
    return [
        finding for number in ours for finding in judged(number, await api.number(number), wanted)
    ]


def judged(number: str, there: Number | None, wanted: Wanted) -> Iterator[Finding]:
    """Judge one number; short codes are elsewhere and not looked at. Pure."""
    about = f"number {number}"
    if not number.startswith("+"):
        yield well(about, f"a short code; see that it calls {wanted.called} by POST")
        return
    if there is None:
        todo = "buy it (Console > Phone Numbers), or correct numbers in the settings"
        yield wrong(about, "this account does not own it", todo)
        return
    if wanted.can not in there.can:
        what = ", ".join(sorted(there.can)) or "nothing"
        todo = f"buy a number with the capability {wanted.can.upper()}, and put it into numbers"
        yield wrong(about, f"it can {what}, not {wanted.can}", todo)
        return
    yield from _called(about, there, wanted)


def _called(about: str, there: Number, wanted: Wanted) -> Iterator[Finding]:
    voice = wanted.can == "voice"
    where = f"Console > Phone Numbers > {there.number} > {'Voice' if voice else 'Messaging'}"
    if not wanted.called:
        yield well(about, "owned; the Messaging Service says what Twilio calls for it")
    elif there.voice_app if voice else there.sms_app:
        todo = f"{where}: choose Webhook, {wanted.called}, HTTP POST"
        yield wrong(about, "an application or trunk stands above its webhook", todo)
    elif (there.voice if voice else there.sms) != f"POST {wanted.called}":
        event = "A call comes in" if voice else "A message comes in"
        todo = f"{where}: set '{event}' to Webhook, {wanted.called}, HTTP POST"
        yield wrong(about, f"Twilio calls {(there.voice if voice else there.sms) or '-'}", todo)
    elif wanted.status and there.status != f"POST {wanted.status}":
        todo = f"{where}: set 'Call status changes' to {wanted.status}, HTTP POST"
        yield wrong(about, "Twilio does not tell us how its calls end", todo)
    else:
        yield well(about, f"owned, can {wanted.can}, and calls us")
