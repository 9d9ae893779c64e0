"""The HTTP side: basic auth, Messages, Media, Account, faults, and being down.

https://www.twilio.com/docs/usage/requests-to-twilio, /docs/messaging/api/message-resource and
/docs/messaging/api/media-resource
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from aiohttp import web

from adapters.emulators import wire
from adapters.emulators.listener import Listener
from adapters.emulators.twilio.errors import ApiError
from adapters.emulators.twilio.journal import Call

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from adapters.emulators.misuse import Json
    from adapters.emulators.twilio.emulator import TwilioEmulator
    from adapters.emulators.twilio.faults import Fault
    from adapters.emulators.twilio.world import Account, Message

BASE = "/2010-04-01/Accounts/{account}"


class Server(Listener):
    """The routes of the API at one address, which stays the same over being down."""

    def __init__(self, emulator: TwilioEmulator, port: int) -> None:
        super().__init__(port=port)
        self._emu = emulator

    def routes(self) -> list[web.RouteDef]:
        """The API, and where files are."""
        return [
            web.get(f"{BASE}.json", self._handler("account", self._account)),
            web.get(f"{BASE}/IncomingPhoneNumbers.json", self._handler("numbers", self._numbers)),
            web.post(f"{BASE}/Messages.json", self._handler("create", self._create)),
            web.get(f"{BASE}/Messages.json", self._handler("list", self._list)),
            web.get(f"{BASE}/Messages/{{sid}}.json", self._handler("fetch", self._fetch)),
            web.get(f"{BASE}/Messages/{{sid}}/Media.json", self._handler("fetch", self._media)),
            web.get(f"{BASE}/Messages/{{sid}}/Media/{{file}}", self._handler("media", self._file)),
            web.get("/cdn/{file}", self._cdn),
            web.post(f"{BASE}/Calls.json", self._handler("call", self._call)),
            web.get(f"{BASE}/Calls.json", self._handler("calls", self._calls)),
            web.post(f"{BASE}/Calls/{{sid}}.json", self._handler("call_change", self._change)),
            web.post(
                f"{BASE}/Calls/{{sid}}/Recordings.json", self._handler("record", self._record)
            ),
            web.post(
                f"{BASE}/Calls/{{sid}}/Recordings/{{recording}}.json",
                self._handler("record_change", self._pause),
            ),
            web.get(f"{BASE}/Recordings/{{name}}", self._handler("recording", self._sound)),
            web.delete(f"{BASE}/Recordings/{{sid}}.json", self._handler("delete", self._delete)),
        ]

    # -- each call --------------------------------------------------------------------------

    def _handler(
        self, what: str, work: Callable[[web.Request, Account, Call], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            params = await _params(request)
            call = Call(**self._emu.journal.stamp(), what=what, params=params)
            self._emu.journal.calls.append(call)
            fault = self._emu.faults.hit(what, str(params.get("To", "")))
            if fault is not None:
                call.fault = fault.kind
                if (early := _before(request, fault)) is not None:
                    return early
            try:
                response = await work(request, self._caller(request), call)
            except ApiError as error:
                call.code = error.code
                response = _refused(error)
            call.processed = True
            self._emu.touch()
            return await _after(request, fault, response, call)

        return handle

    def _caller(self, request: web.Request) -> Account:
        """The account whose credentials these are. Raises ApiError."""
        kind, _, coded = request.headers.get("Authorization", "").partition(" ")
        try:
            sid, _, token = base64.b64decode(coded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise ApiError(401, 20003) from None
        account = self._emu.world.accounts.get(sid)
        if kind != "Basic" or account is None or account.token != token:
            raise ApiError(401, 20003)
        if request.match_info["account"] != sid:
            raise ApiError(404, 20404)
        return account

    async def _account(self, _request: web.Request, account: Account, _call: Call) -> web.Response:
        return web.json_response(
            {
                "sid": account.sid,
                "status": account.status,
                "friendly_name": "Emulated",
                "type": account.kind,
            }
        )

    async def _numbers(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        """The numbers of the account that begin so; `PhoneNumber` may be a part of one."""
        asked = request.query.get("PhoneNumber", "")
        found = [account.number_json(number) for number in account.numbers if asked in number]
        page: Json = {
            "incoming_phone_numbers": found,
            "next_page_uri": None,
            "uri": request.path_qs,
        }
        return web.json_response(page)

    async def _create(self, request: web.Request, account: Account, call: Call) -> web.Response:
        form = parse_qs(await request.text(), keep_blank_values=True)
        message = await self._emu.accept(account, form)
        call.sid = message.sid
        return web.json_response(message.to_json() | {"status": "queued"}, status=201)

    async def _list(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        """Newest first, filtered by addresses and day or time of sending."""
        query = request.query
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        found = [
            m for m in self._emu.world.messages if m.account == account.sid and _fits(m, query)
        ]
        found.reverse()
        chosen = found[page * size : (page + 1) * size]
        more = None
        if len(found) > (page + 1) * size:
            more = f"{request.path}?{urlencode({**query, 'Page': page + 1, 'PageToken': 'PA0'})}"
        return web.json_response(
            {
                "messages": [message.to_json() for message in chosen],
                "page": page,
                "page_size": size,
                "next_page_uri": more,
                "uri": request.path_qs,
            }
        )

    # -- calls, https://www.twilio.com/docs/voice/api ---------------------------------------

    async def _call(self, request: web.Request, account: Account, call: Call) -> web.Response:
        leg = self._emu.switchboard.call_out(account, await _form(request))
        call.sid = leg.sid
        return web.json_response(leg.to_json(), status=201)

    async def _calls(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        query = request.query
        found = [
            leg.to_json()
            for leg in reversed(self._emu.switchboard.legs.values())
            if leg.account == account.sid
            and query.get("To", leg.to) == leg.to
            and query.get("From", leg.sender) == leg.sender
        ]
        size = int(query.get("PageSize", "50"))
        page: Json = {"calls": found[:size], "next_page_uri": None, "uri": request.path_qs}
        return web.json_response(page)

    async def _change(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        leg = self._emu.switchboard.leg(account, request.match_info["sid"])
        if (await _form(request)).get("Status") == "completed":
            leg.hang_up()
        return web.json_response(leg.to_json())

    async def _record(self, request: web.Request, account: Account, call: Call) -> web.Response:
        form = await _form(request)
        recording = self._emu.switchboard.record(
            account, request.match_info["sid"], form.get("RecordingStatusCallback", "")
        )
        call.sid = recording.sid
        return web.json_response(recording.to_json(), status=201)

    async def _pause(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        leg = self._emu.switchboard.leg(account, request.match_info["sid"])
        if leg.recording is None:
            raise ApiError(404, 20404)
        leg.recording.status = (await _form(request)).get("Status", "in-progress")
        return web.json_response(leg.recording.to_json())

    async def _sound(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        """The sound itself; always WAV, for there is no MP3 encoder here."""
        name = request.match_info["name"].partition(".")[0]
        recording = self._emu.switchboard.recording(account, name)
        return web.Response(body=recording.wav, content_type="audio/x-wav")

    async def _delete(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        recording = self._emu.switchboard.recording(account, request.match_info["sid"])
        recording.deleted = True
        recording.wav = b""
        return web.Response(status=204)

    async def _fetch(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        message = self._emu.world.message(account, request.match_info["sid"])
        return web.json_response(message.to_json())

    async def _media(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        message = self._emu.world.message(account, request.match_info["sid"])
        at = format_datetime(message.created)
        files: list[Json] = [
            {
                "sid": file.sid,
                "account_sid": account.sid,
                "parent_sid": message.sid,
                "content_type": file.mime,
                "date_created": at,
                "date_updated": at,
                "uri": f"{request.path.removesuffix('.json')}/{file.sid}.json",
            }
            for file in message.files
        ]
        return web.json_response({"media_list": files, "next_page_uri": None, "uri": request.path})

    async def _file(self, request: web.Request, account: Account, _call: Call) -> web.Response:
        """Where the bytes are: elsewhere, at an address that needs no credentials."""
        message = self._emu.world.message(account, request.match_info["sid"])
        name = request.match_info["file"]
        if all(file.sid != name for file in message.files):
            raise ApiError(404, 20404)
        return web.Response(status=307, headers={"Location": f"{self.api_url}/cdn/{name}"})

    async def _cdn(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return web.Response(status=400, text="credentials do not belong here")
        for message in self._emu.world.messages:
            for file in message.files:
                if file.sid == request.match_info["file"]:
                    return web.Response(body=file.data, content_type=file.mime)
        return web.Response(status=404)


def _fits(message: Message, query: Mapping[str, str]) -> bool:
    after = query.get("DateSent>", "")[:19]
    return (
        query.get("To", message.to) == message.to
        and query.get("From", message.sender) == message.sender
        and message.created.isoformat()[:19] >= after
    )


async def _form(request: web.Request) -> dict[str, str]:
    """The fields of a form, the first of several with one name."""
    form = parse_qs(await request.text(), keep_blank_values=True)
    return {name: values[0] for name, values in form.items()}


async def _params(request: web.Request) -> Json:
    if request.method != "POST":
        return dict(request.query)
    form = parse_qs(await request.text(), keep_blank_values=True)
    return {name: values[0] if len(values) == 1 else values for name, values in form.items()}


def _refused(error: ApiError) -> web.Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return web.json_response(error.body, status=error.status, headers=headers)


def _before(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """What a fault does before anything is processed."""
    if fault.kind == "reset":
        wire.reset(request)
        return web.Response()
    if fault.kind == "status":
        return wire.proxy_page(fault.code)
    if fault.kind == "error":
        return _refused(ApiError(fault.http_status, fault.code, fault.retry_after))
    return None


async def _after(
    request: web.Request, fault: Fault | None, response: web.Response, call: Call
) -> web.StreamResponse:
    """Write the answer, or do to it what the fault says."""
    closing = asyncio.Event()  # never: whoever waits is cut off at the end
    done, call.answered = await wire.deliver(request, fault, response, closing, b'{"sid":')
    return done
