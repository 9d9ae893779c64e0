"""Calls about accounts: logging in, names, filters, and keys of which there are none.

An account encrypts nothing here, so what concerns keys is answered with nothing.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from adapters.emulators.matrix.errors import MatrixError, forbidden, not_found

if TYPE_CHECKING:
    from adapters.emulators.matrix.methods import Ask
    from adapters.emulators.matrix.service import Service
    from adapters.emulators.matrix.world import Account
    from adapters.emulators.misuse import Json


def whoami(ask: Ask) -> Json:
    return {"user_id": ask.user_id, "device_id": ask.device, "is_guest": False}


def logout(ask: Ask) -> Json:
    ask.account.devices = {t: d for t, d in ask.account.devices.items() if d != ask.device}
    return {}


def filter_of(account: Account, number: str) -> Json:
    if not number.isdecimal() or int(number) >= len(account.filters):
        raise not_found("No such filter")
    return account.filters[int(number)]


def add_filter(ask: Ask) -> Json:
    ask.own().filters.append(ask.body)
    return {"filter_id": str(len(ask.account.filters) - 1)}


def get_filter(ask: Ask) -> Json:
    return filter_of(ask.own(), ask.where["filter"])


def profile(ask: Ask) -> Json:
    return {"displayname": ask.service.account(ask.where["user"]).name}


def rename(ask: Ask) -> Json:
    account = ask.own()
    account.name = str(ask.body["displayname"])
    for room in ask.service.world.rooms_of(ask.user_id):
        content = {"membership": "join", "displayname": account.name}
        ask.service.add(room, ask.user_id, "m.room.member", content, ask.user_id)
    return {}


def upload_keys(_ask: Ask) -> Json:
    return {"one_time_key_counts": {"signed_curve25519": 0}}


def query_keys(_ask: Ask) -> Json:
    return {"device_keys": {}, "failures": {}}


def claim_keys(_ask: Ask) -> Json:
    return {"one_time_keys": {}, "failures": {}}


def key_changes(_ask: Ask) -> Json:
    return {"changed": [], "left": []}


def nothing(_ask: Ask) -> Json:
    return {}


def log_in(service: Service, body: Json) -> Json:
    """https://spec.matrix.org/v1.16/client-server-api/#password-based; a device has one token."""
    if body.get("type") != "m.login.password":
        raise MatrixError("M_UNKNOWN", HTTPStatus.BAD_REQUEST, "Unknown login type")
    identifier = body.get("identifier") or {}
    account = service.world.accounts.get(str(identifier.get("user", "")))
    right = account is not None and account.password and account.password == body.get("password")
    if account is None or not right:
        raise forbidden("Invalid username or password")
    device = str(body.get("device_id") or secrets.token_hex(5).upper())
    token = secrets.token_urlsafe(24)
    others = {known: name for known, name in account.devices.items() if name != device}
    account.devices = {**others, token: device}
    return {"user_id": account.user_id, "access_token": token, "device_id": device}
