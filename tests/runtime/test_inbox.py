"""Payloads that come at once are one work for the store; each caller hears of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from bridge.core import entries as e
from bridge.core.adapter import Raw
from bridge.core.content import words
from bridge.core.errors import StoreError
from bridge.runtime.inbox import Inbox
from bridge.runtime.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bridge.core.adapter import Adapter
    from bridge.core.inbound import Inbound
    from tests.runtime.desk_kit import FrontDesk


class Wire:
    """A network whose payloads are the numbers of what people did."""

    def __init__(self) -> None:
        self.acts: list[Inbound | None] = []

    def bring(self, act: Inbound | None) -> Raw:
        """Return the payload of an act; None is one that our own code stumbles over."""
        self.acts.append(act)
        number = len(self.acts) - 1
        return Raw((f"update:{number}",), b"%d" % number)

    def parse(self, payload: bytes) -> Sequence[Inbound]:
        return [cast("Inbound", self.acts[int(payload)])]


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def inbox(couple: FrontDesk, wire: Wire) -> Inbox:
    adapters = {"telegram:main": cast("Adapter", wire)}
    return Inbox(couple.writer, adapters, couple.catalogue, Metrics())


async def _said(couple: FrontDesk, inbox: Inbox) -> list[str]:
    """Return the words in the log, once everything was handled."""
    for _ in range(500):
        if inbox.in_hand:
            await asyncio.sleep(0.01)
    logged = await couple.writer.submit(
        lambda unit: [unit.entry("anna-2026", seq) for seq in range(1, _seq(couple) + 1)]
    )
    entries = [one.entry for one in logged if one is not None]
    return [words(one.content) for one in entries if isinstance(one, e.MessagePosted)]


def _seq(couple: FrontDesk) -> int:
    with couple.store.reading() as connection:
        row = connection.exec_driver_sql("SELECT seq FROM trajectories").one()
    return int(row[0])


async def test_calls_of_one_moment_are_one_work(
    couple: FrontDesk, inbox: Inbox, wire: Wire
) -> None:
    raws = [wire.bring(couple.message("anna", f"line {number}")) for number in range(12)]
    before = couple.writer.works
    new = await asyncio.gather(*(inbox.accept("telegram", "main", [raw]) for raw in raws))
    assert couple.writer.works == before + 1
    assert new == [1] * 12
    assert await _said(couple, inbox) == [f"line {number}" for number in range(12)]


async def test_the_same_payload_in_many_calls_is_new_in_one(
    couple: FrontDesk, inbox: Inbox, wire: Wire
) -> None:
    raw, other = (wire.bring(couple.message("anna", text)) for text in ("once", "and this"))
    calls = [inbox.accept("telegram", "main", [raw]) for _ in range(5)]
    new = await asyncio.gather(*calls, inbox.accept("telegram", "main", [raw, other]))
    assert new == [1, 0, 0, 0, 0, 1]
    assert await inbox.accept("telegram", "main", [other]) == 0
    assert await _said(couple, inbox) == ["once", "and this"]


async def test_what_we_stumble_over_keeps_nobody_elses_words(
    couple: FrontDesk, inbox: Inbox, wire: Wire
) -> None:
    acts = [couple.message("anna", "before"), None, couple.message("anna", "after")]
    raws = [wire.bring(act) for act in acts]
    new = await asyncio.gather(*(inbox.accept("telegram", "main", [raw]) for raw in raws))
    assert new == [1, 1, 1]
    assert await _said(couple, inbox) == ["before", "after"]
    with couple.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT key, state, reason FROM inbox").fetchall()
    parked = [(key, reason) for key, state, reason in rows if state == "parked"]
    assert parked == [("update:1", "handle: AssertionError")]


async def test_every_caller_hears_that_the_store_is_gone(
    couple: FrontDesk, inbox: Inbox, wire: Wire
) -> None:
    raws = [wire.bring(couple.message("anna", f"line {number}")) for number in range(3)]
    couple.writer.close()
    calls = (inbox.accept("telegram", "main", [raw]) for raw in raws)
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(one) for one in answers] == [StoreError] * 3
