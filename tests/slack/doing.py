"""An effect on its way to Slack, rendered and sent."""

from adapters.slack import SlackAdapter
from bridge.core.adapter import Delivery
from bridge.core.content import (
    Attachment,
    Content,
)
from bridge.core.effects import (
    Address,
    Effect,
)
from bridge.core.endpoint import Endpoint, Place
from tests.conformance.contents import sending, to
from tests.conformance.kit import MemoryFiles
from tests.slack.kit import ANNA

DATA = bytes(range(256)) * 2000
FILES = MemoryFiles(file1=DATA)
TO_ANNA = to("slack", ANNA)
KEY = "anna-2026/7/anna/0"


async def do(
    bot: SlackAdapter, effect: Effect, key: str = "k", **words: object
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Render and send; return the external ids and the losses."""
    rendered = bot.render(Delivery(effect, **words))  # type: ignore[arg-type]
    sent = [await bot.send(request, key, FILES) for request in rendered.requests]
    return tuple(one for each in sent for one in each.external_ids), rendered.losses


async def say(bot: SlackAdapter, content: Content, header: str = "", **words: object) -> str:
    ids, _ = await do(bot, sending(content, TO_ANNA, header), **words)  # type: ignore[arg-type]
    return ids[0]


def a_file(mime: str, name: str = "") -> Attachment:
    return Attachment(id="file1", mime=mime, name=name, size=len(DATA), seconds=3)


def within(chat: str, thread: str = "") -> Address:
    place = Place("slack", "main", chat, thread)
    return Address("noor", Endpoint("slack", "main", ANNA), 1, place)
