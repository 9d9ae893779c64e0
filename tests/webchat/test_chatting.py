"""Both ways through a running bridge, over real HTTP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec
import pytest

from bridge.runtime.practice_file import TrajectoryTable
from tests.webchat.ground import Ground, Tab, a_practice, standing, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.postgres import Postgres


async def test_words_go_both_ways(ground: Ground, anna: Tab) -> None:
    await anna.say("Hallo 🚲 <b>Noor</b>")
    await ground.heard(ground.noor, "Hallo 🚲 <b>Noor</b>")
    await until(lambda: (anna.line("Hallo") or {}).get("state") == "sent")
    await ground.noor.send("Dag Anna")
    line = await anna.sees("Dag Anna")
    assert (line["mine"], line["name"], line["kind"]) == (False, "Noor", "text")
    assert line["id"].startswith("b.")
    assert anna.words() == ["Hallo 🚲 <b>Noor</b>", "Dag Anna"]


async def test_a_repeat_over_a_slow_line_is_one_message(ground: Ground, anna: Tab) -> None:
    id = await anna.say("eenmaal")
    for _ in range(3):
        await anna.say("eenmaal", id=id)
    await anna.say("tweemaal")
    await ground.heard(ground.noor, "tweemaal")
    assert [line.text for line in ground.noor.screen() if not line.mine] == ["eenmaal", "tweemaal"]


async def test_nothing_is_lost_while_the_tab_slept_and_the_server_restarted(
    ground: Ground, anna: Tab
) -> None:
    await ground.noor.send("voor")
    await anna.sees("voor")
    anna.sleep()
    await ground.noor.send("terwijl je sliep")
    await ground.stop()
    await ground.noor.send("terwijl wij sliepen")
    await ground.start()
    anna.wake()
    await anna.sees("terwijl wij sliepen")
    assert anna.words() == ["voor", "terwijl je sliep", "terwijl wij sliepen"]
    await ground.stop()  # with the page open
    await ground.start()
    await ground.noor.send("en verder")
    await anna.sees("en verder")


async def test_a_stop_does_not_wait_for_open_pages(ground: Ground, anna: Tab) -> None:
    await anna.say("open")
    await anna.sees("open")
    async with asyncio.timeout(4):
        await ground.stop()


async def test_edits_deletions_reactions_and_replies(ground: Ground, anna: Tab) -> None:
    id = await anna.say("Ik kom om nege uur")
    await ground.heard(ground.noor, "Ik kom om nege uur")
    await anna.act(type="edit", target=id, text="Ik kom om negen uur")
    shown = await ground.heard(ground.noor, "Ik kom om negen uur")
    await until(lambda: (anna.line("negen") or {}).get("edited"))
    await ground.noor.react(shown, "👍")
    await until(
        lambda: (
            (anna.line("negen") or {}).get("reactions")
            == [{"emoji": "👍", "names": ["Noor"], "mine": False}]
        )
    )
    said = await ground.noor.send("Goed!", reply_to=shown)
    line = await anna.sees("Goed!")
    assert line["reply"]["text"] == "Ik kom om negen uur"
    await anna.say("Tot dan", reply_to=line["id"])
    answer = await ground.noor.wait_for("Tot dan", 10)
    assert answer.reply_to == said.message_id
    await anna.act(type="reaction", target=line["id"], emoji=["❤️"])
    await until(lambda: (anna.line("Goed!") or {}).get("reactions"))
    await anna.act(type="delete", target=id)
    await until(lambda: any(one["kind"] == "deleted" for one in anna.lines.values()))
    assert anna.line("negen") is None


async def test_delivered_and_read_are_told_to_the_log(ground: Ground, anna: Tab) -> None:
    await ground.noor.send("Gelezen?")
    line = await anna.sees("Gelezen?")
    assert line["arrived"] == "sent"
    await anna.act(type="seen", state="delivered", targets=[line["id"]])
    await until(lambda: (anna.line("Gelezen?") or {})["arrived"] == "delivered")
    await anna.act(type="seen", state="read", targets=[line["id"]])
    await until(lambda: (anna.line("Gelezen?") or {})["arrived"] == "read")


async def test_the_whole_history_page_by_page(ground: Ground, anna: Tab) -> None:
    for n in range(130):
        await anna.say(f"regel {n}")
    await anna.sees("regel 129")
    async with Tab(ground) as again:
        again.session.cookie_jar.update_cookies(
            {cookie.key: cookie.value for cookie in anna.session.cookie_jar}
        )
        page = await again.load()
        assert (len(page["lines"]), page["more"]) == (50, True)
        while page["more"]:
            page = await again.load(before=page["lines"][0]["seq"])
        assert again.words() == [f"regel {n}" for n in range(130)]


async def test_nothing_before_consent_but_the_question(tmp_path: Path) -> None:
    async with standing(tmp_path, a_practice("ask", "nl")) as ground, Tab(ground) as anna:
        await anna.join(await ground.invite())
        await anna.load()
        anna.wake()
        await ground.noor.send("Dag, ben je er al?")
        await ground.heard(ground.noor, "nog geen toestemming")
        question = await anna.sees("logboek")
        assert [one["label"] for one in question["options"]] == ["Ja, akkoord", "Nee"]
        assert anna.words() == [anna.words()[0]]
        await anna.act(type="choice", target=question["id"], ref=question["ref"], key="yes")
        await anna.sees("ben je er al?")
        await until(lambda: (anna.line("logboek") or {}).get("chosen") == "yes")


async def test_somebody_with_two_coaches_is_asked_whom_it_is_for(tmp_path: Path) -> None:
    both = a_practice()
    second = TrajectoryTable("anna-too", ("carla",), ("anna",), consent="recorded")
    both = msgspec.structs.replace(both, trajectory=(*both.trajectory, second))
    async with standing(tmp_path, both) as ground, Tab(ground) as anna:
        await anna.join(await ground.invite())
        await anna.load()
        anna.wake()
        await anna.say("voor wie?")
        await until(lambda: anna.notes)
        (question,) = anna.notes
        carla = next(one for one in question["options"] if "Carla" in one["label"])
        await anna.act(type="choice", target=question["id"], ref=question["ref"], key=carla["key"])
        await ground.heard(ground.carla, "voor wie?")
        shown = await anna.load(conversation="anna-too")
        assert [line["body"] for line in shown["lines"]] == [["voor wie?"]]
        assert not [line for line in ground.noor.screen() if not line.mine]


@pytest.mark.postgres
async def test_it_is_the_same_on_postgresql(tmp_path: Path, postgres_server: Postgres) -> None:
    with postgres_server.database() as url:
        async with standing(tmp_path, store_url=url) as ground, Tab(ground) as anna:
            await anna.join(await ground.invite())
            await anna.load()
            anna.wake()
            id = await anna.say("op de andere winkel")
            shown = await ground.heard(ground.noor, "op de andere winkel")
            await ground.noor.send("werkt ook", reply_to=shown)
            line = await anna.sees("werkt ook")
            assert line["reply"]["text"] == "op de andere winkel"
            await anna.act(type="edit", target=id, text="op de andere database")
            await until(lambda: (anna.line("database") or {}).get("edited"))
            await anna.act(type="seen", state="read", targets=[line["id"]])
            await until(lambda: (anna.line("werkt ook") or {})["arrived"] == "read")
            assert (await anna.load(before=line["seq"]))["lines"][0]["id"] == id
            assert (await anna.post("device"))[0] == 200
            await anna.say("STOP")
            await until(lambda: any("START" in text for text in anna.words()))


async def _asked(ground: Ground, anna: Tab) -> None:
    before = len(anna.words())
    await ground.noor.send("schaal anna: how sure are you?")
    await until(lambda: len(anna.words()) > before)


async def test_the_course_of_a_scale_is_a_picture_above_its_line(ground: Ground, anna: Tab) -> None:
    for number in ("5", "7"):
        await _asked(ground, anna)
        await anna.say(number)
        await ground.heard(ground.noor, number)
    shown = await anna.sees("5 → 7")
    file = shown["file"]
    assert (shown["kind"], file["show"], file["width"]) == ("file", "image", 720)
    async with anna.session.get(f"{ground.url}{file['url']}") as answer:
        assert (answer.status, (await answer.read())[:4]) == (200, b"\x89PNG")
    other = f"{file['url'].rpartition('/')[0]}/{shown['seq'] - 1}"
    async with anna.session.get(f"{ground.url}{other}") as answer:
        assert answer.status == 404
