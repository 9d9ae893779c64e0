"""All pages of a serving process: what people and programs open, beside what networks call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.runtime.pictures import Pictures
from bridge.web.agenda import agenda_routes
from bridge.web.api import api_routes, parts_of
from bridge.web.chat import chat_routes
from bridge.web.console import console_routes
from bridge.web.files import file_routes
from bridge.web.message import message_routes
from bridge.web.take import take_routes

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from bridge.app import App


def page_routes(app: App) -> list[BaseRoute]:
    """Return the routes of links to files, words and logs, the console, its API and web chat."""
    return [
        *file_routes(app.links, app.writer, Pictures(app.blobs)),
        *message_routes(app.links, app.store, app.writer, app.catalogue),
        *take_routes(app.links, app.store, app.writer, app.blobs, app.catalogue),
        *console_routes(app),
        *api_routes(parts_of(app)),
        *chat_routes(app),
        *agenda_routes(app),
    ]
