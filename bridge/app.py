"""The composition root: the only place that knows every network and the store."""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bridge.core.adapter import Voice
from bridge.core.capabilities import Feature, LengthUnit, Support
from bridge.core.errors import ConfigError
from bridge.runtime.agenda import AgendaPages
from bridge.runtime.erasing import replay
from bridge.runtime.links import Links
from bridge.runtime.texts import ROOM, Catalogue
from storage.engine import lock_process, open_store
from storage.keys import load_master_key
from storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from adapters.webchat import Screens
    from bridge.accounts import Section
    from bridge.config import Settings
    from bridge.core.adapter import Adapter
    from bridge.core.capabilities import Capabilities
    from bridge.core.inbound import Inbound
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.service import Service
    from bridge.runtime.transcripts import Transcripts
    from scheduling.ticker import Ticker
    from storage.blobs import Blobs
    from storage.engine import Store
    from storage.inbox import InboxRow


@dataclass(slots=True, frozen=True)
class Offline:
    """What a short command needs: the store beside a bridge that may be serving."""

    store: Store
    writer: Writer
    catalogue: Catalogue
    adapters: Mapping[tuple[str, str], Adapter]

    def parse(self, row: InboxRow) -> Sequence[Inbound]:
        """Return what a kept payload tells; nothing of an account that is not in the settings."""
        return parsed(self.adapters, row)


def parsed(adapters: Mapping[tuple[str, str], Adapter], row: InboxRow) -> Sequence[Inbound]:
    """Return what a kept payload tells. Raises ParseError."""
    adapter = adapters.get((row.network, row.account))
    return adapter.parse(row.payload) if adapter is not None else ()


@dataclass(slots=True, frozen=True)
class App:
    """Everything a serving process has."""

    settings: Settings
    store: Store
    writer: Writer
    adapters: Mapping[tuple[str, str], Adapter]
    metrics: Metrics
    service: Service
    links: Links
    blobs: Blobs
    catalogue: Catalogue
    ticker: Ticker

    async def start(self) -> None:
        """Take up what was left, then listen, send and look for what is due."""
        await self.service.start(listen=True)
        self.ticker.start()

    async def stop(self) -> None:
        """Decide nothing new, then end in the service's order."""
        self.ticker.stop()
        await self.service.stop()

    def close(self) -> None:
        """Let go of the store; the service has been stopped before."""
        self.writer.close()
        self.store.close()


@dataclass(slots=True, frozen=True)
class Ground:
    """What networks are built on; ``screens`` makes the pages of a web chat's account, where this
    process serves them."""

    settings: Settings
    screens: Callable[[str], Screens] | None = None


def _fields(section: Section) -> dict[str, Any]:
    """Return a section's values by name; ``dict(section)`` stumbles over a field named ``keys``."""
    return {name: getattr(section, name) for name in type(section).model_fields}


def _telegram(ground: Ground) -> Iterator[Adapter]:
    from adapters import telegram

    url = ground.settings.web.public_url
    for account, section in ground.settings.telegram.items():
        own = telegram.TelegramSettings(**_fields(section), public_url=url)
        yield telegram.build(account, own)


def _slack(ground: Ground) -> Iterator[Adapter]:
    from adapters import slack

    url = ground.settings.web.public_url
    for account, section in ground.settings.slack.items():
        own = slack.SlackSettings(**_fields(section), public_url=url)
        yield slack.build(account, own)


def _webchat(ground: Ground) -> Iterator[Adapter]:
    if not ground.settings.webchat.enabled:
        return
    from adapters import webchat

    screens = ground.screens("main") if ground.screens else None
    yield webchat.build("main", ground.settings.web.public_url, screens)


def _twilio(ground: Ground) -> Iterator[Adapter]:
    """Yield both networks of each account; they share its settings and its webhooks."""
    from adapters import twilio

    url = ground.settings.web.public_url
    for account, section in ground.settings.twilio.items():
        own = twilio.TwilioSettings(**_fields(section), public_url=url)
        yield from twilio.build(account, own)


def _email(ground: Ground) -> Iterator[Adapter]:
    from adapters import email

    for account, section in ground.settings.email.items():
        yield email.build(account, email.EmailSettings(**_fields(section)))


def _matrix(ground: Ground) -> Iterator[Adapter]:
    from adapters import matrix

    for account, section in ground.settings.matrix.items():
        yield matrix.build(account, matrix.MatrixSettings(**_fields(section)))


NETWORKS: Mapping[str, Callable[[Ground], Iterator[Adapter]]] = {
    "telegram": _telegram,
    "slack": _slack,
    "webchat": _webchat,
    "twilio": _twilio,
    "email": _email,
    "matrix": _matrix,
}
"""Every network by its section of the settings; it is loaded only where that is filled in.

A network that is called by its vendor is a ``Webhook`` and needs no route of its own; pages of a
network are in ``bridge.web.pages``, above this.
"""


def build_adapters(
    settings: Settings, screens: Callable[[str], Screens] | None = None
) -> dict[tuple[str, str], Adapter]:
    """Return the adapter of every configured account, by (network, account).

    ``screens`` makes the pages of web chat, where this process serves them. Raises ConfigError.
    """
    ground = Ground(settings, screens)
    return {
        (adapter.network, adapter.account): adapter
        for section, build_all in NETWORKS.items()
        if getattr(settings, section)
        for adapter in build_all(ground)
    }


@contextmanager
def open_offline(
    settings: Settings, *, create: bool = True, erase_again: bool = True
) -> Iterator[Offline]:
    """Open the store for one command; without ``create`` a database file must be there.

    What the ledger of erasures says is carried out first, but for who judges whether it was.

    Raises ConfigError, StoreError.
    """
    if not create:
        _refuse_missing(settings)
    store = _open(settings)
    writer = Writer(store)
    try:
        catalogue = Catalogue(_links(settings, store), agenda=_pages(settings, store))
        offline = Offline(store, writer, catalogue, build_adapters(settings))
        if erase_again:
            replay(store, writer, catalogue, offline.parse)
        yield offline
    finally:
        writer.close()
        store.close()


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Be the one process that may serve a SQLite database, for as long as this lasts.

    Raises ConfigError naming the process that has it. Does nothing on PostgreSQL.
    """
    lock = lock_process(settings.store.url)
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


def build(settings: Settings, clock: Callable[[], datetime] | None = None) -> App:
    """Build what a serving process needs, alone with its store where that takes one process.

    A ``clock`` of one's own decides what time it is for everything that is written.

    Raises ConfigError, StoreError.
    """
    with ExitStack() as undo:
        store = _open(settings)
        undo.callback(store.close)
        store.lock_process()
        writer = Writer(store, clock) if clock is not None else Writer(store)
        undo.callback(writer.close)
        app = _assembled(settings, store, writer)
        replay(store, writer, app.catalogue, partial(parsed, app.adapters))
        undo.pop_all()
        return app


def _assembled(settings: Settings, store: Store, writer: Writer) -> App:
    from bridge.runtime.courier import OutboxSettings
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.service import Service
    from bridge.runtime.watch import Watch
    from bridge.runtime.webscreens import WebScreens
    from scheduling.ticker import Ticker
    from scheduling.timers import Timers
    from storage.blobs import Blobs

    metrics, blobs, watch = Metrics(), Blobs(store), Watch()
    links = _links(settings, store)
    screens = partial(WebScreens, store=store, writer=writer, blobs=blobs, watch=watch)
    adapters = build_adapters(settings, screens)
    protections = {n: a.capabilities.protection.value for (n, _), a in adapters.items()}
    rooms = {n: _room(a.capabilities) for (n, _), a in adapters.items()}
    delay = timedelta(seconds=settings.outbox.send_delay_seconds)
    catalogue = Catalogue(
        links,
        protections,
        rooms,
        _pages(settings, store),
        delay,
        tell_protection=settings.notices.protection == "once",
        pictures=_with_photos(adapters, Support.PARTIAL, Support.FULL),
        wordy=_with_photos(adapters, Support.FALLBACK),
        answering=frozenset(n for (n, _), a in adapters.items() if a.capabilities.answers_always),
        own_pages=frozenset(n for (n, _), a in adapters.items() if a.capabilities.own_page),
        lines=[line for one in adapters.values() if isinstance(one, Voice) for line in one.lines()],
    )
    ticker = Ticker(Timers(writer, catalogue))
    service = Service(
        store,
        writer,
        blobs,
        {f"{network}:{account}": adapter for (network, account), adapter in adapters.items()},
        catalogue,
        metrics,
        outbox=OutboxSettings(
            resend=settings.outbox.ambiguous_chat == "resend",
            lease=timedelta(seconds=settings.outbox.lease_seconds),
        ),
        max_media=settings.media.max_bytes,
        owner=f"{os.getpid()}-{secrets.token_hex(4)}",
        watch=watch,
        transcripts=_transcripts(settings, writer, blobs, catalogue),
        due=ticker.look,
    )
    return App(settings, store, writer, adapters, metrics, service, links, blobs, catalogue, ticker)


def _transcripts(
    settings: Settings, writer: Writer, blobs: Blobs, catalogue: Catalogue
) -> Transcripts | None:
    """Return who adds texts to sounds, None where nobody is to hear them."""
    chosen = settings.transcription
    if not chosen.url and not chosen.command:
        return None
    from bridge.runtime.transcripts import Hearing, Transcripts

    hearing = Hearing(chosen.url, chosen.command, chosen.seconds)
    return Transcripts(writer, blobs, catalogue, hearing)


def _with_photos(adapters: Mapping[tuple[str, str], Adapter], *support: Support) -> frozenset[str]:
    """Return the networks that show a photo as well as this."""
    return frozenset(
        network
        for (network, _), adapter in adapters.items()
        if adapter.capabilities.support[Feature.PHOTO] in support
    )


def _room(capabilities: Capabilities) -> int:
    """Return how many characters one answer of the bridge may have on a network."""
    if capabilities.text_unit is LengthUnit.SEGMENTS:
        return capabilities.max_text * 150  # of 160, 153 or, with signs beyond GSM-7, 67
    return min(capabilities.max_text, ROOM)


def _pages(settings: Settings, store: Store) -> AgendaPages:
    """Pages of appointments; mail alone carries invitations that a calendar understands."""
    return AgendaPages(
        store.derive("agenda pages"),
        settings.web.public_url,
        frozenset({"email"}) if settings.email else frozenset(),
        video=bool(settings.video.url),
    )


def _links(settings: Settings, store: Store) -> Links:
    return Links(store.derive("file links"), settings.web.public_url)


def _refuse_missing(settings: Settings) -> None:
    """Who only looks must not make a store, and a key with it, that nobody asked for."""
    file = Path(settings.store.url.removeprefix("sqlite:///").partition("?")[0])
    if settings.store.url.startswith("sqlite") and not file.exists():
        raise ConfigError(
            f"there is no database {file} yet: is this the right --config? "
            "`coachbridge apply` and `coachbridge serve` make it"
        )


def _open(settings: Settings) -> Store:
    environment = {"COACHBRIDGE_KEY": settings.key.get_secret_value()} if settings.key else {}
    key = load_master_key(settings.keys.file, environment)
    return open_store(settings.store.url, key, erasures=settings.keys.ledger)
