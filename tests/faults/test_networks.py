"""Faults on every network: what is said comes once, in order, to the right screen, and is logged.

1. One bridge serves all networks, with a coach and a client on each. First it is killed again and
   again while all of them talk; then each network breaks in its own ways, by the n-th call.
2. The judge hears what people said and what their screens show, and knows nothing of the product.
   Where a network is idempotent, can be asked, calls back or lists what it was given, no copy is
   pardoned, not after a crash either. Where it is blind, one is that the log marks.
3. Twilio tries a call twice within moments and never again; what is lost so is found by the list
   of received messages minutes later (tests/twilio). So phones write while the bridge is there,
   and are killed under only on the way out.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from adapters.emulators import faults
from adapters.emulators.mail import faults as mail_faults
from adapters.emulators.twilio import faults as twilio_faults
from tests.conformance.kit import Trouble
from tests.judge.judge import Json, Verdict, judge, token, tokens
from tests.matrix.proxy import Proxy
from tests.matrix.synapse import shared
from tests.walks.across.people import OnMail, OnSms, OnWeb
from tests.walks.across.stage import NETWORKS, Pair, Stage, stage
from tests.walks.bridge import SHORT_LEASES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.walks.across.sides import Side

pytestmark = [
    pytest.mark.slow,
    pytest.mark.fault,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

KILLS = 8
BLIND = frozenset({"telegram", "email"})
"""Networks on which nobody can know whether a message without an answer was taken."""


@dataclass
class Said:
    """One message as its author sent it."""

    side: Side
    text: str
    order: int
    at: float


@dataclass
class Talk:
    """A coach and a client on one network, and everything they say."""

    network: str
    pair: Pair
    numbers: count[int]
    said: list[Said] = field(default_factory=list)

    async def say(self, side: Side, words: str = "words") -> str:
        """Somebody says something with a token of its own; return what their app calls it."""
        number = next(self.numbers)
        text = f"{words} {token(self.pair.name, number)}"
        self.said.append(Said(side, text, number, time.monotonic()))
        if isinstance(side, OnWeb):
            await side.insist(text)
            return ""
        return await side.say(text)

    def who(self, side: Side) -> str:
        """Return what the judge calls somebody."""
        return f"{self.pair.name}/{'coach' if side is self.pair.coach else 'client'}"

    async def verdict(self, log: list[Json], kills: list[float]) -> Verdict:
        """Return the judge's verdict on this pair."""
        journal: Json = {"said": [], "handed": [], "calls": [], "shown": []}
        for number, one in enumerate(self.said, 1):
            journal["handed"].append({"bot": 1, "update_id": number, "confirmed": one.at})
            journal["said"].append(
                {
                    "what": "sent",
                    "person": self.who(one.side),
                    "text": one.text,
                    "seq": one.order,
                    "update_ids": {"1": number},
                }
            )
        order = count(1_000_000)
        for side in (self.pair.coach, self.pair.client):
            for text in await shown(side):
                call = next(order)
                chat = self.who(side)
                journal["calls"].append(
                    {
                        "seq": call,
                        "method": "send",
                        "chat": chat,
                        "params": {"text": text},
                        "processed": True,
                        "ok": True,
                        "answered": self.network not in BLIND,
                    }
                )
                journal["shown"].append(
                    {"seq": next(order), "chat": chat, "text": text, "call": call, "monotonic": 0.0}
                )
        parties = {
            self.pair.name: {
                f"coach-{self.pair.name}": {self.who(self.pair.coach)},
                self.pair.name: {self.who(self.pair.client)},
            }
        }
        return judge(journal, {self.pair.name: log}, parties, kills)


async def shown(side: Side) -> list[str]:
    """Return what shows on a screen, oldest first; mail without what it quotes."""
    texts = [one.text for one in await side.screen()]
    if not isinstance(side, OnMail):
        return texts
    return ["\n".join(x for x in text.splitlines() if not x.startswith(">")) for text in texts]


class Everybody:
    """All pairs, their bridge, and the door in front of the homeserver."""

    def __init__(self, built: Stage, talks: dict[str, Talk], door: Proxy) -> None:
        self.stage = built
        self.talks = talks
        self.door = door

    async def spoken(self) -> None:
        """Wait until something more was said on each network."""
        before = {talk.network: len(talk.said) for talk in self.talks.values()}
        for _ in range(3000):
            if all(len(talk.said) > before[talk.network] for talk in self.talks.values()):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("somebody does not say anything any more")

    async def settled(self, within: float = 90.0) -> dict[str, int]:
        """Wait until every word is in its log and nothing waits; judge all.

        Returns how many copies were pardoned on each network.
        """
        deadline = time.monotonic() + within
        names = [talk.pair.name for talk in self.talks.values()]
        while True:
            logs = await self.stage.bridge.settled(*names, within=within)
            missing = [
                one.text
                for talk in self.talks.values()
                for one in talk.said
                if one.text not in {line["text"] for line in logs[talk.pair.name]}
            ]
            if not missing or time.monotonic() > deadline:
                # What came after the last look at the outbox was in these logs, but not yet sent.
                logs = await self.stage.bridge.settled(*names, within=within)
                break
            await asyncio.sleep(0.2)
        pardoned: dict[str, int] = {}
        for talk in self.talks.values():
            verdict = await talk.verdict(logs[talk.pair.name], self.stage.bridge.kills)
            try:
                verdict.acquit()
            except AssertionError as error:
                raise AssertionError(f"{talk.network}: {error}") from None
            assert verdict.acknowledged == verdict.logged == len(talk.said)
            pardoned[talk.network] = len(verdict.pardoned)
        assert not [name for name, found in pardoned.items() if found and name not in BLIND]
        return pardoned


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def everybody(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Everybody]:
    """One bridge, a coach and a client on each network, acquainted."""
    door = Proxy(shared().url)
    await door.up()
    pairs = [(network, network) for network in NETWORKS]
    folder = tmp_path_factory.mktemp("networks")
    async with stage(folder, pairs, homeserver=door.url, more=SHORT_LEASES) as built:
        numbers = count(1)
        talks = {
            network: Talk(network, await built.pair(network, network), numbers)
            for network in NETWORKS
        }
        await asyncio.gather(*(talk.pair.acquainted() for talk in talks.values()))
        await built.bridge.settled()
        yield Everybody(built, talks, door)
    await door.down()


async def test_killed_again_and_again_while_everybody_talks(everybody: Everybody) -> None:
    bridge, chance = everybody.stage.bridge, random.Random(7)
    phones = asyncio.Lock()  # who has it calls; the bridge is killed between their calls

    async def taken(sid: str) -> None:
        """Wait until the bridge has taken a call of Twilio."""
        for _ in range(1000):
            handed = everybody.stage.world.twilio.journal.handed
            if any(one.sid == sid and one.taken for one in reversed(handed)):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"{sid} was not taken")

    going = True

    async def talking(talk: Talk) -> None:
        while going:
            for side in (talk.pair.client, talk.pair.coach):
                async with phones if isinstance(side, OnSms) else nullcontext():
                    sid = await talk.say(side)
                    if isinstance(side, OnSms):
                        await taken(sid)
                await asyncio.sleep(chance.uniform(0.05, 0.3))

    tasks = [asyncio.create_task(talking(talk)) for talk in everybody.talks.values()]
    try:
        await everybody.spoken()
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0.1, 0.6))
            async with phones:
                bridge.kill()
                await bridge.start()
            await everybody.spoken()
    finally:
        going = False
        await asyncio.gather(*tasks)
    await everybody.settled()
    assert all(len(talk.said) > KILLS for talk in everybody.talks.values())


SLACK = (
    faults.reset(),
    faults.accept_then_drop(),
    faults.too_many(1),
    faults.status(503),
    faults.slow(1),
    faults.malformed(),
)
TELEGRAM = (faults.reset(), faults.too_many(1), faults.slow(1))
TWILIO = (twilio_faults.accept_then_drop(), twilio_faults.reset(), twilio_faults.too_many(1))
MAIL = (
    mail_faults.answer("451 4.3.0 try again later"),
    mail_faults.accept_then_drop(),
    mail_faults.answer("421 4.3.2 closing", at="MAIL"),
)
MATRIX = (
    Trouble.ACCEPTED_THEN_DROPPED,
    Trouble.RESET,
    Trouble.SERVER_ERROR,
    Trouble.GARBLED,
)


def plan_troubles(everybody: Everybody, network: str) -> None:
    """Let a network break in its own ways, each time at another call from now.

    Web chat has no network between: its page tries again, see ``OnWeb.insist``.
    """
    world = everybody.stage.world
    match network:
        case "telegram":
            # One lost answer only: a second to the same message is given up, as nobody can know.
            for nth, fault in enumerate(TELEGRAM, 1):
                world.telegram.faults.plan(fault, method="sendMessage", nth=nth)
            world.telegram.faults.plan(faults.duplicate(3), method="getUpdates", count=4)
        case "slack":
            for nth, fault in enumerate(SLACK, 1):
                world.slack.faults.plan(fault, method="chat.postMessage", nth=nth)
        case "email":
            world.mail.plan(*MAIL)
        case "matrix":
            for trouble in MATRIX:
                everybody.door.plan(trouble)
        case "sms" | "whatsapp":
            pair = everybody.talks[network].pair
            for side in (pair.coach, pair.client):
                _plan_calls(everybody, network, side.endpoint.partition(":main:")[2])
        case _:
            pass


def _plan_calls(everybody: Everybody, network: str, number: str) -> None:
    plan = everybody.stage.world.twilio.faults
    to = f"whatsapp:{number}" if network == "whatsapp" else number
    for nth, fault in enumerate(TWILIO, 1):
        plan.plan(fault, on="create", to=to, nth=nth)
    plan.plan(twilio_faults.duplicate(3), on="message", to=to, count=2)


@pytest.mark.parametrize("network", NETWORKS)
async def test_each_network_breaks_in_its_own_ways(everybody: Everybody, network: str) -> None:
    talk = everybody.talks[network]
    pardoned = await everybody.settled()
    plan_troubles(everybody, network)
    before = len(talk.said)
    for _ in range(3):
        await talk.say(talk.pair.client, "from the client")
        await talk.say(talk.pair.coach, "from the coach")
    if network == "matrix":
        everybody.door.hand_out_again()
    after = await everybody.settled()
    assert network in BLIND or after == pardoned, "it could have known"
    assert len(talk.said) == before + 6
    told = [text for side in (talk.pair.client, talk.pair.coach) for text in await shown(side)]
    assert {found for text in told for found in tokens(text)} >= {
        found for one in talk.said for found in tokens(one.text)
    }


async def test_every_invariant_holds_afterwards(everybody: Everybody) -> None:
    await everybody.stage.bridge.audit()
