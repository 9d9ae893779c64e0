"""Telephones that do anything, through the whole bridge: every call ends, and nobody else hears."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.twilio.kit import OURS
from tests.walks.telephones import ANNA_AT, NOOR_AT, NOOR_TOO, STRANGER, Stage, asks, kinds

if TYPE_CHECKING:
    from adapters.emulators.twilio import Telephone

pytestmark = [pytest.mark.slow]

PARTIES = {NOOR_AT, NOOR_TOO, ANNA_AT}
SEED, CALLS = 6, 25


def _as_it_pleases(telephone: Telephone, chance: random.Random) -> None:
    telephone.answers = chance.choice(["yes", "yes", "yes", "no", "busy", "mailbox"])
    telephone.keys = "".join(chance.choices("1112*9#0", k=chance.randrange(5)))
    telephone.talks = chance.choice([None, 3.0, 20.0])
    telephone.leaves = chance.choice([0.0, 1.5])
    telephone.ended_by_key = chance.random() < 0.5


@asks
@pytest.mark.timeout(240)
async def test_whatever_people_press_every_call_ends_among_its_parties(stage: Stage) -> None:
    await stage.begin()
    chance = random.Random(SEED)
    stranger = stage.twilio.telephone(STRANGER)
    everybody = [stage.hers, stage.hers_too, stage.anna, stranger]
    board = stage.twilio.switchboard
    for _ in range(CALLS):
        for telephone in everybody:
            _as_it_pleases(telephone, chance)
        caller = chance.choice([stage.anna, stage.anna, stage.hers, stranger])
        if caller.talks is None:
            caller.talks = 10.0  # somebody hangs up in the end
        leg = caller.call(OURS, keys=caller.keys)
        await leg.over.wait()
        await stage.twilio.quiet()
    log = await stage.log()
    assert len(kinds(log, "call_started")) == len(kinds(log, "call_ended"))
    outcomes = {line["details"]["outcome"] for line in kinds(log, "call_ended")}
    assert {"talked", "missed", "message"} <= outcomes, "much of it was really tried"
    agreed = {line["details"]["call"] for line in kinds(log, "recording_agreed")}
    refused = {line["details"]["call"] for line in kinds(log, "recording_refused")}
    switched = {line["details"]["call"] for line in kinds(log, "recording_switched")}
    assert switched <= agreed - refused
    for leg in board.legs.values():
        assert leg.over.is_set()
        assert {leg.sender, leg.to} - {OURS} <= PARTIES | {STRANGER}
        if leg.telephone is stranger:
            assert not any("<Dial" in document for document in leg.twiml)
        for document in leg.twiml:
            verbs = ElementTree.fromstring(document).iter()  # noqa: S314
            assert not any("record" in name for verb in verbs for name in verb.attrib)
