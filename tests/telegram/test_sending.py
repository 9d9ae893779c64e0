"""What a person on Telegram sees of each effect."""

import hashlib

import msgspec
import pytest

from adapters.emulators.telegram import Person, TelegramEmulator, faults
from adapters.telegram import TelegramAdapter
from bridge.core.adapter import Delivery, Sent
from bridge.core.content import (
    Attachment,
    Body,
    Choice,
    Choices,
    Code,
    Content,
    Link,
    Media,
    MediaKind,
    Style,
    Styled,
    Text,
    VoiceNote,
)
from bridge.core.effects import (
    Acknowledge,
    Address,
    DeleteMessage,
    EditMessage,
    Effect,
    OpenPlace,
    SetReaction,
)
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import EndpointMoved, OptedOut, Rejected, Throttled, Undeliverable
from tests.conformance.contents import sending, to
from tests.conformance.kit import MemoryFiles

DATA = bytes(range(256)) * 2000
FILES = MemoryFiles(file1=DATA)
ANNA = to("telegram")


async def _do(
    bot: TelegramAdapter, effect: Effect, reply_to: str = "", targets: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Render and send; return the external ids and the losses."""
    rendered = bot.render(Delivery(effect, reply_to, targets))
    sent = [await bot.send(request, "k", FILES) for request in rendered.requests]
    return tuple(one for each in sent for one in each.external_ids), rendered.losses


async def _say(bot: TelegramAdapter, content: Content, header: str = "") -> tuple[str, ...]:
    return (await _do(bot, sending(content, ANNA, header)))[0]


def _file(mime: str, name: str = "") -> Attachment:
    return Attachment(id="file1", mime=mime, name=name, size=len(DATA), seconds=3)


def _edit(content: Content, header: str = "") -> EditMessage:
    return EditMessage(seq=8, to=ANNA, target=7, content=content, header=header)


async def test_formatting_arrives_at_the_right_characters(
    bot: TelegramAdapter, anna: Person
) -> None:
    body: Body = (
        "🚲 ",
        Styled(Style.BOLD, ("dik ", Styled(Style.ITALIC, ("beide",)))),
        " ",
        Link("https://example.org", ("hier",)),
        Code("x()", block=True, language="python"),
    )
    (message,) = await _say(bot, Text(body), header="Noor")
    shown = anna.chat.messages[int(message)].content
    marked = {
        (
            entity["type"],
            shown["text"].encode("utf-16-le")[at : at + 2 * entity["length"]].decode("utf-16-le"),
        )
        for entity in shown["entities"]
        for at in [2 * entity["offset"]]
    }
    assert shown["text"] == "Noor: 🚲 dik beide hierx()"
    assert marked == {
        ("bold", "Noor:"),
        ("bold", "dik beide"),
        ("italic", "beide"),
        ("text_link", "hier"),
        ("pre", "x()"),
    }


async def test_what_a_person_writes_is_never_markup(bot: TelegramAdapter, anna: Person) -> None:
    words = "*dik* _schuin_ <b>vet</b> [x](https://y) & `z`"
    await _say(bot, Text((words,)), header="<i>Noor</i>")
    assert anna.screen()[-1].text == f"<i>Noor</i>: {words}"


async def test_an_answer_shows_what_it_answers_also_when_that_is_gone(
    bot: TelegramAdapter, anna: Person
) -> None:
    asked = await anna.send("hoe gaat het?")
    await _do(bot, sending(Text(("goed",)), ANNA), reply_to=str(asked.message_id))
    assert anna.screen()[-1].reply_to == asked.message_id
    await anna.delete(asked.message_id)
    await _do(bot, sending(Text(("echt",)), ANNA), reply_to=str(asked.message_id))
    assert anna.screen()[-1].text == "echt"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (Media(MediaKind.PHOTO, _file("image/jpeg"), ("kijk",)), "photo"),
        (Media(MediaKind.FILE, _file("application/pdf", "plan ë.pdf"), ("kijk",)), "document"),
        (Media(MediaKind.VIDEO, _file("video/mp4"), ("kijk",)), "video"),
        (Media(MediaKind.AUDIO, _file("audio/mpeg"), ("kijk",)), "audio"),
        (Media(MediaKind.ANIMATION, _file("video/mp4"), ("kijk",)), "animation"),
        (VoiceNote(_file("audio/ogg"), ("kijk",)), "voice"),
    ],
)
async def test_a_file_arrives_byte_for_byte_under_its_caption(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person, content: Content, kind: str
) -> None:
    await _say(bot, content, header="Noor")
    assert anna.screen()[-1].kind == kind
    assert anna.screen()[-1].text == "Noor: kijk"
    field = emu.journal.calls[-1].params[kind]
    assert field["sha256"] == hashlib.sha256(DATA).hexdigest()
    if kind == "document":
        assert field["file"] == "plan ë.pdf"


async def test_a_long_caption_follows_its_photo(bot: TelegramAdapter, anna: Person) -> None:
    caption = "woord " * 400
    content = Media(MediaKind.PHOTO, _file("image/jpeg"), (caption,))
    ids, losses = await _do(bot, sending(content, ANNA, "Noor"))
    photo, text = anna.screen()
    assert (photo.kind, photo.text, text.text) == ("photo", "Noor:", caption.strip())
    assert losses == ("caption_moved",)
    assert len(ids) == 2


async def test_a_sticker_has_its_author_above(bot: TelegramAdapter, anna: Person) -> None:
    await _say(bot, Media(MediaKind.STICKER, _file("image/webp"), emoji="💪"), header="Noor")
    assert [(line.kind, line.text) for line in anna.screen()] == [
        ("text", "Noor:"),
        ("sticker", ""),
    ]


async def test_an_edit_follows_a_text_that_grows_and_shrinks(
    bot: TelegramAdapter, anna: Person
) -> None:
    ids = await _say(bot, Text(("kort",)))
    more, _ = await _do(bot, _edit(Text(("lang " * 1500,))), targets=ids)
    assert len(anna.screen()) == 2
    ids += more
    await _do(bot, _edit(Text(("weer kort",))), targets=ids)
    assert [line.text for line in anna.screen()] == ["weer kort"]


async def test_an_edit_that_changes_nothing_and_a_second_deletion_are_done(
    bot: TelegramAdapter, anna: Person
) -> None:
    ids = await _say(bot, Text(("zo",)), header="Noor")
    for _ in range(2):
        await _do(bot, _edit(Text(("zo",)), header="Noor"), targets=ids)
    for _ in range(2):
        await _do(bot, DeleteMessage(seq=8, to=ANNA, target=7), targets=ids)
    assert anna.screen() == []


async def test_a_caption_can_be_edited_beyond_its_room_and_back(
    bot: TelegramAdapter, anna: Person
) -> None:
    photo = Media(MediaKind.PHOTO, _file("image/jpeg"), ("kort",))
    ids = await _say(bot, photo)
    longer = msgspec.structs.replace(photo, caption=("lang " * 300,))
    more, _ = await _do(bot, _edit(longer), targets=ids)
    assert [line.text for line in anna.screen()] == ["", ("lang " * 300).strip()]
    await _do(bot, _edit(photo), targets=ids + more)
    assert [line.text for line in anna.screen()] == ["kort"]


async def test_a_choice_comes_back_and_is_acknowledged(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person
) -> None:
    options = (Choice("yes", "Ja"), Choice("no", "Nee"))
    (message,) = await _say(bot, Choices(("Akkoord?",), options, "anna-2026/3"))
    assert anna.screen()[-1].buttons == [["Ja"], ["Nee"]]
    press = await anna.press(int(message), "Nee")
    update = msgspec.json.encode(emu.journal.handed[-1].raw)
    (choice,) = bot.parse(update)
    shown = msgspec.to_builtins(choice)
    assert (shown["ref"], shown["key"], shown["external_id"]) == ("anna-2026/3", "no", message)
    for _ in range(2):  # the second comes too late, which harms nobody
        await _do(bot, Acknowledge(seq=9, to=ANNA, ack=shown["ack"], text="Dank"))
    assert (await press.answered())["text"] == "Dank"


async def test_a_reaction_is_set_replaced_told_in_words_and_taken_back(
    bot: TelegramAdapter, anna: Person
) -> None:
    message = await anna.send("gelukt!")
    targets = (str(message.message_id),)

    async def react(*emoji: str) -> tuple[str, ...]:
        effect = SetReaction(seq=8, to=ANNA, target=7, emoji=emoji, header="Noor")
        return (await _do(bot, effect, targets=targets))[1]

    def shown() -> list[str]:
        return list(anna.screen()[0].reactions)

    assert await react("❤️") == ()
    assert shown() == ["❤"]
    assert await react("👍🏽", "🔥") == ("reaction_reduced",)
    assert shown() == ["👍"]
    assert await react("🫠") == ("reaction_as_text",)
    assert shown() == []
    assert (anna.screen()[-1].text, anna.screen()[-1].reply_to) == ("Noor: 🫠", message.message_id)
    assert await react("🔥") == ()
    assert await react() == ()
    assert shown() == []


async def test_a_topic_is_opened_and_written_in(
    emu: TelegramEmulator, bot: TelegramAdapter
) -> None:
    noor = emu.person(111, "Noor", started=True)
    group = emu.group(-1001234567890, members=[noor], forum=True)
    place = Place("telegram", "main", str(group.id))
    address = Address("noor", Endpoint("telegram", "main", "111"), 1, place)
    rendered = bot.render(Delivery(OpenPlace(seq=8, to=address, title="Anna")))
    sent = await bot.send(rendered.requests[0], "k", FILES)
    assert isinstance(sent, Sent)
    assert sent.opened is not None
    assert sent.opened.chat == str(group.id)
    within = msgspec.structs.replace(address, place=sent.opened)
    await _do(bot, sending(Text(("hier",)), within))
    await bot.typing(sent.opened)
    assert [line.text for line in group.screen(int(sent.opened.thread))][-1] == "hier"
    assert emu.journal.calls[-1].thread == int(sent.opened.thread)


async def test_no_topic_is_opened_where_somebody_else_reads_along(
    emu: TelegramEmulator, bot: TelegramAdapter
) -> None:
    people = [emu.person(number, f"P{number}", started=True) for number in (111, 333)]
    group = emu.group(-1001234567890, members=people, forum=True)
    place = Place("telegram", "main", str(group.id))
    address = Address("noor", Endpoint("telegram", "main", "111"), 1, place)
    with pytest.raises(Rejected) as refused:
        await _do(bot, OpenPlace(seq=8, to=address, title="Anna"))
    assert refused.value.code == "exposed"
    assert not emu.journal.calls_of("createForumTopic")


async def test_a_topic_needs_a_group_with_topics(
    emu: TelegramEmulator, bot: TelegramAdapter
) -> None:
    group = emu.group(-4567, members=[emu.person(111, "Noor", started=True)])
    place = Place("telegram", "main", str(group.id))
    address = Address("noor", Endpoint("telegram", "main", "111"), 1, place)
    with pytest.raises(Rejected):
        await _do(bot, OpenPlace(seq=8, to=address, title="Anna"))


async def test_a_person_who_blocks_us_has_opted_out(bot: TelegramAdapter, anna: Person) -> None:
    await anna.block()
    with pytest.raises(OptedOut):
        await _say(bot, Text(("hallo",)))
    await anna.unblock()
    await _say(bot, Text(("welkom terug",)))


async def test_a_stranger_cannot_be_written_to(emu: TelegramEmulator, bot: TelegramAdapter) -> None:
    emu.person(444, "Bram")
    with pytest.raises(Undeliverable):
        await _do(bot, sending(Text(("hallo",)), to("telegram", "444")))


async def test_a_group_that_moved_tells_where_to(
    emu: TelegramEmulator, bot: TelegramAdapter
) -> None:
    group = emu.group(-4567, members=[emu.person(111, "Noor", started=True)])
    moved = await group.migrate()
    with pytest.raises(EndpointMoved) as error:
        await _do(bot, sending(Text(("hallo",)), to("telegram", "-4567")))
    assert error.value.to == str(moved.id)


async def test_a_wait_is_told_in_seconds(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person
) -> None:
    emu.faults.plan(faults.too_many(7), method="sendMessage")
    with pytest.raises(Throttled) as error:
        await _say(bot, Text(("hallo",)))
    assert error.value.retry_after == 7
    assert anna.screen() == []


async def test_half_an_emoji_is_refused_by_us_and_not_shown(
    emu: TelegramEmulator, bot: TelegramAdapter
) -> None:
    with pytest.raises(Rejected) as error:
        await _say(bot, Text(("geheim \ud83d",)))
    assert "geheim" not in f"{error.value!r}"
    assert not emu.journal.calls_of("sendMessage")


# -- files that people send ----------------------------------------------------------------------


async def _fetched(bot: TelegramAdapter, ref: str) -> bytes:
    return b"".join([chunk async for chunk in bot.fetch(ref)])


async def test_a_file_is_fetched_whole(
    emu: TelegramEmulator, bot: TelegramAdapter, anna: Person
) -> None:
    await anna.send_document(DATA, name="a.bin")
    (message,) = bot.parse(msgspec.json.encode(emu.journal.handed[-1].raw))
    ref = msgspec.to_builtins(message)["content"]["file"]["ref"]
    assert await _fetched(bot, ref) == DATA


async def test_a_file_that_is_gone_or_too_big_is_refused_for_good(
    emu: TelegramEmulator, bot: TelegramAdapter
) -> None:
    with pytest.raises(Rejected) as gone:
        await _fetched(bot, "nowhere")
    assert gone.value.code == "file_gone"
    emu.faults.plan(faults.error(400, "Bad Request: file is too big"), method="getFile")
    with pytest.raises(Rejected) as big:
        await _fetched(bot, "any")
    assert big.value.code == "too_big"
