"""S1 of the product's days in the life: a solo coach on Matrix, 25 clients on five networks.

Each sentence of the story is a step, in its order. The bridge is the real program, its clock is the
story's; the homeserver is a real one, Telegram, Twilio and mail are emulated. The log of everybody
is audited at last.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from tests.matrix.synapse import shared
from tests.twilio.kit import OURS, OURS_WHATSAPP, SID
from tests.twilio.kit import TOKEN as TWILIO_TOKEN
from tests.walks.across.people import OnMatrix, OnWeb
from tests.walks.across.sides import Seen, until
from tests.walks.across.stage import MAIL_PASSWORD, OUR_MAIL, World
from tests.walks.bridge import Options, lines
from tests.walks.scene import TOKEN
from tests.walks.story import StoryBridge, those

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from adapters.emulators.twilio import Telephone
    from tests.walks.across.sides import Side
    from tests.walks.bridge import Json

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

NAMES = (
    *("anna", "bram", "carla", "dirk", "eva", "femke", "gijs", "hanna", "ivo", "julia"),
    *("kees", "lena", "mees", "nina", "otto", "petra", "quint", "rosa", "sem", "tess"),
    *("ugo", "vera", "wim", "xena", "yara"),
)
ON = ("telegram", "sms", "whatsapp", "email", "web")
"""The first five names are on Telegram, the next five on SMS, and so on."""

NOOR_AT, ANNA_AT = "+31611110001", "+31622220001"
SECONDS = 30.0
ERASED = "quint"
MINUTES = ("time_granted", "time_counted", "time_proposed", "time_declined", "time_warned")
VOICE = 'voice = true\nrecord = "ask"\n'
COACH = """
[promise]
hours = 8

[[person]]
id = "noor"
name = "Noor"
language = "nl"
time_zone = "Europe/Amsterdam"
endpoints = [{endpoints}]

[person.work]
mon = "09:00-17:00"
tue = "09:00-17:00"
wed = "09:00-17:00"
thu = "09:00-17:00"
fri = "09:00-17:00"
stop = "21:00"

[[person.availability]]
kind = "phone"
hours = ["mon-fri 09:00-12:30"]
"""


class Story:
    """Everybody, and the bridge between them."""

    def __init__(self, bridge: StoryBridge, world: World, folder: Path) -> None:
        self.bridge = bridge
        self.world = world
        self.folder = folder
        self.noor = OnMatrix(world.synapse.register("noor", "pw"), world.matrix.user_id)
        self.clients: dict[str, Side] = {
            name: world.side(ON[n // 5], bridge.url) for n, name in enumerate(NAMES)
        }
        self.noor_rings: Telephone = world.twilio.telephone(NOOR_AT)
        self.anna_rings: Telephone = world.twilio.telephone(ANNA_AT)

    @property
    def practice(self) -> str:
        """The practice file of the story."""
        text = COACH.format(endpoints=f'"{self.noor.endpoint}", "voice:main:{NOOR_AT}"')
        for name, side in self.clients.items():
            places = [side.endpoint] if side.endpoint else []
            places += [f"voice:main:{ANNA_AT}"] if name == "anna" else []
            written = ", ".join(f'"{place}"' for place in places)
            text += (
                f'\n[[person]]\nid = "{name}"\nname = "{name.capitalize()}"\nlanguage = "nl"\n'
                f'time_zone = "Europe/Amsterdam"\nendpoints = [{written}]\n'
            )
        for name in self.clients:
            text += (
                f'\n[[trajectory]]\nid = "{name}"\ncoaches = ["noor"]\nclients = ["{name}"]\n'
                'consent = "recorded"\n'
            )
            text += "minutes = 300\n" if name == "anna" else ""
        return text

    async def noor_sees(self, words: str, after: int = 0) -> Seen:
        """Wait until Noor's room shows words, in a message behind the first ``after``."""
        last: list[Seen] = []

        async def look() -> Seen | None:
            last[:] = (await self.noor.screen())[after:]
            return next((one for one in last if words in one.text), None)

        return await until(look, lambda: f"Noor sees {words!r} nowhere in {last[-8:]}")

    async def sees(self, name: str, words: str, after: int = 0) -> Seen:
        """Wait until a client's screen shows words, in a message behind the first ``after``."""
        last: list[Seen] = []

        async def look() -> Seen | None:
            last[:] = (await self.clients[name].screen())[after:]
            return next((one for one in last if words in one.text), None)

        return await until(look, lambda: f"{name} sees {words!r} nowhere in {last[-8:]}")

    async def count(self, name: str = "") -> int:
        """How many messages somebody's screen shows now; Noor's, without a name."""
        return len(await (self.clients[name] if name else self.noor).screen())

    async def logged(self, trajectory: str, kind: str, count: int = 1) -> list[Json]:
        """Wait until a log has so many lines of a kind."""
        deadline = time.monotonic() + SECONDS
        while len(found := those(await self.bridge.log(trajectory), kind)) < count:
            assert time.monotonic() < deadline, f"{count} of {kind} in {trajectory}, not {found}"
            await asyncio.sleep(0.3)
        return found


@pytest.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    """The story before its first word: a Friday afternoon."""
    world = World(shared())
    async with AsyncExitStack() as stack:
        for emulator in (world.telegram, world.twilio, world.mail):
            await stack.enter_async_context(emulator)
        world.telegram.bot(TOKEN, "coachbridge_bot")
        account = world.twilio.account(SID, TWILIO_TOKEN, (OURS,), OURS_WHATSAPP)
        world.mail.account(OUR_MAIL, MAIL_PASSWORD)
        accounts = re.sub(r"\[slack\.main\].*?(?=\[twilio)", "", world.settings(), flags=re.DOTALL)
        accounts = accounts.replace("[email.main]", f"{VOICE}[email.main]", 1)
        options = Options(token=TOKEN, more=accounts)
        bridge = StoryBridge(
            tmp_path / "laptop",
            f"sqlite:///{tmp_path / 'laptop' / 'coachbridge.db'}",
            world.telegram.api_url,
            options,
            "2027-02-26 14:00",
        )
        await stack.enter_async_context(bridge)
        account.webhook = f"{bridge.url}/webhooks/twilio/main/message"
        account.voice_webhook = f"{bridge.url}/webhooks/twilio/main/voice"
        account.voice_status = f"{bridge.url}/webhooks/twilio/main/voice/status"
        told = Story(bridge, world, tmp_path)
        yield told
        for side in told.clients.values():
            if isinstance(side, OnWeb):
                await side.close()


async def test_a_solo_coach_with_25_clients(story: Story) -> None:
    await everybody_is_there(story)
    await a_client_is_erased(story)
    await a_night_message_is_acknowledged_and_reaches_her_at_nine(story)
    await today_lists_sessions_promises_and_who_stalled(story)
    await her_answer_arrives_within_a_second_and_closes_the_promise(story)
    await suc6_fires_on_time_and_the_same_request_twice_is_refused(story)
    await two_clients_race_for_one_slot_and_one_gets_it(story)
    await before_the_session_both_get_a_moment(story)
    await the_call_is_bridged_one_declines_and_nothing_is_recorded(story)
    await prepaid_minutes_go_from_300_to_252(story)
    await telegram_is_down_for_40_minutes_and_the_process_restarts(story)
    await the_laptop_dies_and_she_goes_on_from_the_backup(story)


async def everybody_is_there(story: Story) -> None:
    await story.bridge.apply(story.practice)
    await story.bridge.start()
    for name, side in story.clients.items():
        if isinstance(side, OnWeb):
            out = (await story.bridge.run("invite", name, name, "--network", "web")).out
            link = next(word for word in out.split() if "/chat/join/" in word)
            await side.join(link.rpartition("/")[2])
    await story.noor.say("wie")
    told = (await story.noor_sees("Yara")).text
    assert all(name.capitalize() in told for name in NAMES)
    await story.noor.say("stap dirk: bel vandaag de bank")
    await story.sees("dirk", "Een stap: bel vandaag de bank")
    for name in ("anna", "femke", "kees", "petra", "ugo"):
        await story.clients[name].say(f"Dag Noor, hier {name}")
        await story.noor_sees(f"hier {name}")
        await story.noor.say(f"{name}: Dag {name}, fijn")
        await story.sees(name, f"Dag {name}, fijn")


async def a_client_is_erased(story: Story) -> None:
    """Quint, a week before the laptop dies; the backup of that morning has him still."""
    await story.clients[ERASED].say("Dag Noor, hier Quint, en dit is niet voor altijd")
    await story.noor_sees("hier Quint")
    await story.bridge.settled()
    await story.bridge.run("backup", str(story.folder / "last-week.backup"))
    assert "en dit is niet voor altijd" in str(await story.bridge.log(ERASED))
    told = (await story.bridge.run("erase", ERASED, "--yes")).out
    assert f"{ERASED} is erased in {ERASED}" in told
    await nothing_is_left_of_quint(story, story.bridge)
    await story.noor.say("anna: Fijn dat jij er bent")
    await story.sees("anna", "Fijn dat jij er bent")


async def nothing_is_left_of_quint(story: Story, bridge: StoryBridge) -> None:
    log = await bridge.log(ERASED)
    assert "niet voor altijd" not in str(log)
    assert "Quint" not in str(log)
    assert len(those(log, "party_erased")) == 1
    kept = b"".join(one.read_bytes() for one in bridge.folder.glob("coachbridge.db*"))
    address = story.clients[ERASED].endpoint.rpartition(":")[2]
    assert address
    for word in ("Quint", address, "niet voor altijd"):
        assert word.encode() not in kept, word
    await bridge.audit()


async def a_night_message_is_acknowledged_and_reaches_her_at_nine(story: Story) -> None:
    await story.bridge.at("2027-02-26 17:05")
    await story.sees("dirk", "Hoe ging het? bel vandaag de bank")
    await story.bridge.at("2027-03-02 02:10")
    seen, after = await story.count(), await story.count("anna")
    await story.clients["anna"].say("Ik lig wakker van morgen 😟")
    told = (await story.sees("anna", "werkt nu niet", after)).text
    assert "vandaag om 17:00" in told, told
    await story.bridge.settled()
    assert await story.count() == seen, "nothing rings at night"
    await story.bridge.at("2027-03-02 09:00")
    shown = (await story.noor_sees("Ik lig wakker van morgen", seen)).text
    assert "😟" in shown


async def today_lists_sessions_promises_and_who_stalled(story: Story) -> None:
    await story.noor.say("boek carla vandaag 16:00 telefoon 30")
    await story.noor_sees("Nieuwe afspraak met Carla")
    after = await story.count()
    await story.noor.say("vandaag")
    today = (await story.noor_sees("Vandaag:", after)).text.splitlines()
    assert today[1] == "• vandaag om 16:00: een telefoongesprek met Carla, 30 minuten"
    assert today[2] == "• Anna is antwoord toegezegd: vandaag om 17:00"
    assert today[-1].startswith("• Dirk heeft niet gezegd hoe een stap ging"), today


async def her_answer_arrives_within_a_second_and_closes_the_promise(story: Story) -> None:
    fastest = SECONDS
    for number in range(3):
        begun = time.monotonic()
        await story.noor.say(f"anna: Je hebt dit vaker gedaan 💪🏽 ({number})")
        shown = await story.sees("anna", f"Je hebt dit vaker gedaan 💪🏽 ({number})")
        fastest = min(fastest, time.monotonic() - begun)
        assert "💪🏽" in shown.text
    assert fastest < 1.0, f"{fastest:.2f} s"
    await story.logged("anna", "promise_kept")


async def suc6_fires_on_time_and_the_same_request_twice_is_refused(story: Story) -> None:
    await story.noor.say("suc6 Bram do 09:40 presentatie")
    await story.noor_sees("Bram krijgt op do 4 mrt 09:25")
    await story.noor.say("suc6 bram donderdag 9.40 presentatie")
    await story.noor_sees("Niet gepland: dezelfde woorden")
    await story.bridge.at("2027-03-04 09:24")
    await asyncio.sleep(1.5)
    before = [one.text for one in await story.clients["bram"].screen()]
    assert not any("presentatie" in text for text in before)
    await story.bridge.at("2027-03-04 09:25")
    await story.sees("bram", "Suc6 met presentatie, Bram!")
    assert len(await story.logged("bram", "nudge_given")) == 1


async def two_clients_race_for_one_slot_and_one_gets_it(story: Story) -> None:
    offered = []
    for name in ("femke", "kees"):
        after = await story.count(name)
        await story.clients[name].say("AFSPRAAK")
        offered.append((await story.sees(name, "2. ", after)).text)
    slots = [re.findall(r"2\. (\w+ \d+ \w+ [\d:]+)", text) for text in offered]
    assert slots[0] == slots[1]
    await story.bridge.settled()
    shown = {name: await story.count(name) for name in ("femke", "kees")}
    await asyncio.gather(*(story.clients[name].say("2") for name in shown))
    ends = [
        await _one_of(story, name, ("Afgesproken", "niet meer vrij"), shown[name]) for name in shown
    ]
    assert sorted(slots[0][0] in told.splitlines()[0] for told in ends) == [False, True], ends
    assert sum("Afgesproken" in told for told in ends) == 1
    logs = [await story.bridge.log(name) for name in shown]
    assert sum(len(those(log, "appointment_booked")) for log in logs) == 1


async def _one_of(story: Story, name: str, words: tuple[str, ...], after: int) -> str:
    last: list[Seen] = []

    async def look() -> Seen | None:
        last[:] = (await story.clients[name].screen())[after:]
        return next((one for one in last for word in words if word in one.text), None)

    return (await until(look, lambda: f"{name}: {last}")).text


async def before_the_session_both_get_a_moment(story: Story) -> None:
    await story.noor.say("boek anna morgen 10:00 telefoon 50")
    await story.sees("anna", "Afgesproken: vr 5 mrt 10:00")
    await story.bridge.at("2027-03-05 09:50")
    await story.sees("anna", "pak iets te drinken")
    await story.noor_sees("pak iets te drinken")


async def the_call_is_bridged_one_declines_and_nothing_is_recorded(story: Story) -> None:
    story.noor_rings.keys = "11"  # she takes the call, and agrees to a recording
    story.anna_rings.keys = "12"  # she does too, and does not
    assert await _balance(story) == "300 van de 300"
    await story.bridge.at("2027-03-05 10:00")
    await story.anna_rings.heard("Noor", SECONDS)
    assert len(await story.logged("anna", "recording_refused")) == 1
    story.bridge.leap("2027-03-05 10:48")
    story.anna_rings.hang_up()
    (ended,) = await story.logged("anna", "call_ended")
    assert ended["details"]["outcome"] == "talked"
    board = story.world.twilio.switchboard
    assert board.recordings == {}
    assert "record" not in "".join(one for leg in board.legs.values() for one in leg.twiml).lower()
    assert {leg.sender for leg in board.legs.values()} == {OURS}, "nobody sees a number"
    log = await story.bridge.log("anna")
    assert those(log, "recording_switched", "recording_stored") == []
    await story.bridge.at("2027-03-05 10:50")
    (closed,) = await story.logged("anna", "session_closed")
    assert (closed["modality"], closed["minutes"]) == ("phone", 50)


async def prepaid_minutes_go_from_300_to_252(story: Story) -> None:
    (counted,) = await story.logged("anna", "time_counted")
    assert (counted["minutes"], counted["details"]["what"]) == (48, "call")
    after = await story.count("anna")
    await story.clients["anna"].say("SALDO")
    told = (await story.sees("anna", "begeleidingstijd", after)).text
    assert told == "Van je begeleidingstijd zijn nog 252 van de 300 minuten over."
    assert await _balance(story) == "252 van de 300"
    after = await story.count("bram")
    await story.clients["bram"].say("saldo")
    await story.sees("bram", "geen begeleidingstijd in minuten", after)
    for name in NAMES[1:]:
        assert those(await story.bridge.log(name), *MINUTES) == []
    await story.bridge.audit()


async def _balance(story: Story) -> str:
    """Return what Noor is told of Anna's minutes."""
    after = await story.count()
    await story.noor.say("saldo anna")
    told = (await story.noor_sees("Begeleidingstijd:", after)).text
    (found,) = re.findall(r"Anna: nog (.*) minuten", told)
    return str(found)


async def telegram_is_down_for_40_minutes_and_the_process_restarts(story: Story) -> None:
    await story.bridge.settled()
    await story.world.telegram.down()
    story.bridge.set("2027-03-05 14:00")
    await story.clients["dirk"].say("Kan ik je nog bereiken?")
    await story.noor.say("eva: Tot maandag, Eva 🌷")
    await story.clients["femke"].say("Hier werkt alles")
    await story.noor_sees("Hier werkt alles")
    await story.logged("eva", "message_posted")
    story.bridge.set("2027-03-05 14:20")
    story.bridge.kill()
    story.bridge.launch()
    story.bridge.set("2027-03-05 14:40")
    await story.noor.say("dirk: Ben je er?")
    await story.world.telegram.up()
    await story.sees("eva", "Tot maandag, Eva 🌷")
    await story.sees("dirk", "Ben je er?")
    await story.noor_sees("Kan ik je nog bereiken?")
    await story.bridge.settled()
    for side, words in (
        (story.clients["eva"], "Tot maandag, Eva"),
        (story.clients["dirk"], "Ben je er?"),
        (story.noor, "Kan ik je nog bereiken?"),
        (story.noor, "Hier werkt alles"),
    ):
        shown = [one.text for one in await side.screen() if words in one.text]
        assert len(shown) == 1, shown


async def the_laptop_dies_and_she_goes_on_from_the_backup(story: Story) -> None:
    before = await story.bridge.settled(*NAMES)
    await story.bridge.audit()
    old = story.bridge
    await old.run("backup", str(story.folder / "today.backup"))
    keys = story.folder / "keys"
    keys.mkdir()
    for name in ("coachbridge.key", "coachbridge.erasures"):
        shutil.copy(old.folder / name, keys)
    old.kill()
    shutil.rmtree(old.folder)
    older = _laptop(story, keys, "older", old)
    told = (await older.run("restore", str(story.folder / "last-week.backup"))).out
    assert "1 erased before, and still" in told
    await nothing_is_left_of_quint(story, older)
    new = _laptop(story, keys, "newer", old)
    told = (await new.run("restore", str(story.folder / "today.backup"))).out
    assert told.splitlines()[-1].startswith("audit: ")
    await nothing_is_left_of_quint(story, new)
    async with new:
        await new.audit()
        await new.start()
        story.bridge = new
        for name in ("anna", "femke", "kees", "petra", "ugo"):
            assert (await new.log(name))[: len(before[name])] == before[name]
            shown = await story.count(name)
            await story.noor.say(f"{name}: nieuwe laptop, {name}")
            await story.sees(name, f"nieuwe laptop, {name}", shown)
            await story.clients[name].say(f"gelukkig maar, groet {name}")
            await story.noor_sees(f"gelukkig maar, groet {name}")
        logs = await new.settled(*NAMES)
        assert {len(lines(logs[name])) - len(lines(before[name])) for name in ("anna", "ugo")} == {
            2
        }
        await new.audit()


def _laptop(story: Story, keys: Path, name: str, old: StoryBridge) -> StoryBridge:
    """Another laptop, with the key and the ledger of erasures from where they are kept."""
    folder = story.folder / name
    shutil.copytree(keys, folder)
    new = StoryBridge(
        folder,
        f"sqlite:///{folder / 'coachbridge.db'}",
        story.world.telegram.api_url,
        old.options,
        "2027-03-05 15:00",
    )
    new.port = old.port
    new.write_settings(story.world.telegram.api_url)
    return new
