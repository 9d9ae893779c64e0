"""The composition root: the only place that knows every network and the store."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager
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

    from bridge.config import Settings
    from bridge.core.adapter import Adapter
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.service import Service
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

    def close(self) -> None:
        """Let go of the store; the service has been stopped before."""
        self.writer.close()
        self.store.close()


def build_adapters(settings: Settings) -> dict[tuple[str, str], Adapter]:
    """Return the adapter of every configured account, by (network, account)."""
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
    if settings.email:
        from adapters import email

        for account, box in settings.email.items():
            adapters["email", account] = email.build(account, email.EmailSettings(**dict(box)))
    return adapters


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
    from bridge.runtime.courier import OutboxSettings
    from bridge.runtime.metrics import Metrics
    from bridge.runtime.service import Service
    from storage.blobs import Blobs

    adapters = build_adapters(settings)
    store = _open(settings)
    try:
        store.lock_process()
    except BaseException:
        store.close()
        raise
    writer = Writer(store)
    metrics = Metrics()
    links, blobs = _links(settings, store), Blobs(store)
    service = Service(
        store,
        writer,
        blobs,
        {f"{network}:{account}": adapter for (network, account), adapter in adapters.items()},
        Catalogue(links, {n: a.capabilities.protection for (n, _), a in adapters.items()}),
        metrics,
        outbox=OutboxSettings(
            resend=settings.outbox.ambiguous_chat == "resend",
            lease=timedelta(seconds=settings.outbox.lease_seconds),
        ),
        max_media=settings.media.max_bytes,
        owner=f"{os.getpid()}-{secrets.token_hex(4)}",
    )
    return App(settings, store, writer, adapters, metrics, service, links, blobs)


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
