"""How a message would look at the other end, before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core import entries as e
from bridge.core.adapter import Delivery
from bridge.core.content import attachment
from bridge.core.effects import SendMessage
from bridge.runtime.handle import foresee
from bridge.web.console import phrases
from bridge.web.console.posting import content_of, draft, receive
from storage import persons
from storage.wants import Wants

if TYPE_CHECKING:
    from starlette.responses import Response

    from bridge.core.adapter import Adapter, Request
    from bridge.core.decide import Decision
    from bridge.web.console.visit import Visit

_WORDS = ("text", "body", "caption", "Body", "plain")
"""Parameters in which networks carry words; the first that holds a text is shown."""


class Look(msgspec.Struct, frozen=True):
    """How one recipient gets it: the parts in order, what is lost, who can read along."""

    name: str
    network: str
    parts: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    protection: str = ""
    limit: str = ""
    waits: bool = False
    trouble: str = ""


async def preview(visit: Visit) -> Response:
    """Show what each recipient would get; nothing is written."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    content = await content_of(visit, trajectory, form)
    target = str(form.get("reply_to", ""))
    act = draft(visit, trajectory, content)
    command = receive(visit.person.id, act, int(target) if target.isdecimal() else 0)
    wants = Wants(trajectories=(trajectory,), people=(visit.person.id,))
    decision = await visit.console.writer.submit(
        lambda unit: foresee(unit, trajectory, command, visit.console.catalogue), wants
    )
    return visit.page("preview.html", looks=looks(visit, decision))


def looks(visit: Visit, decision: Decision) -> list[Look]:
    """Return how a decision would look at each recipient's end."""
    found: list[Look] = []
    to = {effect.to.party for effect in decision.effects}
    to |= {entry.party for entry in decision.entries if isinstance(entry, e.DeliveryChanged)}
    names = persons.persons(visit.store, to)
    for effect in decision.effects:
        if isinstance(effect, SendMessage) and effect.to.party != visit.person.id:
            known = names.get(effect.to.party)
            found.append(_look(visit, effect, known.name if known else effect.to.party))
    for entry in decision.entries:
        if isinstance(entry, e.DeliveryChanged):
            known = names.get(entry.party)
            why = visit.console.catalogue.reason(entry.reason, visit.words.language)
            found.append(Look(known.name if known else entry.party, "", trouble=why))
    return found


def _look(visit: Visit, effect: SendMessage, name: str) -> Look:
    say, place = visit.words, effect.to.place
    network = phrases.network_name(place.network)
    adapter = visit.console.adapters.get(f"{place.network}:{place.account}")
    if adapter is None:
        return Look(
            name, network, trouble=visit.console.catalogue.reason("no_account", say.language)
        )
    file = attachment(effect.content)
    link = f"{file.name}: {visit.console.public_url}/…" if file is not None else ""
    rendered = adapter.render(Delivery(effect, file_link=link))
    return Look(
        name,
        network,
        parts=tuple(_words_of(request) for request in rendered.requests if request.shows),
        losses=tuple(
            say(phrases.LOSSES.get(code, phrases.OTHER_LOSS), code=code) for code in rendered.losses
        ),
        protection=say(phrases.PROTECTION[adapter.capabilities.protection]),
        limit=_limit(visit, adapter),
        waits=bool(effect.hold),
    )


def _limit(visit: Visit, adapter: Adapter) -> str:
    known = adapter.capabilities
    return visit.words(phrases.UNITS[known.text_unit], n=known.max_text)


def _words_of(request: Request) -> str:
    for name in _WORDS:
        value = request.params.get(name)
        if isinstance(value, str) and value:
            return value
    return " ".join(upload.name for upload in request.uploads)
