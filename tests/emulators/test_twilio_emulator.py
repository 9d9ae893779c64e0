"""The emulated Twilio does what the real one documents; asked with the vendor's own SDK's rules."""

import base64
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from adapters.emulators.driving import guard
from adapters.emulators.twilio import EmulatorMisuseError, Phone, TwilioEmulator, faults
from adapters.emulators.twilio.control import Control

SID, TOKEN = "AC" + "1" * 32, "token"
OURS, WHATSAPP, ANNA = "+3197010200001", "+3197010200003", "+31612345678"
Post = dict[str, str]


class Program:
    """A program behind webhooks: keeps what it is told, answers as it is told to."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Post, bool]] = []
        self.answers: list[int] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        """Take a call and check its signature as the vendor says."""
        fields = {name: str(value) for name, value in (await request.post()).items()}
        signature = request.headers["X-Twilio-Signature"]
        genuine = RequestValidator(TOKEN).validate(str(request.url), fields, signature)
        self.told.append((request.path, fields, genuine))
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, text="<Response/>", content_type="text/xml")

    def states(self) -> list[str]:
        """The states that were told, in order."""
        return [fields["MessageStatus"] for path, fields, _ in self.told if path == "/status"]


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    """A program that listens."""
    made = Program()
    app = web.Application()
    app.router.add_post("/{what}", made.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def emu(program: Program) -> AsyncIterator[TwilioEmulator]:
    """One account that tells the program."""
    emulator = TwilioEmulator()
    emulator.add_routes(Control(emulator).routes(), guard)
    async with emulator:
        emulator.account(SID, TOKEN, [OURS], WHATSAPP, webhook=f"{program.url}/message")
        yield emulator


@pytest.fixture
def anna(emu: TwilioEmulator) -> Phone:
    """A person with a phone."""
    return emu.person(ANNA, "Anna")


async def create(emu: TwilioEmulator, token: str = TOKEN, **fields: str) -> tuple[int, Any]:
    login = base64.b64encode(f"{SID}:{token}".encode()).decode()
    given = {"To": ANNA, "From": OURS, "Body": "hallo", **fields}
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{emu.api_url}/2010-04-01/Accounts/{SID}/Messages.json",
            data={name: value for name, value in given.items() if value != "-"},
            headers={"Authorization": f"Basic {login}"},
        ) as answer,
    ):
        return answer.status, await answer.json()


REFUSED = {
    20003: {"token": "wrong"},
    21211: {"To": "987654"},
    21602: {"Body": ""},
    21603: {"From": "-"},
    21604: {"To": ""},
    21606: {"From": "+15005550006"},
    21614: {"To": "+31201234567"},
    21617: {"Body": "x" * 1601},
    21620: {"MediaUrl": "ftp://x"},
    21703: {"From": "-", "MessagingServiceSid": "MG1"},
    63007: {"To": f"whatsapp:{ANNA}", "From": OURS},
}


@pytest.mark.parametrize("code", REFUSED)
async def test_a_wrong_request_is_refused_with_its_code(
    emu: TwilioEmulator, anna: Phone, code: int
) -> None:
    emu.person("+31201234567", landline=True)
    status, body = await create(emu, **REFUSED[code])
    assert status >= 400
    assert body["code"] == code
    assert body["more_info"].endswith(f"/{code}")
    assert anna.screen() == []


async def test_a_message_appears_and_its_states_are_told_signed(
    emu: TwilioEmulator, anna: Phone, program: Program
) -> None:
    status, body = await create(emu, StatusCallback=f"{program.url}/status?key=a%2Fb")
    assert (status, body["status"], body["direction"]) == (201, "queued", "outbound-api")
    assert [line.text for line in anna.screen()] == ["hallo"]
    await emu.quiet()
    assert program.states() == ["sent", "delivered"]  # none for the initial one
    assert all(genuine for _, _, genuine in program.told)


async def test_states_can_come_reversed_and_before_the_answer(
    emu: TwilioEmulator, anna: Phone, program: Program
) -> None:
    emu.callbacks, emu.early, emu.silent = "reversed", True, set()
    await create(emu, StatusCallback=f"{program.url}/status")
    assert program.states() == ["delivered", "sent", "queued"]


@pytest.mark.parametrize(
    ("to", "states", "code"),
    [
        (f"whatsapp:{ANNA}", ["failed"], "63016"),
        ("whatsapp:+31600000000", ["failed"], "63024"),
        ("+31600000000", ["sent", "undelivered"], "30005"),
        (ANNA, ["sent", "undelivered"], "30003"),
    ],
)
async def test_what_cannot_arrive_ends_in_its_code(
    emu: TwilioEmulator, anna: Phone, program: Program, to: str, states: list[str], code: str
) -> None:
    anna.switch(on=False)
    sender = f"whatsapp:{WHATSAPP}" if ":" in to else OURS
    await create(emu, To=to, From=sender, StatusCallback=f"{program.url}/status")
    await emu.quiet()
    assert program.states() == states
    assert program.told[-1][1]["ErrorCode"] == code
    assert anna.screen() == []


async def test_stop_holds_for_the_pair_until_start(
    emu: TwilioEmulator, anna: Phone, program: Program
) -> None:
    await anna.send("stop smoking was hard")
    assert (await create(emu))[0] == 201
    await anna.send(" Stop")
    status, body = await create(emu)
    assert (status, body["code"]) == (400, 21610)
    await anna.send("hallo?")
    assert (await create(emu))[1]["code"] == 21610
    await anna.send("start")
    assert (await create(emu))[0] == 201
    assert len([line for line in anna.screen() if line.by_vendor]) == 2
    await emu.quiet()
    assert [f["Body"] for _, f, _ in program.told] == [
        "stop smoking was hard",
        " Stop",
        "hallo?",
        "start",
    ]


async def test_advanced_opt_out_names_the_word(
    emu: TwilioEmulator, anna: Phone, program: Program
) -> None:
    emu.world.accounts[SID].advanced_opt_out = True
    await anna.send("HELP")
    await anna.send("STOP")
    await emu.quiet()
    assert [fields.get("OptOutType") for _, fields, _ in program.told] == ["HELP", "STOP"]


async def test_a_refused_webhook_is_tried_once_more_and_never_again(
    emu: TwilioEmulator, anna: Phone, program: Program
) -> None:
    program.answers = [503, 503]
    await anna.send("een")
    await emu.quiet()
    await anna.send("twee")
    await emu.quiet()
    assert [fields["Body"] for _, fields, _ in program.told] == ["een", "een", "twee"]
    first, second = emu.journal.handed
    assert (first.statuses, first.taken, second.taken) == ([503, 503], False, True)


async def test_webhooks_can_be_lost_doubled_or_dropped(
    emu: TwilioEmulator, anna: Phone, program: Program
) -> None:
    for fault in (faults.lost(), faults.duplicate(3), faults.accept_then_drop()):
        emu.faults.plan(fault, on="message")
        await anna.send(fault.kind)
        await emu.quiet()
    bodies = [fields["Body"] for _, fields, _ in program.told]
    assert bodies == ["duplicate"] * 3 + ["accept_then_drop"] * 2


async def test_whatsapp_tells_what_sms_has_not(
    emu: TwilioEmulator, anna: Phone, program: Program
) -> None:
    await anna.send_location(52.36, 4.88, "Museum")
    await emu.quiet()
    asked = f"whatsapp:{ANNA}"
    callback = f"{program.url}/status"
    _, body = await create(emu, To=asked, From=f"whatsapp:{WHATSAPP}", StatusCallback=callback)
    await emu.quiet()
    await anna.reply(body["sid"], "die")
    await anna.press(body["sid"], "t/1|yes", "Ja")
    await anna.read()
    await emu.quiet()
    told = [fields for path, fields, _ in program.told if path == "/message"]
    assert (told[0]["Latitude"], told[0]["Label"]) == ("52.36", "Museum")
    assert told[1]["OriginalRepliedMessageSid"] == body["sid"]
    assert told[2]["ButtonPayload"] == "t/1|yes"
    assert program.states()[-1] == "read"


async def test_phones_cannot_do_what_they_cannot(emu: TwilioEmulator) -> None:
    phone = emu.person("+31687654321", whatsapp=False)
    with pytest.raises(EmulatorMisuseError):
        await phone.send("hoi", network="whatsapp")
    with pytest.raises(EmulatorMisuseError):
        await phone.reply("SM1", "hoi")


async def test_another_process_can_drive_it(emu: TwilioEmulator, program: Program) -> None:
    async with aiohttp.ClientSession(emu.api_url) as session:

        async def post(path: str, **body: Any) -> Any:
            async with session.post(f"/control/{path}", json=body) as answer:
                return answer.status, await answer.json()

        assert (await post("people", number=ANNA, name="Anna"))[0] == 200
        status, sent = await post(f"people/{ANNA}/send", text="van buiten")
        assert status == 200
        assert sent["sid"].startswith("SM")
        assert (await post(f"people/{ANNA}/fly"))[0] == 400
        assert (await post("faults", fault="too_many", retry_after=3, to=ANNA))[0] == 200
        assert (await create(emu))[0] == 429
        assert (await post("outcomes", to=ANNA, code=30006))[0] == 200
        assert (await post("callbacks", order="sideways"))[0] == 400
        async with session.get(f"/control/people/{ANNA}/screen") as answer:
            assert [line["text"] for line in (await answer.json())["lines"]] == ["van buiten"]
        async with session.get("/control/journal") as answer:
            journal = await answer.json()
        assert [said["text"] for said in journal["said"]] == ["van buiten"]
        assert [call["fault"] for call in journal["calls"]] == ["error"]
        async with session.post("/control/people", data=b"{}") as answer:
            assert answer.status == 415
