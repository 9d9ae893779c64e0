"""The only writer: everything one transaction reads and writes, for the works of one batch.

1. Works run one after the other against the same unit; each sees what those before it wrote.
2. Rows of the log, the inbox and the outbox are written in bulk by ``flush``; what is rare is
   written at once. Reads that need the database to know what waits flush by themselves.
3. A work has no effect outside its unit; what is to happen after the commit is registered with
   ``after_commit`` and never happens after a rollback.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.effects import Acknowledge, Act, Effect, OpenPlace, UseTelephone, effect_key
from storage import waking
from storage.agenda import Agendas
from storage.blob_rows import BlobRow, drop_blob, find_blob, put_blob
from storage.calls import CallRows
from storage.cursors import Cursors
from storage.door import Door
from storage.ended import Ended
from storage.erasures import Erasures
from storage.inbox import Inbox
from storage.invites import Invites
from storage.keys import BRIDGE_KEY
from storage.log import Logs
from storage.nudges import Ledger
from storage.outbox import Outbox
from storage.outbox_rows import Claimed, OutboxRow
from storage.pages import Pages
from storage.places import Places
from storage.questions import Questions
from storage.registry import Registry
from storage.scrubbing import Scrubbing
from storage.sessions import Sessions
from storage.showings import Showings
from storage.sql import Sql
from storage.timers import Timers
from storage.tokens import Tokens
from storage.turns import Turns
from storage.waits import Waits
from storage.webchat import NETWORK, WebChat

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bridge.core.content import Attachment
    from bridge.core.endpoint import Endpoint, Place
    from storage.transaction import Transaction
    from storage.wants import Wants

_DESTROY = Sql(
    "UPDATE data_keys SET wrapped = NULL, destroyed_at = ? "
    "WHERE trajectory = ? AND owner = ? AND destroyed_at IS NULL"
)


__all__ = ["Claimed", "Committed", "OutboxRow", "Unit"]


class Committed(msgspec.Struct):
    """What a commit left to be done: rows to send, payloads let go from a hold, files to fetch.

    ``logs`` names the trajectories whose logs grew; ``erased`` = the ledger of erasures did.
    """

    outbox: list[OutboxRow]
    inbox: list[int]
    blobs: bool = False
    logs: set[str] = msgspec.field(default_factory=set)
    erased: bool = False

    def add(self, other: Committed) -> None:
        """Take in what another commit left."""
        self.outbox += other.outbox
        self.inbox += other.inbox
        self.blobs |= other.blobs
        self.erased |= other.erased
        self.logs |= other.logs


class Unit:
    """One transaction. The parts do the work; here is what they offer, by its one name."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._after: list[Callable[[], None]] = []
        self.left = Committed([], [])
        self.now = tx.now
        """One instant for the batch, never earlier than that of the batch before."""

        self._logs = logs = Logs(tx)
        self.state = logs.state
        self.entry = logs.entry
        self.append = logs.append
        self.fetch_entries = logs.fetch_entries

        self._showings = showings = Showings(tx)
        self.shown = showings.shown
        self.externals = showings.externals
        self.remember = showings.remember

        self._registry = registry = Registry(tx, logs.flush)
        self.person = registry.people.get
        self.memberships = registry.memberships.get
        self.endpoint = registry.endpoint
        self.was_replaced = registry.was_replaced
        self.put_person = registry.put_person
        self.put_endpoint = registry.put_endpoint
        self.set_opted_out = registry.set_opted_out
        self.set_chat = registry.set_chat
        self.touch = registry.touch
        self.put_party = registry.put_party

        self._places = places = Places(tx)
        self.binding = places.binding
        self.binding_around = places.binding_around
        self.bindings_in = places.bindings_in
        self.bind_place = places.bind_place
        self.unbind_place = places.unbind_place
        self.unbind_places = places.unbind_places

        self._cursors = cursors = Cursors(tx)
        self._inbox = inbox = Inbox(tx, cursors)
        self.accept = inbox.accept
        self.inbox_row = inbox.row
        self.finish = inbox.finish
        self.hold = inbox.hold
        self.retry = inbox.retry
        self.waiting = inbox.waiting
        self.new_inbox = inbox.unhandled
        self.holds_like = inbox.holds_like
        self.let_go = inbox.let_go
        self.is_working_off = inbox.is_working_off
        self.cursor = cursors.get

        self._outbox = outbox = Outbox(tx)
        self.part_sent = outbox.part_sent
        self.settle = outbox.settle
        self.requeue = outbox.requeue
        self.put_on_hold = outbox.put_on_hold
        self.uncertain = outbox.uncertain
        self.outbox_row_by_id = outbox.row
        self.goes_to = outbox.goes_to
        self.outbox_row_by_key = outbox.by_key
        self.made_nearby = outbox.made_nearby
        self.claim = outbox.claim
        self.behind = outbox.behind
        self.take_over = outbox.take_over
        self.take_erased = outbox.take_erased
        self.renew = outbox.renew
        self._turns = turns = Turns(tx, outbox)
        self.waiting_for = turns.waiting_for

        waits = Waits(tx)
        self.wait = waits.put
        self.waits = waits.all

        questions = Questions(tx)
        self.put_question = questions.put
        self.question = questions.get
        self.questions = questions.standing
        self.end_question = questions.end

        door = Door(tx)
        self.put_ask = door.put_ask
        self.ask = door.ask
        self.open_ask = door.open_ask
        self.ask_again = door.ask_again
        self.asked_people = door.asked_people
        self.answer_ask = door.answer_ask
        self.stranger = door.stranger
        self.stranger_seen = door.stranger_seen
        self.stranger_answered = door.stranger_answered
        self.stranger_failed = door.stranger_failed
        self.forget_stranger = door.forget_stranger

        self.web = WebChat(tx)

        invites = Invites(tx)
        self.put_invite = invites.put
        self.invite = invites.find
        self.invite_by_hash = invites.find_by_hash
        self.use_invite = invites.use
        self.pend_invite = invites.pend
        self.end_invites = invites.end
        self.count_invites = invites.count

        self._timers = timers = Timers(tx)
        self.set_timer = timers.set
        self.cancel_timers = timers.cancel_all
        self.due_timers = timers.due
        self.timer_fired = timers.fired
        self.timer_failed = timers.failed

        self.calls = CallRows(tx)
        self.pages = Pages(tx, self.flush)
        self.agendas = Agendas(tx)
        self.ledger = Ledger(tx)

        self.ended = Ended(tx).of
        self.sessions = Sessions(tx)
        self.tokens = Tokens(tx)

        self.erasures = Erasures(tx)
        self.scrubbing = Scrubbing(tx)

    # the log and the registry together

    def registry_changed(self) -> None:
        """Look people, memberships and places up anew, here and in other processes."""
        self._registry.changed()
        self._places.changed()

    def revoke_endpoint(self, endpoint: Endpoint, how: str = "") -> None:
        """Let an endpoint count no more; whoever read there by a page of ours is signed out."""
        self._registry.revoke_endpoint(endpoint, how)
        if endpoint.network == NETWORK:
            self.web.close(endpoint.account, endpoint.address)

    def move_chat(self, old: Place, new: Place) -> list[OutboxRow]:
        """Follow a chat that got another id on its network: same people, same threads.

        Returns the rows on their way there, which are in other lanes now.
        """
        self._registry.move_chat(old, new)
        self._places.move_chat(old, new)
        return self._outbox.move_chat(old, new)

    def destroy_key(self, trajectory: str, owner: str) -> bool:
        """Destroy what opens an owner's words, for ever; False when there is nothing to destroy.

        What pages of web chat hold beside the log goes with them, and the ledger of erasures has a
        line of it in the same commit. Raises ValueError for the bridge's own key.
        """
        if (trajectory, owner) == BRIDGE_KEY:
            raise ValueError("the bridge's own key is never destroyed")
        self.flush()
        gone = _DESTROY.run(self._tx.connection, self._tx.at, trajectory, owner) == 1
        if gone:
            self.erasures.note(trajectory, owner)
        self._tx.key_destroyed(trajectory, owner)
        self.ledger.forget_words(trajectory, owner)
        self.web.erase(owner)
        return gone

    def put_blob(
        self, trajectory: str, owner: str, network: str, account: str, file: Attachment
    ) -> None:
        """Note that the bytes of a file are wanted; they are fetched after the commit."""
        put_blob(self._tx, trajectory, owner, network, account, file)
        self.left.blobs = True

    def blob(self, blob: str) -> BlobRow | None:
        """Return where the bytes of a file stand, None when they were never wanted."""
        return find_blob(self._tx, blob)

    def drop_blob(self, blob: str) -> None:
        """Delete the bytes of a file; that there was one stays known."""
        drop_blob(self._tx, blob)

    # the outbox

    def enqueue(self, trajectory: str, effects: Sequence[tuple[Effect, str]]) -> list[OutboxRow]:
        """Add effects, each with the owner of the entry that caused it; return their rows.

        Their log was looked at before in this unit, so that rows follow the order of the log.
        """
        self._logs.fetch((trajectory,))
        rows = [
            self._outbox.enqueue(_key(trajectory, effect), trajectory, owner, effect)
            for effect, owner in effects
        ]
        self.left.outbox += rows
        return rows

    def enqueue_desk(self, key: str, effect: Effect) -> OutboxRow:
        """Add an effect outside any log; a key that was used before gives the row it made."""
        known = self._outbox.by_key(key)
        if known is not None:
            return known
        row = self._outbox.enqueue(key, *BRIDGE_KEY, effect)
        self.left.outbox.append(row)
        return row

    def outbox_row(self, trajectory: str, seq: int, party: str) -> OutboxRow | None:
        """Return the newest row of an entry for a party, whatever its state."""
        rows = self._turns.of(effect_key(trajectory, seq, party))
        return rows[-1] if rows else None

    def turns_of(self, trajectory: str, seq: int, party: str) -> list[OutboxRow]:
        """Return the rows by which an entry was to come to a party, the newest last."""
        return self._turns.of(effect_key(trajectory, seq, party))

    def send_again(self, trajectory: str, effect: Effect, owner: str) -> OutboxRow | None:
        """Let an effect have another turn after its last; None when there is none left to have."""
        key = effect_key(trajectory, effect.seq, effect.to.party)
        row = self._turns.again(key, trajectory, owner, effect)
        if row is not None:
            self.left.outbox.append(row)
        return row

    def send_instead(self, number: int, effect: Effect, reason: str) -> OutboxRow | None:
        """End a row that waits, and send its effect by another; None when it is too late for that.

        Its log was looked at before in this unit, as with ``enqueue``.
        """
        row = self._turns.replace(number, effect, reason)
        if row is not None:
            self.left.outbox.append(row)
        return row

    def release(self, hold: str) -> tuple[tuple[int, ...], list[OutboxRow]]:
        """Let go what waits on a hold; return the inbox ids and the outbox rows, in order."""
        ids, rows = self._inbox.release(hold), self._outbox.release(hold)
        self.left.inbox += ids
        self.left.outbox += rows
        return ids, rows

    def drop(self, hold: str, reason: str) -> list[OutboxRow]:
        """Forget what waits on a hold; return the outbox rows that were suppressed."""
        self._inbox.drop(hold, reason)
        return self._outbox.drop(hold, reason)

    # the transaction

    def after_commit(self, call: Callable[[], None]) -> None:
        """Call this in the event loop once the transaction is committed; never otherwise."""
        self._after.append(call)

    def take_calls(self) -> Sequence[Callable[[], None]]:
        """Return what was registered since the last time, in order. For the writer."""
        taken, self._after = self._after, []
        return taken

    def fetch(self, wants: Wants) -> None:
        """Look up what a batch wants, each table once; logs are locked first, in order."""
        outbox = self._outbox.records
        self._inbox.fetch_keys(wants.keys)
        logs = set(wants.trajectories)
        logs |= self._registry.fetch(wants.endpoints, wants.people)
        logs |= self._places.fetch(wants.places)
        if not self._tx.sqlite:
            logs |= outbox.trajectories((*wants.outbox, *wants.claims))
        self._logs.fetch(logs)
        outbox.fetch(wants.outbox)
        outbox.fetch_claims(wants.claims)
        self._inbox.fetch(wants.inbox)
        self._showings.fetch(wants.shown)
        self._showings.fetch_externals(wants.externals)
        states = (self.state(name) for name in logs)
        self._registry.people.fetch({p for state in states if state for p in state.parties})

    def flush(self) -> None:
        """Write everything that was staged."""
        self._logs.flush()
        self._inbox.flush()
        self._cursors.flush()
        self._outbox.records.flush()
        self._showings.flush()
        self.ledger.flush()
        self._timers.flush()

    def finish_transaction(self, sends: frozenset[tuple[str, str]] | None) -> None:
        """Write the rest; the commit comes right after. For the writer.

        ``sends`` names the accounts this process sends for, None where it sees to nothing itself.
        """
        self.flush()
        if not self._tx.sqlite and self._needs_others(sends):
            waking.call(self._tx.connection)
        self._tx.bump()

    def _needs_others(self, sends: frozenset[tuple[str, str]] | None) -> bool:
        """Tell whether this transaction leaves something that this process will not see to."""
        left = self.left
        if self._tx.call_others:
            return True
        if sends is None:
            return bool(left.outbox or left.inbox or self._timers.due_at_once)
        return any((row.network, row.account) not in sends for row in left.outbox)

    def committed(self) -> None:
        """Keep what is worth keeping for the next transaction. For the writer."""
        self._tx.committed()
        self._logs.committed()
        self.left.logs = self._logs.grown
        self.left.erased = self.erasures.changed
        self._outbox.records.committed()
        self._inbox.committed()
        self._showings.committed()
        self._registry.committed()
        self._places.committed()


def _key(trajectory: str, effect: Effect) -> str:
    """An effect's key; what the bridge does beside showing an entry gets one of its own."""
    key = effect_key(trajectory, effect.seq, effect.to.party)
    match effect:
        case Acknowledge():
            return f"{key}/acknowledge"
        case OpenPlace():
            return f"{key}/place"
        case UseTelephone(act=act):
            return key if act is Act.CALL else f"{key}/{act.value}"
        case _:
            return key
