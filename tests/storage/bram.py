"""Bram, who comes into the log of the sound store as one more client."""

import msgspec

from bridge.core import entries as e
from tests.storage.book import ANNA, Book, delivered

TRAJECTORY = "anna-2026"
BRAM = msgspec.structs.replace(ANNA, address="333")


def other_client(book: Book) -> None:
    """Bram takes part, was not asked yet, and is linked."""
    book.link("bram", BRAM)
    book.append(TRAJECTORY, e.PartyAdded(party="bram", role="client", name="Bram"))


def to_bram(book: Book, *, told: bool = True, **changed: object) -> int:
    """Say something to Bram; ``told`` = the log says that it went."""
    seq = book.append(TRAJECTORY, e.MessagePosted(author="noor", network="telegram", to=("bram",)))
    book.sending(TRAJECTORY, seq, "bram", BRAM, **changed)  # type: ignore[arg-type]
    if told:
        book.append(TRAJECTORY, delivered(seq, "bram", str(seq)))
    return seq


def agreed(book: Book) -> None:
    """Bram agrees."""
    given = e.ConsentGiven(party="bram", version="1", language="en", how="answered")
    book.append(TRAJECTORY, given)
