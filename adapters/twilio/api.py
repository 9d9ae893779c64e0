"""The calls of Twilio's API that we make, through the SDK. Raises SendError, nothing else.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from twilio.base.exceptions import TwilioException  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from adapters.twilio.http import HostClient
from adapters.twilio.payloads import MAX_MEDIA
from adapters.twilio.probe import Number
from bridge.core.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.twilio.settings import TwilioSettings

NEWEST = 50
"""How many messages are looked through for one that may have been made."""

PAGE = 200
RING_SECONDS = 25
MAX_PAGES = 50


class Made(msgspec.Struct, frozen=True):
    """A message as the API lists it; ``created`` in UTC."""

    sid: str
    sender: str
    to: str
    body: str
    created: datetime
    inbound: bool
    files: int


class Api:
    """One account through the SDK."""

    def __init__(self, settings: TwilioSettings) -> None:
        token = settings.auth_token.get_secret_value()
        self.http = HostClient(settings.api_url, settings.account_sid, token)
        client = Client(settings.account_sid, token, http_client=self.http, environment={"": ""})
        self._account: Any = client.api.v2010.accounts(settings.account_sid)

    async def create(self, params: Mapping[str, object], callback: str) -> str:
        """Make a message, once, and return its SID."""
        with _odd_answers():
            made = await self._account.messages.create_async(
                **params, status_callback=callback, smart_encoded=False
            )
        if not isinstance(made.sid, str) or not made.sid:
            raise Unreachable("no_result", "the answer does not hold what was asked for")
        return made.sid

    async def sent(self, params: Mapping[str, object]) -> list[Made]:
        """Return what went to the same number, newest first; not by sender under a service."""
        filters = {name: params[name] for name in ("to", "from_") if name in params}
        with _odd_answers():
            page = await self._account.messages.page_async(**filters, page_size=NEWEST)
            return [made for one in page if not (made := _made(one)).inbound]

    async def received(self, to: str, since: datetime) -> list[Made]:
        """Return what came in for a number ('' = for any) since then, oldest first."""
        filters: dict[str, object] = {"date_sent_after": since, "page_size": PAGE}
        if to:
            filters["to"] = to
        found: list[Made] = []
        with _odd_answers():
            page = await self._account.messages.page_async(**filters)
            for _ in range(MAX_PAGES):
                made = [_made(one) for one in page]
                found += [one for one in made if one.inbound and one.created >= since]
                if not made or made[-1].created < since:
                    break
                page = await page.next_page_async()
                if page is None:
                    break
        return found[::-1]

    async def files(self, sid: str) -> list[tuple[str, str]]:
        """Return path and MIME type of the files of a message."""
        with _odd_answers():
            page = await self._account.messages(sid).media.page_async(page_size=MAX_MEDIA)
            return [(str(one.uri).removesuffix(".json"), str(one.content_type)) for one in page]

    async def call(self, to: str, sender: str, url: str, callback: str) -> str:
        """Make a call, once, and return its SID."""
        with _odd_answers():
            made = await self._account.calls.create_async(
                to=to,
                from_=sender,
                url=url,
                status_callback=callback,
                status_callback_event=["completed"],
                timeout=RING_SECONDS,
            )
        if not isinstance(made.sid, str) or not made.sid:
            raise Unreachable("no_result", "the answer does not hold what was asked for")
        return made.sid

    async def calls_made(self, to: str, sender: str) -> list[tuple[str, datetime]]:
        """Return SID and beginning of the newest calls between two numbers."""
        with _odd_answers():
            page = await self._account.calls.page_async(to=to, from_=sender, page_size=NEWEST)
            return [(str(one.sid), _created(one)) for one in page]

    async def record(self, call: str, callback: str) -> None:
        """Record a call from now on, each side on a channel of its own."""
        with _odd_answers():
            await self._account.calls(call).recordings.create_async(
                recording_channels="dual",
                recording_status_callback=callback,
                recording_status_callback_event=["completed"],
            )

    async def pause(self, call: str, *, paused: bool) -> None:
        """Pause the recording of a call, or go on with it; nothing is heard of a pause."""
        state = "paused" if paused else "in-progress"
        with _odd_answers():
            current = self._account.calls(call).recordings("Twilio.CURRENT")
            await current.update_async(status=state, pause_behavior="skip")

    async def hang_up(self, call: str) -> None:
        """End a call."""
        with _odd_answers():
            await self._account.calls(call).update_async(status="completed")

    async def delete_recording(self, recording: str) -> None:
        """Delete a recording at the vendor; one that is gone already is as good."""
        with _odd_answers():
            await self._account.recordings(recording).delete_async()

    async def number(self, number: str) -> Number | None:
        """Return what a number of ours can and calls; None where the account has no such one."""
        with _odd_answers():
            page = await self._account.incoming_phone_numbers.page_async(
                phone_number=number, page_size=NEWEST
            )
            found = next((one for one in page if one.phone_number == number), None)
            return None if found is None else _number(found)

    async def kind(self) -> str:
        """Return the type of the account: Trial or Full."""
        with _odd_answers():
            account = await self._account.fetch_async()
        return str(account.type or "")

    async def status(self) -> str:
        """Return the state of the account: active, suspended or closed."""
        with _odd_answers():
            account = await self._account.fetch_async()
        return account.status if isinstance(account.status, str) else ""


@contextmanager
def _odd_answers() -> Iterator[None]:
    """The SDK takes answers apart without looking; what it trips over is no usable answer."""
    try:
        yield
    except (TwilioException, AttributeError, LookupError, TypeError, ValueError):
        msg = "the answer does not hold what was asked for"
        raise Unreachable("no_result", msg) from None


def _created(one: Any) -> datetime:
    created = one.date_created if isinstance(one.date_created, datetime) else datetime.now(UTC)
    return created.replace(tzinfo=created.tzinfo or UTC)


def _number(one: Any) -> Number:
    able = one.capabilities if isinstance(one.capabilities, dict) else {}
    return Number(
        number=str(one.phone_number),
        can=frozenset(str(name).lower() for name, can in able.items() if can is True),
        sms=_hook(one.sms_method, one.sms_url),
        voice=_hook(one.voice_method, one.voice_url),
        status=_hook(one.status_callback_method, one.status_callback),
        sms_app=bool(one.sms_application_sid),
        voice_app=bool(one.voice_application_sid or one.trunk_sid),
    )


def _hook(method: object, url: object) -> str:
    return f"{method or 'POST'} {url}" if url else ""


def _made(one: Any) -> Made:
    return Made(
        sid=str(one.sid),
        sender=str(one.from_ or ""),
        to=str(one.to or ""),
        body=str(one.body or ""),
        created=_created(one),
        inbound=one.direction == "inbound",
        files=int(one.num_media or 0),
    )
