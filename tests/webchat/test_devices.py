"""Joining, another device, signing out."""

from __future__ import annotations

from functools import partial

from tests.webchat.ground import Ground, Tab, until


async def test_opening_a_link_changes_nothing(ground: Ground) -> None:
    code = await ground.invite()
    async with Tab(ground) as preview:
        for _ in range(3):
            async with preview.session.get(f"{ground.url}/chat/join/{code}") as answer:
                assert answer.status == 200
                assert not answer.cookies
    async with Tab(ground) as anna:
        await anna.join(code)
        await anna.say("hier ben ik")
        await ground.heard(ground.noor, "hier ben ik")


async def test_a_second_press_on_a_slow_line_is_the_same_joining(ground: Ground) -> None:
    code, seed = await ground.invite(), "f" * 32
    async with Tab(ground) as lost, Tab(ground) as anna:
        await lost.join(code, seed)  # the answer never arrived
        await anna.join(code, seed)
        assert (await anna.load())["notes"] == []
        await anna.say("binnen")
        await ground.heard(ground.noor, "binnen")


async def test_a_used_or_wrong_code_opens_nothing(ground: Ground) -> None:
    used = await ground.invite("dirk-2026", "dirk")
    async with Tab(ground) as dirk:
        await dirk.join(used)
    for code in (used, "ABCD-EFGH"):
        async with Tab(ground) as tab:
            await tab.join(code)
            await tab.load()
            tab.wake()
            await until(partial(getattr, tab, "notes"))
            assert "does not work" in tab.words()[0]
            await tab.say("laat me erin")
            assert (await tab.load())["lines"] == []


async def test_another_device_shows_the_same_and_goes_on(ground: Ground, anna: Tab) -> None:
    id = await anna.say("op mijn telefoon")
    await ground.noor.send("gezien")
    line = await anna.sees("gezien")
    status, given = await anna.post("device")
    assert status == 200
    assert given["url"].endswith(given["code"])
    assert len(given["drawn"]) == len(given["drawn"][0])
    async with Tab(ground) as laptop, Tab(ground) as thief:
        await laptop.join(given["code"].lower())
        await laptop.load()
        laptop.wake()
        assert laptop.words() == anna.words()
        await laptop.act(type="edit", target=id, text="op mijn laptop")
        await anna.sees("op mijn laptop")
        await laptop.act(type="reaction", target=line["id"], emoji=["👍"])
        await until(lambda: (anna.line("gezien") or {}).get("reactions"))
        await thief.join(given["code"])  # it worked once
        assert (await thief.load())["lines"] == []
        status, said = await anna.post("devices/end")
        assert (status, said) == (200, {"count": 1})
        assert (await laptop.get("messages"))[0] == 401


async def test_signing_out_ends_the_session_and_is_told(ground: Ground, anna: Tab) -> None:
    status, _ = await anna.post("leave")
    assert status == 200
    assert (await anna.get("messages"))[0] == 401
    await ground.noor.send("ben je er nog?")
    await ground.heard(ground.noor, "Niet bezorgd")


async def test_stop_and_start_work_as_on_every_network(ground: Ground, anna: Tab) -> None:
    await anna.say("STOP")
    await until(lambda: any("START" in text for text in anna.words()))
    await ground.noor.send("hallo?")
    await ground.heard(ground.noor, "Niet bezorgd")
    assert anna.line("hallo?") is None
    await anna.say("START")
    await until(lambda: any("Welcome back" in text for text in anna.words()))
    await ground.noor.send("fijn")
    await anna.sees("fijn")


async def test_the_store_keeps_no_token_and_no_words(ground: Ground, anna: Tab) -> None:
    await anna.say("STOP")
    await until(lambda: any("START" in text for text in anna.words()))
    token = next(cookie.value for cookie in anna.session.cookie_jar)
    assert len(token) > 40
    await ground.stop()
    assert ground.store_file is not None
    kept = ground.store_file.read_bytes()
    assert token.encode() not in kept
    assert b"You will get no more messages" not in kept
