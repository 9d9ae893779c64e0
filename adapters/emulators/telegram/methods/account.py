"""Methods about the bot itself: who it is, how it gets its updates, its commands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from adapters.emulators.telegram import shapes
from adapters.emulators.telegram.errors import bad_request
from adapters.emulators.telegram.webhooks import Webhook, checked_url

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.emulators.misuse import Json
    from adapters.emulators.telegram.methods.ask import Ask, AsyncMethod, Method
    from adapters.emulators.telegram.updates import Pending

LONGEST_POLL = 50
_SECRET = re.compile(r"[A-Za-z0-9_-]*")


def get_me(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#getme"""
    return shapes.me_json(ask.bot)


def _allowed(ask: Ask) -> list[str] | None:
    """`allowed_updates`; what is no list of strings is ignored, as by the real server."""
    kinds = ask.params.json("allowed_updates", "allowed updates")
    if isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds):
        return kinds
    return None


async def get_updates(ask: Ask, is_alive: Callable[[], bool]) -> list[Pending]:
    """https://core.telegram.org/bots/api#getupdates; the timeout is in seconds."""
    queue = ask.service.queues[ask.bot.user.id]
    if not queue.webhook_active:
        queue.allow(_allowed(ask))
    limit = ask.params.integer("limit", 100)
    return await queue.get(
        ask.params.integer("offset"),
        min(max(limit, 1), 100),
        min(max(ask.params.number("timeout") or 0.0, 0.0), LONGEST_POLL),
        is_alive,
    )


async def set_webhook(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#setwebhook"""
    url = ask.params.text("url")
    if not url:
        return await delete_webhook(ask)
    secret = ask.params.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if _SECRET.fullmatch(secret) is None:
        raise bad_request("secret token contains unallowed characters")
    connections = min(max(ask.params.integer("max_connections", 40), 1), 100)
    webhook = Webhook(checked_url(url), secret, connections)
    queue = ask.service.queues[ask.bot.user.id]
    queue.allow(_allowed(ask))
    if ask.params.flag("drop_pending_updates"):
        queue.drop_all("drop_pending_updates")
    await ask.service.set_webhook(ask.bot, webhook)
    return True


async def delete_webhook(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#deletewebhook"""
    if ask.params.flag("drop_pending_updates"):
        ask.service.queues[ask.bot.user.id].drop_all("drop_pending_updates")
    await ask.service.set_webhook(ask.bot, None)
    return True


def get_webhook_info(ask: Ask) -> Json:
    """https://core.telegram.org/bots/api#webhookinfo"""
    queue = ask.service.queues[ask.bot.user.id]
    info: Json = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(queue.pending),
    }
    sender = ask.service.senders.get(ask.bot.user.id)
    if sender is not None:
        webhook = sender.webhook
        info |= {"url": webhook.url, "max_connections": webhook.max_connections}
        info["ip_address"] = "127.0.0.1"
        if webhook.last_error:
            info["last_error_date"] = webhook.last_error_at
            info["last_error_message"] = webhook.last_error
    if queue.allowed is not None:
        info["allowed_updates"] = sorted(queue.allowed)
    return info


def set_my_commands(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#setmycommands (one list, scopes are not told apart)"""
    commands = ask.params.objects("commands", "commands")
    if commands is None:
        raise bad_request("can't parse commands JSON object")
    for command in commands:
        name = str(command.get("command", "")).removeprefix("/")
        if re.fullmatch(r"[a-z0-9_]{1,32}", name) is None:
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    ask.bot.commands = [dict(command) for command in commands]
    return True


def get_my_commands(ask: Ask) -> list[Json]:
    """https://core.telegram.org/bots/api#getmycommands"""
    return ask.bot.commands


def delete_my_commands(ask: Ask) -> bool:
    """https://core.telegram.org/bots/api#deletemycommands"""
    ask.bot.commands = []
    return True


def accepted(_ask: Ask) -> Any:
    """Methods that change nothing here: logOut, close."""
    return True


METHODS: dict[str, Method] = {
    "getme": get_me,
    "getwebhookinfo": get_webhook_info,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "deletemycommands": delete_my_commands,
    "logout": accepted,
    "close": accepted,
}
ASYNC_METHODS: dict[str, AsyncMethod] = {
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
}
