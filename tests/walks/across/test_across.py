"""Seven networks by seven: text, photo, answer, edit and reaction, both ways, over real HTTP."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.walks.across.sides import Answers, Edits, Reacts, sees, sees_photo, sees_reaction
from tests.walks.across.stage import NETWORKS, Stage, stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.walks.across.sides import Side

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
PAIRS = list(product(NETWORKS, NETWORKS))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everybody(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """All networks, one bridge, a coach and a client for each pair."""
    async with stage(tmp_path_factory.mktemp("across"), PAIRS) as built:
        yield built


async def _one_way(author: Side, reader: Side, mark: str) -> None:
    """Everything the author can do on their network shows to the reader, in one way or another."""
    first = f"How was it {mark}? héél 👍🏽"
    said = await author.say(first)
    shown = await sees(reader, first)
    data = JPEG + mark.encode() * 50
    await author.photo(data, f"look {mark}")
    await sees_photo(reader, data)
    if isinstance(reader, Answers):
        answer = f"an answer {mark}"
        await reader.answer(shown, answer)
        await sees(author, answer)
    if isinstance(author, Edits):
        better = f"How was yesterday {mark}?"
        await author.edit(said, better)
        await sees(reader, better)
    if isinstance(reader, Reacts):
        await reader.react(shown, "❤")
        await sees_reaction(author, said, "❤")


@pytest.mark.parametrize(("coach", "client"), PAIRS, ids=[f"{a}-{b}" for a, b in PAIRS])
async def test_a_coach_and_a_client(everybody: Stage, coach: str, client: str) -> None:
    pair = await everybody.pair(coach, client)
    await pair.acquainted()
    await _one_way(pair.client, pair.coach, f"{pair.name} c")
    await _one_way(pair.coach, pair.client, f"{pair.name} k")
    log = await everybody.log(pair.name)
    assert not [one for one in log if one["kind"] == "inbound_refused"]
    ours = [one for one in log if "opening the window" not in (one["text"] or "")]
    states = {d["state"] for line in ours for d in line.get("deliveries", ())}
    assert states <= {"sent", "delivered", "read"}, states


async def test_everything_holds_afterwards(everybody: Stage) -> None:
    await everybody.bridge.settled()
    await everybody.bridge.audit()
