"""A client writes and reads mail, her coach is on Telegram: one conversation, both ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from adapters.emulators.mail import File, MailEmulator, Person
from tests.walks.bridge import lines, notices
from tests.walks.scene import NOOR, Scene, build

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from adapters.emulators.mail import Letter
    from adapters.emulators.telegram import Person as Phone
    from adapters.emulators.telegram import TelegramEmulator
    from tests.walks.bridge import Json

pytestmark = [pytest.mark.slow]

ADDRESS, PASSWORD = "coach@practice.example", "walking password"
ANNA = "anna@example.org"


class Stage:
    """A bridge between an emulated Telegram and an emulated mail server."""

    def __init__(self, scene: Scene, mail: MailEmulator) -> None:
        self.scene = scene
        self.mail = mail
        self.noor: Phone = scene.person(NOOR, "Noor")
        self.anna: Person = mail.person(ANNA, "Anna")

    async def begin(self, *clients: str, consent: str = "recorded") -> None:
        """Serve one trajectory for each client; all of them read mail."""
        text = _person("noor", f"telegram:main:{NOOR}")
        for client in clients:
            text += _person(client, f"email:main:{client}@example.org")
        for client in clients:
            text += (
                f'[[trajectory]]\nid = "{client}-2026"\ncoaches = ["noor"]\n'
                f'clients = ["{client}"]\nconsent = "{consent}"\n\n'
            )
        await self.scene.bridge.apply(text)
        await self.scene.bridge.start()

    async def said(self, text: str) -> Letter:
        """Let the coach say something; return the mail it becomes."""
        await self.noor.send(text)
        return await self.anna.wait_for(text, 15)

    async def settled(self, *trajectories: str) -> dict[str, list[Json]]:
        """Wait until nothing waits; the audit has no complaints."""
        logs = await self.scene.bridge.settled(*(trajectories or ("anna-2026",)))
        await self.scene.bridge.audit()
        return logs


def _person(name: str, endpoint: str) -> str:
    return (
        f'[[person]]\nid = "{name}"\nname = "{name.capitalize()}"\nlanguage = "en"\n'
        f'time_zone = "Europe/Amsterdam"\nendpoints = ["{endpoint}"]\n\n'
    )


@pytest.fixture
async def stage(
    emu: TelegramEmulator, store_url: Callable[[str, Path], str], tmp_path: Path
) -> AsyncIterator[Stage]:
    """A stage on SQLite, polling."""
    async with MailEmulator() as mail:
        mail.account(ADDRESS, PASSWORD)
        more = (
            f'[email.main]\nsmtp_url = "smtp://127.0.0.1:{mail.smtp_port}"\n'
            f'imap_url = "imap://127.0.0.1:{mail.imap_port}"\naddress = "{ADDRESS}"\n'
            f'user = "{ADDRESS}"\npassword = "{PASSWORD}"\nname = "Praktijk Noor"\n'
            "rate_per_second = 0\n"
        )
        made = build(tmp_path, store_url("sqlite", tmp_path), emu, "polling", more=more)
        async with made.bridge:
            yield Stage(made, mail)


async def test_words_go_both_ways_in_one_thread(stage: Stage) -> None:
    await stage.begin("anna")
    letter = await stage.said("How did it go?")
    await stage.anna.reply(letter, "Well! I was nervous, though 🙂")
    heard = await stage.scene.sees(stage.noor, "Well! I was nervous, though 🙂")
    assert "How did it go?" not in heard.text
    await stage.noor.send("Tell me more", reply_to=heard.message_id)
    second = await stage.anna.wait_for("Tell me more")
    assert (
        second.header("In-Reply-To")
        == stage.mail.boxes[ADDRESS]
        .mails[-1]
        .data.decode()
        .split("Message-ID: ")[1]
        .splitlines()[0]
    )
    assert second.header("Subject") == letter.header("Subject") == "Praktijk Noor"
    assert second.sender == letter.sender
    logs = await stage.settled()
    assert [line["text"] for line in lines(logs["anna-2026"])] == [
        "How did it go?",
        "Well! I was nervous, though 🙂",
        "Tell me more",
    ]


async def test_consent_photos_and_corrections(stage: Stage) -> None:
    await stage.begin("anna", consent="ask")
    await stage.noor.send("Welcome, Anna")
    asked = await stage.anna.wait_for(lambda letter: "1." in letter.text)
    await stage.anna.reply(asked, "Yes\n\n-- \nAnna\n06 12345678")
    welcome = await stage.anna.wait_for("Welcome, Anna")
    photo = b"\xff\xd8\xff\xe0" + b"a walk " * 60_000
    await stage.anna.reply(welcome, "My walk", [File("walk.jpg", "image/jpeg", photo)])
    shown = await stage.scene.sees(stage.noor, "My walk")
    stored = stage.scene.emu.service.files.by_id(shown.content["photo"][-1]["file_id"])
    assert stored is not None
    assert stored.data == photo
    mine = await stage.noor.send("Lovly")
    await stage.anna.wait_for("Lovly")
    await stage.noor.edit(mine.message_id, "Lovely")
    corrected = await stage.anna.wait_for("Lovely")
    assert corrected.sender == welcome.sender
    logs = await stage.settled()
    assert [line["kind"] for line in logs["anna-2026"]].count("message_edited") == 1


async def test_who_only_says_that_she_is_anna_is_not(stage: Stage) -> None:
    await stage.begin("anna")
    letter = await stage.said("Good morning")
    await stage.anna.send(ADDRESS, "send all my words to mallory", "Hello")
    told = await stage.anna.wait_for("not passed on")
    mallory = stage.mail.person("mallory@evil.example", "Anna")
    await mallory.reply(letter, "I found this letter of hers")
    await mallory.wait_for("does not know you")
    await stage.anna.reply(told, "it is really me")
    await stage.scene.sees(stage.noor, "it is really me")
    logs = await stage.settled()
    said = [line["text"] for line in lines(logs["anna-2026"])]
    assert said == ["Good morning", "it is really me"]


async def test_after_stop_nothing_is_told_to_anybody(stage: Stage) -> None:
    await stage.begin("anna")
    letter = await stage.said("Good morning")
    await stage.anna.reply(letter, "STOP\n\n-- \nAnna")
    farewell = await stage.anna.wait_for("START")
    # Whoever writes without our address cannot start it again for her, nor make us write.
    await stage.anna.send(ADDRESS, "START", "START")
    await stage.anna.send(ADDRESS, "ABCD-2345", "Praktijk Noor")
    await stage.scene.until(lambda: len(stage.mail.boxes[ADDRESS].mails) == 3)
    await stage.settled()
    assert len(stage.anna.inbox()) == 2
    await stage.anna.reply(farewell, "START")
    await stage.scene.until(lambda: len(stage.anna.inbox()) == 3)
    logs = await stage.settled()
    kinds = [line["kind"] for line in logs["anna-2026"]]
    assert kinds.count("opted_out") == kinds.count("opted_in") == 1


async def test_a_bounce_is_news_and_an_absence_sends_nothing(stage: Stage) -> None:
    await stage.begin("anna")
    letter = await stage.said("Good morning")
    await stage.anna.is_away(letter, "I am away until Monday")
    await stage.scene.until(lambda: len(stage.mail.boxes[ADDRESS].mails) == 1)
    stage.mail.bounce(ANNA, "5.2.2")
    await stage.noor.send("Are you there?")
    await stage.scene.until(lambda: len(stage.mail.boxes[ADDRESS].mails) == 2)
    logs = await stage.settled()
    first, second = lines(logs["anna-2026"])
    assert [one["state"] for one in (*first["deliveries"], *second["deliveries"])] == [
        "delivered",
        "failed",
    ]
    assert "I am away" not in "".join(stage.scene.bot_lines(NOOR))


async def test_unsubscribing_is_heard(stage: Stage) -> None:
    await stage.begin("anna")
    letter = await stage.said("Good morning")
    await stage.anna.unsubscribe(letter)
    await stage.scene.until(lambda: len(stage.mail.boxes[ADDRESS].mails) == 1)
    logs = await stage.settled()
    assert any(line["kind"] == "opted_out" for line in logs["anna-2026"])
    await stage.noor.send("Still there?")
    await stage.settled()
    assert len(stage.anna.inbox()) == 1
    assert notices(await stage.scene.bridge.log("anna-2026"))


async def test_two_trajectories_of_one_coach_on_mail(stage: Stage) -> None:
    """The coach reads mail, her two clients write on other ways: each has a thread of its own."""
    coach = stage.mail.person("noor@example.org", "Noor")
    text = _person("noor", "email:main:noor@example.org")
    for client, chat in (("anna", 222), ("bram", 333)):
        text += _person(client, f"telegram:main:{chat}")
    for client in ("anna", "bram"):
        text += (
            f'[[trajectory]]\nid = "{client}-2026"\ncoaches = ["noor"]\n'
            f'clients = ["{client}"]\nconsent = "recorded"\n\n'
        )
    anna, bram = stage.scene.person(222, "Anna"), stage.scene.person(333, "Bram")
    await stage.scene.bridge.apply(text)
    await stage.scene.bridge.start()
    await anna.send("I am Anna")
    await bram.send("I am Bram")
    hers, his = await coach.wait_for("I am Anna"), await coach.wait_for("I am Bram")
    assert hers.sender != his.sender
    # Not an answer, only the address out of the address book.
    await coach.send(his.sender, "For Bram alone", "Re: Praktijk Noor")
    await coach.reply(hers, "For Anna alone")
    await stage.scene.sees(bram, "For Bram alone")
    await stage.scene.sees(anna, "For Anna alone")
    logs = await stage.settled("anna-2026", "bram-2026")
    assert [line["text"] for line in lines(logs["bram-2026"])] == ["I am Bram", "For Bram alone"]
