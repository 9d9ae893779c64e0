"""The yardstick: a relay as python-telegram-bot's own documentation would have one write it.

Default `Application`, one handler, no storage; with `--commit` the same with one SQLite commit
per message before it is sent on. Each text goes to the partner's chat, as the bridge does it.
Polling is `run_polling`; the webhook is the library's own example with Starlette and uvicorn
(https://docs.python-telegram-bot.org/en/v22.8/examples.customwebhookbot.html), with the secret
checked. `run_webhook` needs tornado and was not faster.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import sqlite3
from typing import TYPE_CHECKING, Final

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from telegram import Update
from telegram.ext import Application, ApplicationBuilder, ContextTypes, MessageHandler, filters

from benchmarks.traffic import partner_chat

if TYPE_CHECKING:
    from starlette.requests import Request

TOKEN: Final = "4242:bench"
SECRET: Final = "bench-secret"


def open_log(path: str) -> sqlite3.Connection:
    """Open the store of the bot that commits, as durable as the bridge's."""
    log = sqlite3.connect(path, isolation_level=None)
    log.execute("PRAGMA journal_mode=WAL")
    log.execute("PRAGMA synchronous=FULL")
    log.execute("CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, chat, text)")
    return log


def build(api_url: str, log: sqlite3.Connection | None, polls: bool) -> Application:  # type: ignore[type-arg]
    """Build the bot; `log` None stores nothing."""

    async def relay(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if message is None or message.text is None:
            return
        if log is not None:
            row = (message.chat_id, message.text)
            log.execute("INSERT INTO message(chat, text) VALUES (?, ?)", row)
        await context.bot.send_message(partner_chat(message.chat_id), message.text)

    builder = ApplicationBuilder().token(TOKEN).base_url(f"{api_url}/bot")
    app = builder.build() if polls else builder.updater(None).build()
    app.add_handler(MessageHandler(filters.TEXT, relay))
    return app


async def serve_webhook(app: Application, port: int) -> None:  # type: ignore[type-arg]
    """Take updates over HTTP until SIGTERM."""

    async def hook(request: Request) -> Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given, SECRET):
            return Response(status_code=403)
        update = Update.de_json(data=await request.json(), bot=app.bot)
        await app.update_queue.put(update)
        return Response()

    web = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    config = uvicorn.Config(web, host="127.0.0.1", port=port, log_level="warning")
    url = f"http://127.0.0.1:{port}/hook"
    async with app:
        await app.bot.set_webhook(url, secret_token=SECRET)
        await app.start()
        await uvicorn.Server(config).serve()
        await app.stop()


def main() -> None:
    """Run the bot until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--api-url", required=True)
    parser.add_argument("--webhook-port", type=int, default=0, help="0 polls")
    parser.add_argument(
        "--commit", default="", help="path of the SQLite file; empty stores nothing"
    )
    args = parser.parse_args()
    log = open_log(args.commit) if args.commit else None
    app = build(args.api_url, log, polls=not args.webhook_port)
    if args.webhook_port:
        asyncio.run(serve_webhook(app, args.webhook_port))
    else:
        app.run_polling()


if __name__ == "__main__":
    main()
