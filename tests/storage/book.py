"""A book written by hand: logs, rows and payloads straight into the tables, right or wrong.

Tests of the read side and of the audit use it, because it can also write what the store's own
writer never would.
"""

import os
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from bridge.core import entries as e
from bridge.core.content import Attachment, Media, MediaKind, Text
from bridge.core.delivery import OPEN, DeliveryState
from bridge.core.effects import Address, SendMessage
from bridge.core.endpoint import Endpoint, Place
from bridge.core.trajectory import Trajectory, apply
from storage import codec, crypto
from storage import tables as t
from storage.engine import Store, open_store
from storage.keys import MasterKey

_KEY = MasterKey(os.urandom(32))
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOOR = Endpoint("telegram", "main", "111")
ANNA = Endpoint("telegram", "main", "222")


def opened(url: str) -> Store:
    """Open a store with the key of this run."""
    return open_store(url, _KEY)


def text(words: str) -> Text:
    """A chat line."""
    return Text(body=(words,))


def place(endpoint: Endpoint) -> Place:
    """The private chat at an endpoint."""
    return Place(endpoint.network, endpoint.account, endpoint.address)


class Book:
    """Writes into a store, a second of its own clock for each thing; goes on where it ended."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.at = START
        self.keys = store.keyring()
        self.states: dict[str, Trajectory] = {}
        self.heads: dict[str, bytes] = {}
        c = t.trajectories.c
        with store.reading() as connection:
            for name, state, head, at in connection.execute(
                sa.select(c.id, t.states.c.state, c.head_hash, c.last_at).where(
                    t.states.c.trajectory == c.id
                )
            ):
                self.states[name], self.heads[name] = codec.decode_state(state), head
                self.at = max(self.at, codec.instant(at))

    def run(self, statement: sa.Executable | str, **values: object) -> None:
        """Change anything."""
        with self.store.writer.begin() as connection:
            if isinstance(statement, str):
                statement = sa.text(statement)
            connection.execute(statement, values)

    def append(self, trajectory: str, *added: e.Entry, minutes: float = 0) -> int:
        """Add entries to a log as they should be; return the last one's seq."""
        self.at += timedelta(seconds=1, minutes=minutes)
        state = self.states.get(trajectory, Trajectory(id=trajectory))
        head = self.heads.get(trajectory, crypto.genesis(trajectory))
        rows = []
        with self.store.writer.begin() as connection:
            for entry in added:
                state = apply(state, entry, self.at)
                row, head = self._row(connection, trajectory, state.seq, entry, head)
                rows.append(row)
            connection.execute(t.entries.insert(), rows)
            self._head(connection, state, head)
        self.states[trajectory], self.heads[trajectory] = state, head
        return state.seq

    def _row(
        self, connection: sa.Connection, trajectory: str, seq: int, entry: e.Entry, head: bytes
    ) -> tuple[dict[str, object], bytes]:
        at = codec.micros(self.at)
        envelope, hidden = codec.split_entry(entry)
        sealer = self.keys.make(connection, trajectory, entry.owner, at)
        sealed = None
        if hidden is not None and sealer is not None:
            sealed = sealer.seal(hidden, crypto.entry_binding(trajectory, seq, entry.kind))
        fields = (trajectory, seq, at, entry.kind, entry.author, entry.owner, envelope, sealed)
        digest = crypto.entry_hash(head, *fields)
        row: dict[str, object] = dict(zip(_ENTRY, (*fields, head, digest), strict=True))
        return row, digest

    def _head(self, connection: sa.Connection, state: Trajectory, head: bytes) -> None:
        at = codec.micros(self.at)
        row = {
            "id": state.id,
            "seq": state.seq,
            "head_hash": head,
            "closed": state.closed,
            "last_at": at,
        }
        for table in (t.trajectories, t.states, t.parties, t.places):
            column = table.c.id if table is t.trajectories else table.c.trajectory
            connection.execute(sa.delete(table).where(column == state.id))
        connection.execute(t.trajectories.insert(), row | {"opened_at": at})
        kept = {"trajectory": state.id, "state": codec.encode_state(state)}
        connection.execute(t.states.insert(), kept)
        for person, party in state.parties.items():
            member = t.parties.insert().values(trajectory=state.id, person=person)
            connection.execute(member.values(role=party.role, active=party.active))
            if party.place is not None:
                names = ("network", "account", "chat", "thread")
                bound = {name: getattr(party.place, name) for name in names}
                bound |= {"trajectory": state.id, "party": person}
                connection.execute(t.places.insert(), bound)

    def link(self, person: str, endpoint: Endpoint, **changed: object) -> None:
        """Let a person be reached at an endpoint."""
        at = codec.micros(self.at)
        row: dict[str, object] = {
            "network": endpoint.network,
            "account": endpoint.account,
            "address": endpoint.address,
            "person": person,
            "chat": endpoint.address,
            "epoch": 1,
            "verified_at": at,
        }
        self.run(t.endpoints.insert().values(**row | changed))

    def sending(
        self,
        trajectory: str,
        seq: int,
        party: str,
        to: Endpoint,
        state: DeliveryState = DeliveryState.SENT,
        **changed: object,
    ) -> None:
        """Write an outbox row."""
        at = codec.micros(self.at)
        row: dict[str, object] = {
            "key": f"{trajectory}/{seq}/{party}",
            "trajectory": trajectory,
            "seq": seq,
            "party": party,
            "lane": place(to).lane,
            "network": to.network,
            "account": to.account,
            "address": to.address,
            "epoch": 1,
            "purpose": "chat",
            "priority": 1,
            "state": state.value,
            "payload": os.urandom(40) if state in OPEN else None,
            "created_at": at,
            "updated_at": at,
        }
        self.run(t.outbox.insert().values(**row | changed))

    def seal_picture(
        self, key: str, seq: int, party: str, to: Endpoint, album: str, owner: str = "noor"
    ) -> None:
        """Let an outbox row carry a picture of an album."""
        trajectory = key.partition("/")[0]
        content = Media(MediaKind.PHOTO, Attachment(id=f"{key}/file"), album=album)
        effect = SendMessage(seq=seq, to=Address(party, to, 1, place(to)), content=content)
        with self.store.writer.begin() as connection:
            sealer = self.keys.find(connection, trajectory, owner)
            assert sealer is not None
            sealed = sealer.seal(codec.encode_effect(effect), crypto.fields("outbox", key))
            changed = {"payload": sealed, "key_owner": owner}
            connection.execute(sa.update(t.outbox).where(t.outbox.c.key == key).values(changed))

    def payload(self, key: str, state: str = "handled", **changed: object) -> int:
        """Write an inbox row with its key; return its id."""
        at = codec.micros(self.at)
        waits = state in ("new", "held", "parked")
        row: dict[str, object] = {
            "network": "telegram",
            "account": "main",
            "key": key,
            "payload": os.urandom(40) if waits else None,
            "state": state,
            "received_at": at,
            "handled_at": None if waits else at,
        }
        with self.store.writer.begin() as connection:
            added = connection.execute(t.inbox.insert().values(**row | changed))
            number = int((added.inserted_primary_key or (0,))[0])
            connection.execute(
                t.inbox_keys.insert().values(
                    network="telegram", account="main", key=key, inbox=number
                )
            )
        return number

    def shown(self, to: Endpoint, external_id: str, trajectory: str, seq: int, party: str) -> None:
        """Note that a message on a network shows a line to a party."""
        at = place(to)
        self.run(
            t.message_ids.insert().values(
                network=at.network,
                account=at.account,
                chat=at.chat,
                external_id=external_id,
                trajectory=trajectory,
                seq=seq,
                party=party,
            )
        )

    def begin(self, trajectory: str) -> None:
        """Open a trajectory with a coach and a client who agreed."""
        self.append(
            trajectory,
            e.TrajectoryOpened(title="Reading more"),
            e.PartyAdded(party="noor", role="coach", name="Noor"),
            e.PartyAdded(party="anna", role="client", name="Anna"),
            e.ConsentGiven(
                party="anna", version="1", language="en", how="recorded", text="I agree"
            ),
        )

    def say(self, trajectory: str, author: str, words: str, external_id: str) -> int:
        """Let one of the two say something that reaches the other; return its seq."""
        here, there = (NOOR, ANNA) if author == "noor" else (ANNA, NOOR)
        other = "anna" if author == "noor" else "noor"
        number = self.payload(f"update:{author}:{external_id}")
        seq = self.append(
            trajectory,
            e.MessagePosted(
                author=author,
                network="telegram",
                to=(other,),
                inbox=number,
                content=text(words),
                external_id=external_id,
                place=place(here),
            ),
        )
        self.run(
            sa.update(t.inbox).where(t.inbox.c.id == number).values(trajectory=trajectory, seq=seq)
        )
        self.shown(here, external_id, trajectory, seq, author)
        self.sending(trajectory, seq, other, there)
        self.append(trajectory, delivered(seq, other, f"{external_id}-out"))
        self.shown(there, f"{external_id}-out", trajectory, seq, other)
        return seq


_ENTRY = tuple(column.name for column in t.entries.columns)


def delivered(
    seq: int, party: str, *external_ids: str, state: DeliveryState = DeliveryState.SENT
) -> e.DeliveryChanged:
    """The entry that tells what became of a line."""
    return e.DeliveryChanged(
        target=seq, party=party, state=state, network="telegram", external_ids=external_ids
    )


def make_sound(url: str) -> None:
    """Fill a database in which everything is as it should be.

    In anna-2026 anna wrote line 5 and noor line 7; both were delivered, so it ends at line 8.
    """
    book = Book(opened(url))
    book.link("noor", NOOR)
    book.link("anna", ANNA)
    book.begin("anna-2026")
    book.say("anna-2026", "anna", "I read ten pages", "10")
    book.say("anna-2026", "noor", "Well done!", "20")
    book.store.close()
