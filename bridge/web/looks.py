"""How a message would look at the other end, before it is sent; codes, which pages put in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.adapter import Delivery
from bridge.core.content import attachment
from bridge.core.effects import SendMessage
from storage import persons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bridge.core.adapter import Adapter, Request
    from bridge.core.decide import Decision
    from storage.engine import Store

NO_ACCOUNT = "no_account"
_WORDS = ("text", "body", "caption", "Body", "plain")
"""Parameters in which networks carry words; the first that holds a text is shown."""


class Look(msgspec.Struct, frozen=True):
    """How one recipient gets it: the parts in order, what is lost, who can read along.

    ``limit`` counts in ``unit``; ``waits`` = not before they agreed; ``trouble`` is the code of
    the reason why it would not arrive, '' when it would.
    """

    person: str
    name: str
    network: str = ""
    parts: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    protection: str = ""
    limit: int = 0
    unit: str = ""
    waits: bool = False
    trouble: str = ""


class Looks(msgspec.Struct, frozen=True):
    """How everybody would get it; nobody = it would only stand in the log."""

    looks: tuple[Look, ...]


def looks(
    store: Store,
    adapters: Mapping[str, Adapter],
    public_url: str,
    author: str,
    decision: Decision,
) -> Looks:
    """Return how a decision would look; ``adapters`` by ``network:account``. Raises StoreError."""
    sends = [one for one in decision.effects if isinstance(one, SendMessage)]
    stuck = [one for one in decision.entries if isinstance(one, e.DeliveryChanged)]
    people = {one.to.party for one in sends} | {one.party for one in stuck}
    known = persons.persons(store, people)
    names = {person: known[person].name if person in known else person for person in people}
    found = [
        _look(adapters, public_url, effect, names[effect.to.party])
        for effect in sends
        if effect.to.party != author
    ]
    found += [Look(one.party, names[one.party], trouble=one.reason) for one in stuck]
    return Looks(tuple(found))


def _look(adapters: Mapping[str, Adapter], public_url: str, effect: SendMessage, name: str) -> Look:
    place = effect.to.place
    adapter = adapters.get(f"{place.network}:{place.account}")
    if adapter is None:
        return Look(effect.to.party, name, place.network, trouble=NO_ACCOUNT)
    file = attachment(effect.content)
    link = f"{file.name}: {public_url}/…" if file is not None else ""
    rendered = adapter.render(Delivery(effect, file_link=link))
    return Look(
        effect.to.party,
        name,
        place.network,
        parts=tuple(_words_of(request) for request in rendered.requests if request.shows),
        losses=rendered.losses,
        protection=adapter.capabilities.protection.value,
        limit=adapter.capabilities.max_text,
        unit=adapter.capabilities.text_unit.value,
        waits=bool(effect.hold),
    )


def _words_of(request: Request) -> str:
    for name in _WORDS:
        value = request.params.get(name)
        if isinstance(value, str) and value:
            return value
    return " ".join(upload.name for upload in request.uploads)
