"""The emulated homeserver stands for the real one: tests written against Synapse, against it.

What is left out is what only a whole homeserver has: keys, room upgrades, devices to delete.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.matrix import MatrixAdapter
from bridge.core.adapter import Absent, Found
from bridge.core.effects import OpenPlace
from bridge.core.errors import AccountBroken
from tests.conformance.contents import to
from tests.conformance.kit import MemorySink
from tests.matrix import test_listening as listening_tests
from tests.matrix import test_sending as sending_tests
from tests.matrix.emulated import Emulated, emulated
from tests.matrix.kit import known
from tests.matrix.proxy import Proxy, settle
from tests.matrix.synapse import Account
from tests.matrix.test_sending import FILES, rendered

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def synapse() -> Iterator[Emulated]:
    """Not Synapse: the emulator."""
    with emulated() as running:
        yield running


@pytest.fixture
def ours(proxy: Proxy, bridge: Account, keys: Path) -> Iterator[None]:
    """Adapters for the door are our account, which encrypts nothing."""
    with known(proxy.url, bridge.user_id, keys, encryption=False):
        yield


room = sending_tests.room

test_same_key = sending_tests.test_the_same_key_again_is_the_same_message
test_relations = sending_tests.test_edit_reply_thread_and_withdrawal
test_reactions = sending_tests.test_reactions_become_the_set_that_was_asked_for
test_reaction_twice = sending_tests.test_a_reaction_that_is_there_already_is_a_success
test_private_room = sending_tests.test_a_person_is_written_to_in_a_private_room
test_exposed = sending_tests.test_nobody_else_reads_a_private_chat_that_stopped_being_one
test_known_room = sending_tests.test_a_private_room_is_known_before_anything_was_read
test_file = sending_tests.test_a_file_can_be_fetched_as_it_was_sent

test_missed = listening_tests.test_what_was_said_while_we_were_away_is_all_there_once
test_gap = listening_tests.test_a_gap_whose_commit_failed_is_filled_again
test_trouble = listening_tests.test_trouble_of_the_server_is_waited_out_with_few_requests
test_sets = listening_tests.test_reactions_come_as_the_whole_set_and_are_taken_back_across_a_restart
test_withdrawn = listening_tests.test_a_withdrawn_message_is_told
test_typing_and_read = listening_tests.test_who_is_writing_and_what_was_read_is_told
test_invited = listening_tests.test_an_invitation_is_accepted_and_what_was_said_before_is_heard
test_group = listening_tests.test_a_named_room_is_a_group_and_its_newcomers_are_told


async def test_a_trajectory_gets_one_room(us: MatrixAdapter, anna: Account) -> None:
    effect = OpenPlace(seq=3, to=to("matrix", anna.user_id), title="Bram")
    (request,) = rendered(us, effect).requests
    assert await us.reconcile(request, "t/3/a/0") == Absent()
    opened = await us.send(request, "t/3/a/0", FILES)
    assert await us.reconcile(request, "t/3/a/0") == Found(opened)
    assert await us.send(request, "t/3/a/0", FILES) == opened
    assert opened.opened is not None
    assert anna.invitations() == [opened.opened.chat]


async def test_a_revoked_token_ends_the_account(
    us: MatrixAdapter, synapse: Emulated, bridge: Account, proxy: Proxy
) -> None:
    task = asyncio.create_task(us.listen(MemorySink()))
    await settle(lambda: any("sync" in call for call in proxy.calls))
    before, began = len(proxy.calls), time.monotonic()
    synapse.revoke(bridge)
    with pytest.raises(AccountBroken) as broken:
        await asyncio.wait_for(task, 10)
    assert broken.value.code == "unauthorized"
    assert len(proxy.calls) - before <= 2 + (time.monotonic() - began)
