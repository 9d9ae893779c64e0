"""Files to Slack, by its upload flow."""

import asyncio
import hashlib

import msgspec
import pytest

from adapters.emulators.slack import Person, SlackEmulator, faults
from adapters.slack import SlackAdapter
from bridge.core.content import (
    Attachment,
    Content,
    Media,
    MediaKind,
    VoiceNote,
)
from bridge.core.effects import (
    DeleteMessage,
    EditMessage,
)
from bridge.core.errors import (
    Certainty,
    Rejected,
    SendError,
)
from tests.conformance.contents import sending
from tests.slack.doing import DATA, TO_ANNA, a_file, do, say


@pytest.mark.parametrize("delay", [0.0, 0.15])
@pytest.mark.parametrize(
    "content",
    [
        Media(MediaKind.PHOTO, a_file("image/jpeg"), ("kijk",)),
        Media(MediaKind.FILE, a_file("application/pdf", "plan ë.pdf"), ("kijk",)),
        VoiceNote(a_file("audio/ogg"), ("kijk",)),
    ],
)
async def test_a_file_arrives_byte_for_byte_under_its_caption(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, content: Content, delay: float
) -> None:
    emu.service.share_delay = delay
    ts = await say(bot, content, "Noor")
    line = anna.screen()[-1]
    assert (line.message_id, line.kind, line.text) == (ts, "file", "Noor: kijk")
    file = anna.chat.messages[ts].content["files"][0]
    assert emu.service.world.files[file["id"]].digest == hashlib.sha256(DATA).hexdigest()
    if isinstance(content, Media) and content.media is MediaKind.FILE:
        assert file["name"] == "plan ë.pdf"


async def test_a_file_whose_message_comes_late_can_be_withdrawn(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.actions._LOOKS", (0.0,))
    emu.service.share_delay = 0.1
    photo = Media(MediaKind.PHOTO, a_file("image/jpeg"))
    ids, _ = await do(bot, sending(photo, TO_ANNA))
    assert ids[0].startswith("F")
    delete = DeleteMessage(seq=9, to=TO_ANNA, target=7)
    with pytest.raises(Rejected, match="message_gone"):
        await do(bot, delete, targets=ids)
    await asyncio.sleep(0.15)
    await do(bot, delete, targets=ids)
    assert anna.screen() == []


async def test_new_words_of_a_file_arrive_as_a_message(bot: SlackAdapter, anna: Person) -> None:
    photo = Media(MediaKind.PHOTO, a_file("image/jpeg"), ("fuot",))
    ids, _ = await do(bot, sending(photo, TO_ANNA))
    better = msgspec.structs.replace(photo, caption=("goed",))
    edit = EditMessage(seq=8, to=TO_ANNA, target=7, content=better)
    _, losses = await do(bot, edit, targets=ids, told="Noor corrected: goed")
    assert losses == ("edit_not_shown",)
    assert anna.screen()[-1].text == "Noor corrected: goed"


async def test_a_file_that_cannot_go_is_a_link(bot: SlackAdapter, anna: Person) -> None:
    big = Attachment(id="file1", mime="video/mp4", name="film.mp4", size=2**40)
    content = Media(MediaKind.VIDEO, big, ("kijk",))
    _, losses = await do(
        bot, sending(content, TO_ANNA), file_link="Film (1 TB): https://bridge.example/f/1"
    )
    assert losses == ("file_too_big",)
    assert anna.screen()[-1].text == "kijk\nFilm (1 TB): https://bridge.example/f/1"


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "upload"])
@pytest.mark.parametrize("fault", [faults.accept_then_drop(), faults.status(502)], ids=str)
async def test_trouble_before_a_file_is_shared_is_not_sent(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, method: str, fault: faults.Fault
) -> None:
    emu.faults.plan(fault, method=method)
    with pytest.raises(SendError) as error:
        await say(bot, Media(MediaKind.PHOTO, a_file("image/jpeg")))
    assert error.value.certainty is Certainty.NOT_SENT
    assert anna.screen() == []


async def test_a_file_comes_in_with_our_token_from_our_host_only(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person
) -> None:
    message = await anna.send_photo(DATA)
    ref = message.content["files"][0]["id"]
    assert b"".join([chunk async for chunk in bot.fetch(ref)]) == DATA
    file = emu.service.world.files[ref]
    # What a foreign address in an answer would do is tried on the wire itself.
    wire = await bot._connected()
    for url in (
        "https://evil.example/x",
        emu.api_url.replace("http:", "https:"),
        emu.api_url.replace("127.0.0.1", "127.0.0.1.evil.example"),
        "http://[",
    ):
        with pytest.raises(Rejected, match="not configured"):
            _ = [chunk async for chunk in wire.stream(url)]
    file.data = None
    with pytest.raises(Rejected, match="file_gone"):
        _ = [chunk async for chunk in bot.fetch(ref)]
