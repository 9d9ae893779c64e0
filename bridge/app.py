"""The composition root: the only place that knows every network and the store."""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.core.errors import ConfigError
from bridge.runtime.links import Links
from bridge.runtime.texts import Catalogue
from storage.engine import open_store
from storage.keys import load_master_key
from storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.webchat import Screens
    from bridge.config import Settings
    from bridge.core.adapter import Adapter
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.service import Service
    from scheduling.ticker import Ticker
    from storage.blobs import Blobs
    from storage.engine import Store


@dataclass(slots=True, frozen=True)
class Offline:
    """What a short command needs: the store beside a bridge that may be serving."""

    store: Store
    writer: Writer
    catalogue: Catalogue
    adapters: Mapping[tuple[str, str], Adapter]


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


def build_adapters(
    settings: Settings, screens: Screens | None = None
) -> dict[tuple[str, str], Adapter]:
    """Return the adapter of every configured account, by (network, account).

    ``screens`` are the pages of web chat, where this process serves them.
    """
    adapters: dict[tuple[str, str], Adapter] = {}
    if settings.telegram:
        from adapters import telegram

        for account, section in settings.telegram.items():
            adapters["telegram", account] = telegram.build(
                account,
                telegram.TelegramSettings(
                    token=section.token,
                    mode=section.mode,
                    webhook_secret=section.webhook_secret,
                    api_url=section.api_url,
                    public_url=settings.web.public_url,
                    rate_per_second=section.rate_per_second,
                    chat_rate_per_second=section.chat_rate_per_second,
                ),
            )
    if settings.slack:
        _add_slack(settings, adapters)
    if settings.webchat.enabled:
        from adapters import webchat

        web = webchat.build("main", settings.web.public_url, screens)
        adapters["web", "main"] = web
    if settings.twilio:
        _add_twilio(settings, adapters)
    if settings.email:
        from adapters import email

        for account, box in settings.email.items():
            adapters["email", account] = email.build(account, email.EmailSettings(**dict(box)))
    if settings.matrix:
        _add_matrix(settings, adapters)
    return adapters


def _add_slack(settings: Settings, adapters: dict[tuple[str, str], Adapter]) -> None:
    from adapters import slack

    for account, app in settings.slack.items():
        adapters["slack", account] = slack.build(
            account,
            slack.SlackSettings(
                bot_token=app.bot_token,
                mode=app.mode,
                app_token=app.app_token,
                signing_secret=app.signing_secret,
                api_url=app.api_url,
                rate_per_second=app.rate_per_second,
                chat_rate_per_second=app.chat_rate_per_second,
            ),
        )


def _add_matrix(settings: Settings, adapters: dict[tuple[str, str], Adapter]) -> None:
    from adapters import matrix

    for account, own in settings.matrix.items():
        adapters["matrix", account] = matrix.build(
            account,
            matrix.MatrixSettings(
                homeserver=own.homeserver,
                user_id=own.user_id,
                password=own.password,
                access_token=own.access_token,
                device_id=own.device_id,
                encryption=own.encryption,
                keys=own.keys,
                rate_per_second=own.rate_per_second,
            ),
        )


def _add_twilio(settings: Settings, adapters: dict[tuple[str, str], Adapter]) -> None:
    """Add both networks of each account; they share its settings and its webhooks."""
    from adapters import twilio

    for account, section in settings.twilio.items():
        given = twilio.TwilioSettings(**dict(section), public_url=settings.web.public_url)
        for built in twilio.build(account, given):
            adapters[built.network, account] = built


@contextmanager
def open_offline(settings: Settings, *, create: bool = True) -> Iterator[Offline]:
    """Open the store for one command; without ``create`` a database file must be there.

    Raises ConfigError, StoreError.
    """
    if not create:
        _refuse_missing(settings)
    store = _open(settings)
    writer = Writer(store)
    try:
        yield Offline(store, writer, Catalogue(_links(settings, store)), build_adapters(settings))
    finally:
        writer.close()
        store.close()


def build(settings: Settings) -> App:
    """Build what a serving process needs, alone with its store where that takes one process.

    Raises ConfigError, StoreError.
    """
    with ExitStack() as undo:
        store = _open(settings)
        undo.callback(store.close)
        store.lock_process()
        writer = Writer(store)
        undo.callback(writer.close)
        app = _assembled(settings, store, writer)
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
    adapters = build_adapters(settings, WebScreens("main", store, writer, blobs, watch))
    protections = {n: a.capabilities.protection.value for (n, _), a in adapters.items()}
    catalogue = Catalogue(links, protections)
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
    )
    ticker = Ticker(Timers(writer, catalogue))
    return App(settings, store, writer, adapters, metrics, service, links, blobs, catalogue, ticker)


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
    return open_store(settings.store.url, load_master_key(settings.keys.file, environment))
