"""How a message would look at the other end, in a coach's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bridge.core.capabilities import LengthUnit, Protection
from bridge.runtime import network_names
from bridge.runtime.handle import foresee
from bridge.web import looks
from bridge.web.console import phrases
from bridge.web.console.posting import content_of, draft, receive
from storage.wants import Wants

if TYPE_CHECKING:
    from starlette.responses import Response

    from bridge.web.console.visit import Visit


class Look(msgspec.Struct, frozen=True):
    """How one recipient gets it: the parts in order, what is lost, who can read along."""

    name: str
    network: str
    parts: tuple[str, ...]
    losses: tuple[str, ...]
    protection: str
    limit: str
    waits: bool
    trouble: str


async def preview(visit: Visit) -> Response:
    """Show what each recipient would get; nothing is written."""
    trajectory = await visit.trajectory()
    form = await visit.form()
    content = await content_of(visit, trajectory, form)
    target = str(form.get("reply_to", ""))
    act = draft(visit, trajectory, content)
    command = receive(visit.person.id, act, int(target) if target.isdecimal() else 0)
    wants = Wants(trajectories=(trajectory,), people=(visit.person.id,))
    console = visit.console
    decision = await console.writer.submit(
        lambda unit: foresee(unit, trajectory, command, console.catalogue), wants
    )
    found = looks.looks(
        visit.store, console.adapters, console.public_url, visit.person.id, decision
    )
    return visit.page("preview.html", looks=[_told(visit, look) for look in found.looks])


def _told(visit: Visit, look: looks.Look) -> Look:
    say, catalogue = visit.words, visit.console.catalogue
    trouble = catalogue.reason(look.trouble, say.language) if look.trouble else ""
    limit = say(phrases.UNITS[LengthUnit(look.unit)], n=look.limit) if look.unit else ""
    safe = say(phrases.PROTECTION[Protection(look.protection)]) if look.protection else ""
    losses = (phrases.LOSSES.get(code, phrases.OTHER_LOSS) for code in look.losses)
    return Look(
        look.name,
        network_names.title(look.network) if look.network else "",
        parts=look.parts,
        losses=tuple(say(text, code=code) for text, code in zip(losses, look.losses, strict=True)),
        protection=safe,
        limit=limit,
        waits=look.waits,
        trouble=trouble,
    )
