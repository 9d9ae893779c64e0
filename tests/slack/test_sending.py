"""What a person on Slack sees of each effect, and what becomes of the awkward ones."""

import msgspec
import pytest

from adapters.emulators.slack import BOT_USER, Person, SlackEmulator, faults
from adapters.slack import SlackAdapter
from bridge.core.adapter import Absent, Delivery, Found, Sent, Unknown
from bridge.core.content import (
    Choice,
    Choices,
    Code,
    Link,
    Location,
    Media,
    MediaKind,
    Style,
    Styled,
    Text,
)
from bridge.core.effects import (
    DeleteMessage,
    EditMessage,
    OpenPlace,
    SetReaction,
)
from bridge.core.errors import (
    AccountBroken,
    Certainty,
    Rejected,
    SendError,
    Throttled,
    Undeliverable,
    Unreachable,
)
from bridge.core.inbound import ChoiceIn
from tests.conformance.contents import sending, to
from tests.slack.doing import FILES, KEY, TO_ANNA, a_file, do, say, within
from tests.slack.kit import ANNA, BOT_TOKEN

# -- words ---------------------------------------------------------------------------------------


async def test_formatting_is_rich_text_and_words_are_never_markup(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person
) -> None:
    body = (
        "*geen* _opmaak_ <b> & ",
        Styled(Style.BOLD, ("dik ", Styled(Style.ITALIC, ("beide",)))),
        Link("https://example.org", ("hier",)),
        Code("x()", block=True),
        Styled(Style.QUOTE, ("wat jij zei",)),
        Styled(Style.UNDERLINE, ("streep",)),
    )
    ts = await say(bot, Text(body), "Noor")
    content = anna.chat.messages[ts].content
    (block,) = content["blocks"]
    section, code, quote, last = block["elements"]
    assert section["elements"] == [
        {"type": "text", "text": "Noor:", "style": {"bold": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "*geen* _opmaak_ <b> & "},
        {"type": "text", "text": "dik ", "style": {"bold": True}},
        {"type": "text", "text": "beide", "style": {"bold": True, "italic": True}},
        {"type": "link", "url": "https://example.org", "text": "hier"},
    ]
    assert (code["type"], quote["type"]) == ("rich_text_preformatted", "rich_text_quote")
    assert last["elements"] == [{"type": "text", "text": "streep"}]
    assert content["text"].startswith("Noor: *geen* _opmaak_ &lt;b&gt; &amp; dik")
    assert not emu.journal.calls_of("chat.postMessage")[0].params.get("mrkdwn")


async def test_a_bare_address_can_be_clicked(bot: SlackAdapter, anna: Person) -> None:
    words = "zie https://example.org/a?b=c&d, of (http://x.example)."
    ts = await say(bot, Text((words,)))
    assert anna.screen()[-1].text == words
    (section,) = anna.chat.messages[ts].content["blocks"][0]["elements"]
    links = [one["url"] for one in section["elements"] if one["type"] == "link"]
    assert links == ["https://example.org/a?b=c&d", "http://x.example"]


async def test_the_fallback_stays_short(emu: SlackEmulator, bot: SlackAdapter) -> None:
    emu.person(ANNA)
    await say(bot, Text(("&" * 3900,)))
    assert len(emu.journal.calls_of("chat.postMessage")[0].params["text"]) <= 4000


async def test_an_answer_quotes_or_goes_into_the_thread(bot: SlackAdapter, anna: Person) -> None:
    asked = await anna.send("hoe gaat het?")
    answer = msgspec.structs.replace(sending(Text(("goed",)), TO_ANNA), reply_to=3)
    await do(bot, answer, reply_to=asked.ts, quote="Anna: hoe gaat het?")
    assert anna.screen()[-1].text == "Anna: hoe gaat het?goed"
    assert anna.screen()[-1].thread is None
    _, losses = await do(bot, answer, reply_to=asked.ts)
    shown = anna.screen()[-1]
    assert (shown.text, shown.thread, losses) == ("goed", asked.ts, ())


async def test_an_edit_follows_a_text_that_grows_and_shrinks(
    bot: SlackAdapter, anna: Person
) -> None:
    ids, _ = await do(bot, sending(Text(("kort",)), TO_ANNA))
    edit = EditMessage(seq=8, to=TO_ANNA, target=7, content=Text(("lang " * 1500,)))
    more, _ = await do(bot, edit, targets=ids)
    assert len(anna.screen()) == 2
    ids += more
    edit = EditMessage(seq=8, to=TO_ANNA, target=7, content=Text(("weer kort",)))
    for _ in range(2):
        await do(bot, edit, targets=ids)
    assert [(line.text, line.edited) for line in anna.screen()] == [("weer kort", True)]
    for _ in range(2):
        await do(bot, DeleteMessage(seq=9, to=TO_ANNA, target=7), targets=ids)
    assert anna.screen() == []


async def test_a_place_is_words_and_a_map(bot: SlackAdapter, anna: Person) -> None:
    await say(bot, Location(52.1, 4.9, "Museum", "Straat 1"), "Noor")
    assert "Museum, Straat 1" in anna.screen()[-1].text
    assert "52.100000,4.900000" in anna.screen()[-1].text


# -- choices, reactions, places ------------------------------------------------------------------


async def test_a_choice_comes_back(emu: SlackEmulator, bot: SlackAdapter, anna: Person) -> None:
    options = (Choice("yes", "Ja"), Choice("no", "Nee"))
    ts = await say(bot, Choices(("Akkoord?",), options, "anna-2026/3"))
    assert anna.screen()[-1].buttons == ["Ja", "Nee"]
    await anna.press(ts, "Nee")
    (choice,) = bot.parse(msgspec.json.encode(emu.journal.handed[-1].raw))
    assert isinstance(choice, ChoiceIn)
    assert (choice.ref, choice.key, choice.external_id) == ("anna-2026/3", "no", ts)
    assert choice.place.chat == ANNA


async def test_too_many_options_become_a_list(bot: SlackAdapter, anna: Person) -> None:
    options = tuple(Choice(str(n), f"Optie {n}") for n in range(30))
    effect = sending(Choices(("Welke?",), options, "ask/1"), TO_ANNA)
    _, losses = await do(bot, effect, choose="Answer with a number.")
    assert losses == ("buttons_as_text",)
    assert anna.screen()[-1].text.endswith("30. Optie 29\nAnswer with a number.")


async def test_reactions_are_what_is_wanted_and_nothing_else(
    bot: SlackAdapter, anna: Person
) -> None:
    message = await anna.send("hoi")
    await anna.react(message.ts, "eyes")

    async def react(*emoji: str, told: str = "") -> tuple[str, ...]:
        effect = SetReaction(seq=8, to=TO_ANNA, target=7, emoji=emoji)
        return (await do(bot, effect, targets=(message.ts,), told=told))[1]

    for _ in range(2):
        assert await react("👍🏽", "🎉") == ()
    assert anna.screen()[0].reactions == {
        "eyes": ["Anna"],
        "+1::skin-tone-4": ["Bridge"],
        "tada": ["Bridge"],
    }
    assert await react("❤️") == ()
    assert anna.screen()[0].reactions == {"eyes": ["Anna"], "heart": ["Bridge"]}
    assert await react("🦥", told="Noor reacted: 🦥") == ("reaction_as_text",)
    assert anna.screen()[0].reactions == {"eyes": ["Anna"]}
    assert anna.screen()[-1].text == "Noor reacted: 🦥"


async def test_a_channel_is_made_once_and_found_again(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person
) -> None:
    (request,) = bot.render(Delivery(OpenPlace(seq=1, to=within(ANNA), title="Zoë & Bo"))).requests
    emu.faults.plan(faults.accept_then_drop(), method="conversations.create")
    with pytest.raises(Unreachable) as unclear:
        await bot.send(request, KEY, FILES)
    assert unclear.value.certainty is Certainty.UNKNOWN
    found = await bot.reconcile(request, KEY)
    assert isinstance(found, Found)
    assert found.sent.opened is not None
    channel = emu.service.world.channels[found.sent.opened.chat]
    assert channel.name.startswith("zoë-bo-")
    assert channel.members == [BOT_USER, ANNA]
    assert isinstance(await bot.reconcile(request, "another/key"), Absent)


async def test_a_thread_is_begun_only_where_nobody_else_reads(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person
) -> None:
    hers = emu.channel("hers", [anna])
    (request,) = bot.render(Delivery(OpenPlace(seq=1, to=within(hers.id), title="Bo"))).requests
    sent = await bot.send(request, KEY, FILES)
    assert sent.opened is not None
    assert sent.opened.thread in hers.messages
    assert await bot.reconcile(request, KEY) == Found(Sent(opened=sent.opened))
    open_to_all = emu.channel("open", [anna, emu.person("U0EVE")])
    effect = OpenPlace(seq=1, to=within(open_to_all.id), title="Bo")
    (request,) = bot.render(Delivery(effect)).requests
    with pytest.raises(Rejected, match="exposed"):
        await bot.send(request, KEY, FILES)
    assert not open_to_all.messages


# -- ambiguous sends and refusals ----------------------------------------------------------------


@pytest.mark.parametrize("thread", [False, True])
async def test_what_became_of_a_post_is_looked_up(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, thread: bool
) -> None:
    hers = emu.channel("hers", [anna])
    root = await anna.send("begin", chat=hers.id)
    where = within(hers.id, root.ts if thread else "")
    (request,) = bot.render(Delivery(sending(Text(("een",)), where))).requests
    assert await bot.reconcile(request, KEY) == Absent()
    emu.faults.plan(faults.accept_then_drop(), method="chat.postMessage")
    with pytest.raises(Unreachable):
        await bot.send(request, KEY, FILES)
    for n in range(250):  # more than one page of it
        emu.service.say(hers, anna.id, {"text": str(n)}, root.ts if thread else "")
    found = await bot.reconcile(request, KEY)
    assert isinstance(found, Found)
    assert hers.messages[found.sent.external_ids[0]].text == "een"


async def test_what_became_of_a_file(emu: SlackEmulator, bot: SlackAdapter, anna: Person) -> None:
    photo = Media(MediaKind.PHOTO, a_file("image/jpeg"), ("kijk",))
    (request,) = bot.render(Delivery(sending(photo, TO_ANNA))).requests
    assert await bot.reconcile(request, KEY) == Unknown()
    emu.faults.plan(faults.status(503), method="files.completeUploadExternal")
    with pytest.raises(Unreachable):
        await bot.send(request, KEY, FILES)
    assert await bot.reconcile(request, KEY) == Absent()
    emu.faults.plan(faults.accept_then_drop(), method="files.completeUploadExternal")
    with pytest.raises(Unreachable):
        await bot.send(request, KEY, FILES)
    (line,) = anna.screen()
    assert await bot.reconcile(request, KEY) == Found(Sent((line.message_id,)))
    bot._lookup._files.clear()  # as after a restart
    assert await bot.reconcile(request, KEY) == Found(Sent((line.message_id,)))


async def test_slack_says_how_long_to_wait(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person
) -> None:
    assert not anna.screen()
    emu.service.per_channel = (1, 60.0)
    await say(bot, Text(("een",)))
    with pytest.raises(Throttled) as throttled:
        await say(bot, Text(("twee",)))
    assert 50 < throttled.value.retry_after <= 60


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("token_revoked", AccountBroken),
        ("is_archived", Undeliverable),
        ("msg_too_long", Rejected),
        ("internal_error", Unreachable),
    ],
)
async def test_refusals_are_sorted(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person, code: str, kind: type[SendError]
) -> None:
    emu.faults.plan(faults.error(200, code), method="chat.postMessage")
    with pytest.raises(kind):
        await say(bot, Text(("een",)))
    assert not anna.screen()


async def test_opening_a_chat_that_fails_is_not_sent(
    emu: SlackEmulator, bot: SlackAdapter, anna: Person
) -> None:
    emu.faults.plan(faults.accept_then_drop(), method="conversations.open")
    with pytest.raises(Unreachable) as error:
        await say(bot, Text(("een",)))
    assert error.value.certainty is Certainty.NOT_SENT
    with pytest.raises(Undeliverable):
        await do(bot, sending(Text(("een",)), to("slack", "U0NOBODY")))
    assert anna.screen() == []


async def test_nothing_of_ours_is_logged(
    bot: SlackAdapter, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await say(bot, Text(("geheime woorden",)))
    assert anna.screen()[-1].text == "geheime woorden"
    assert "geheime woorden" not in caplog.text
    assert BOT_TOKEN not in caplog.text
