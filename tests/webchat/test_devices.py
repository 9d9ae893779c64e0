"""Joining, another device, signing out."""

from __future__ import annotations

import uuid
from functools import partial

import sqlalchemy as sa

from bridge.core.endpoint import Endpoint
from storage import tables as t
from tests.webchat.ground import Ground, Tab, until

ROWS = (t.chat_sessions, t.chat_codes, t.chat_notes, t.chat_uploads)


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


def _address(ground: Ground, person: str = "anna") -> str:
    c = t.endpoints.c
    with ground.app.store.reading() as connection:
        query = sa.select(c.address).where(c.network == "web", c.person == person)
        return str(connection.execute(query).scalar_one())


def _left(ground: Ground, address: str) -> list[int]:
    """Count what is kept for an endpoint's pages, in the order of ``ROWS``."""
    with ground.app.store.reading() as connection:
        return [
            connection.execute(
                sa.select(sa.func.count()).select_from(table).where(table.c.address == address)
            ).scalar_one()
            for table in ROWS
        ]


async def _upload(tab: Tab) -> None:
    url = f"{tab.ground.url}/chat/uploads/{uuid.uuid4()}"
    async with tab.session.put(url, data=b"a photo nobody sent") as answer:
        assert answer.status == 201


async def _hold(ground: Ground, anna: Tab) -> str:
    """Let there be one of everything; return the address it is kept for."""
    await anna.say("STOP")  # the desk answers with a note
    await until(lambda: anna.notes)
    await _upload(anna)
    assert (await anna.post("device"))[0] == 200
    address = _address(ground)
    assert _left(ground, address) == [1, 1, 1, 1]
    return address


async def test_a_revoked_endpoint_is_signed_out_everywhere_at_once(
    ground: Ground, anna: Tab
) -> None:
    address = await _hold(ground, anna)
    _, given = await anna.post("device")
    endpoint = Endpoint("web", "main", address)
    await ground.app.writer.submit(lambda unit: unit.revoke_endpoint(endpoint))
    assert _left(ground, address) == [0, 0, 0, 1]  # a message may still be on its way
    for path in ("messages", "events"):
        assert (await anna.get(path))[0] == 401
    assert (await anna.post("messages", type="message", id="x" * 12, text="still me?"))[0] == 401
    async with Tab(ground) as other:
        await other.join(given["code"])
        assert (await other.load())["lines"] == []


async def test_with_the_words_of_a_person_go_what_their_pages_hold(
    ground: Ground, anna: Tab
) -> None:
    address = await _hold(ground, anna)
    await ground.app.writer.submit(lambda unit: unit.destroy_key("anna-2026", "anna"))
    assert _left(ground, address) == [1, 1, 0, 0]
    with ground.app.store.reading() as connection:
        blobs = connection.execute(sa.select(t.blobs.c.id)).scalars().all()
    assert not [blob for blob in blobs if blob.startswith("web/")]
