"""S3 of the product's days in the life: a client on SMS only, 58, with an old phone.

Each sentence of the story is a step, in its order; the coach is on Telegram. The bridge is the real
program, its clock is the story's, Telegram and Twilio are emulated, and the log is audited at last.
The last sentence (keep, take or destroy, by reply) is walked three times over: Henk's own log is
destroyed at the end, after he had kept it and taken it along.
"""

from __future__ import annotations

import asyncio
import io
import re
import time
import zipfile
from typing import TYPE_CHECKING

import aiohttp
import pytest

from adapters.emulators.twilio import TwilioEmulator, faults
from adapters.phone import segments
from tests.twilio.kit import OURS, SID
from tests.twilio.kit import TOKEN as SECRET
from tests.walks.across.sides import links, opened
from tests.walks.bridge import Options, lines
from tests.walks.scene import NOOR, TOKEN
from tests.walks.story import StoryBridge, those

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from adapters.emulators.telegram import Message, Person, TelegramEmulator
    from adapters.emulators.twilio import Line, Phone, Telephone
    from tests.walks.bridge import Json
    from tests.walks.fixtures import StoreUrl

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

HENK, NEW, NOOR_AT = "+31612345678", "+31687654321", "+31611110001"
PRACTICE = f"""
[[person]]
id = "noor"
name = "Noor"
language = "nl"
time_zone = "Europe/Amsterdam"
endpoints = ["telegram:main:{NOOR}", "voice:main:{NOOR_AT}"]

[[person.availability]]
kind = "phone"
hours = ["mon-fri 09:00-12:30"]

[[person]]
id = "henk"
name = "Henk"
language = "nl"
time_zone = "Europe/Amsterdam"
endpoints = ["sms:main:{HENK}", "voice:main:{HENK}"]

[[trajectory]]
id = "henk-2027"
coaches = ["noor"]
clients = ["henk"]
consent = "ask"
keep_days = 730
"""
ACCOUNT = f"""
[twilio.main]
account_sid = "{SID}"
auth_token = "{SECRET}"
numbers = ["{OURS}"]
voice = true
rate_per_second = 0
chat_rate_per_second = 0
"""
CHOICES = ((1, "Bewaren"), (2, "Meenemen"), (3, "Vernietigen"))
PHOTO = b"\xff\xd8\xff\xe0" + b"bord na de training" * 200
SECONDS = 30.0


async def pressed(link: str) -> bytes:
    """Return what the button of a page of ours opens."""
    async with aiohttp.ClientSession() as session, session.post(link) as answer:
        assert answer.status == 200, link
        return await answer.read()


def said(log: list[Json]) -> list[str]:
    """Return the words of a log that can be read."""
    return [line["text"] for line in lines(log) if line["text"]]


class Story:
    """Both networks, the bridge between them, a coach, and a client with an old phone."""

    def __init__(
        self, telegram: TelegramEmulator, twilio: TwilioEmulator, bridge: StoryBridge
    ) -> None:
        self.telegram = telegram
        self.twilio = twilio
        self.bridge = bridge
        self.noor: Person = telegram.person(NOOR, "Noor", language_code="nl", started=True)
        self.noor_rings: Telephone = twilio.telephone(NOOR_AT)
        self.henk: Phone = twilio.person(HENK, "Henk")
        self.henk_rings: Telephone = twilio.telephone(HENK)

    def texts(self) -> list[str]:
        """What came to Henk's phone, oldest first."""
        return [line.text for line in self.henk.screen() if not line.mine]

    async def says(self, words: str) -> int:
        """Henk writes; return how many lines his phone shows now, to look at those after them."""
        await self.henk.send(words)
        return len(self.henk.screen())

    async def henk_sees(self, words: str, after: int = 0) -> Line:
        try:
            return await self.henk.wait_for(words, SECONDS, after=after)
        except TimeoutError:
            raise AssertionError(f"Henk sees {words!r} nowhere in {self.texts()[-6:]}") from None

    async def noor_sees(self, words: str, after: int = 0) -> Message:
        try:
            return await self.noor.wait_for(words, SECONDS, after=after)
        except TimeoutError:
            shown = [str(line) for line in self.noor.screen()][-6:]
            raise AssertionError(f"Noor sees {words!r} nowhere in {shown}") from None

    async def until(self, look: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not look():
            assert time.monotonic() < deadline, what
            await asyncio.sleep(0.1)

    async def log(self) -> list[Json]:
        """The log, when nothing waits any more."""
        await self.twilio.quiet()
        return (await self.bridge.settled("henk-2027"))["henk-2027"]

    async def logged(self, kind: str, count: int = 1) -> list[Json]:
        """Wait until the log has so many lines of a kind."""
        deadline = time.monotonic() + SECONDS
        while len(found := those(await self.bridge.log("henk-2027"), kind)) < count:
            assert time.monotonic() < deadline, f"{count} of {kind}, not {found}"
            await asyncio.sleep(0.3)
        return found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def story(
    request: pytest.FixtureRequest, emu: TelegramEmulator, store_url: StoreUrl, tmp_path: Path
) -> AsyncIterator[Story]:
    """The story before its first word."""
    async with TwilioEmulator() as twilio:
        account = twilio.account(SID, SECRET, (OURS,))
        options = Options(token=TOKEN, more=ACCOUNT + f'api_url = "{twilio.api_url}"\n')
        url = store_url(request.param, tmp_path)
        async with StoryBridge(tmp_path, url, emu.api_url, options, "2027-03-01 10:00") as bridge:
            account.webhook = f"{bridge.url}/webhooks/twilio/main/message"
            account.voice_webhook = f"{bridge.url}/webhooks/twilio/main/voice"
            account.voice_status = f"{bridge.url}/webhooks/twilio/main/voice/status"
            yield Story(emu, twilio, bridge)


async def test_a_client_with_an_old_phone(story: Story) -> None:
    await nothing_before_ja(story)
    await the_consent_text_in_two_segments_is_stored_with_its_version(story)
    await an_answer_of_900_characters_arrives_in_numbered_ordered_parts(story)
    await a_photo_from_the_coach_becomes_a_choice(story)
    await zeven_is_7_and_6_7_is_6_5_kept_verbatim(story)
    await afspraak_three_slots_2(story)
    await at_the_time_both_are_called(story)
    await pauze_2_weken(story)
    await he_changes_numbers_and_the_old_one_reads_nothing(story)
    await stop_is_final_until_start_and_the_coach_is_told(story)
    await at_the_end_keep_by_reply(story)
    await at_the_end_take_by_reply(story)
    await at_the_end_destroy_by_reply(story)
    await story.log()
    await story.bridge.audit()


async def nothing_before_ja(story: Story) -> None:
    await story.bridge.apply(PRACTICE)
    await story.bridge.start()
    await story.noor.send("Welkom Henk, fijn dat je er bent")
    await story.noor_sees("Henk")
    await story.bridge.settled()
    assert len(story.texts()) == 1
    assert "Ga je akkoord?" in story.texts()[0]


async def the_consent_text_in_two_segments_is_stored_with_its_version(story: Story) -> None:
    (asked,) = story.texts()
    assert segments(asked) == 2, asked
    await story.says("JA")
    await story.henk_sees("Welkom Henk")
    (given,) = await story.logged("consent_given")
    assert given["version"]
    assert given["text"] in asked


async def an_answer_of_900_characters_arrives_in_numbered_ordered_parts(story: Story) -> None:
    await story.says("Hoe pak ik dat gesprek aan?")
    await story.noor_sees("Hoe pak ik dat gesprek aan?")
    said = " ".join(f"stap{n:03}" for n in range(113))
    assert 895 <= len(said) <= 905
    before = len(story.texts())
    await story.noor.send(said)
    await story.henk_sees("stap112")
    await story.bridge.settled()
    parts = story.texts()[before:]
    assert len(parts) > 1
    numbers = range(1, len(parts) + 1)
    assert [part[:6] for part in parts] == [f"({n}/{len(parts)}) " for n in numbers]
    assert " ".join(part[6:].strip() for part in parts) == said


async def a_photo_from_the_coach_becomes_a_choice(story: Story) -> None:
    before = len(story.henk.screen())
    await story.noor.send_photo(PHOTO, caption="Ons bord van vandaag")
    shown = (await story.henk_sees("Ons bord van vandaag", before)).text
    assert "Foto (0.1 MB): http" in shown
    assert "1. Gezien" in shown
    assert "2. Vertel het me in woorden" in shown
    (link,) = links(shown)
    assert await opened(link) == PHOTO, "whose phone can open it sees it"
    await story.bridge.settled()
    after = await story.says("2")
    await story.henk_sees("Noor is gevraagd het je in woorden te vertellen", after)
    await story.noor_sees("Henk kan je bestand op die telefoon niet openen")


async def zeven_is_7_and_6_7_is_6_5_kept_verbatim(story: Story) -> None:
    await story.noor.send("schaal Henk: hoe zeker ben je van dat gesprek?")
    await story.henk_sees("Antwoord met een getal van 0 tot 10")
    after = await story.says("zeven")
    await story.henk_sees("Genoteerd: 7.", after)
    await story.noor_sees("Henk: 7")
    await story.bridge.at("2027-03-02 10:00")
    after = len(story.henk.screen())
    await story.noor.send("schaal Henk: hoe zeker ben je van dat gesprek?")
    await story.henk_sees("Antwoord met een getal", after)
    after = await story.says("6-7")
    await story.henk_sees("Genoteerd. Tot nu toe: 7 -> 6,5", after)
    drawn = await story.noor_sees("Henk: 7 → 6,5")
    assert drawn.kind == "photo", "where there are pictures it is drawn"
    stored = story.telegram.service.files.by_id(str(drawn.content["photo"][-1]["file_id"]))
    assert stored is not None
    assert stored.data.startswith(b"\x89PNG")
    answers = await story.logged("scale_answered", 2)
    assert [one["text"] for one in answers] == ["7", "6.5"]
    said = [line["text"] for line in lines(await story.bridge.log("henk-2027"))]
    assert {"zeven", "6-7"} <= set(said)


async def afspraak_three_slots_2(story: Story) -> None:
    after = await story.says("AFSPRAAK")
    offered = (await story.henk_sees("1. ", after)).text
    assert [f"{n}. " in offered for n in (1, 2, 3)] == [True] * 3
    assert "2. do 4 mrt 09:00" in offered, offered
    after = await story.says("2")
    await story.henk_sees("Afgesproken: do 4 mrt 09:00", after)
    await story.noor_sees("Nieuwe afspraak met Henk: do 4 mrt 09:00")


async def at_the_time_both_are_called(story: Story) -> None:
    await story.bridge.at("2027-03-03 09:00")
    await story.henk_sees("Een herinnering: do 4 mrt 09:00")
    await story.says("1")
    await story.noor_sees("Henk is er: do 4 mrt 09:00")
    await story.bridge.at("2027-03-04 08:50")
    await story.henk_sees("pak iets te drinken")
    await story.noor_sees("pak iets te drinken")
    story.noor_rings.keys, story.henk_rings.keys = "1", "1"
    story.henk_rings.talks = 30
    await story.bridge.at("2027-03-04 09:00")
    await story.henk_rings.heard("Noor", SECONDS)
    assert story.noor_rings.legs[0].direction == "outbound-api"
    await story.logged("call_ended")
    assert story.noor_rings.legs[0].sender == OURS
    assert story.henk_rings.legs[0].sender == OURS, "neither sees the other's number"
    (ended,) = await story.logged("call_ended")
    assert ended["details"]["outcome"] == "talked"
    await story.bridge.at("2027-03-04 09:50")
    await story.logged("session_closed")
    await story.noor_sees("Je sessie met Henk is voorbij")


async def pauze_2_weken(story: Story) -> None:
    await story.noor.send("aansporing Henk vr 10:00 eerste stap gezet?")
    await story.noor_sees("Henk krijgt op vr 5 mrt 10:00")
    after = await story.says("PAUZE 2 WEKEN")
    await story.henk_sees("Geen duwtjes tot", after)
    await story.bridge.at("2027-03-05 10:00")
    (withheld,) = await story.logged("nudge_withheld")
    assert withheld["reason"] == "paused"


async def he_changes_numbers_and_the_old_one_reads_nothing(story: Story) -> None:
    await story.bridge.settled()
    old, new = story.henk, story.twilio.person(NEW, "Henk")
    await story.says("NIEUW NUMMER +31 6 8765 4321")
    (code,) = re.findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}", (await story.henk_sees("***321")).text)
    asked = await new.wait_for("de code die op je oude telefoon staat", SECONDS)
    assert code not in asked.text
    await new.send(code)
    question = await story.henk_sees("Je code kwam van SMS ***321")
    assert "1. Ja" in question.text
    busy = story.twilio.faults.plan(faults.too_many(2), to=HENK, count=None)
    await story.noor.send("Dit staat nog klaar voor het oude nummer")
    await story.until(lambda: busy.hits > 0, "nothing was queued for the old number")
    before = len(old.screen())
    await story.says("1")
    await new.wait_for("voortaan bereiken we je hier", SECONDS)
    told = await story.noor_sees("Henk gaat nu verder vanaf een ander nummer of kanaal")
    assert "***321" in told.text
    assert NEW not in told.text
    tried = busy.hits
    await nothing_more_goes_to(story, old, before + 1)
    assert busy.hits == tried, "not even tried again"
    revoked = await story.logged("endpoint_revoked", 2)
    assert {one["reason"] for one in revoked} == {"replaced"}
    lost = those(await story.bridge.log("henk-2027"), "delivery_changed")
    assert "endpoint_revoked" in {one.get("reason") for one in lost}
    story.henk = new
    assert not any("staat nog klaar" in text for text in story.texts()), "nothing is re-pointed"


async def nothing_more_goes_to(story: Story, old: Phone, shown: int) -> None:
    """The old number may write what it likes, and the file may still name it."""
    story.twilio.faults.clear()
    await story.bridge.apply(PRACTICE)
    await story.noor.send("Ben je daar nog, Henk?")
    new = story.twilio.person(NEW, "Henk")
    await new.wait_for("Ben je daar nog, Henk?", SECONDS)
    asked = ("Wat staat er in het logboek?", "LEES", "AFSPRAAK", "HULP")
    for words in asked:
        await old.send(words)
    posted = [line["text"] for line in lines(await story.log())]
    assert not set(asked) & set(posted)
    assert [line.text for line in old.screen()[shown:] if not line.mine] == []


async def stop_is_final_until_start_and_the_coach_is_told(story: Story) -> None:
    await story.henk.send("STOP")
    await story.noor_sees("Henk heeft de berichten op SMS stopgezet")
    await story.bridge.settled()
    before = len(story.texts())
    await story.noor.send("Nog één ding")
    await story.noor_sees("Niet bezorgd bij Henk")
    await story.bridge.settled()
    assert len(story.texts()) == before
    await story.henk.send("START")
    await story.logged("opted_in")
    await story.bridge.settled()
    await story.noor.send("Welkom terug")
    await story.henk_sees("Welkom terug")


async def at_the_end_keep_by_reply(story: Story) -> None:
    await story.bridge.at("2027-03-05 21:30")
    after = len(story.henk.screen())
    await story.noor.send("afsluiten Henk")
    sure = await story.noor_sees("Het traject met Henk afsluiten?")
    await story.noor.press(sure.message_id, "Afsluiten")
    await story.noor_sees("Henk krijgt de vraag of wat er geschreven is bewaard")
    await story.bridge.settled()
    assert not story.henk.screen()[after:], "it is late, and a weekend"
    await story.bridge.at("2027-03-08 09:00")
    asked = (await story.henk_sees("Wat gebeurt er met wat er geschreven is?", after)).text
    assert segments(asked) <= 2, asked
    assert [f"{n}. {word}" in asked for n, word in CHOICES] == [True] * 3, asked
    after = await story.says("1")
    await story.henk_sees("Het wordt bewaard tot 4 mrt 2029", after)
    await story.noor_sees("Henk laat wat er in jullie traject geschreven is bewaren")
    assert "Welkom terug" in said(await story.log()), "nothing is gone"


async def at_the_end_take_by_reply(story: Story) -> None:
    told = len(story.noor.screen())
    after = await story.says("NEEM MEE")
    shown = (await story.henk_sees("Hier is wat er geschreven is", after)).text
    (link,) = re.findall(r"https?://\S+/take/\S+", shown)
    assert segments(shown) <= 2, shown
    await story.bridge.settled()
    seen = [str(line) for line in story.noor.screen()[told:]]
    assert not any("meegenomen" in line for line in seen), "not before it was opened"
    read = (await pressed(link)).decode()
    assert "stap000" in read
    assert "zeven" in read
    archive = zipfile.ZipFile(io.BytesIO(await pressed(f"{link}/zip")))
    assert "6-7" in archive.read("log.jsonl").decode()
    (picture,) = [name for name in archive.namelist() if name.startswith("files/")]
    assert archive.read(picture) == PHOTO
    await story.noor_sees("Henk heeft wat er in jullie traject geschreven is meegenomen", told)
    assert "Welkom terug" in said(await story.log())


async def at_the_end_destroy_by_reply(story: Story) -> None:
    after = await story.says("VERNIETIG")
    await story.henk_sees("schrijf dan: VERNIETIG ALLES", after)
    await story.bridge.settled()
    assert "Welkom terug" in said(await story.log()), "not by accident"
    after = await story.says("Vernietig alles")
    await story.henk_sees("Het is vernietigd. Niemand kan het nog lezen.", after)
    await story.noor_sees("Henk heeft wat er in jullie traject geschreven is laten vernietigen")
    log = await story.log()
    assert said(log) == [], "neither his words nor those of his coach"
    chosen = those(log, "parting_decided")
    assert [one["choice"] for one in chosen] == ["keep", "take", "destroy"]
    (gone,) = those(log, "words_destroyed")
    assert gone["details"]["owners"] == ["noor", "henk"]
