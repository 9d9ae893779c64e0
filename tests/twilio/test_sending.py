"""What goes out, with which sender, and what becomes of an answer that never came."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from adapters.emulators.twilio import faults
from adapters.media import Loss
from adapters.twilio import TwilioAdapter
from adapters.twilio.http import HostClient
from bridge.core.adapter import Delivery, Found, Rendered, Unknown
from bridge.core.content import (
    Attachment,
    Choice,
    Choices,
    Content,
    Location,
    Media,
    MediaKind,
    Text,
    VoiceNote,
)
from bridge.core.effects import DeleteMessage, EditMessage, Purpose, SetReaction
from bridge.core.errors import (
    AccountBroken,
    Certainty,
    OptedOut,
    Rejected,
    SendError,
    Unreachable,
)
from tests.conformance.contents import sending, to
from tests.conformance.kit import MemoryFiles, MemorySink
from tests.conformance.test_live import _answering as answering
from tests.twilio.kit import (
    ANNA,
    NOWHERE,
    OURS,
    OURS_TOO,
    OURS_WHATSAPP,
    SERVICE,
    TOKEN,
    EmulatedTwilio,
    adapter,
)

FILES = MemoryFiles()
LINK = "https://bridge.example.org/files/1-abc"
PHOTO = Attachment(id="b1", mime="image/jpeg", name="foto.jpg", size=90_000)


def _rendered(one: TwilioAdapter, content: Content, thread: str = "", **words: Any) -> Rendered:
    address = to(one.network, ANNA, thread)
    return one.render(Delivery(sending(content, address), **words))


async def _send(one: TwilioAdapter, text: str, key: str = "t/1/anna/0", thread: str = "") -> str:
    [request] = _rendered(one, Text((text,)), thread).requests
    return (await one.send(request, key, FILES)).external_ids[0]


# -- senders -------------------------------------------------------------------------------------


async def test_the_number_that_was_written_to_answers(world: EmulatedTwilio) -> None:
    sms = adapter(world.url)
    await _send(sms, "van de eerste")
    await _send(sms, "van de tweede", thread=OURS_TOO)
    await sms.close()
    assert [line.number for line in world.person.screen()] == [OURS, OURS_TOO]


async def test_a_messaging_service_chooses_unless_a_number_was_written_to(
    world: EmulatedTwilio,
) -> None:
    sms = adapter(world.url, messaging_service_sid=SERVICE)
    await _send(sms, "door de dienst")
    await _send(sms, "door de tweede", thread=OURS_TOO)
    await sms.close()
    params = [call.params for call in world.emulator.journal.calls_of("create")]
    assert [("MessagingServiceSid" in one, one.get("From")) for one in params] == [
        (True, None),
        (False, OURS_TOO),
    ]


async def test_the_callback_carries_our_key_and_nothing_is_replaced_in_words(
    world: EmulatedTwilio,
) -> None:
    sms = adapter(world.url)
    await _send(sms, "“krul” – 🎉", key="anna-2026/41/anna/0")
    await sms.close()
    [call] = world.emulator.journal.calls
    assert call.params["StatusCallback"] == (
        f"{NOWHERE}/webhooks/twilio/main/status?CoachbridgePart=anna-2026/41/anna/0"
    )
    assert call.params["SmartEncoded"] == "false"
    assert call.params["Body"] == "“krul” – 🎉"


# -- ambiguity -----------------------------------------------------------------------------------


async def test_a_create_is_made_once_whatever_the_answer(world: EmulatedTwilio) -> None:
    sms = adapter(world.url)
    for fault in (faults.status(500), faults.status(503), faults.too_many(7), faults.reset()):
        world.emulator.faults.plan(fault)
        before = len(world.emulator.journal.calls)
        with pytest.raises(SendError):
            await _send(sms, "een keer")
        assert len(world.emulator.journal.calls) == before + 1
    await sms.close()
    assert world.shown() == []


async def test_the_same_words_sent_before_are_not_taken_for_the_lost_ones(
    world: EmulatedTwilio,
) -> None:
    sms = adapter(world.url)
    await _send(sms, "ok", "t/1/anna/0")
    world.emulator.faults.plan(faults.reset())
    [request] = _rendered(sms, Text(("ok",))).requests
    with pytest.raises(Unreachable):
        await sms.send(request, "t/2/anna/0", FILES)
    assert await sms.reconcile(request, "t/2/anna/0") == Unknown()
    await sms.close()


async def test_a_taken_message_is_found_among_others_also_under_a_service(
    world: EmulatedTwilio,
) -> None:
    for service in ("", SERVICE):
        sms = adapter(world.url, messaging_service_sid=service)
        world.emulator.faults.plan(faults.accept_then_drop())
        [request] = _rendered(sms, Text(("zoek mij",))).requests
        with pytest.raises(Unreachable):
            await sms.send(request, "t/3/anna/0", FILES)
        await _send(sms, "iets anders", "t/4/anna/0")
        taken = next(c for c in world.emulator.journal.calls_of("create") if c.fault)
        found = await sms.reconcile(request, "t/3/anna/0")
        assert isinstance(found, Found)
        assert found.sent.external_ids == (taken.sid,)
        world.emulator.journal.calls.clear()
        world.emulator.world.messages.clear()
        await sms.close()


async def test_what_another_process_began_is_unknown(world: EmulatedTwilio) -> None:
    first, second = adapter(world.url), adapter(world.url)
    await _send(first, "al gezegd")
    [request] = _rendered(second, Text(("al gezegd",))).requests
    assert await second.reconcile(request, "t/1/anna/0") == Unknown()
    await first.close()
    await second.close()


async def test_what_another_process_began_is_listed(world: EmulatedTwilio) -> None:
    for service in ("", SERVICE):
        first, second = (adapter(world.url, messaging_service_sid=service) for _ in "12")
        begun = datetime.now(UTC)
        [request] = _rendered(second, Text(("al gezegd",))).requests
        made = [(await first.send(request, f"t/{n}/anna/0", FILES)).external_ids for n in (1, 2)]
        await _send(first, "iets anders", "t/3/anna/0")
        ids = [id for (id,) in made]
        assert list(await second.alike(request, begun)) == ids
        assert list(await second.alike(request, begun + timedelta(minutes=3))) == []
        world.emulator.world.messages.clear()
        await first.close()
        await second.close()


# -- one host ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://api.twilio.com.evil.example/x",
        "http://api.twilio.com/x",
        "https://messaging.twilio.com/v1/x",
        "https://api.twilio.com@evil.example/x",
        "",
    ],
)
async def test_no_other_host_is_ever_asked(url: str) -> None:
    client = HostClient(NOWHERE, "AC", TOKEN)
    with pytest.raises(Rejected) as refused:
        await client.request("GET", url)
    assert refused.value.code == "foreign_host"


ODD: dict[str, Any] = {
    "a number for the SID": {"sid": 5},
    "nothing": {},
    "no list": {"messages": None, "media_list": 3, "next_page_uri": 7},
    "a list of numbers": {"messages": [1, 2], "media_list": [None]},
    "a message of odd things": {
        "messages": [{"sid": None, "date_created": 5, "num_media": "x", "body": [], "from": {}}]
    },
    "a next page elsewhere": {"messages": [{"sid": "SM1"}], "next_page_uri": "//evil.example/x"},
}


@pytest.mark.parametrize("name", ODD)
async def test_an_odd_answer_is_no_answer_and_nothing_else(name: str) -> None:
    async with answering(200, ODD[name]) as url:
        sms = adapter(url)
        [request] = _rendered(sms, Text(("hallo",))).requests
        with pytest.raises(Unreachable) as unclear:
            await sms.send(request, "t/1/anna/0", FILES)
        assert unclear.value.certainty is Certainty.UNKNOWN
        with suppress(Unreachable):
            assert await sms.reconcile(request, "t/1/anna/0") == Unknown()
        with suppress(Unreachable):
            await sms.check()
        sink = MemorySink(at="1000000000")
        listening = asyncio.create_task(sms.listen(sink))
        await asyncio.sleep(0.1)
        assert not listening.done()
        listening.cancel()
        await asyncio.wait([listening])
        await sms.close()


async def test_refused_credentials_break_the_account(world: EmulatedTwilio) -> None:
    world.emulator.world.accounts.clear()
    sms = adapter(world.url)
    with pytest.raises(AccountBroken):
        await sms.check()
    await sms.close()


async def test_a_suspended_account_is_broken(world: EmulatedTwilio) -> None:
    next(iter(world.emulator.world.accounts.values())).status = "suspended"
    sms = adapter(world.url)
    with pytest.raises(AccountBroken):
        await sms.check()
    await sms.close()


async def test_somebody_who_stopped_us_at_twilio_is_opted_out(world: EmulatedTwilio) -> None:
    await world.person.send("STOP")
    sms = adapter(world.url)
    with pytest.raises(OptedOut):
        await _send(sms, "hallo?")
    await sms.close()


# -- forms ---------------------------------------------------------------------------------------


def test_options_are_numbered_lines_and_the_request_to_choose() -> None:
    asked = Choices(("Wanneer?",), (Choice("a", "ma 9:00"), Choice("b", "di 10:00")), "t/3")
    rendered = _rendered(adapter(NOWHERE), asked, choose="Antwoord met een cijfer.")
    [request] = rendered.requests
    assert request.params["body"] == ("Wanneer?\n1. ma 9:00\n2. di 10:00\nAntwoord met een cijfer.")
    assert rendered.losses == (Loss.BUTTONS_AS_TEXT,)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_only_what_the_bridge_says_by_itself_is_written_plainer(purpose: Purpose) -> None:
    said = "“Suc6” – je cliënt…"
    effect = msgspec.structs.replace(sending(Text((said,)), to("sms", ANNA)), purpose=purpose)
    [request] = adapter(NOWHERE).render(Delivery(effect)).requests
    ours = purpose in (Purpose.NOTICE, Purpose.DESK)
    assert request.params["body"] == ('"Suc6" - je client...' if ours else said)


def test_a_reply_quotes_and_a_cut_quote_costs_no_other_alphabet() -> None:
    rendered = _rendered(adapter(NOWHERE), Text(("Ja!",)), quote="Noor: zullen we…")
    assert [request.params["body"] for request in rendered.requests] == [
        "> Noor: zullen we...\nJa!"
    ]


def test_corrections_are_told_in_the_words_of_the_delivery() -> None:
    sms = adapter(NOWHERE)
    address = to("sms", ANNA)
    for effect in (
        EditMessage(seq=8, to=address, target=7, content=Text(("x",))),
        DeleteMessage(seq=8, to=address, target=7),
        SetReaction(seq=8, to=address, target=7, emoji=("👍",)),
    ):
        rendered = sms.render(Delivery(effect, targets=("SM1",), told="Correctie: x"))
        assert [request.params["body"] for request in rendered.requests] == ["Correctie: x"]
        assert rendered.losses == (Loss.TOLD_IN_WORDS,)


def test_a_picture_is_a_link_by_sms_and_itself_by_mms_and_whatsapp() -> None:
    photo = Media(MediaKind.PHOTO, PHOTO, ("kijk",))
    link = f"Foto (0.1 MB): {LINK}"
    by_sms = _rendered(adapter(NOWHERE), photo, file_link=link)
    assert [one.params["body"] for one in by_sms.requests] == [f"kijk\n{link}"]
    assert by_sms.losses == (Loss.FILE_AS_LINK,)
    for one in (adapter(NOWHERE, mms=True), adapter(NOWHERE, "whatsapp")):
        itself = _rendered(one, photo, file_link=link)
        [request] = itself.requests
        assert (request.params["body"], request.params["media_url"]) == ("kijk", [LINK])
        assert itself.losses == ()


def test_whatsapp_shows_no_words_beside_a_sound_so_they_go_before_it() -> None:
    note = VoiceNote(msgspec.structs.replace(PHOTO, mime="audio/ogg"), ("luister",))
    rendered = _rendered(adapter(NOWHERE, "whatsapp"), note, file_link=LINK)
    words, sound = rendered.requests
    assert words.params["body"] == "luister"
    assert "body" not in sound.params
    assert sound.params["media_url"] == [LINK]


@pytest.mark.parametrize(("mime", "size"), [("font/woff2", 9), ("image/jpeg", 6_000_000)])
def test_a_file_whatsapp_does_not_take_is_a_link(mime: str, size: int) -> None:
    file = msgspec.structs.replace(PHOTO, mime=mime, size=size)
    rendered = _rendered(
        adapter(NOWHERE, "whatsapp"), Media(MediaKind.FILE, file), file_link=f"Bestand: {LINK}"
    )
    assert [one.params["body"] for one in rendered.requests] == [f"Bestand: {LINK}"]


async def test_a_place_is_a_point_on_whatsapp_and_a_map_by_sms(world: EmulatedTwilio) -> None:
    point = Location(52.36, 4.8852, "Museum | plein", "Straat 1")
    whatsapp = adapter(world.url, "whatsapp")
    [request] = _rendered(whatsapp, point).requests
    await whatsapp.send(request, "t/1/anna/0", FILES)
    await whatsapp.close()
    [line] = world.person.screen("whatsapp")
    assert line.number == OURS_WHATSAPP
    assert line.location == "52.360000,4.885200|Museum   plein, Straat 1"
    [by_sms] = _rendered(adapter(NOWHERE), point).requests
    assert "52.360000,4.885200\nhttps://www.openstreetmap.org/?mlat=52.360000" in str(
        by_sms.params["body"]
    )


# -- files that come in --------------------------------------------------------------------------


async def test_a_file_is_fetched_with_credentials_only_from_the_api(world: EmulatedTwilio) -> None:
    """The emulated storage refuses a request that carries credentials."""
    data = bytes(range(256)) * 2000
    sent = await world.person.send_file("foto.jpg", data)
    sms = adapter(world.url)
    [file] = sent.files
    path = f"/2010-04-01/Accounts/{sent.account}/Messages/{sent.sid}/Media/{file.sid}"
    assert b"".join([chunk async for chunk in sms.fetch(path)]) == data
    with pytest.raises(Rejected):
        assert [chunk async for chunk in sms.fetch(path[:-1] + "x")]
    with pytest.raises(Rejected):
        assert [chunk async for chunk in sms.fetch("https://evil.example/x")]
    await sms.close()


def test_an_invitation_is_a_message_to_us_with_the_code_in_it() -> None:
    code = "AbCdEfGhIjKlMnOpQrStUv"
    digits = OURS_WHATSAPP.removeprefix("+")
    assert adapter(NOWHERE).invite_link(code) == f"sms:{OURS}?body=start%20{code}"
    whatsapp = adapter(NOWHERE, "whatsapp").invite_link(code)
    assert whatsapp == f"https://wa.me/{digits}?text=start%20{code}"
    with pytest.raises(Unreachable):
        adapter(NOWHERE, numbers=(), messaging_service_sid=SERVICE).invite_link(code)
